// What is drawn or written is saved as a draft a moment after each change, one save at a time; what cannot be sent is kept on this computer until it can.
import { chinese, t } from "./names";

export type Kept = { base: number; draft: number | null; revision: number; begin: string; save?: string; propose?: string; formsPage?: string; url?: string; file?: string };
export type Collided = { sentence: string; theirs: string; compare: string };
type Answer = { draft: number; revision: number; said: string; save: string; propose: string; formsPage: string; url: string; discard: string; against: string; diagram: string; tables: string; title: string } & Partial<Collided>;

type Leads = "discard" | "against" | "diagram" | "tables";

const QUIET = 1200;
const AGAIN = 10_000;

export class Keeping {
  readonly tab = Array.from(crypto.getRandomValues(new Uint8Array(16)), (one) => one.toString(16).padStart(2, "0")).join("");
  dirty = false;
  /** What goes with the drawing, and what is done with it when it was kept. */
  more: () => Record<string, unknown> = () => ({});
  settled: (sent: Record<string, unknown>) => void = () => undefined;
  private timer = 0;
  private running: Promise<boolean> | undefined;
  private changes = 0;

  constructor(
    readonly config: Kept & { key: string },
    private readonly csrf: string,
    private readonly xml: () => Promise<string>,
    private readonly say: (text: string, bad?: boolean) => void,
    private readonly collided: (answer: Collided) => void,
  ) {}

  /** Something was drawn. */
  touch(): void {
    this.dirty = true;
    this.changes += 1;
    this.say(t("有未保存的修改", "Not saved yet"));
    this.later(QUIET);
  }

  /** Save what is not saved; answers whether all is kept. `make`: a draft is begun even when nothing was drawn. */
  async now(make = false): Promise<boolean> {
    window.clearTimeout(this.timer);
    while (this.running) await this.running;
    if (!this.dirty && (this.config.draft || !make)) {
      this.say(t("没有未保存的修改", "Nothing is left to save"));
      return true;
    }
    this.running = this.send();
    const kept = await this.running;
    this.running = undefined;
    return kept;
  }

  private later(wait: number): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.now(), wait);
  }

  private async send(): Promise<boolean> {
    const at = this.changes;
    const xml = await this.xml();
    const more = this.more();
    this.say(t("正在保存…", "Saving…"));
    try {
      const response = await fetch(this.config.draft ? (this.config.save ?? "") : this.config.begin, {
        method: "POST",
        credentials: "same-origin",
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": this.csrf },
        body: JSON.stringify({ xml, base: this.config.base, revision: this.config.revision, tab: this.tab, file: this.config.file, ...more }),
      });
      const answer = response.status === 401 ? undefined : ((await response.json()) as Answer & { zh?: string; en?: string });
      if (!response.ok || !answer) {
        this.keep(xml);
        const why = answer?.sentence ?? (chinese ? answer?.zh : answer?.en);
        this.say(why ?? t("登录已过期：请在另一个标签页登录后再点保存，改动不会丢", "Your session has ended: log in in another tab, then save again; nothing is lost"), true);
        return false;
      }
      this.forget();
      this.settled(more);
      const { draft, revision, save, propose, formsPage, url } = answer;
      Object.assign(this.config, { draft, revision, save, propose, formsPage, url });
      if (window.location.pathname !== url) this.moved(answer);
      this.dirty = this.changes !== at;
      this.say(this.dirty ? t("有未保存的修改", "Not saved yet") : answer.said);
      if (answer.theirs && answer.compare && answer.sentence) this.collided({ sentence: answer.sentence, theirs: answer.theirs, compare: answer.compare });
      if (this.dirty) this.later(QUIET);
      return !this.dirty;
    } catch {
      this.keep(xml);
      this.say(t("没有连上服务器，改动还在这里，稍后自动再试", "The server was not reached; what you did is still here and is sent again"), true);
      this.later(AGAIN);
      return false;
    }
  }

  /** The page is another draft's now: its address, its name and what leads from it. */
  private moved(answer: Answer): void {
    window.history.replaceState(null, "", answer.url);
    const title = document.querySelector("[data-draft-title]");
    if (title) title.textContent = answer.title;
    for (const link of document.querySelectorAll<HTMLAnchorElement>("[data-draft-link]")) {
      link.href = answer[link.dataset.draftLink as Leads];
      link.hidden = false;
    }
  }

  private get name(): string {
    return `liandong-draft-${this.config.key}-${this.config.draft ?? `v${this.config.base}`}${this.config.file ? `-${this.config.file}` : ""}`;
  }

  private keep(xml: string): void {
    try {
      localStorage.setItem(this.name, xml);
    } catch {
      // A full or forbidden store: the warning on leaving the page still stands.
    }
  }

  /** What an earlier page could not send. */
  left(): string | null {
    return localStorage.getItem(this.name);
  }

  forget(): void {
    localStorage.removeItem(this.name);
  }
}

/** Another page of the same draft is opened with all that was changed here: first it is saved, for that may lead elsewhere. */
export function leaving(keeping: Keeping): void {
  for (const link of document.querySelectorAll<HTMLAnchorElement>("[data-draft-link]")) {
    link.addEventListener("click", (event) => {
      if (!keeping.dirty || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      void keeping.now().then((kept) => {
        if (kept) window.location.assign(link.href);
      });
    });
  }
}
