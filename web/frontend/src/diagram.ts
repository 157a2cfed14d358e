// A process diagram to look at. <div data-island="diagram" data-xml="…" data-active='["Handle"]' data-visits='{"Handle": 2}' hidden>
// Beside an earlier one: data-marks='{"added": ["Sign"], "changed": [], "removed": ["Old"]}' data-old="its address".
// The page lists the same steps in words (details.as-list) for whoever has no script or cannot see it.
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";
import "bpmn-js/dist/assets/diagram-js.css";
import "./bpmn/diagram.css";
import { type Marks, marked, toLookAt } from "./bpmn/compared";
import { Ids } from "./bpmn/ids";
import { localised, t } from "./bpmn/names";
import { type Box, type Canvas, View } from "./bpmn/view";

type Shape = Box & { id: string; waypoints?: unknown };
type Registry = { get(id: string): Shape | undefined };
type Overlays = { add(element: string, overlay: { position: Record<string, number>; html: HTMLElement }): void };

function parsed<T>(text: string | undefined, otherwise: T): T {
  try {
    return text ? (JSON.parse(text) as T) : otherwise;
  } catch {
    return otherwise;
  }
}

function badge(count: number): HTMLElement {
  const mark = document.createElement("span");
  mark.className = count > 1 ? "visits visits-many" : "visits";
  mark.textContent = String(count);
  mark.title = t(`经过 ${count} 次`, `passed ${count} times`);
  return mark;
}

function fullScreen(host: HTMLElement): HTMLElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-small";
  const label = (): void => void (button.textContent = document.fullscreenElement === host ? t("退出全屏", "Leave full screen") : t("全屏", "Full screen"));
  button.addEventListener("click", () => void (document.fullscreenElement === host ? document.exitFullscreen() : host.requestFullscreen()));
  document.addEventListener("fullscreenchange", label);
  label();
  return button;
}

// A flow has no box of its own: its first point is one.
function middle(shape: Shape | undefined): Box | undefined {
  const point = Array.isArray(shape?.waypoints) ? (shape.waypoints[0] as { x: number; y: number }) : undefined;
  return point ? { ...point, width: 0, height: 0 } : shape;
}

async function show(host: HTMLElement): Promise<void> {
  const url = host.dataset.xml;
  if (!url || host.dataset.shown) return;
  host.dataset.shown = "yes";
  const answer = await fetch(url, { credentials: "same-origin", headers: { Accept: "application/xml" } });
  if (!answer.ok) throw new Error(`${answer.status}`);
  const text = localised(await answer.text());
  host.hidden = false;
  const surface = document.createElement("div");
  surface.className = "diagram-surface";
  surface.tabIndex = 0;
  surface.setAttribute("role", "application");
  surface.setAttribute("aria-label", t("流程图：方向键移动，加减号缩放，0 显示全图", "Process diagram: arrow keys move, plus and minus zoom, 0 shows all"));
  host.replaceChildren(surface);
  const viewer = new NavigatedViewer({ container: surface, zoomScroll: { enabled: false } });
  const ids = new Ids();
  await viewer.importXML(ids.taken(text));
  const canvas = viewer.get("canvas") as unknown as Canvas;
  const registry = viewer.get("elementRegistry") as unknown as Registry;
  const overlays = viewer.get("overlays") as unknown as Overlays;
  const active = parsed<string[]>(host.dataset.active, []).map((id) => ids.inside(id)).filter((id) => registry.get(id));
  for (const id of active) canvas.addMarker(id, "is-active");
  for (const [given, count] of Object.entries(parsed<Record<string, number>>(host.dataset.visits, {}))) {
    const id = ids.inside(given);
    const shape = registry.get(id);
    if (!shape || shape.waypoints || count < 1) continue;
    canvas.addMarker(id, "was-passed");
    overlays.add(id, { position: { top: -9, right: 11 }, html: badge(count) });
  }
  const marks = parsed<Marks>(host.dataset.marks, {});
  if (host.dataset.marks) await marked(viewer, ids, marks, host.dataset.old);
  const view = new View(host, canvas);
  view.listen(surface);
  const bar = view.buttons();
  if (document.fullscreenEnabled) bar.append(fullScreen(host));
  host.append(bar);
  const list = host.parentElement?.querySelector<HTMLDetailsElement>("details.as-list");
  if (list) list.open = false;
  // The process itself may be marked too, and is drawn nowhere.
  view.open([...active, ...toLookAt(marks, ids)].map((id) => middle(registry.get(id))).find((box) => box !== undefined && Number.isFinite(box.x)));
  new ResizeObserver(() => view.resized()).observe(surface);
}

for (const host of document.querySelectorAll<HTMLElement>('[data-island="diagram"]')) {
  show(host).catch(() => {
    host.hidden = false;
    host.classList.add("diagram-failed");
    host.textContent = t("流程图没有加载出来，请刷新页面；步骤见列表。", "The diagram could not be loaded; reload the page. The steps are in the list.");
  });
}
