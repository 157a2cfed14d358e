// Whoever logs out, wherever that is, leaves no page of the street on the phone; nor does whoever's session ended find one at the log-in.
const CACHE = "street-1"; // street_worker.ts

document.addEventListener("submit", (event) => {
  if (event.target instanceof HTMLFormElement && event.target.action.endsWith("/logout")) forget();
});
if (location.pathname === "/login") forget();

function forget(): void {
  if ("caches" in window) void caches.delete(CACHE);
}
