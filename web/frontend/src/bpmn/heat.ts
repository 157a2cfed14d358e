// Numbers on a diagram: heat by colour, and always the number itself in a badge that opens its cases.
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";
import "bpmn-js/dist/assets/diagram-js.css";
import "./diagram.css";
import "./heat.css";
import { Ids } from "./ids";
import { localised, t } from "./names";
import { type Box, type Canvas, View } from "./view";

type Point = { x: number; y: number };
type Shape = Box & { id: string; waypoints?: Point[] };
type Registry = { get(id: string): Shape | undefined };
type Overlay = { position: Record<string, number>; scale: { min: number; max: number }; html: HTMLElement };
type Overlays = { add(element: string, overlay: Overlay): string; clear(): void };
type Number_ = { text: string; level: number; label: string; href: string };
type Badge = { id: string; flow: boolean; quiet: boolean; shown: Record<string, Number_ | undefined> };

/** Badges shrink with the diagram as long as they can be read. */
const READABLE = { min: 0.8, max: 1.2 };

export class Heat {
  private readonly badges: Badge[];
  private readonly ids = new Ids();
  private canvas!: Canvas;
  private registry!: Registry;
  private overlays!: Overlays;
  private marked: [string, string][] = [];

  constructor(private readonly host: HTMLElement) {
    this.badges = JSON.parse(host.dataset.heat ?? "[]") as Badge[];
  }

  async show(): Promise<void> {
    const answer = await fetch(this.host.dataset.xml ?? "", { credentials: "same-origin", headers: { Accept: "application/xml" } });
    if (!answer.ok) throw new Error(`${answer.status}`);
    const text = localised(await answer.text());
    this.host.hidden = false;
    const surface = document.createElement("div");
    surface.className = "diagram-surface";
    surface.tabIndex = 0;
    surface.setAttribute("role", "application");
    surface.setAttribute("aria-label", t("流程图：方向键移动，加减号缩放，0 显示全图；Tab 键逐个到数字", "Process diagram: arrow keys move, plus and minus zoom, 0 shows all; Tab goes from number to number"));
    this.host.replaceChildren(surface);
    const viewer = new NavigatedViewer({ container: surface, zoomScroll: { enabled: false } });
    await viewer.importXML(this.ids.taken(text));
    this.canvas = viewer.get("canvas") as unknown as Canvas;
    this.registry = viewer.get("elementRegistry") as unknown as Registry;
    this.overlays = viewer.get("overlays") as unknown as Overlays;
    const view = new View(this.host, this.canvas);
    view.listen(surface);
    this.host.append(view.buttons());
    const show = this.host.dataset.show ?? "waiting";
    this.draw(show);
    this.switches();
    view.open(this.hottest(show));
    new ResizeObserver(() => view.resized()).observe(surface);
  }

  private draw(show: string): void {
    this.overlays.clear();
    for (const [id, marker] of this.marked) this.canvas.removeMarker(id, marker);
    this.marked = [];
    for (const badge of this.badges) {
      const number = badge.shown[show];
      const id = this.ids.inside(badge.id);
      const shape = this.registry.get(id);
      if (!number || !shape) continue;
      const marker = `heat-${number.level}`;
      this.canvas.addMarker(id, marker);
      this.marked.push([id, marker]);
      // a flow without a choice says what its source says: its width is enough
      if (!badge.quiet) this.overlays.add(id, { position: place(shape), scale: READABLE, html: link(number, badge.flow) });
    }
  }

  // Where to look first in a diagram that is too large to be read as a whole.
  private hottest(show: string): Shape | undefined {
    const steps = this.badges.filter((badge) => !badge.flow && badge.shown[show]);
    const first = steps.sort((a, b) => (b.shown[show]?.level ?? 0) - (a.shown[show]?.level ?? 0))[0];
    return first && this.registry.get(this.ids.inside(first.id));
  }

  private switches(): void {
    const tabs = Array.from(document.querySelectorAll<HTMLAnchorElement>(".picture-tabs a[data-show]"));
    for (const tab of tabs) {
      tab.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        for (const other of tabs) other.toggleAttribute("aria-current", false);
        tab.setAttribute("aria-current", "true");
        history.replaceState(null, "", tab.href);
        const show = tab.dataset.show ?? "waiting";
        const means = document.getElementById("picture-means");
        if (means) means.textContent = tab.dataset.means ?? "";
        const kept = document.querySelector<HTMLInputElement>('.picture-form input[name="show"]');
        if (kept) kept.value = show;
        this.draw(show);
      });
    }
  }
}

// On the corner of a step; in the middle of a flow, told from the corner of the box around its line.
function place(shape: Shape): Record<string, number> {
  const line = shape.waypoints;
  if (!line?.length) return { top: -12, right: 16 };
  const middle = halfway(line);
  return { left: middle.x - Math.min(...line.map((p) => p.x)) - 12, top: middle.y - Math.min(...line.map((p) => p.y)) - 10 };
}

function halfway(line: Point[]): Point {
  const pairs = line.slice(1).map((to, i) => [line[i] as Point, to] as const);
  let left = pairs.reduce((sum, [a, b]) => sum + Math.hypot(b.x - a.x, b.y - a.y), 0) / 2;
  for (const [a, b] of pairs) {
    const length = Math.hypot(b.x - a.x, b.y - a.y);
    if (length > 0 && left <= length) return { x: a.x + ((b.x - a.x) * left) / length, y: a.y + ((b.y - a.y) * left) / length };
    left -= length;
  }
  return line[line.length - 1] as Point;
}

function link(number: Number_, flow: boolean): HTMLElement {
  const mark = document.createElement("a");
  mark.className = flow ? "heat-badge heat-flow" : "heat-badge";
  mark.href = number.href;
  mark.textContent = number.text;
  mark.title = number.label;
  mark.setAttribute("aria-label", number.label);
  return mark;
}
