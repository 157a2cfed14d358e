// A look-up in a large register: what is typed is searched for, and the rows that fit are suggested. Without a script the words are sent, and
// where several rows fit the page offers them.
const WAIT_MILLISECONDS = 250;

for (const input of document.querySelectorAll<HTMLInputElement>("input[data-lookup]")) {
  const list = input.list;
  if (!(list instanceof HTMLDataListElement)) continue;
  let waiting = 0;
  let asked = "";
  const ask = async (): Promise<void> => {
    const text = input.value.trim();
    if (text === asked || text.endsWith("〕") || text.length < 1) return;
    asked = text;
    const answer = await fetch(`/registers/${encodeURIComponent(input.dataset.lookup ?? "")}/find?q=${encodeURIComponent(text)}`, {
      headers: { Accept: "application/json" },
      credentials: "same-origin",
    });
    if (!answer.ok || text !== asked) return;
    const found = (await answer.json()) as string[];
    list.replaceChildren(
      ...found.map((label) => {
        const option = document.createElement("option");
        option.value = label;
        return option;
      }),
    );
  };
  input.addEventListener("input", () => {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(() => void ask(), WAIT_MILLISECONDS);
  });
  // typed again: what was offered for other words is not meant any more
  input.addEventListener("input", () => {
    for (const radio of input.form?.querySelectorAll<HTMLInputElement>(`input[type=radio][name="${CSS.escape(input.name)}"]`) ?? []) radio.checked = false;
  });
}

export {};
