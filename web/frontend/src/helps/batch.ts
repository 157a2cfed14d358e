// The bar of the inbox comes when something is selected; without a script it is always there.
const bar = document.querySelector<HTMLFormElement>("form[data-batch]");

function boxes(): HTMLInputElement[] {
  return Array.from(document.querySelectorAll<HTMLInputElement>("input[name=ref][form=batch]"));
}

function show(): void {
  if (!bar) return;
  const all = boxes();
  const count = all.filter((box) => box.checked).length;
  bar.classList.toggle("batch-on", count > 0);
  bar.inert = count === 0;
  const told = bar.querySelector<HTMLElement>(".batch-count");
  if (told) told.textContent = count === 0 ? "" : count === 1 ? (told.dataset.one ?? "") : (told.dataset.many ?? "").replace("#", String(count));
  for (const row of document.querySelectorAll<HTMLElement>("[data-row]")) {
    row.classList.toggle("row-picked", row.querySelector<HTMLInputElement>("input[name=ref]")?.checked ?? false);
  }
  const whole = document.querySelector<HTMLInputElement>("[data-pick-all]");
  if (whole) {
    whole.parentElement?.removeAttribute("hidden");
    whole.checked = count > 0 && count === all.length;
    whole.indeterminate = count > 0 && count < all.length;
  }
}

if (bar) {
  bar.classList.add("batch-scripted");
  const reset = bar.querySelector<HTMLButtonElement>("button[type=reset]");
  if (reset) reset.hidden = false;
  document.addEventListener("change", (event) => {
    const box = event.target;
    if (!(box instanceof HTMLInputElement)) return;
    if (box.matches("[data-pick-all]")) for (const one of boxes()) one.checked = box.checked;
    if (box.matches("[data-pick-all], input[name=ref]")) show();
  });
  bar.addEventListener("reset", () => window.setTimeout(show));
  document.addEventListener("live:taken", show);
  document.addEventListener("htmx:after:swap", show);
  document.addEventListener("htmx:afterSwap", show);
  window.addEventListener("pageshow", show);
  show();
}
