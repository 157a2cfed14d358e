// Fields that are wanted only on a condition (if/then/else of the form) are hidden until it holds. Without a script they stay.
type Test = { field: string; in?: unknown[]; contains?: unknown[]; minimum?: number | null; maximum?: number | null };
type Rule = { not: boolean; all: Test[] };

function values(form: HTMLFormElement, name: string): string[] {
  const known = form.querySelector<HTMLElement>(`[data-known="${CSS.escape(name)}"]`);
  if (known) return [known.dataset.value ?? ""];
  const found: string[] = [];
  for (const element of Array.from(form.elements)) {
    if (element instanceof HTMLInputElement && element.name === name) {
      if (element.type === "checkbox" || element.type === "radio") {
        if (element.checked) found.push(element.value);
      } else if (element.type !== "hidden") found.push(element.value);
    } else if ((element instanceof HTMLSelectElement || element instanceof HTMLTextAreaElement) && element.name === name) {
      found.push(element.value);
    }
  }
  return found;
}

function holds(form: HTMLFormElement, test: Test): boolean {
  const now = values(form, test.field);
  const wanted = test.in ?? test.contains;
  if (wanted) {
    const texts = wanted.map(String);
    if (!now.length && texts.includes("false")) return form.querySelector(`[name="${CSS.escape(test.field)}"]`) !== null;
    return now.some((value) => texts.includes(value));
  }
  const number = Number(now[0]);
  if (!now[0] || Number.isNaN(number)) return false;
  return (test.minimum == null || number >= test.minimum) && (test.maximum == null || number <= test.maximum);
}

function apply(form: HTMLFormElement): void {
  for (const field of form.querySelectorAll<HTMLElement>("[data-if]")) {
    const rules = JSON.parse(field.dataset.if ?? "[]") as Rule[];
    const wanted = rules.some((rule) => rule.all.every((test) => holds(form, test)) !== rule.not);
    field.hidden = !wanted;
    // What is hidden is not sent: an answer to a question nobody asked would be refused.
    for (const input of field.querySelectorAll<HTMLInputElement>("input, select, textarea")) input.disabled = !wanted;
  }
}

for (const form of document.querySelectorAll<HTMLFormElement>("form")) {
  if (!form.querySelector("[data-if]")) continue;
  apply(form);
  form.addEventListener("input", () => apply(form));
  form.addEventListener("change", () => apply(form));
}
