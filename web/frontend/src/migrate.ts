// Two versions of a process side by side: a click on a node of the old one, then on one of the new one, says what it becomes.
// <div data-island="migrate" data-old="address" data-new="address" data-form="the form whose selects hold the pairs" hidden>
// The selects are the plan: the drawings only show and set them, so whoever has no script or cannot see does all in the table.
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";
import "bpmn-js/dist/assets/diagram-js.css";
import "./bpmn/diagram.css";
import "./bpmn/migrate.css";
import { Ids } from "./bpmn/ids";
import { localised, t } from "./bpmn/names";
import { type Box, type Canvas, View } from "./bpmn/view";

type Clicked = { element: { id: string; type: string; labelTarget?: { id: string } } };
type Bus = { on(name: string, act: (event: Clicked) => void): void };
type Registry = { get(id: string): Box | undefined };

/** One of the two drawings. */
class Side {
  private marks = new Map<string, string>();

  private constructor(
    private readonly canvas: Canvas,
    private readonly registry: Registry,
    private readonly ids: Ids,
    private readonly view: View,
  ) {}

  static async shown(host: HTMLElement, url: string, label: string, clicked: (id: string) => void): Promise<Side> {
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
    const canvas = viewer.get("canvas") as unknown as Canvas;
    const view = new View(frame, canvas);
    view.listen(surface);
    frame.append(view.buttons());
    (viewer.get("eventBus") as unknown as Bus).on("element.click", ({ element }) => clicked(ids.outside((element.labelTarget ?? element).id)));
    view.open();
    new ResizeObserver(() => view.resized()).observe(surface);
    return new Side(canvas, viewer.get("elementRegistry") as unknown as Registry, ids, view);
  }

  /** Exactly these marks, by id. */
  mark(wanted: Map<string, string>): void {
    for (const [id, mark] of this.marks) if (wanted.get(id) !== mark) this.canvas.removeMarker(id, mark);
    const now = new Map<string, string>();
    for (const [given, mark] of wanted) {
      const id = this.ids.inside(given);
      if (!this.registry.get(id)) continue;
      this.canvas.addMarker(id, mark);
      now.set(id, mark);
    }
    this.marks = now;
  }

  look(id: string): void {
    const shape = this.registry.get(this.ids.inside(id));
    if (shape) this.view.open(shape);
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
      if (select.value) right?.look(select.value);
    }
    draw();
  });
  right = await Side.shown(places[1], host.dataset.new, host.dataset.newLabel ?? "", (id) => {
    const select = chosen === undefined ? undefined : selects.get(chosen);
    if (chosen === undefined || !select) return say(idle);
    const option = Array.from(select.options).find((one) => one.value === id);
    if (!option) return say(t(`“${label(chosen)}”不能对应该节点：类别、所在的子流程或等待的事件不同。`, `“${label(chosen)}” cannot become that node: it is of another kind, lies elsewhere, or waits for other events.`));
    const away = select.value === id;
    for (const [other, one] of selects) if (other !== chosen && one.value === id && !away) one.value = "";
    select.value = away ? "" : id;
    say(away ? t(`“${label(chosen)}”现在没有对应。`, `“${label(chosen)}” becomes nothing now.`) : t(`“${label(chosen)}”对应“${option.text}”。`, `“${label(chosen)}” becomes “${option.text}”.`));
    chosen = undefined;
    draw();
  });
  form.addEventListener("change", draw);
  say(idle);
  draw();
}

for (const host of document.querySelectorAll<HTMLElement>('[data-island="migrate"]')) {
  show(host).catch(() => {
    host.hidden = false;
    host.classList.add("diagram-failed");
    host.textContent = t("流程图没有加载出来，请刷新页面；对应关系可在下表中选择。", "The drawings could not be loaded; reload the page, or choose in the table.");
  });
}
