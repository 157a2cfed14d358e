// A table whose rows are chosen: one box for all of them, and how many were chosen.
for (const form of document.querySelectorAll<HTMLFormElement>("form[data-choose]")) {
  const boxes = Array.from(form.querySelectorAll<HTMLInputElement>('input[type=checkbox][name="ref"]'));
  const all = form.querySelector<HTMLInputElement>("[data-all]");
  const count = form.querySelector<HTMLElement>("[data-chosen]");
  const tell = (): void => {
    const chosen = boxes.filter((box) => box.checked).length;
    if (count) {
      count.hidden = chosen === 0;
      count.textContent = String(chosen);
    }
    if (all) {
      all.checked = chosen > 0 && chosen === boxes.length;
      all.indeterminate = chosen > 0 && chosen < boxes.length;
    }
  };
  if (all) {
    all.hidden = false;
    all.addEventListener("change", () => {
      for (const box of boxes) box.checked = all.checked;
      tell();
    });
  }
  form.addEventListener("change", tell);
  tell();
}
