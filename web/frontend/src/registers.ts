// Rows of a register on a schematic map: a dot, or a line of points, each with its name and the way to its page. The same stands in the
// table of the page. <div data-island="register" data-rows='[{"points": [[lat, lon], …], "name": "…", "said": […], "href": "…"}]'>
import * as L from "leaflet";
import "leaflet/dist/leaflet.css";
import "./islands/place.css";
import "./registers.css";
import { t } from "./bpmn/names";
import { ground } from "./islands/ground";

type Row = { points: [number, number][]; name: string; said: string[]; href: string };

const NEAREST = 16;

function said(row: Row): HTMLElement {
  const box = document.createElement("div");
  const name = document.createElement(row.href === location.pathname ? "strong" : "a");
  name.textContent = row.name;
  if (name instanceof HTMLAnchorElement) name.href = row.href;
  box.append(name);
  for (const text of row.said) {
    const line = document.createElement("div");
    line.textContent = text;
    box.append(line);
  }
  return box;
}

for (const host of document.querySelectorAll<HTMLElement>('[data-island="register"]')) {
  const rows = JSON.parse(host.dataset.rows ?? "[]") as Row[];
  if (rows.length === 0) continue;
  host.hidden = false;
  host.setAttribute("role", "application");
  const map = L.map(host, { attributionControl: false, zoomControl: false, minZoom: 9, maxZoom: 18, zoomSnap: 0.5, scrollWheelZoom: false });
  L.control.zoom({ zoomInTitle: t("放大", "Zoom in"), zoomOutTitle: t("缩小", "Zoom out") }).addTo(map);
  L.control.scale({ imperial: false }).addTo(map);
  const all = L.featureGroup();
  for (const row of rows) {
    const first = row.points[0];
    if (!first) continue;
    const shape =
      row.points.length > 1
        ? L.polyline(row.points, { weight: 5, className: "register-line" })
        : L.circleMarker(first, { radius: 6, weight: 2, className: "register-dot" });
    shape.bindPopup(said(row)).addTo(all);
  }
  all.addTo(map);
  // where most of them are: a few far out do not make the city small
  const near = rows.flatMap((row) => row.points.slice(0, 1));
  const middle = (index: 0 | 1): number => near.map((point) => point[index]).sort((a, b) => a - b)[Math.floor(near.length / 2)] ?? 0;
  const centre = L.latLng(middle(0), middle(1));
  const close = near.filter((point) => centre.distanceTo(point) < 4000);
  const shown = close.length > near.length / 2 && near.length > 8 ? L.latLngBounds(close) : all.getBounds();
  map.fitBounds(shown.pad(0.12), { maxZoom: NEAREST });
  void ground(map);
}
