// "Here": latitude and longitude from the phone, on request.
for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-here]")) {
  if (!("geolocation" in navigator)) continue;
  button.hidden = false;
  const said = button.parentElement?.querySelector<HTMLElement>("[data-said]");
  button.addEventListener("click", () => {
    const form = button.form;
    if (!form) return;
    button.disabled = true;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        button.disabled = false;
        const point = { lat: coords.latitude.toFixed(6), lon: coords.longitude.toFixed(6) };
        for (const [name, value] of Object.entries(point)) {
          const input = form.elements.namedItem(name);
          if (input instanceof HTMLInputElement) input.value = value;
        }
        if (said) said.textContent = (button.dataset.done ?? "") + ` ${point.lat}, ${point.lon}`;
        form.dispatchEvent(new CustomEvent("place:found", { detail: point }));
      },
      () => {
        button.disabled = false;
        if (said) said.textContent = button.dataset.failed ?? "";
      },
      { enableHighAccuracy: true, timeout: 15000 },
    );
  });
}
