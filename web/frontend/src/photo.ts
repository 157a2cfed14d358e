// Photos are made small before they are sent: a phone's photo of 8 MB goes out as a few hundred KB, whatever the network is like.
// Names and order stay; what cannot be read here is sent as it is, and the server decides.
const LONGEST = 1920;
const SMALL_ENOUGH = 600 * 1024;
const QUALITY = 0.82;

async function smaller(file: File): Promise<File> {
  if (!/^image\/(jpeg|png|webp)$/.test(file.type) || file.size <= SMALL_ENOUGH) return file;
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    const pen = canvas.getContext("2d");
    if (!pen) return file;
    pen.fillStyle = "#ffffff"; // what was transparent
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
    if (!blob || blob.size >= file.size) return file;
    return new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg", lastModified: file.lastModified });
  } catch {
    return file;
  }
}

/** Replace the chosen files of an input by smaller ones; a form sent meanwhile waits for them. */
export function shrinkOn(input: HTMLInputElement): void {
  let busy: Promise<void> | undefined;
  input.addEventListener("change", () => {
    const chosen = Array.from(input.files ?? []);
    if (!chosen.some((file) => file.size > SMALL_ENOUGH)) return;
    const mine = Promise.all(chosen.map(smaller)).then((files) => {
      if (busy !== mine) return; // chosen anew meanwhile
      const transfer = new DataTransfer();
      for (const file of files) transfer.items.add(file);
      input.files = transfer.files;
      busy = undefined;
    });
    busy = mine;
  });
  input.form?.addEventListener(
    "submit",
    (event) => {
      if (!busy) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const form = input.form;
      const button = event.submitter;
      void busy.then(() => form?.requestSubmit(button instanceof HTMLButtonElement ? button : undefined));
    },
    { capture: true },
  );
}

for (const input of document.querySelectorAll<HTMLInputElement>('input[type=file][accept^="image/"]')) shrinkOn(input);
