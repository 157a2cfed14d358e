// A signature drawn by hand: with a finger, a pen or the mouse, sent as a small picture. Without a script the stored stamp, or a photo of
// a signature, can still be chosen.
const WIDTH = 600;
const HEIGHT = 200;

function drawOn(field: HTMLElement): void {
  const canvas = field.querySelector<HTMLCanvasElement>("canvas");
  const value = field.querySelector<HTMLInputElement>("input[data-signature-value]");
  const clear = field.querySelector<HTMLButtonElement>("button[data-clear]");
  const pen = canvas?.getContext("2d");
  if (!canvas || !value || !pen || field.dataset.helped) return;
  field.dataset.helped = "yes";
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  for (const part of field.querySelectorAll<HTMLElement>("[data-drawn]")) part.hidden = false;
  pen.lineWidth = 4;
  pen.lineCap = "round";
  pen.lineJoin = "round";
  pen.strokeStyle = "#1c2733";
  let down = false;
  const at = (event: PointerEvent): [number, number] => {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) * WIDTH) / box.width, ((event.clientY - box.top) * HEIGHT) / box.height];
  };
  canvas.addEventListener("pointerdown", (event) => {
    down = true;
    canvas.setPointerCapture(event.pointerId);
    pen.beginPath();
    pen.moveTo(...at(event));
    event.preventDefault();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!down) return;
    pen.lineTo(...at(event));
    pen.stroke();
  });
  const lift = (): void => {
    if (!down) return;
    down = false;
    value.value = canvas.toDataURL("image/png");
    const drawn = field.querySelector<HTMLInputElement>("input[type=radio][value=drawn]");
    if (drawn) drawn.checked = true;
  };
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
  clear?.addEventListener("click", () => {
    pen.clearRect(0, 0, WIDTH, HEIGHT);
    value.value = "";
  });
}

export function signatures(root: ParentNode): void {
  for (const field of root.querySelectorAll<HTMLElement>("[data-signature]")) drawOn(field);
}

signatures(document);
