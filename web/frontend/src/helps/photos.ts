// Chosen photos are shown small before they are sent.
for (const input of document.querySelectorAll<HTMLInputElement>("input[type=file][data-photos]")) {
  const list = document.createElement("ul");
  list.className = "thumbs";
  input.closest(".photo-field")?.append(list);
  input.addEventListener("change", () => {
    for (const image of list.querySelectorAll("img")) URL.revokeObjectURL(image.src);
    list.replaceChildren();
    for (const file of Array.from(input.files ?? [])) {
      if (!file.type.startsWith("image/")) continue;
      const item = document.createElement("li");
      const image = document.createElement("img");
      image.src = URL.createObjectURL(file);
      image.alt = file.name;
      item.append(image);
      list.append(item);
    }
  });
}
