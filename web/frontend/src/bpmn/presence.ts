// Who else draws on this process: asked every few seconds while the page is open, and said once on leaving.
import { t } from "./names";

type Answer = { others: string[]; revision?: number; open?: boolean; saved?: string };

/** The page that says it is there: its name, and the draft as it has it. */
export type Here = { readonly tab: string; readonly config: { draft: number | null; revision: number } };

export class Presence {
  constructor(
    private readonly url: string,
    every: number,
    private readonly csrf: string,
    private readonly keeping: Here,
    private readonly others: HTMLElement,
    private readonly newer: HTMLElement,
  ) {
    void this.ask();
    window.setInterval(() => {
      if (!document.hidden) void this.ask();
    }, every * 1000);
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) void this.ask();
    });
    window.addEventListener("pagehide", () => void this.post({ leaving: true }).catch(() => undefined));
  }

  private post(more: object): Promise<Response> {
    return fetch(this.url, {
      method: "POST",
      keepalive: true,
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": this.csrf, "X-Refresh": "1" },
      body: JSON.stringify({ tab: this.keeping.tab, draft: this.keeping.config.draft, ...more }),
    });
  }

  private async ask(): Promise<void> {
    try {
      const response = await this.post({});
      if (response.ok) this.show((await response.json()) as Answer);
    } catch {
      // No server: the next time says.
    }
  }

  private show(answer: Answer): void {
    const text = answer.others.join("\n");
    if (this.others.dataset.text !== text) {
      this.others.dataset.text = text;
      this.others.replaceChildren(
        ...answer.others.map((one) => {
          const item = document.createElement("li");
          item.className = "tag";
          item.textContent = one;
          return item;
        }),
      );
    }
    const passed = answer.open === false || (answer.saved !== undefined && (answer.revision ?? 0) > this.keeping.config.revision);
    this.newer.hidden = !passed;
    const said = answer.open === false ? t("此草稿已经关闭；您再画的会另存为一份草稿。", "This draft is closed; what you draw now is kept as another one.") : (answer.saved ?? "");
    const place = this.newer.querySelector("[data-said]");
    if (place && passed && place.textContent !== said) place.textContent = said;
  }
}
