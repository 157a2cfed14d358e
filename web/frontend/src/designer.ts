// Drawing a process. <div data-island="designer" data-config='{…}'>: what is drawn is saved as a draft as one goes, and checked when asked;
// nothing drawn is lost: not by a refused save, not by closing the page, not by somebody who draws on the same draft.
import Modeler from "bpmn-js/lib/Modeler";
import { BpmnPropertiesPanelModule, BpmnPropertiesProviderModule } from "bpmn-js-properties-panel";
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import "bpmn-js/dist/assets/bpmn-font/css/bpmn.css";
import "@bpmn-io/properties-panel/dist/assets/properties-panel.css";
import "./bpmn/diagram.css";
import "./bpmn/designer.css";
import descriptor from "../../../engine/bpmn/liandong.moddle.json";
import { CHINESE } from "./bpmn/chinese";
import { Ids } from "./bpmn/ids";
import { Keeping, type Kept } from "./bpmn/keeping";
import { kept, mended, type Warning } from "./bpmn/kept";
import { t, translator } from "./bpmn/names";
import { offeredModule } from "./bpmn/offered";
import { DraftPage } from "./bpmn/page";
import { Presence } from "./bpmn/presence";
import { type Lists, provider } from "./bpmn/provider";
import type { Simulation } from "./bpmn/simulating";
import { type Canvas, View } from "./bpmn/view";
import "./conditions/conditions.css";
import { Vocabulary, type Words } from "./conditions/vocabulary";
import { type Declared, Mending } from "./problems/mends";
import "./problems/problems.css";
import { type Problem, Problems } from "./problems/problems";

type Config = Lists & Kept & { xml: string; lint: string; here: string; every: number; csrf: string; key: string; expression: string; vocabulary: Words };
type Answer = { problems?: Problem[]; names?: Words["names"]; problem?: string | null };

class Designer extends DraftPage {
  private readonly modeler;
  private readonly ids = new Ids();
  private readonly words: Vocabulary;
  private readonly mending: Mending;
  private readonly problems: Problems;
  private readonly keeping: Keeping;
  private lost = "";
  private walk: Promise<Simulation> | undefined;

  constructor(
    host: HTMLElement,
    private readonly config: Config,
  ) {
    super(host);
    this.keeping = new Keeping(config, config.csrf, () => this.xml(), (text, bad) => this.say(text, bad), (note) => this.collided(note));
    this.words = new Vocabulary(config.vocabulary, config.units, config.posts, (body) => this.ask(config.expression, body));
    this.modeler = new Modeler({
      container: this.part(".designer-canvas"),
      propertiesPanel: { parent: this.part(".designer-panel") },
      // A copy: the library writes into what it is given.
      moddleExtensions: { ld: structuredClone(descriptor) },
      additionalModules: [
        BpmnPropertiesPanelModule,
        BpmnPropertiesProviderModule,
        provider(config, this.words),
        offeredModule,
        { translate: ["value", translator(CHINESE)] },
      ] as never[],
    });
    mended(this.modeler.get("moddle"));
    this.mending = new Mending(this.modeler, (id) => this.ids.inside(id));
    this.keeping.more = () => ({ declare: { ...this.mending.declared } });
    this.keeping.settled = (sent) => this.mending.settled(sent.declare as Declared);
    this.problems = new Problems(this.part(".problems"), this.modeler, this.mending, () => this.judge());
  }

  async open(): Promise<void> {
    const answer = await fetch(this.config.xml, { credentials: "same-origin" });
    if (!answer.ok) throw new Error(`${answer.status}`);
    await this.show(await answer.text());
    this.offerLeft(this.keeping, (xml) => this.show(xml));
    const wanted = this.ids.inside(decodeURIComponent(window.location.hash.slice(1)));
    if (wanted && (this.modeler.get("elementRegistry") as unknown as { get(id: string): unknown }).get(wanted)) this.select(wanted);
    this.modeler.on("commandStack.changed", () => {
      if (!this.lost) this.keeping.touch();
      this.problems.touch();
    });
    void this.problems.now();
    this.guard(this.keeping);
    new Presence(this.config.here, this.config.every, this.config.csrf, this.keeping, this.part(".designer-others"), this.part(".designer-newer"));
    this.on("[data-act=check]", () => this.check());
    this.on("[data-act=save]", () => this.keeping.now());
    this.on("[data-act=propose]", () => this.leave("propose"));
    this.on("[data-act=forms]", () => this.leave("formsPage"));
    this.on("[data-act=trial]", () => this.tryOut());
    this.on("[data-act=download]", () => this.download());
    this.on("[data-act=simulate]", () => this.simulate());
    this.on("[data-act=undo]", () => this.command("undo"));
    this.on("[data-act=redo]", () => this.command("redo"));
  }

  private async show(xml: string): Promise<void> {
    const { warnings } = await this.modeler.importXML(this.ids.taken(xml));
    this.lost = lost(kept(warnings as unknown as Warning[]));
    const canvas = this.modeler.get("canvas") as unknown as Canvas;
    const view = new View(this.part(".designer-stage"), canvas, 120);
    view.open();
    const bar = this.part(".designer-zoom");
    bar.replaceChildren(view.buttons());
    if (this.lost) this.sayLost();
  }

  // What the library could not read is not in its hands: saving would throw it away.
  private sayLost(): void {
    this.say(t(`图中有编辑器读不了的内容，保存会丢失，所以不能保存：${this.lost}`, `The editor cannot read a part of this file; saving would lose it and is barred: ${this.lost}`), true);
  }

  private async xml(): Promise<string> {
    const { xml } = await this.modeler.saveXML({ format: true });
    return this.ids.back(xml ?? "");
  }

  private async check(): Promise<void> {
    // Saved first, so that what the check found is what is read at last.
    if (this.keeping.dirty && !this.lost) await this.keeping.now();
    this.say(t("请稍候…", "One moment…"));
    const errors = await this.problems.now();
    if (this.problems.stale) return this.say(t("没有得到检查结果（没有连上服务器，或登录已过期）；图还在这里，请稍后再试", "No answer to the check (the server was not reached, or your session has ended); your drawing is still here, try again"), true);
    if (errors === undefined) return;
    this.problems.open(true);
    this.say(errors ? t(`有 ${errors} 处问题，见图旁的列表`, `${errors} to mend, see the list beside the drawing`) : t("检查通过", "Nothing is wrong"), errors > 0);
  }

  private async judge(): Promise<Problem[] | undefined> {
    const answer = await this.ask(this.config.lint, {});
    if (answer?.names) this.words.update(answer.names);
    return answer?.problems;
  }

  // To a page about the draft, which is begun and saved first.
  private async leave(to: "propose" | "formsPage"): Promise<void> {
    if (this.lost) return this.sayLost();
    const kept = await this.keeping.now(true);
    const address = this.keeping.config[to];
    if (kept && address) window.location.assign(address);
  }

  private async tryOut(): Promise<void> {
    if (this.lost) return this.sayLost();
    if (!(await this.keeping.now(true)) || !this.keeping.config.url) return;
    window.location.assign(`${this.keeping.config.url}/trial`);
  }

  /** Asks the server about the drawing as it is; nothing where it does not answer. */
  private async ask(url: string, more: object): Promise<Answer | undefined> {
    try {
      const answer = await fetch(url, {
        method: "POST",
        credentials: "same-origin",
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": this.config.csrf },
        body: JSON.stringify({ xml: await this.xml(), base: this.config.base, draft: this.keeping.config.draft, ...this.keeping.more(), ...more }),
      });
      return answer.ok ? ((await answer.json()) as Answer) : undefined;
    } catch {
      return undefined;
    }
  }

  private select(id: string): void {
    const element = this.mending.find(id);
    if (element) this.problems.select(element);
  }

  private command(name: "undo" | "redo"): void {
    (this.modeler.get("commandStack") as unknown as Record<"undo" | "redo", () => void>)[name]();
  }

  /** Walk through what is drawn, and back to drawing. */
  private async simulate(): Promise<void> {
    const running = this.walk;
    const button = this.part("[data-act=simulate]");
    const walking = running === undefined;
    button.setAttribute("aria-pressed", String(walking));
    button.textContent = walking ? t("回到编辑", "Back to drawing") : t("走一遍", "Walk through");
    this.part(".designer-work").classList.toggle("is-walking", walking);
    for (const act of ["undo", "redo"]) this.part(`[data-act=${act}]`).toggleAttribute("disabled", walking);
    if (running) {
      this.walk = undefined;
      return (await running).close();
    }
    this.walk = import("./bpmn/simulating").then(({ Simulation }) => new Simulation(this.part(".designer-stage")));
    const { xml } = await this.modeler.saveXML();
    await (await this.walk).open(xml ?? "");
  }

  private async download(): Promise<void> {
    if (this.lost) return this.sayLost();
    this.give(await this.xml(), `${this.config.key}.bpmn`);
  }
}

/** What the library says it left out; a reference that leads nowhere is left as it is and loses nothing. */
function lost(warnings: unknown[]): string {
  const said = warnings.map((one) => (one as { message?: string }).message ?? String(one));
  return said.filter((one) => /unparsable|illegal|failed to import|unknown (element|type)/i.test(one)).slice(0, 3).join("; ");
}

for (const host of document.querySelectorAll<HTMLElement>('[data-island="designer"]')) {
  const designer = new Designer(host, JSON.parse(host.dataset.config ?? "{}") as Config);
  designer.open().catch((error: unknown) => {
    designer.say(t("流程图没有打开，请刷新页面", "The diagram could not be opened; reload the page"), true);
    throw error;
  });
}
