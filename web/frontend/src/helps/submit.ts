// A form that was sent says so, and cannot be sent twice by impatience (the server would count it once anyway).
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  form.setAttribute("aria-busy", "true");
});

// Coming back with the browser's Back button, the page must work again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-sent]")) {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
  }
});

// Filters apply as soon as they are chosen; without a script there is a button.
for (const form of document.querySelectorAll<HTMLFormElement>("form[data-apply]")) {
  form.addEventListener("change", (event) => {
    if (event.target instanceof HTMLSelectElement || (event.target instanceof HTMLInputElement && event.target.type === "checkbox")) {
      form.requestSubmit();
    }
  });
}

// Where something went wrong, start there.
document.querySelector<HTMLElement>("[data-problems]")?.focus();
