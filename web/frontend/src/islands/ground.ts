// The ground of schematic maps: towns and communities as named dots, no tiles, nothing fetched from elsewhere.
import * as L from "leaflet";

type Place = { name: string; kind: string; lat: number; lon: number };

export async function ground(map: L.Map): Promise<void> {
  const answer = await fetch("/places.json", { headers: { Accept: "application/json" } });
  if (!answer.ok) return;
  const near = L.layerGroup();
  for (const place of (await answer.json()) as Place[]) {
    const town = place.kind === "street" || place.kind === "town" || place.kind === "district";
    if (!town && place.kind !== "community") continue;
    const dot = L.circleMarker([place.lat, place.lon], { radius: town ? 6 : 3, weight: 1.5, className: town ? "place-town" : "place-small", interactive: false });
    dot.bindTooltip(place.name, { permanent: true, direction: "right", offset: [6, 0], className: town ? "place-name" : "place-name place-name-small", interactive: false });
    dot.addTo(town ? map : near);
  }
  const shown = (): void => {
    if (map.getZoom() >= 14) near.addTo(map);
    else near.remove();
  };
  map.on("zoomend", shown);
  shown();
}
