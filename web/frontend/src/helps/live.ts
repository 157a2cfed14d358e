// Pages follow what changes: the server says that something of the reader's changed, and the page fetches itself and takes over its live
// parts ([data-live] with an id); where one says so (data-gone) the page is made anew when that part has gone. Only a page that is looked at listens; where listening does not work it asks once a minute.
const POLL = 60_000;
const SOON = 2_000;
const said = document.getElementById("live-said");

let stream: EventSource | null = null;
let timer = 0;
let pending = 0;
let busy = false;
let again = false;
let opened = false;
let ended = false;

// The stream was there and is being sought again: so is the server, and asking it for pages would only fail. Its return is heard.
function away(): boolean {
  return opened && stream?.readyState === EventSource.CONNECTING;
}

function parts(root: ParentNode): HTMLElement[] {
  return Array.from(root.querySelectorAll<HTMLElement>("[data-live][id]"));
}

// What differs each time by itself: keys of forms, and how long ago something was.
function plain(part: HTMLElement): string {
  const copy = part.cloneNode(true) as HTMLElement;
  for (const field of copy.querySelectorAll("input[name=csrf_token], input[name=idempotency_key]")) field.remove();
  for (const row of copy.querySelectorAll(".row-new")) row.classList.remove("row-new");
  for (const row of copy.querySelectorAll("[class='']")) row.removeAttribute("class");
  for (const one of copy.querySelectorAll("[hidden]")) one.removeAttribute("hidden");
  return copy.innerHTML.replace(/\s+/g, " ");
}

function rows(part: ParentNode): Map<string, HTMLElement> {
  return new Map(Array.from(part.querySelectorAll<HTMLElement>("[data-row]"), (row) => [row.dataset.row ?? "", row]));
}

// Somebody is in the middle of something here: typing, or in an open menu.
function inUse(part: HTMLElement): boolean {
  const here = document.activeElement;
  const typing = here instanceof HTMLInputElement && here.type !== "checkbox";
  return (part.contains(here) && (typing || here instanceof HTMLSelectElement || here instanceof HTMLTextAreaElement)) || part.querySelector("details[open]") !== null;
}

function take(old: HTMLElement, fresh: HTMLElement): boolean {
  if (plain(old) === plain(fresh)) return false;
  const before = rows(old);
  const ticked = new Set(Array.from(old.querySelectorAll<HTMLInputElement>("input[name=ref]:checked"), (box) => box.value));
  const here = document.activeElement instanceof HTMLElement && old.contains(document.activeElement) ? document.activeElement : null;
  const row = here?.closest<HTMLElement>("[data-row]")?.dataset.row;
  const place = row === undefined ? -1 : Array.from(before.keys()).indexOf(row);
  const what = here?.matches("input") ? "input" : here?.matches(".act *") ? ".act a, .act button" : ".row-title";
  const label = here?.getAttribute("aria-label");
  old.replaceWith(fresh);
  const after = rows(fresh);
  for (const [key, one] of after) {
    if (before.size && !before.has(key)) one.classList.add("row-new");
    const box = one.querySelector<HTMLInputElement>("input[name=ref]");
    if (box && ticked.has(key)) box.checked = true;
  }
  if (here) {
    // The row that had the focus keeps it; when it went, the one that took its place has it.
    const next = after.get(row ?? "") ?? Array.from(after.values())[Math.min(place, after.size - 1)];
    const target = next?.querySelector<HTMLElement>(what) ?? (label ? fresh.querySelector<HTMLElement>(`[aria-label="${CSS.escape(label)}"]`) : null);
    target?.focus({ preventScroll: true });
  }
  document.dispatchEvent(new CustomEvent("live:taken", { detail: fresh }));
  return true;
}

// A dialog gives the focus back to where it was: nothing is taken away from under it. What changed comes when it closes.
function covered(): boolean {
  const dialog = document.querySelector("dialog[open]");
  dialog?.addEventListener("close", soon, { once: true });
  return dialog !== null;
}

async function refresh(): Promise<void> {
  if (covered()) return plan();
  if (busy || ended) {
    again = true;
    return;
  }
  if (away()) return plan();
  busy = true;
  again = false;
  const asked = location.href;
  try {
    const answer = await fetch(asked, { headers: { "X-Refresh": "1" }, credentials: "same-origin" });
    if (answer.status === 401 || answer.redirected) return stop();
    if (!answer.ok || asked !== location.href) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (covered()) return;
    let changed = false;
    for (const old of parts(document)) {
      const fresh = page.getElementById(old.id);
      if (!fresh && old.dataset.gone === "reload" && !(document.activeElement instanceof HTMLInputElement)) return location.reload();
      if (!fresh || inUse(old)) continue;
      const took = take(old, document.importNode(fresh, true));
      changed ||= took && old.id !== "bell";
    }
    if (changed && said) {
      said.textContent = "";
      window.setTimeout(() => (said.textContent = said.dataset.changed ?? ""), 100);
    }
  } catch {
    // Away for a moment: the next round asks again.
  } finally {
    busy = false;
    plan();
    if (again) soon();
  }
}

// Several changes within a moment are one.
function soon(): void {
  window.clearTimeout(pending);
  pending = window.setTimeout(() => void refresh(), 250);
}

function plan(): void {
  window.clearTimeout(timer);
  if (document.hidden || ended) return;
  timer = window.setTimeout(() => void refresh(), document.querySelector("[data-soon]") ? SOON : POLL);
}

function stop(): void {
  ended = true;
  stream?.close();
  stream = null;
  window.clearTimeout(timer);
  if (said) {
    said.textContent = said.dataset.ended ?? "";
    said.classList.remove("visually-hidden");
  }
}

function listen(): void {
  if (stream || ended || document.hidden) return;
  const age = opened ? 1_000_000 : Math.round(performance.now());
  const about = document.querySelector<HTMLElement>("[data-live-case]")?.dataset.liveCase;
  stream = new EventSource(`/live?age=${age}${about ? `&case=${about}` : ""}`);
  stream.addEventListener("open", () => {
    if (opened) soon(); // it was away: whatever happened meanwhile
    opened = true;
  });
  stream.addEventListener("inbox", soon);
  stream.addEventListener("notice", soon);
  stream.addEventListener("ended", stop);
  stream.addEventListener("error", () => {
    // Closed for good: no room, or logged out. The slow round learns which.
    if (stream?.readyState === EventSource.CLOSED) stream = null;
  });
}

function rest(): void {
  stream?.close();
  stream = null;
  window.clearTimeout(timer);
}

if (said && "EventSource" in window) {
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return rest();
    listen();
    plan();
  });
  window.addEventListener("pagehide", rest);
  window.addEventListener("pageshow", () => {
    listen();
    plan();
  });
}
