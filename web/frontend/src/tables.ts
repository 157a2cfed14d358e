// Editing a decision table. <div data-island="tables" data-config='{…}'>: saved as the diagram is, looked at by our own lint while one
// writes, and tried with our own engine.
import "dmn-js/dist/assets/dmn-js-shared.css";
import "dmn-js/dist/assets/dmn-js-decision-table.css";
import "dmn-js/dist/assets/dmn-js-decision-table-controls.css";
import "dmn-js/dist/assets/dmn-js-literal-expression.css";
import "dmn-js/dist/assets/dmn-font/css/dmn.css";
import "./bpmn/designer.css";
import "./dmn/tables.css";
import { Keeping, type Kept } from "./bpmn/keeping";
import { t } from "./bpmn/names";
import { DraftPage } from "./bpmn/page";
import { Presence } from "./bpmn/presence";
import { Tables } from "./dmn/editor";
import { lost } from "./dmn/lost";
import { needs } from "./dmn/needs";
import { Marks, type Place, places } from "./dmn/places";
import { type Described, Trying } from "./dmn/trying";

type Config = Kept & { xml: string; look: string; try: string; here: string; every: number; csrf: string; key: string; file: string };
type Problem = { severity: string; line: number; element: string; text: string };

const QUIET = 700;

class TableEditor extends DraftPage {
  private readonly tables: Tables;
  private readonly keeping: Keeping;
  private readonly trying: Trying;
  private readonly errors = new Marks("table-error");
  private readonly notes = new Marks("table-note");
  private decisions: Described[] = [];
  private problems: Problem[] = [];
  private lost: string[] = [];
  private timer = 0;
  private looked = 0;

  constructor(
    host: HTMLElement,
    private readonly config: Config,
  ) {
    super(host);
    this.tables = new Tables(this.part(".table-stage"));
    this.keeping = new Keeping(config, config.csrf, () => this.xml(), (text, bad) => this.say(text, bad), (note) => this.collided(note));
    this.part(".table-stage").addEventListener("mousedown", stay, true);
    this.trying = new Trying(this.part(".table-try"), this.tables, async (more) => this.post(config.try, more));
  }

  async open(): Promise<void> {
    const answer = await fetch(this.config.xml, { credentials: "same-origin" });
    if (!answer.ok) throw new Error(`${answer.status}`);
    this.tables.on("viewer.created", ({ viewer }) => viewer.on("commandStack.changed", (event: { trigger?: string }) => this.changed(event.trigger)));
    this.tables.on("views.changed", () => this.tabs());
    this.tables.on("import.render.complete", () => this.numbered());
    await this.show(await answer.text());
    this.offerLeft(this.keeping, (xml) => this.show(xml));
    this.guard(this.keeping);
    new Presence(this.config.here, this.config.every, this.config.csrf, this.keeping, this.part(".designer-others"), this.part(".designer-newer"));
    this.on("[data-act=save]", () => this.keeping.now());
    this.on("[data-act=download]", () => this.download());
    this.on("[data-act=undo]", () => this.command("undo"));
    this.on("[data-act=redo]", () => this.command("redo"));
  }

  private async show(xml: string): Promise<void> {
    await this.tables.importXML(xml);
    this.lost = lost(xml, await this.xml());
    if (this.lost.length) this.sayLost();
    await this.look();
  }

  private sayLost(): void {
    const what = this.lost.join("; ");
    this.say(t(`文件中有编辑器读不了的内容，保存会丢失，所以不能保存：${what}`, `The editor cannot read a part of this file; saving would lose it and is barred: ${what}`), true);
  }

  private async xml(): Promise<string> {
    return (await this.tables.saveXML({ format: true })).xml;
  }

  private changed(trigger: string | undefined): void {
    if (trigger === "clear") return;
    this.trying.forget();
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.look(), QUIET);
    if (!this.lost.length) this.keeping.touch();
  }

  /** What is wrong now, at its cells, and what may be tried. */
  private async look(): Promise<void> {
    const at = ++this.looked;
    try {
      const response = await this.post(this.config.look, {});
      if (!response.ok || at !== this.looked) return;
      const answer = (await response.json()) as { problems: Problem[]; decisions: Described[] };
      this.problems = answer.problems;
      this.decisions = answer.decisions;
    } catch {
      return; // No server: saving says so.
    }
    this.list();
    this.trying.show(this.shown());
  }

  private shown(): Described | undefined {
    return this.decisions.find((one) => one.id === this.tables.getActiveView()?.element.id);
  }

  private list(): void {
    const known = places(this.tables.decisions());
    const at = (kind: string): string[] =>
      this.problems.filter((one) => one.severity === kind).map((one) => known.get(one.element)?.selector ?? "").filter((one) => one && one !== ".tjs-container");
    this.errors.put(at("error"));
    this.notes.put(at("warning"));
    const list = this.part(".table-problems");
    list.hidden = this.problems.length === 0;
    list.replaceChildren(...this.problems.map((one) => this.item(one, known.get(one.element))));
  }

  private item(one: Problem, place: Place | undefined): HTMLElement {
    const item = document.createElement("li");
    item.className = one.severity === "error" ? "problem-error" : "problem-note";
    const where = document.createElement(place ? "button" : "code");
    where.textContent = place?.words ?? (one.element || "—");
    if (place) {
      (where as HTMLButtonElement).type = "button";
      where.className = "btn btn-small";
      where.addEventListener("click", () => void this.go(place));
    }
    const text = document.createElement("span");
    text.textContent = `${one.severity === "error" ? t("错误：", "Error: ") : t("提醒：", "Note: ")}${one.text}`;
    item.append(where, text);
    return item;
  }

  private async go(place: Place): Promise<void> {
    const view = this.tables.getViews().find((one) => one.id === place.decision);
    if (view && view.id !== this.tables.getActiveView()?.id) await this.tables.open(view);
    const cell = this.part(".table-stage").querySelector<HTMLElement>(place.selector);
    cell?.scrollIntoView({ block: "center", inline: "center" });
    cell?.querySelector<HTMLElement>("[contenteditable]")?.focus();
  }

  private tabs(): void {
    const views = this.tables.getViews();
    const active = this.tables.getActiveView();
    const bar = this.part(".table-tabs");
    bar.hidden = views.length < 2;
    bar.replaceChildren(
      ...views.map((view) => {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "btn btn-small";
        button.textContent = view.name || view.id;
        button.setAttribute("aria-pressed", String(view.id === active?.id));
        button.addEventListener("click", () => void this.tables.open(view));
        return button;
      }),
    );
    const elements = this.tables.getDefinitions()?.drgElement ?? [];
    const lines = elements.length > 1 ? needs(elements, views, active?.element, (view) => void this.tables.open(view as (typeof views)[number])) : [];
    this.part(".table-needs").hidden = !lines.length;
    this.part(".table-needs").replaceChildren(...lines);
    this.trying.show(this.shown());
  }

  /** The head of the rules' numbers is left empty by the library, which says nothing to those who hear the page. */
  private numbered(): void {
    const head = this.host.querySelector(".index-column");
    if (head) head.textContent = t("序号", "No.");
  }

  private command(name: "undo" | "redo"): void {
    (this.tables.getActiveViewer()?.get("commandStack") as unknown as Record<"undo" | "redo", () => void>)[name]();
  }

  private async post(url: string, more: object): Promise<Response> {
    return fetch(url, {
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": this.config.csrf },
      body: JSON.stringify({ xml: await this.xml(), file: this.config.file, base: this.config.base, draft: this.keeping.config.draft, ...more }),
    });
  }

  private async download(): Promise<void> {
    if (this.lost.length) return this.sayLost();
    this.give(await this.xml(), this.config.file);
  }
}

const MENUS = ".context-menu, .dms-select-options";
const FOCUSABLE = "input, textarea, select, button, a, label, [contenteditable], [tabindex]";

/** The library's menus close when something outside is focused, and the part of our pages around them can be: a press on what cannot be
 *  focused leaves the focus where it is. */
function stay(event: MouseEvent): void {
  const pressed = event.target as Element;
  const menu = pressed.closest(MENUS);
  if (menu && !menu.contains(pressed.closest(FOCUSABLE))) event.preventDefault();
}

for (const host of document.querySelectorAll<HTMLElement>('[data-island="tables"]')) {
  const editor = new TableEditor(host, JSON.parse(host.dataset.config ?? "{}") as Config);
  editor.open().catch((error: unknown) => {
    editor.say(t("决策表没有打开，请刷新页面", "The table could not be opened; reload the page"), true);
    throw error;
  });
}
