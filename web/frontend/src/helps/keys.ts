// Keys of the inbox. j and k move the real focus from title to title, so that a screen reader says each; they can be turned off (WCAG 2.1.4),
// and do nothing while somebody types or a dialog is open.
const OFF = "liandong.keys.off";
const dialog = document.querySelector<HTMLDialogElement>("dialog#keys");
const button = document.querySelector<HTMLButtonElement>("[data-keys-help]");
const toggle = dialog?.querySelector<HTMLInputElement>("[data-keys-on]");

function isOff(): boolean {
  try {
    return localStorage.getItem(OFF) !== null;
  } catch {
    return false;
  }
}

function titles(): HTMLElement[] {
  return Array.from(document.querySelectorAll<HTMLElement>("[data-keys] [data-row] .row-title"));
}

function row(): HTMLElement | null {
  return document.activeElement?.closest<HTMLElement>("[data-keys] [data-row]") ?? null;
}

function move(by: number): void {
  const all = titles();
  if (!all.length) return;
  const here = row()?.querySelector<HTMLElement>(".row-title");
  const at = here ? all.indexOf(here) : by > 0 ? -1 : all.length;
  const next = all[Math.min(Math.max(at + by, 0), all.length - 1)];
  next?.focus();
  next?.closest("[data-row]")?.scrollIntoView({ block: "nearest" });
}

function typing(): boolean {
  const here = document.activeElement;
  if (here instanceof HTMLInputElement) return here.type !== "checkbox" && here.type !== "radio";
  return here instanceof HTMLTextAreaElement || here instanceof HTMLSelectElement || (here instanceof HTMLElement && here.isContentEditable);
}

const does: Record<string, () => void> = {
  j: () => move(1),
  k: () => move(-1),
  o: () => row()?.querySelector<HTMLElement>(".row-title")?.click(),
  c: () => row()?.querySelector<HTMLElement>("[data-claim]")?.click(),
  x: () => row()?.querySelector<HTMLInputElement>("input[name=ref]")?.click(),
  "/": () => {
    const box = document.querySelector<HTMLInputElement>("#inbox-q");
    box?.focus();
    box?.select();
  },
  g: () => {
    window.scrollTo({ top: 0 });
    titles()[0]?.focus({ preventScroll: true });
  },
  "?": () => dialog?.showModal(),
};

if (dialog && toggle) {
  if (button) {
    button.hidden = false;
    button.addEventListener("click", () => dialog.showModal());
  }
  toggle.checked = !isOff();
  toggle.addEventListener("change", () => {
    try {
      if (toggle.checked) localStorage.removeItem(OFF);
      else localStorage.setItem(OFF, "1");
    } catch {
      // This browser keeps nothing; the keys stay as they are.
    }
  });
  // Before the page's own "/" (menus.ts), which goes to the search over all cases.
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      if (dialog.open) {
        if (event.key === "?") dialog.close();
        return;
      }
      const act = does[event.key];
      if (!act || typing() || isOff() || document.querySelector("dialog[open]")) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      act();
    },
    { capture: true },
  );
}
