// Keeps the page for a visit without a network. The worker itself keeps runtime and model here, once
// they are loaded. All names but the page's own carry a hash of the content.

const PAGE = "./";
const SHELL = ["SHELL"]; // the build puts all small files here
const ALL = ["ALL"]; // and here all files
const CACHE = `colorlab ${self.registration.scope}`;
const newest = (name) => new Request(name, { cache: "no-cache" }); // not the browser's own copy
const absolute = (name) => new URL(name, self.registration.scope).href;

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll([newest(PAGE), ...SHELL])));
});

self.addEventListener("activate", (event) => {
  const current = new Set([PAGE, ...ALL].map(absolute));
  const tidied = caches.open(CACHE).then(async (cache) => {
    for (const { url } of await cache.keys()) if (!current.has(url)) await cache.delete(url);
    await self.clients.claim();
  });
  event.waitUntil(tidied);
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method != "GET") return;
  // The page itself comes from the network where there is one, so that a new version is seen at once.
  const answer = request.mode == "navigate"
    ? fetch(newest(request.url)).catch(() => caches.match(absolute(PAGE)))
    : caches.match(request).then((known) => known ?? fetch(request));
  event.respondWith(answer);
});
