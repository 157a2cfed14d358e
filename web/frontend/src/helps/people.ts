// Looking for people in an act's list as one types. Without a script the button beside the field does the same.
const WAIT_MILLISECONDS = 250;

async function find(form: HTMLFormElement, button: HTMLButtonElement, list: HTMLElement, name: string): Promise<void> {
  const sent = new FormData(form, button);
  const address = button.formAction && button.hasAttribute("formaction") ? button.formAction : form.action;
  const answer = await fetch(address, { method: "POST", body: sent, headers: { Accept: "text/html" }, credentials: "same-origin" });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const fresh of page.querySelectorAll<HTMLElement>("[data-people]")) {
    if (fresh.querySelector<HTMLButtonElement>("[data-find]")?.value !== name) continue;
    const rows = fresh.querySelector<HTMLElement>("[data-people-list]");
    if (rows) list.replaceChildren(...Array.from(document.importNode(rows, true).childNodes));
  }
}

export function people(root: ParentNode): void {
  for (const field of root.querySelectorAll<HTMLElement>("[data-people]")) {
    const button = field.querySelector<HTMLButtonElement>("[data-find]");
    const box = field.querySelector<HTMLInputElement>("input[type=search]");
    const list = field.querySelector<HTMLElement>("[data-people-list]");
    if (!button || !box || !list || !button.form || field.dataset.helped) continue;
    field.dataset.helped = "yes";
    list.setAttribute("aria-live", "polite");
    const form = button.form;
    let waiting = 0;
    let asked = 0;
    const look = (): void => {
      const mine = ++asked;
      list.setAttribute("aria-busy", "true");
      void find(form, button, list, button.value).catch(() => undefined).finally(() => {
        if (mine === asked) list.removeAttribute("aria-busy");
      });
    };
    box.addEventListener("input", () => {
      window.clearTimeout(waiting);
      waiting = window.setTimeout(look, WAIT_MILLISECONDS);
    });
    button.addEventListener("click", (event) => {
      event.preventDefault();
      window.clearTimeout(waiting);
      look();
    });
  }
}

people(document);
