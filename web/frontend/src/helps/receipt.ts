// A receipt code: copied by a button; taken from the part of an address after "#", which no server ever sees, and then out of sight.
for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", () => {
    void navigator.clipboard.writeText(button.dataset.copy ?? "").then(() => {
      const said = button.querySelector("[role=status]");
      if (said) said.textContent = button.dataset.done ?? "";
    });
  });
}

const field = document.querySelector<HTMLInputElement>("input[data-from-fragment]");
const fragment = decodeURIComponent(location.hash.slice(1));
if (field && /^[0-9A-Za-z-]{20,60}$/.test(fragment)) {
  field.value = fragment;
  history.replaceState(null, "", location.pathname);
  field.form?.requestSubmit();
}
