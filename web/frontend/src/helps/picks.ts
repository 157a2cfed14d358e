// A long list of boxes to tick gets a field that narrows it; what is ticked stays in sight. Without a script the list is simply long.
for (const list of document.querySelectorAll<HTMLElement>("[data-narrow-picks]")) {
  const rows = Array.from(list.querySelectorAll<HTMLLabelElement>("label"));
  const box = document.createElement("input");
  box.type = "search";
  box.className = "form-control narrow";
  box.placeholder = list.dataset.narrowPicks ?? "";
  box.setAttribute("aria-label", list.dataset.narrowPicks ?? "");
  box.autocomplete = "off";
  list.before(box);
  box.addEventListener("input", () => {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of rows) {
      const text = (row.textContent ?? "").toLowerCase();
      row.hidden = !row.querySelector<HTMLInputElement>("input")?.checked && !words.every((word) => text.includes(word));
    }
  });
}
