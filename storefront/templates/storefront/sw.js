// Keeps the offline page and the style sheet at hand; everything else always comes from the network.
const NAME = "quancheng-1", OFFLINE = "{{ offline|escapejs }}", KEPT = [OFFLINE, "{{ css|escapejs }}", "{{ icon|escapejs }}", "{{ icons|escapejs }}", "{{ js|escapejs }}"];
self.addEventListener("install", (event) => event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(KEPT)).then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  if (event.request.mode === "navigate") event.respondWith(fetch(event.request).catch(() => caches.match(OFFLINE)));
  else if (KEPT.includes(new URL(event.request.url).pathname)) event.respondWith(fetch(event.request).catch(() => caches.match(event.request)));
});
