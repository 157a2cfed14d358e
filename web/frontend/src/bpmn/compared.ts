// A diagram beside an earlier one: what is new and changed is marked, what is gone is drawn where it was. The page says the same in words.
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";
import { Ids } from "./ids";
import { localised } from "./names";

export type Marks = { added?: string[]; changed?: string[]; removed?: string[] };
/** What is to be looked at, the first first. */
export function toLookAt(marks: Marks, ids: Ids): string[] {
  return [...(marks.added ?? []), ...(marks.changed ?? [])].map((id) => ids.inside(id));
}

type Viewer = InstanceType<typeof NavigatedViewer>;
type Canvas = { addMarker(element: string, marker: string): void; getLayer(name: string, index?: number): SVGElement; _svg: SVGSVGElement };
type Registry = { get(id: string): unknown; getGraphics(id: string): SVGElement | undefined };

export async function marked(viewer: Viewer, ids: Ids, marks: Marks, old?: string): Promise<void> {
  const canvas = viewer.get("canvas") as unknown as Canvas;
  const registry = viewer.get("elementRegistry") as unknown as Registry;
  for (const kind of ["added", "changed"] as const) {
    for (const id of marks[kind] ?? []) if (registry.get(ids.inside(id))) canvas.addMarker(ids.inside(id), `is-${kind}`);
  }
  if (old && marks.removed?.length) await ghosts(canvas, marks.removed, old);
}

// The earlier diagram is drawn out of sight, and what is gone is copied from it.
async function ghosts(canvas: Canvas, removed: string[], old: string): Promise<void> {
  const answer = await fetch(old, { credentials: "same-origin", headers: { Accept: "application/xml" } });
  if (!answer.ok) return;
  const hidden = document.createElement("div");
  hidden.className = "diagram-earlier";
  hidden.setAttribute("aria-hidden", "true");
  document.body.append(hidden);
  const earlier = new NavigatedViewer({ container: hidden });
  const ids = new Ids();
  try {
    await earlier.importXML(ids.taken(localised(await answer.text())));
    const registry = earlier.get("elementRegistry") as unknown as Registry;
    const drawn = (earlier.get("canvas") as unknown as Canvas)._svg;
    const defs = drawn.querySelector("defs");
    if (defs) canvas._svg.append(defs.cloneNode(true));
    const layer = canvas.getLayer("removed", 0);
    for (const id of removed) {
      for (const each of [ids.inside(id), `${ids.inside(id)}_label`]) {
        const visual = registry.getGraphics(each)?.cloneNode(true) as SVGElement | undefined;
        if (!visual) continue;
        visual.classList.add("is-removed");
        visual.removeAttribute("data-element-id");
        visual.querySelectorAll(".djs-hit, .djs-outline").forEach((part) => part.remove());
        layer.append(visual);
      }
    }
  } finally {
    earlier.destroy();
    hidden.remove();
  }
}
