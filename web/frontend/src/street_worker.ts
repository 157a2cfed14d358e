// The service worker of the street pages: they open without a connection as they were seen last. Nothing is sent from here.
export {};

const CACHE = "street-1";
const scope = self as unknown as ServiceWorkerGlobalScope;

interface ExtendableEvent extends Event {
  waitUntil(promise: Promise<unknown>): void;
}
interface FetchEvent extends ExtendableEvent {
  request: Request;
  respondWith(response: Promise<Response>): void;
}
interface ServiceWorkerGlobalScope {
  addEventListener(kind: "install" | "activate", listener: (event: ExtendableEvent) => void): void;
  addEventListener(kind: "fetch", listener: (event: FetchEvent) => void): void;
  addEventListener(kind: "message", listener: (event: MessageEvent) => void): void;
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
  location: Location;
}

scope.addEventListener("install", (event) => event.waitUntil(scope.skipWaiting()));
scope.addEventListener("activate", (event) => event.waitUntil(scope.clients.claim()));
// whoever logs in next on this phone finds no page of the one before
scope.addEventListener("message", (event) => {
  if (event.data === "forget") void caches.delete(CACHE);
});

scope.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== scope.location.origin) return;
  if (url.pathname.startsWith("/static/dist/assets/")) event.respondWith(kept(request));
  else if (request.mode === "navigate" || url.pathname.startsWith("/files/") || url.pathname.startsWith("/static/")) event.respondWith(fresh(request));
});

async function kept(request: Request): Promise<Response> {
  return (await caches.match(request)) ?? fresh(request);
}

async function fresh(request: Request): Promise<Response> {
  try {
    const response = await fetch(request);
    // a page of the log-in is not the page that was asked for
    if (response.ok && !response.redirected && response.type === "basic") {
      const copy = response.clone();
      void caches.open(CACHE).then((cache) => cache.put(request, copy));
    }
    return response;
  } catch (error) {
    const found = await caches.match(request, { ignoreVary: true });
    if (found) return found;
    const home = request.mode === "navigate" ? await caches.match("/street/", { ignoreVary: true }) : undefined;
    if (home) return home;
    throw error;
  }
}
