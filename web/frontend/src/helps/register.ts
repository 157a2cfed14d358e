// A long list to choose from gets a box that narrows it. Without a script the list is simply long.
for (const select of document.querySelectorAll<HTMLSelectElement>("select[data-narrow]")) {
  const options = Array.from(select.options);
  if (options.length < 12) continue;
  const box = document.createElement("input");
  box.type = "search";
  box.className = "form-control narrow";
  box.placeholder = select.dataset.narrow ?? "";
  box.setAttribute("aria-label", select.dataset.narrow ?? "");
  box.autocomplete = "off";
  select.before(box);
  const texts = options.map((option) => option.text.toLowerCase());
  box.addEventListener("input", () => {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    const kept = options.filter((option, i) => !option.value || option.selected || words.every((word) => texts[i]?.includes(word)));
    const chosen = select.value;
    select.replaceChildren(...kept);
    select.value = chosen;
    select.size = words.length ? Math.min(8, Math.max(2, kept.length)) : 1;
  });
  select.addEventListener("change", () => {
    select.size = 1;
  });
}
