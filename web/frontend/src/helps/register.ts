// A long list to choose from gets a box that narrows it. Without a script the list is simply long.
for (const select of document.querySelectorAll<HTMLSelectElement>("select[data-narrow]")) {
  const options = Array.from(select.options);
  if (options.length < 12) continue;
  const whole = Array.from(select.children);
  const texts = options.map((option) => {
    const group = option.parentElement instanceof HTMLOptGroupElement ? option.parentElement.label : "";
    return `${group} ${option.text}`.toLowerCase();
  });
  const groups = options.map((option) => option.parentElement);
  const box = document.createElement("input");
  box.type = "search";
  box.className = "form-control narrow";
  box.placeholder = select.dataset.narrow ?? "";
  box.setAttribute("aria-label", select.dataset.narrow ?? "");
  box.setAttribute("aria-controls", select.id);
  box.autocomplete = "off";
  select.before(box);
  const narrow = (): void => {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    const chosen = select.value;
    if (words.length) {
      select.replaceChildren(...options.filter((option, i) => (option.value && option.value === chosen) || (option.value && words.every((word) => texts[i]?.includes(word)))));
      select.size = Math.min(8, Math.max(2, select.options.length));
    } else {
      options.forEach((option, i) => groups[i]?.append(option));
      select.replaceChildren(...whole);
      select.size = 1;
    }
    select.value = chosen;
  };
  box.addEventListener("input", narrow);
  select.addEventListener("change", () => {
    if (select.size > 1 && select.value) {
      box.value = "";
      narrow();
    }
  });
}
