// An act's page opens as a dialog over the page one is on. Without a script, or when fetching fails, the link simply leads to that page.
import { people } from "./people";
import { signatures } from "./signature";

async function fetched(address: string): Promise<HTMLElement | null> {
  const answer = await fetch(address, { headers: { Accept: "text/html" }, credentials: "same-origin" });
  if (!answer.ok || answer.redirected) return null;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return page.querySelector<HTMLElement>("[data-act]");
}

async function open(link: HTMLAnchorElement): Promise<void> {
  link.setAttribute("aria-busy", "true");
  let found: HTMLElement | null = null;
  try {
    found = await fetched(link.href);
  } catch {
    found = null;
  }
  link.removeAttribute("aria-busy");
  if (!found) {
    location.href = link.href;
    return;
  }
  const dialog = document.createElement("dialog");
  dialog.className = "act-dialog";
  dialog.setAttribute("aria-labelledby", "act-title");
  dialog.append(document.importNode(found, true));
  document.body.append(dialog);
  dialog.addEventListener("close", () => {
    dialog.remove();
    link.focus();
  });
  dialog.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("[data-close]")) {
      event.preventDefault();
      dialog.close();
    }
  });
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details.menu[open]")) menu.open = false;
  dialog.showModal();
  people(dialog);
  signatures(dialog);
  dialog.querySelector<HTMLElement>("textarea, input:not([type=hidden]), .form-foot button")?.focus();
}

document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("a[data-dialog]") : null;
  if (!link || typeof HTMLDialogElement === "undefined") return;
  event.preventDefault();
  void open(link);
});
