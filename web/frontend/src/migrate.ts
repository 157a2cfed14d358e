// Two versions of a process side by side: a click on a node of the old one, then on one of the new one, says what it becomes.
// <div data-island="migrate" data-old="address" data-new="address" data-form="the form whose selects hold the pairs" hidden>
// The selects are the plan: the drawings only show and set them, so whoever has no script or cannot see does all in the table.
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import "./bpmn/diagram.css";
import "./bpmn/migrate.css";
import { Ids } from "./bpmn/ids";
import { localised, t } from "./bpmn/names";
import { type Box, type Canvas, View } from "./bpmn/view";

type Clicked = { element: { id: string; type: string; labelTarget?: { id: string } } };
type Bus = { on(name: string, act: (event: Clicked) => void): void };
type Shape = Box & { parent?: { id: string } };
type Registry = { get(id: string): Shape | undefined };
/** What lies in a collapsed sub-process is drawn on a plane of its own. */
type Planes = Canvas & { getRootElement(): { id: string }; setRootElement(root: unknown): void; findRoot(element: string): { id: string } };
const PLANE = "_plane";

/** One of the two drawings. */
class Side {
  private marks = new Map<string, string>();
  private readonly whole: unknown;

  private constructor(
    private readonly canvas: Planes,
    private readonly registry: Registry,
    private readonly ids: Ids,
    private readonly view: View,
  ) {
    this.whole = canvas.getRootElement();
  }

  static async shown(host: HTMLElement, url: string, label: string, clicked: (id: string) => void, entered: (id: string) => void): Promise<Side> {
    const answer = await fetch(url, { credentials: "same-origin", headers: { Accept: "application/xml" } });
    if (!answer.ok) throw new Error(`${answer.status}`);
    const heading = document.createElement("p");
    heading.className = "pairing-label";
    heading.textContent = label;
    const frame = document.createElement("div");
    frame.className = "diagram pairing-diagram";
    const surface = document.createElement("div");
    surface.className = "diagram-surface";
    surface.tabIndex = 0;
    surface.setAttribute("role", "application");
    surface.setAttribute("aria-label", t(`${label}：方向键移动，加减号缩放；对应关系也可在下表中选择`, `${label}: arrow keys move, plus and minus zoom; the table below sets the same`));
    frame.append(surface);
    host.append(heading, frame);
    const viewer = new NavigatedViewer({ container: surface, zoomScroll: { enabled: false } });
    const ids = new Ids();
    await viewer.importXML(ids.taken(localised(await answer.text())));
    const canvas = viewer.get("canvas") as unknown as Planes;
    const view = new View(frame, canvas);
    view.listen(surface);
    frame.append(view.buttons());
    (viewer.get("eventBus") as unknown as Bus).on("element.click", ({ element }) => clicked(ids.outside((element.labelTarget ?? element).id)));
    view.open();
    const side = new Side(canvas, viewer.get("elementRegistry") as unknown as Registry, ids, view);
    (viewer.get("eventBus") as unknown as Bus).on("root.set", () => entered(side.within()));
    new ResizeObserver(() => view.resized()).observe(surface);
    return side;
  }

  /** The sub-process that is shown; "" for the process itself. */
  within(): string {
    const root = this.canvas.getRootElement().id;
    return root.endsWith(PLANE) ? this.ids.outside(root.slice(0, -PLANE.length)) : "";
  }

  /** Show the inside of a sub-process; "": the process itself. */
  enter(id: string): void {
    if (id === this.within()) return;
    const inside = this.ids.inside(id);
    const root = id ? this.registry.get(`${inside}${PLANE}`) : this.whole;
    if (!root) return;
    this.canvas.setRootElement(root);
    this.view.open();
  }

  /** Exactly these marks, by id; on the sub-processes around them, where these are drawn elsewhere, that something lies inside. */
  mark(wanted: Map<string, string>): void {
    const now = new Map<string, string>();
    for (const [given, mark] of wanted) {
      const id = this.ids.inside(given);
      const shape = this.registry.get(id);
      if (!shape) continue;
      now.set(id, mark);
      if (mark === "is-possible") continue;
      for (let root = shape.parent; root; root = this.registry.get(root.id.slice(0, -PLANE.length))?.parent) {
        if (!root.id.endsWith(PLANE)) continue;
        const around = root.id.slice(0, -PLANE.length);
        if (!now.has(around)) now.set(around, "is-around");
      }
    }
    for (const [id, mark] of this.marks) if (now.get(id) !== mark) this.canvas.removeMarker(id, mark);
    for (const [id, mark] of now) if (this.marks.get(id) !== mark) this.canvas.addMarker(id, mark);
    this.marks = now;
  }

  /** Go where a node is drawn. */
  look(id: string): void {
    const inside = this.ids.inside(id);
    const shape = this.registry.get(inside);
    if (!shape) return;
    const root = this.canvas.findRoot(inside);
    if (root.id !== this.canvas.getRootElement().id) this.canvas.setRootElement(root);
    this.view.open(shape);
  }
}

/** Limits go with their nodes: offered are those of the node that theirs becomes. When that changes, one becomes the limit of its own id
 * there; one whose choice is no longer offered, the only one that is, else nothing. */
function limits(form: HTMLElement, selects: Map<string, HTMLSelectElement>): void {
  for (const row of Array.from(form.querySelectorAll<HTMLElement>("tr[data-clock]"))) {
    if (!row.dataset.at) continue;
    const node = selects.get(row.dataset.at)?.value ?? "";
    const moved = row.dataset.now !== undefined && row.dataset.now !== node;
    row.dataset.now = node;
    if (!moved) continue;
    const offered: HTMLInputElement[] = [];
    let lost = false;
    for (const option of Array.from(row.querySelectorAll<HTMLElement>("[data-on]"))) {
      const input = option.querySelector<HTMLInputElement>("input");
      option.hidden = option.dataset.on !== node;
      if (!input) continue;
      if (!option.hidden) offered.push(input);
      else if (input.checked) lost = true;
    }
    const none = row.querySelector<HTMLInputElement>('input[value=""]');
    const next = offered.find((one) => one.value === row.dataset.clock) ?? (lost ? (offered.length === 1 ? offered[0] : none) : undefined);
    if (next) next.checked = true;
  }
}

async function show(host: HTMLElement): Promise<void> {
  const form = document.getElementById(host.dataset.form ?? "");
  const said = document.getElementById("pairing-said");
  if (!form || !host.dataset.old || !host.dataset.new) return;
  const selects = new Map(Array.from(form.querySelectorAll<HTMLSelectElement>("select[data-node]"), (one) => [one.dataset.node ?? "", one]));
  const label = (id: string): string => selects.get(id)?.dataset.name ?? id;
  let chosen: string | undefined;
  let left: Side | undefined;
  let right: Side | undefined;
  const say = (text: string): void => void (said && (said.textContent = text));
  const idle = t("先点原版的一个节点。", "Click a node of the old version first.");

  const draw = (): void => {
    const old = new Map<string, string>();
    const neu = new Map<string, string>();
    for (const [id, select] of selects) {
      if (!select.value) old.set(id, "is-unpaired");
      else if (select.value !== id) {
        old.set(id, "is-added");
        neu.set(select.value, "is-added");
      }
    }
    for (const note of Array.from(form.querySelectorAll<HTMLElement>("[data-note]"))) {
      note.hidden = selects.get(note.dataset.note ?? "")?.value !== note.dataset.while;
    }
    const select = chosen === undefined ? undefined : selects.get(chosen);
    if (chosen !== undefined && select) {
      old.set(chosen, "is-chosen");
      for (const option of Array.from(select.options)) if (option.value) neu.set(option.value, "is-possible");
      if (select.value) neu.set(select.value, "is-chosen");
    }
    left?.mark(old);
    right?.mark(neu);
  };

  host.hidden = false;
  const places = [document.createElement("div"), document.createElement("div")] as const;
  host.replaceChildren(...places);
  left = await Side.shown(places[0], host.dataset.old, host.dataset.oldLabel ?? "", (id) => {
    const select = selects.get(id);
    chosen = select ? id : undefined;
    if (!select) say(idle);
    else if (select.options.length < 2) say(t(`“${label(id)}”在新版中没有可以对应的节点。`, `“${label(id)}” has no node in the new version that it could become.`));
    else {
      say(t(`已选“${label(id)}”：再点新版中与它对应的节点（再点现在的对应则取消）。`, `“${label(id)}” is chosen: click what it becomes in the new version (what it is now: to take that away).`));
      const taken = new Set(Array.from(selects.values(), (one) => one.value));
      const near = select.value || Array.from(select.options, (one) => one.value).find((one) => one && !taken.has(one));
      if (near) right?.look(near);
    }
    draw();
  }, (id) => right?.enter(id ? (selects.get(id)?.value ?? "") : ""));
  right = await Side.shown(places[1], host.dataset.new, host.dataset.newLabel ?? "", (id) => {
    const select = chosen === undefined ? undefined : selects.get(chosen);
    if (chosen === undefined || !select) return say(idle);
    const option = Array.from(select.options).find((one) => one.value === id);
    if (!option) return say(t(`“${label(chosen)}”不能对应该节点：类别、所在的子流程或等待的事件不同。`, `“${label(chosen)}” cannot become that node: it is of another kind, lies elsewhere, or waits for other events.`));
    const away = select.value === id;
    for (const [other, one] of selects) if (other !== chosen && one.value === id && !away) one.value = "";
    select.value = away ? "" : id;
    limits(form, selects);
    say(away ? t(`“${label(chosen)}”现在没有对应。`, `“${label(chosen)}” becomes nothing now.`) : t(`“${label(chosen)}”对应“${option.text}”。`, `“${label(chosen)}” becomes “${option.text}”.`));
    chosen = undefined;
    draw();
  }, () => undefined);
  form.addEventListener("change", draw);
  form.addEventListener("change", () => limits(form, selects));
  const first = [...selects].find(([, one]) => !one.value) ?? [...selects].find(([id, one]) => one.value !== id);
  if (first) left.look(first[0]);
  for (const [id, select] of selects) select.addEventListener("focus", () => left?.look(id));
  say(idle);
  limits(form, selects);
  draw();
}

for (const host of document.querySelectorAll<HTMLElement>('[data-island="migrate"]')) {
  show(host).catch(() => {
    host.hidden = false;
    host.classList.add("diagram-failed");
    host.textContent = t("流程图没有加载出来，请刷新页面；对应关系可在下表中选择。", "The drawings could not be loaded; reload the page, or choose in the table.");
  });
}
