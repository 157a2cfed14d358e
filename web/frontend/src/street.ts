// 城管通: what somebody writes in the street survives a lost connection, a closed page and an empty battery. Forms are kept on the phone
// while they are written; sent without a connection they wait there, and go out, each under the idempotency key it was written with,
// when there is one again: once, however often it was tried.
import "./street.css";
import { createStore, del, entries, get, set } from "idb-keyval";

const page = document.querySelector<HTMLElement>("#street");
if (page) begin(page);

type Fields = [string, string | File][];
const SIGNATURE = new Set(["_drawn", "_signed", "_signature"]); // given for one sending, never taken out of a draft unseen

interface Waiting {
  person: string;
  action: string;
  back: string;
  title: string;
  fields: Fields;
  at: number;
  problem?: string;
}

function begin(root: HTMLElement): void {
  const said = (name: string): string => root.dataset[name] ?? "";
  const person = said("person");
  const outbox = createStore("liandong-outbox", "waiting");
  const drafts = createStore("liandong-drafts", "drafts");
  const list = root.querySelector<HTMLElement>("[data-outbox-list]");
  const card = root.querySelector<HTMLElement>("[data-outbox]");
  let sending = false;

  void install();
  for (const form of root.querySelectorAll<HTMLFormElement>("form[data-street]")) {
    offerUsual(form);
    takePlace(form);
    void keep(form);
    form.addEventListener("submit", (event) => {
      if (event.defaultPrevented) return; // photos are still being made smaller
      event.preventDefault();
      void hand(form);
    });
  }
  distance();
  online();
  window.addEventListener("online", () => { online(); void sendAll(); });
  window.addEventListener("offline", online);
  void show().then(sendAll);
  window.setInterval(() => void sendAll(), 30_000);

  function online(): void {
    const note = root.querySelector<HTMLElement>("[data-offline-note]");
    if (!note) return;
    note.hidden = navigator.onLine;
    note.textContent = navigator.onLine ? "" : said("offline");
  }

  async function install(): Promise<void> {
    if (!("serviceWorker" in navigator)) return;
    await navigator.serviceWorker.register(said("worker"), { type: "module" });
    const registration = await navigator.serviceWorker.ready;
    const before = localStorage.getItem("street-person");
    if (before !== null && before !== person) registration.active?.postMessage("forget");
    localStorage.setItem("street-person", person);
    document.querySelector("form[action$='/logout'], form[action*='log-out']")?.addEventListener("submit", () => registration.active?.postMessage("forget"));
  }

  // ---------------------------------------------------------- drafts

  async function keep(form: HTMLFormElement): Promise<void> {
    const key = `${person} ${form.getAttribute("action") ?? ""}`;
    form.dataset.draft = key;
    const before = await get<Fields>(key, drafts);
    if (before && !form.querySelector("[data-problems]")) {
      fill(form, before);
      const note = document.createElement("p");
      note.className = "note";
      note.setAttribute("role", "status");
      const again = document.createElement("button");
      again.type = "button";
      again.className = "btn btn-small";
      again.textContent = said("discard");
      again.addEventListener("click", () => void del(key, drafts).then(() => location.reload()));
      note.append(said("restored") + " ", again);
      form.prepend(note);
    }
    let timer = 0;
    const later = (): void => {
      window.clearTimeout(timer);
      timer = window.setTimeout(() => void set(key, fieldsOf(form).filter(([name]) => !SIGNATURE.has(name)), drafts), 400);
    };
    form.addEventListener("input", later);
    form.addEventListener("change", later);
    form.addEventListener("place:found", later);
  }

  function fieldsOf(form: HTMLFormElement): Fields {
    const found: Fields = [];
    for (const [name, value] of new FormData(form)) {
      if (name === "csrf_token") continue; // of this session; a fresh one is asked for
      if (value instanceof File && !value.name) continue;
      found.push([name, value]);
    }
    return found;
  }

  function fill(form: HTMLFormElement, fields: Fields): void {
    const files = new Map<string, DataTransfer>();
    const marked = form.querySelectorAll<HTMLInputElement>("input[type=checkbox], input[type=radio]");
    for (const input of marked) input.checked = false;
    for (const [name, value] of fields) {
      if (value instanceof File) {
        const transfer = files.get(name) ?? new DataTransfer();
        transfer.items.add(value);
        files.set(name, transfer);
        continue;
      }
      for (const control of form.elements) {
        if (control instanceof HTMLInputElement && control.name === name) {
          if (control.type === "checkbox" || control.type === "radio") control.checked ||= control.value === value;
          else if (control.type !== "file") control.value = value;
        } else if ((control instanceof HTMLTextAreaElement || control instanceof HTMLSelectElement) && control.name === name) {
          control.value = value;
        }
      }
    }
    for (const [name, transfer] of files) {
      const input = form.querySelector<HTMLInputElement>(`input[type=file][name="${CSS.escape(name)}"]`);
      if (!input) continue;
      input.files = transfer.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    }
    form.dispatchEvent(new Event("change", { bubbles: true }));
  }

  // ---------------------------------------------------------- sending

  async function hand(form: HTMLFormElement): Promise<void> {
    const fields = fieldsOf(form);
    const key = String(fields.find(([name]) => name === "idempotency_key")?.[1] ?? crypto.randomUUID());
    const named = form.dataset.name ? fields.find(([name]) => name === form.dataset.name)?.[1] : undefined;
    const waiting: Waiting = {
      person,
      action: form.getAttribute("action") ?? "",
      back: location.pathname,
      title: [form.dataset.title, typeof named === "string" ? named : ""].filter(Boolean).join(" · "),
      fields,
      at: Date.now(),
    };
    await set(key, waiting, outbox);
    const answer = navigator.onLine ? await send(key, waiting) : "later";
    if (answer === "done") {
      await del(form.dataset.draft ?? "", drafts);
      location.assign("/street/");
      return;
    }
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
    if (answer === "refused") {
      // here its writer can change it; nothing waits for it
      const found = await get<Waiting>(key, outbox);
      await del(key, outbox);
      tell(form, found?.problem ?? "", "note-bad");
      await show();
      return;
    }
    await del(form.dataset.draft ?? "", drafts);
    sessionStorage.setItem("street-said", said("kept"));
    location.assign("/street/");
  }

  function tell(form: HTMLFormElement, words: string, kind: string): void {
    const place = form.querySelector<HTMLElement>("[data-said]");
    if (!place) return;
    const note = document.createElement("p");
    note.className = `note ${kind}`;
    note.textContent = words;
    place.replaceChildren(note);
    place.scrollIntoView({ block: "center" });
  }

  async function send(key: string, waiting: Waiting): Promise<"done" | "later" | "refused"> {
    let problem = "";
    try {
      const asked = await fetch(said("token"), { headers: { Accept: "application/json" }, cache: "no-store" });
      if (asked.status === 401) return await note(key, waiting, said("login"), "later");
      if (!asked.ok) return "later";
      const token = (await asked.json()) as { person: number; csrf: string };
      if (String(token.person) !== waiting.person) return await note(key, waiting, said("other"), "later");
      const body = new FormData();
      for (const [name, value] of waiting.fields) body.append(name, value);
      body.append("csrf_token", token.csrf);
      const response = await fetch(waiting.action, { method: "POST", body, headers: { Accept: "application/json" } });
      if (response.ok) {
        const told = (await response.json()) as { done?: string };
        sessionStorage.setItem("street-said", told.done ?? "");
        await del(key, outbox);
        return "done";
      }
      if (response.status >= 500 || response.status === 408 || response.status === 429) return "later";
      problem = words(await response.json());
    } catch {
      return "later"; // no connection after all
    }
    return await note(key, waiting, problem, "refused");
  }

  async function note(key: string, waiting: Waiting, problem: string, answer: "later" | "refused"): Promise<"later" | "refused"> {
    await set(key, { ...waiting, problem }, outbox);
    return answer;
  }

  function words(body: { zh?: string; en?: string; problems?: { zh: string; en: string }[] }): string {
    const chinese = document.documentElement.lang.startsWith("zh");
    const one = (part: { zh?: string; en?: string }): string => (chinese ? part.zh : part.en) ?? "";
    return [one(body), ...(body.problems ?? []).map(one)].filter(Boolean).join(chinese ? " " : " ");
  }

  async function sendAll(): Promise<void> {
    if (sending || !navigator.onLine) return;
    sending = true;
    try {
      let done = 0;
      for (const [key, waiting] of await entries<string, Waiting>(outbox)) {
        if (waiting.person !== person) continue;
        if (waiting.problem && waiting.problem !== said("login")) continue; // its writer must look at it
        if ((await send(key, waiting)) === "done") done += 1;
      }
      await show();
      if (done && !root.querySelector("form[data-street]")) location.reload();
    } finally {
      sending = false;
    }
  }

  async function show(): Promise<void> {
    if (!list || !card) return;
    const all = (await entries<string, Waiting>(outbox)).filter(([, one]) => one.person === person).sort(([, a], [, b]) => a.at - b.at);
    card.hidden = all.length === 0;
    list.replaceChildren(...all.map(([key, one]) => line(key, one)));
    // a task that is written already and only waits to be sent need not be done again
    for (const link of root.querySelectorAll<HTMLAnchorElement>("a.street-open")) {
      link.parentElement?.classList.toggle("street-waits", all.some(([, one]) => one.action === link.getAttribute("href")));
    }
    const words = sessionStorage.getItem("street-said");
    if (words && !root.querySelector("form[data-street]")) {
      sessionStorage.removeItem("street-said");
      const note = document.createElement("p");
      note.className = "note note-good";
      note.setAttribute("role", "status");
      note.textContent = words;
      root.prepend(note);
    }
  }

  function line(key: string, one: Waiting): HTMLElement {
    const item = document.createElement("li");
    const title = document.createElement("strong");
    title.textContent = one.title;
    const when = document.createElement("span");
    when.className = "row-more";
    when.textContent = new Date(one.at).toLocaleString(document.documentElement.lang, { dateStyle: "short", timeStyle: "short" });
    item.append(title, when);
    if (one.problem) {
      const problem = document.createElement("span");
      problem.className = "row-more street-problem";
      problem.textContent = one.problem;
      const again = document.createElement("button");
      again.type = "button";
      again.className = "btn btn-small";
      again.textContent = said("again");
      again.addEventListener("click", () => {
        const draft: Fields = one.fields.filter(([name]) => name !== "idempotency_key" && !SIGNATURE.has(name));
        void set(`${one.person} ${one.action}`, draft, drafts).then(() => del(key, outbox)).then(() => location.assign(one.back));
      });
      item.append(problem, again);
    }
    const gone = document.createElement("button");
    gone.type = "button";
    gone.className = "btn btn-small";
    gone.textContent = said("throw");
    gone.addEventListener("click", () => {
      if (window.confirm(said("sure"))) void del(key, outbox).then(show);
    });
    item.append(gone);
    return item;
  }

  // ---------------------------------------------------------- place

  function offerUsual(form: HTMLFormElement): void {
    const template = form.querySelector<HTMLTemplateElement>("template[data-usual]");
    const title = form.elements.namedItem("title");
    if (!template || !(title instanceof HTMLInputElement)) return;
    title.after(template.content.cloneNode(true));
    form.addEventListener("click", (event) => {
      const button = event.target;
      if (!(button instanceof HTMLButtonElement) || !button.closest(".street-usual")) return;
      title.value = button.value;
      title.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }

  /** Ask the phone where it is as soon as a report is begun; the community nearest to it is proposed. */
  function takePlace(form: HTMLFormElement): void {
    const source = document.querySelector("#areas");
    if (!source) return;
    const areas = JSON.parse(source.textContent ?? "[]") as { key: string; lat: number; lon: number }[];
    form.addEventListener("place:found", (event) => {
      const at = (event as CustomEvent<{ lat: string; lon: string }>).detail;
      const chosen = form.elements.namedItem("area");
      if (!(chosen instanceof HTMLSelectElement) || chosen.value || !areas.length) return;
      const near = areas.map((one) => [metres(Number(at.lat), Number(at.lon), one.lat, one.lon), one.key] as const).sort((a, b) => a[0] - b[0])[0];
      if (near && near[0] < 5000) {
        chosen.value = near[1];
        chosen.dispatchEvent(new Event("change", { bubbles: true }));
      }
    });
    form.querySelector<HTMLButtonElement>("button[data-here]:not([hidden])")?.click();
  }

  function distance(): void {
    const places = root.querySelectorAll<HTMLElement>("[data-distance]");
    if (!places.length || !("geolocation" in navigator)) return;
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      for (const place of places) {
        const far = metres(coords.latitude, coords.longitude, Number(place.dataset.lat), Number(place.dataset.lon));
        place.textContent = far < 950 ? `${String(Math.round(far / 10) * 10)} m` : `${(far / 1000).toFixed(1)} km`;
      }
    });
  }

  function metres(lat: number, lon: number, otherLat: number, otherLon: number): number {
    const rad = Math.PI / 180;
    const x = (otherLon - lon) * rad * Math.cos(((lat + otherLat) / 2) * rad);
    return Math.hypot(x, (otherLat - lat) * rad) * 6_371_000;
  }
}
