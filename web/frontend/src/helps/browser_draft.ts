// What somebody without an account types into a long form is kept in their own browser until it is sent: never on the server, and without
// files, hidden fields and what is personal (contact fields are marked by autocomplete or by name; a form on a shared computer is cleared
// by its button). Without a script nothing is kept.
const WAIT_MILLISECONDS = 800;
const LIVES_MILLISECONDS = 7 * 24 * 3600 * 1000;
const PERSONAL = /phone|contact|identity|id_card|applicant$|holder$|name$|email|agent/;

type Kept = { at: number; values: [string, string][] };

const place = (name: string): string => `draft:${name}`;

function read(name: string): Kept | null {
  try {
    const kept = JSON.parse(localStorage.getItem(place(name)) ?? "null") as Kept | null;
    return kept && Date.now() - kept.at < LIVES_MILLISECONDS ? kept : null;
  } catch {
    return null;
  }
}

function fill(form: HTMLFormElement, kept: Kept): boolean {
  let filled = false;
  for (const field of form.querySelectorAll<HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement>("input, select, textarea")) {
    if (!field.name || PERSONAL.test(field.name)) continue;
    const values = kept.values.filter(([name]) => name === field.name).map(([, value]) => value);
    if (field instanceof HTMLInputElement && ["radio", "checkbox"].includes(field.type)) {
      field.checked = values.includes(field.value);
      filled ||= field.checked;
    } else if (values[0] && !(field instanceof HTMLInputElement && ["hidden", "file"].includes(field.type))) {
      field.value = values[0];
      filled = true;
    } else continue;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
  return filled;
}

for (const done of document.querySelectorAll<HTMLElement>("[data-browser-draft-done]")) localStorage.removeItem(place(done.dataset.browserDraftDone ?? ""));

for (const form of document.querySelectorAll<HTMLFormElement>("form[data-browser-draft]")) {
  const name = form.dataset.browserDraft ?? "";
  const begun = form.querySelector("[data-problems]") !== null;
  const kept = begun ? null : read(name);
  if (kept && fill(form, kept)) {
    const said = document.createElement("p");
    said.className = "note";
    said.setAttribute("role", "status");
    said.textContent = form.dataset.draftFound ?? "";
    const drop = document.createElement("button");
    drop.type = "button";
    drop.className = "btn btn-small";
    drop.textContent = form.dataset.draftDrop ?? "";
    drop.addEventListener("click", () => {
      localStorage.removeItem(place(name));
      form.reset();
      said.remove();
    });
    said.append(" ", drop);
    form.before(said);
  }
  let waiting = 0;
  form.addEventListener("input", () => {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(() => {
      const values: [string, string][] = [];
      for (const field of form.querySelectorAll<HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement>("input, select, textarea")) {
        if (!field.name || PERSONAL.test(field.name) || field.name === "website") continue;
        if (field instanceof HTMLInputElement && (["hidden", "file"].includes(field.type) || (["radio", "checkbox"].includes(field.type) && !field.checked))) continue;
        if (field.value) values.push([field.name, field.value]);
      }
      try {
        localStorage.setItem(place(name), JSON.stringify({ at: Date.now(), values }));
      } catch {
        // no room, or not allowed: nothing is kept
      }
    }, WAIT_MILLISECONDS);
  });
}
export {};
