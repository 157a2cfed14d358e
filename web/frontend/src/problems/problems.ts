// The problems of the drawing while one draws: a mark on each element, a list beside the canvas, and a button where a mend is known.
import { called } from "../bpmn/called";
import type { Element } from "../bpmn/extension";
import { t } from "../bpmn/names";
import type { Canvas } from "../bpmn/view";
import { type Mend, type Mending, type Modeler } from "./mends";

export type Problem = { severity: string; line: number; element: string; text: string; file: string; code: string; mends: Mend[] };
type Shape = Element & { x?: number; y?: number; width?: number; height?: number; waypoints?: { x: number; y: number }[] };
type Overlays = { add(id: string, type: string, overlay: object): string; remove(filter: object): void };

const QUIET = 900;
const MARK = "problem";
const FIELDS: Record<string, string> = { condition: "ld-condition", name: "name" };

export class Problems {
  private timer = 0;
  private asked = 0;
  private latest: Promise<number | undefined> = Promise.resolve(undefined);
  private marked: string[] = [];
  private listed = "";
  private found: Problem[] = [];
  /** What is shown is older than the drawing. */
  stale = false;

  constructor(
    private readonly place: HTMLElement,
    private readonly modeler: Modeler,
    private readonly mending: Mending,
    private readonly ask: () => Promise<Problem[] | undefined>,
  ) {
    const toggle = this.part<HTMLButtonElement>(".problems-toggle");
    toggle.addEventListener("click", () => this.open(toggle.getAttribute("aria-expanded") !== "true"));
  }

  /** Something was drawn: it is judged when the hand rests. */
  touch(): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.now(), QUIET);
  }

  /** Judge it; answers how many errors there are, nothing where the server did not answer. */
  now(): Promise<number | undefined> {
    window.clearTimeout(this.timer);
    this.latest = this.judge(++this.asked);
    return this.latest;
  }

  private async judge(number: number): Promise<number | undefined> {
    const found = await this.ask();
    // Asked again meanwhile: that answer counts, for this question too.
    if (number !== this.asked) return this.latest;
    this.stale = found === undefined;
    if (found) this.found = found;
    this.show();
    return found?.filter((one) => one.severity === "error").length;
  }

  open(wide: boolean): void {
    this.part(".problems-toggle").setAttribute("aria-expanded", String(wide));
    this.part(".problems-list").hidden = !wide || !this.found.length;
  }

  private show(): void {
    const errors = this.found.filter((one) => one.severity === "error").length;
    const notes = this.found.length - errors;
    this.part("[data-errors]").textContent = String(errors);
    this.part("[data-notes]").textContent = String(notes);
    const said = this.found.length ? t(`${errors} 个错误，${notes} 个提醒`, `${errors} ${errors === 1 ? "error" : "errors"}, ${notes} ${notes === 1 ? "warning" : "warnings"}`) : t("没有问题", "No problems");
    const told = this.stale ? t(`${said}（没有连上服务器，可能已旧）`, `${said} (the server was not reached; this may be old)`) : said;
    const state = this.part(".problems-said");
    if (state.textContent !== told) state.textContent = told;
    this.place.dataset.worst = errors ? "error" : notes ? "warning" : "none";
    this.place.dataset.checked = String(this.asked);
    this.mark();
    this.list();
  }

  /** Drawn anew only where it says something else: what somebody is about to press stays under their hand. */
  private list(): void {
    const list = this.part(".problems-list");
    const says = JSON.stringify(this.found.map((one) => [one, this.name(one)]));
    if (says === this.listed) return;
    this.listed = says;
    const at = list.scrollTop;
    const focused = (document.activeElement as HTMLElement | null)?.dataset?.problem;
    list.replaceChildren(...this.found.map((one, index) => this.item(one, index)));
    list.hidden = !this.found.length || this.part(".problems-toggle").getAttribute("aria-expanded") !== "true";
    list.scrollTop = at;
    if (focused) (list.querySelector<HTMLElement>(`[data-problem="${CSS.escape(focused)}"]`) ?? this.part(".problems-toggle")).focus({ preventScroll: true });
  }

  private name(problem: Problem): string {
    const element = this.mending.find(problem.element);
    return element ? called(element) : problem.file;
  }

  private item(problem: Problem, index: number): HTMLElement {
    const item = document.createElement("li");
    item.className = `problem problem-${problem.severity}`;
    item.dataset.code = problem.code;
    const element = this.mending.find(problem.element);
    const what = document.createElement(element ? "button" : "code");
    what.className = element ? "problem-place" : "problem-file";
    what.textContent = this.name(problem);
    what.dataset.problem = `${index}-place`;
    if (element) {
      (what as HTMLButtonElement).type = "button";
      what.addEventListener("click", () => {
        const now = this.mending.find(problem.element);
        if (now) this.select(now);
      });
    }
    const text = document.createElement("p");
    text.className = "problem-text";
    text.textContent = problem.text;
    const mends = document.createElement("div");
    mends.className = "problem-mends";
    mends.replaceChildren(...problem.mends.map((one, nth) => this.button(one, `${index}-${nth}`)));
    item.append(icon(problem.severity), what, text);
    if (problem.mends.length) item.append(mends);
    return item;
  }

  private button(mend: Mend, key: string): HTMLElement {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-small";
    button.textContent = mend.text;
    button.dataset.problem = key;
    button.addEventListener("click", () => {
      const opened = this.mending.apply(mend);
      if (opened) this.field(opened.element, opened.property);
      else void this.now();
    });
    return button;
  }

  /** The panel at a field of an element. */
  private field(element: Element, property: string): void {
    this.select(element);
    const [, kind = "", which = "0", attribute = ""] = /^(\w+)(?:#(\d+))?\.(\w+)$/.exec(property) ?? [];
    const holder = /^(Worktime|Misfire)/.test(property) ? "bpmn:TimerEventDefinition" : (element.businessObject.processRef ?? element.businessObject).$type;
    const id = FIELDS[property] ?? `ld-${holder}-${kind}.${attribute}-${which}`.replace(/[:.]/g, "-");
    // The panel shows the element first.
    window.setTimeout(() => (this.modeler.get("eventBus") as { fire(name: string, event: object): void }).fire("propertiesPanel.showEntry", { id }), 60);
  }

  /** An element in the middle of the canvas, with its settings on the panel. */
  select(element: Element): void {
    (this.modeler.get("selection") as { select(element: unknown): void }).select(element);
    const canvas = this.modeler.get("canvas") as Canvas;
    const { x, y } = middle(element as Shape);
    const box = canvas.viewbox();
    if (Number.isFinite(x)) canvas.viewbox({ x: x - box.width / 2, y: y - box.height / 2, width: box.width, height: box.height });
  }

  private mark(): void {
    const canvas = this.modeler.get("canvas") as Canvas;
    const overlays = this.modeler.get("overlays") as Overlays;
    const registry = this.modeler.get("elementRegistry") as { get(id: string): unknown };
    overlays.remove({ type: MARK });
    for (const id of this.marked) if (registry.get(id)) for (const kind of ["error", "warning"]) canvas.removeMarker(id, `has-${kind}`);
    this.marked = [];
    const by = new Map<Shape, Problem[]>();
    for (const one of this.found) {
      const element = this.mending.find(one.element) as Shape | undefined;
      if (element && (element.waypoints || element.width)) by.set(element, [...(by.get(element) ?? []), one]);
    }
    for (const [element, found] of by) {
      const severity = found.some((one) => one.severity === "error") ? "error" : "warning";
      canvas.addMarker(element.id, `has-${severity}`);
      this.marked.push(element.id);
      overlays.add(element.id, MARK, { position: corner(element), html: this.badge(element, found, severity), scale: false, show: { minZoom: 0.2 } });
    }
  }

  /** Seen and pointed at; whoever has no pointer has the list. */
  private badge(element: Element, found: Problem[], severity: string): HTMLElement {
    const badge = document.createElement("button");
    badge.type = "button";
    badge.tabIndex = -1;
    badge.className = `problem-badge problem-${severity}`;
    badge.title = found.map((one) => one.text).join("\n");
    badge.append(icon(severity));
    badge.addEventListener("click", () => {
      (this.modeler.get("selection") as { select(element: unknown): void }).select(element);
      this.open(true);
      const index = this.found.indexOf(found[0] as Problem);
      const item = this.part(".problems-list").children[index];
      item?.scrollIntoView({ block: "nearest" });
      item?.querySelector<HTMLElement>(".problem-place")?.focus({ preventScroll: true });
    });
    return badge;
  }

  private part<T extends HTMLElement = HTMLElement>(selector: string): T {
    const found = this.place.querySelector<T>(selector);
    if (!found) throw new Error(selector);
    return found;
  }
}

/** An octagon with a cross is an error, a triangle a warning; the word stands with it. */
function icon(severity: string): HTMLElement {
  const error = severity === "error";
  const place = document.createElement("span");
  place.className = "problem-icon";
  const drawn = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  drawn.setAttribute("viewBox", "0 0 20 20");
  drawn.setAttribute("aria-hidden", "true");
  const [shape, sign] = error ? ["M6 1h8l5 5v8l-5 5H6l-5-5V6z", "M6.5 6.5l7 7m0-7l-7 7"] : ["M10 1.5l9 16.5H1z", "M10 7v5.5m0 2v.6"];
  for (const [d, name] of [[shape, "problem-shape"], [sign, "problem-sign"]] as const) {
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", d);
    path.setAttribute("class", name);
    drawn.append(path);
  }
  const word = document.createElement("span");
  word.className = "visually-hidden";
  word.textContent = error ? t("错误：", "Error: ") : t("提醒：", "Warning: ");
  place.append(drawn, word);
  return place;
}

function middle(element: Shape): { x: number; y: number } {
  const points = element.waypoints;
  if (points?.length) {
    const at = Math.floor((points.length - 1) / 2);
    const [a, b] = [points[at], points[at + 1] ?? points[at]];
    return { x: ((a?.x ?? 0) + (b?.x ?? 0)) / 2, y: ((a?.y ?? 0) + (b?.y ?? 0)) / 2 };
  }
  return { x: (element.x ?? NaN) + (element.width ?? 0) / 2, y: (element.y ?? NaN) + (element.height ?? 0) / 2 };
}

/** The left upper corner of a shape, the middle of a line. */
function corner(element: Shape): object {
  if (!element.waypoints) return { top: -11, left: -11 };
  const at = middle(element);
  return { top: at.y - Math.min(...element.waypoints.map((one) => one.y)) - 12, left: at.x - Math.min(...element.waypoints.map((one) => one.x)) - 12 };
}
