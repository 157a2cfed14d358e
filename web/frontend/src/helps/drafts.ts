// What is typed into a task's form is kept as a draft a little after the last key. Without a script there is the button.
const WAIT_MILLISECONDS = 2_500;

for (const form of document.querySelectorAll<HTMLFormElement>("form[data-draft]")) {
  const address = form.dataset.draft ?? "";
  const said = form.querySelector<HTMLElement>("[data-draft-said]");
  let waiting = 0;
  let sending = false;
  let again = false;
  const keep = async (): Promise<void> => {
    if (sending) {
      again = true;
      return;
    }
    if (form.dataset.sent) return;
    sending = true;
    const sent = new FormData(form);
    for (const [name, value] of Array.from(sent.entries())) if (value instanceof File) sent.delete(name);
    sent.set("quiet", "yes");
    try {
      const answer = await fetch(address, { method: "POST", body: sent, credentials: "same-origin" });
      if (said) said.textContent = answer.ok ? (form.dataset.draftDone ?? "") : (form.dataset.draftFailed ?? "");
    } catch {
      if (said) said.textContent = form.dataset.draftFailed ?? "";
    }
    sending = false;
    if (again) {
      again = false;
      void keep();
    }
  };
  form.addEventListener("input", () => {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(() => void keep(), WAIT_MILLISECONDS);
  });
  form.addEventListener("submit", () => window.clearTimeout(waiting));
}
