// Repeating rows: empty ones wait behind a button, and each can be taken away. Without a script a few empty ones stand there, and blank
// ones are not kept.
type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

const controls = (row: HTMLElement): Control[] => Array.from(row.querySelectorAll<Control>("input, select, textarea"));

function clear(row: HTMLElement): void {
  for (const one of controls(row)) {
    if (one instanceof HTMLInputElement && (one.type === "radio" || one.type === "checkbox")) one.checked = false;
    else one.value = "";
  }
}

function show(row: HTMLElement, shown: boolean): void {
  row.hidden = !shown;
  for (const one of controls(row)) one.disabled = !shown;
}

for (const set of document.querySelectorAll<HTMLElement>("fieldset[data-rows]")) {
  const name = set.dataset.rows ?? "";
  const rows = (): HTMLElement[] => Array.from(set.querySelectorAll<HTMLElement>("[data-row]"));
  const last = rows().at(-1);
  if (!last) continue;
  const model = last.outerHTML; // before other helps touch it
  let next = rows().length;
  const add = document.createElement("button");
  add.type = "button";
  add.className = "btn btn-small";
  add.textContent = set.dataset.add ?? "+";
  const tell = (): void => {
    add.hidden = rows().filter((row) => !row.hidden).length >= Number(set.dataset.most || 100);
    set.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const removable = (row: HTMLElement): void => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-small btn-quiet row-remove";
    button.textContent = set.dataset.remove ?? "×";
    button.addEventListener("click", () => {
      clear(row);
      show(row, false);
      tell();
      add.focus();
    });
    row.append(button);
  };
  const more = (): HTMLElement => {
    const box = document.createElement("div");
    const index = next++;
    const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    const dashed = escaped.replace(/\\\./g, "-");
    box.innerHTML = model
      .replace(new RegExp(`(["])${escaped}\\.\\d+\\.`, "g"), `$1${name}.${index}.`)
      .replace(new RegExp(`f-${dashed}-\\d+-`, "g"), `f-${name.replaceAll(".", "-")}-${index}-`);
    const row = box.firstElementChild as HTMLElement;
    clear(row);
    add.before(row);
    removable(row);
    return row;
  };
  for (const row of rows()) removable(row);
  const fresh = rows().filter((row) => row.hasAttribute("data-row-new"));
  for (const row of fresh.slice(rows().length === fresh.length ? 1 : 0)) show(row, false);
  set.append(add);
  add.addEventListener("click", () => {
    const row = rows().find((one) => one.hidden) ?? more();
    add.before(row);
    show(row, true);
    tell();
    controls(row)[0]?.focus();
  });
}

export {};
