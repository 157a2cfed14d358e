// A map of works on roads: segments as lines on a schematic ground of towns, no tiles, nothing fetched from elsewhere. Everything it shows
// stands in the table of the same page. <div data-island="digs" data-lines='[{"points": [[lat, lon], …], "state": "held", "said": […]}]' data-roads='[{"name", "points"}]'>
import * as L from "leaflet";
import "leaflet/dist/leaflet.css";
import "./islands/place.css";
import { t } from "./bpmn/names";
import { ground } from "./islands/ground";

type Road = { points: [number, number][]; name: string };
type Line = { points: [number, number][]; state: string; said: string[] };
const NEAREST = 16;

for (const host of document.querySelectorAll<HTMLElement>('[data-island="digs"]')) {
  const lines = JSON.parse(host.dataset.lines ?? "[]") as Line[];
  if (lines.length === 0) continue;
  host.hidden = false;
  host.setAttribute("role", "application");
  const map = L.map(host, { attributionControl: false, zoomControl: false, minZoom: 9, maxZoom: 18, zoomSnap: 0.5, scrollWheelZoom: false });
  L.control.zoom({ zoomInTitle: t("放大", "Zoom in"), zoomOutTitle: t("缩小", "Zoom out") }).addTo(map);
  L.control.scale({ imperial: false }).addTo(map);
  for (const road of JSON.parse(host.dataset.roads ?? "[]") as Road[]) {
    L.polyline(road.points, { weight: 3, className: "dig-road" }).bindTooltip(road.name, { sticky: true }).addTo(map);
  }
  const all = L.featureGroup();
  for (const line of lines) {
    const said = document.createElement("div");
    for (const [index, text] of line.said.filter(Boolean).entries()) {
      const part = document.createElement(index === 0 ? "strong" : "div");
      part.textContent = text;
      said.append(part);
    }
    L.polyline(line.points, { weight: 9, className: "dig-under", interactive: false }).addTo(all);
    L.polyline(line.points, { weight: 6, className: `dig-line dig-line-${line.state}` }).bindPopup(said).addTo(all);
  }
  all.addTo(map);
  map.fitBounds(all.getBounds().pad(0.15), { maxZoom: NEAREST });
  void ground(map);
}
