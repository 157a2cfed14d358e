// Moving about in a diagram: buttons with words, the keyboard, fingers. The wheel scrolls the page, as everywhere; with Ctrl it zooms.
import { t } from "./names";

export type Box = { x: number; y: number; width: number; height: number };
export type Canvas = {
  zoom(scale?: number | "fit-viewport", center?: { x: number; y: number } | "auto"): number;
  scroll(by: { dx: number; dy: number }): void;
  viewbox(): Box & { inner: Box; outer: { width: number; height: number }; scale: number };
  viewbox(box: Box): void;
  addMarker(element: string, marker: string): void;
  removeMarker(element: string, marker: string): void;
  resized(): void;
};

const READABLE = 0.7;
const LEAST_READABLE = 0.42;

export class View {
  private fitted = true;

  constructor(
    private readonly host: HTMLElement,
    private readonly canvas: Canvas,
    private readonly left = 16,
  ) {}

  /** All of it, with a little air; or, where that would be too small to read (less than `least`), the part around `start`. */
  open(start?: Box, least = LEAST_READABLE): void {
    const scale = this.whole();
    if (scale < least && start) {
      this.fitted = false;
      const { outer } = this.canvas.viewbox();
      const width = outer.width / READABLE;
      const height = outer.height / READABLE;
      this.canvas.viewbox({ x: start.x + start.width / 2 - width / 2, y: start.y + start.height / 2 - height / 2, width, height });
    }
    this.touch();
  }

  whole(): number {
    const { inner, outer } = this.canvas.viewbox();
    if (!outer.width || !outer.height) return 1;
    const air = 16;
    const scale = Math.min(1.2, (outer.width - this.left - air) / inner.width, (outer.height - 2 * air) / inner.height);
    const width = outer.width / scale;
    const height = outer.height / scale;
    const before = (width - inner.width - (this.left + air) / scale) / 2 + this.left / scale;
    this.canvas.viewbox({ x: inner.x - before, y: inner.y - (height - inner.height) / 2, width, height });
    this.fitted = true;
    this.touch();
    return scale;
  }

  by(factor: number, center?: { x: number; y: number }): void {
    const now = this.canvas.zoom();
    this.canvas.zoom(Math.max(0.15, Math.min(3, now * factor)), center ?? "auto");
    this.fitted = false;
    this.touch();
  }

  resized(): void {
    this.canvas.resized();
    if (this.fitted) this.whole();
  }

  buttons(): HTMLElement {
    const bar = document.createElement("div");
    bar.className = "diagram-bar";
    const made: [string, string, () => void][] = [
      ["+", t("放大", "Zoom in"), () => this.by(1.25)],
      ["−", t("缩小", "Zoom out"), () => this.by(0.8)],
      [t("全图", "Whole"), t("显示全图", "Show the whole diagram"), () => void this.whole()],
    ];
    for (const [text, label, act] of made) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn btn-small";
      button.textContent = text;
      button.title = label;
      button.setAttribute("aria-label", label);
      button.addEventListener("click", act);
      bar.append(button);
    }
    return bar;
  }

  listen(surface: HTMLElement): void {
    surface.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.target !== surface) return;
      const moves: Record<string, () => void> = {
        ArrowLeft: () => this.scroll(60, 0),
        ArrowRight: () => this.scroll(-60, 0),
        ArrowUp: () => this.scroll(0, 60),
        ArrowDown: () => this.scroll(0, -60),
        "+": () => this.by(1.25),
        "=": () => this.by(1.25),
        "-": () => this.by(0.8),
        "0": () => void this.whole(),
      };
      const move = moves[event.key];
      if (move) {
        event.preventDefault();
        move();
      }
    });
    surface.addEventListener(
      "wheel",
      (event) => {
        if (!event.ctrlKey && !event.metaKey) return;
        event.preventDefault();
        const box = surface.getBoundingClientRect();
        this.by(event.deltaY < 0 ? 1.1 : 0.9, { x: event.clientX - box.left, y: event.clientY - box.top });
      },
      { passive: false },
    );
    this.fingers(surface);
  }

  private scroll(dx: number, dy: number): void {
    this.canvas.scroll({ dx, dy });
    this.fitted = false;
  }

  /** One finger moves a picture that is larger than its frame, two make it larger or smaller. */
  private fingers(surface: HTMLElement): void {
    const down = new Map<number, { x: number; y: number }>();
    const lift = (event: PointerEvent): void => void down.delete(event.pointerId);
    surface.addEventListener("pointerdown", (event) => {
      if (event.pointerType === "touch") down.set(event.pointerId, { x: event.clientX, y: event.clientY });
    });
    surface.addEventListener("pointermove", (event) => {
      const before = down.get(event.pointerId);
      if (!before || surface.style.touchAction !== "none") return;
      const now = { x: event.clientX, y: event.clientY };
      const other = [...down].find(([id]) => id !== event.pointerId)?.[1];
      if (other) {
        const was = Math.hypot(before.x - other.x, before.y - other.y);
        const is = Math.hypot(now.x - other.x, now.y - other.y);
        const box = surface.getBoundingClientRect();
        if (was > 0) this.by(is / was, { x: (now.x + other.x) / 2 - box.left, y: (now.y + other.y) / 2 - box.top });
      } else {
        this.scroll(now.x - before.x, now.y - before.y);
      }
      down.set(event.pointerId, now);
    });
    surface.addEventListener("pointerup", lift);
    surface.addEventListener("pointercancel", lift);
  }

  /** While all of it is seen, a finger scrolls the page. */
  private touch(): void {
    const surface = this.host.querySelector<HTMLElement>(".diagram-surface");
    if (surface) surface.style.touchAction = this.fitted ? "pan-x pan-y" : "none";
  }
}
