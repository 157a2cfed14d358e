// A place chosen on a schematic map: the centres of towns and communities as named dots, no tiles, nothing fetched from elsewhere.
// <div data-island="place" data-lat="lat" data-lon="lon"> fills the two hidden fields of its form; without it the words suffice.
import * as L from "leaflet";
import "leaflet/dist/leaflet.css";
import "./islands/place.css";
import { t } from "./bpmn/names";

type Place = { key: string; name: string; kind: string; parent: string | null; lat: number; lon: number };

const NEAR = 13;

class Picker {
  private readonly map: L.Map;
  private pin: L.CircleMarker | undefined;
  private readonly said: HTMLElement;

  constructor(
    private readonly host: HTMLElement,
    private readonly form: HTMLFormElement,
    private readonly places: Place[],
  ) {
    host.setAttribute("role", "application");
    this.map = L.map(host, { attributionControl: false, zoomControl: false, minZoom: 9, maxZoom: 18, zoomSnap: 0.5, scrollWheelZoom: false });
    L.control.zoom({ zoomInTitle: t("放大", "Zoom in"), zoomOutTitle: t("缩小", "Zoom out") }).addTo(this.map);
    L.control.scale({ imperial: false }).addTo(this.map);
    this.said = document.createElement("p");
    this.said.className = "field-help";
    this.said.setAttribute("role", "status");
    this.said.textContent = t("点一下图上的位置即可标记；此图为示意，圆点是街镇和社区的大致中心。", "Tap the map to mark the place. It is schematic: dots are the rough centres of towns and communities.");
    host.after(this.said);
    this.draw();
    this.begin();
    this.map.on("click", (event) => this.choose(event.latlng));
    host.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target === host) {
        event.preventDefault();
        this.choose(this.map.getCenter());
      }
    });
    form.addEventListener("place:found", (event) => {
      const { lat, lon } = (event as CustomEvent<{ lat: string; lon: string }>).detail;
      this.mark(L.latLng(Number(lat), Number(lon)));
    });
    this.area()?.addEventListener("change", () => this.toArea());
  }

  private draw(): void {
    const towns = L.layerGroup();
    const communities = L.layerGroup();
    for (const place of this.places) {
      if (place.kind === "city") continue;
      const small = place.kind === "community" || place.kind === "village";
      const dot = L.circleMarker([place.lat, place.lon], { radius: small ? 4 : 7, weight: 1.5, className: small ? "place-small" : "place-town", interactive: false });
      dot.bindTooltip(place.name, { permanent: true, direction: "right", offset: [small ? 4 : 7, 0], className: small ? "place-name place-name-small" : "place-name", interactive: false });
      dot.addTo(small ? communities : towns);
    }
    towns.addTo(this.map);
    this.map.on("zoomend", () => {
      const near = this.map.getZoom() >= NEAR;
      if (near) communities.addTo(this.map);
      else communities.remove();
    });
    this.map.on("zoomend moveend", () => requestAnimationFrame(() => this.tidy()));
  }

  /** Names that would lie on others are left out until there is room. */
  private tidy(): void {
    const kept: DOMRect[] = [];
    for (const name of this.host.querySelectorAll<HTMLElement>(".place-name")) {
      const box = name.getBoundingClientRect();
      const free = kept.every((one) => box.right < one.left || box.left > one.right || box.bottom < one.top || box.top > one.bottom);
      name.style.visibility = free ? "visible" : "hidden";
      if (free) kept.push(box);
    }
  }

  private begin(): void {
    const lat = Number(this.field("lat")?.value);
    const lon = Number(this.field("lon")?.value);
    if (lat && lon) {
      this.map.setView([lat, lon], 15);
      this.mark(L.latLng(lat, lon), false);
    } else if (!this.toArea()) {
      this.map.fitBounds(L.latLngBounds(this.places.map((one) => [one.lat, one.lon])), { padding: [24, 24], animate: false });
    }
  }

  private toArea(): boolean {
    const chosen = this.places.find((one) => one.key === this.area()?.value);
    if (!chosen || this.pin) return false;
    this.map.setView([chosen.lat, chosen.lon], chosen.kind === "community" || chosen.kind === "village" ? 15 : NEAR, { animate: false });
    return true;
  }

  private choose(at: L.LatLng): void {
    this.mark(at, true);
    this.set("lat", at.lat);
    this.set("lon", at.lng);
    const area = this.area();
    const nearest = this.nearest(at);
    if (area && !area.value && nearest && Array.from(area.options).some((option) => option.value === nearest.key)) {
      area.value = nearest.key;
      area.dispatchEvent(new Event("change", { bubbles: true }));
    }
    this.said.textContent = nearest
      ? t(`已标记，最近的是${nearest.name}。再点可以改。`, `Marked; the nearest is ${nearest.name}. Tap again to change it.`)
      : t("已标记。再点可以改。", "Marked. Tap again to change it.");
  }

  private mark(at: L.LatLng, stay = false): void {
    this.pin?.remove();
    this.pin = L.circleMarker(at, { radius: 9, weight: 3, className: "place-pin", interactive: false }).addTo(this.map);
    if (!stay) this.map.setView(at, Math.max(this.map.getZoom() || 0, 15));
  }

  private nearest(at: L.LatLng): Place | undefined {
    let found: Place | undefined;
    let best = 5000;
    for (const place of this.places) {
      if (place.kind !== "community" && place.kind !== "village") continue;
      const distance = at.distanceTo([place.lat, place.lon]);
      if (distance < best) [found, best] = [place, distance];
    }
    return found;
  }

  private set(name: "lat" | "lon", value: number): void {
    const field = this.field(name);
    if (field) field.value = value.toFixed(6);
  }

  private field(name: "lat" | "lon"): HTMLInputElement | undefined {
    const found = this.form.elements.namedItem(this.host.dataset[name] ?? name);
    return found instanceof HTMLInputElement ? found : undefined;
  }

  private area(): HTMLSelectElement | undefined {
    const found = this.form.elements.namedItem("area");
    return found instanceof HTMLSelectElement ? found : undefined;
  }
}

for (const host of document.querySelectorAll<HTMLElement>('[data-island="place"]')) {
  const form = host.closest("form");
  if (!form || host.dataset.shown) continue;
  host.dataset.shown = "yes";
  fetch("/places.json", { credentials: "same-origin", headers: { Accept: "application/json" } })
    .then((answer) => answer.json() as Promise<Place[]>)
    .then((places) => {
      if (places.length) new Picker(host, form, places);
    })
    .catch(() => host.remove()); // the words of the place suffice
}
