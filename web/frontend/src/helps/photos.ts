// Choosing photos is a button in the page's own language, and what was chosen is shown small before it is sent.
for (const input of document.querySelectorAll<HTMLInputElement>("input[type=file][data-pick]")) {
  const button = document.createElement("label");
  button.className = "btn photo-pick";
  input.replaceWith(button);
  input.classList.add("visually-hidden");
  button.append(input, input.dataset.pick ?? "");
  const list = document.createElement("ul");
  list.className = "thumbs";
  list.setAttribute("aria-live", "polite");
  button.after(list);
  input.addEventListener("change", () => {
    for (const image of list.querySelectorAll("img")) URL.revokeObjectURL(image.src);
    list.replaceChildren();
    for (const file of Array.from(input.files ?? [])) {
      const item = document.createElement("li");
      if (file.type.startsWith("image/")) {
        const image = document.createElement("img");
        image.src = URL.createObjectURL(file);
        image.alt = file.name;
        item.append(image);
      } else {
        item.textContent = file.name;
      }
      list.append(item);
    }
  });
}
