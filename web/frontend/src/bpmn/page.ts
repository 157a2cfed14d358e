// What pages share that change a draft: how they say things, what they do with what was not saved, how they are left.
import { type Collided, type Keeping, leaving } from "./keeping";
import { t } from "./names";

export class DraftPage {
  constructor(protected readonly host: HTMLElement) {}

  say(text: string, bad = false): void {
    const place = this.part(".designer-said");
    place.textContent = text;
    place.classList.toggle("light-red", bad);
  }

  protected part(selector: string): HTMLElement {
    const found = this.host.querySelector<HTMLElement>(selector);
    if (!found) throw new Error(selector);
    return found;
  }

  protected on(selector: string, act: () => unknown): void {
    this.host.querySelector(selector)?.addEventListener("click", () => void act());
  }

  /** Somebody else saved something else: both are there, and one may look at both. */
  protected collided(answer: Collided): void {
    const place = this.part(".designer-collided");
    place.hidden = false;
    this.part(".designer-newer").hidden = true; // said of the other draft
    place.querySelector("[data-said]")!.textContent = answer.sentence;
    place.querySelector<HTMLAnchorElement>("[data-theirs]")!.href = answer.theirs;
    place.querySelector<HTMLAnchorElement>("[data-compare]")!.href = answer.compare;
    place.scrollIntoView({ block: "nearest" });
  }

  /** Nothing that was changed is left behind. */
  protected guard(keeping: Keeping): void {
    window.addEventListener("beforeunload", (event) => {
      if (keeping.dirty) event.preventDefault();
    });
    leaving(keeping);
  }

  /** What the server could not be given is on this computer. */
  protected offerLeft(keeping: Keeping, show: (xml: string) => Promise<void>): void {
    const found = keeping.left();
    const offer = this.part(".designer-draft");
    if (!found) return;
    offer.hidden = false;
    offer.querySelector("[data-act=restore]")?.addEventListener("click", () => {
      offer.hidden = true;
      show(found)
        .then(() => {
          keeping.touch();
          this.say(t("已恢复上次未保存的修改", "What was not saved is back"));
        })
        .catch(() => this.say(t("草稿无法打开", "The draft could not be opened"), true));
    });
    offer.querySelector("[data-act=forget]")?.addEventListener("click", () => {
      offer.hidden = true;
      keeping.forget();
    });
  }

  protected give(xml: string, name: string): void {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([xml], { type: "application/xml" }));
    link.download = name;
    link.click();
    URL.revokeObjectURL(link.href);
  }
}
