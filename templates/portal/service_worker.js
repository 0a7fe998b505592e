{% load static %}/* Keeps the page for when there is no network, and its looks. Pages about somebody's account are never kept. */
"use strict";

const PAGE = "{% url 'offline' %}";
const LOOKS = [
  "{% static 'vendor/bootstrap-5.3.9/bootstrap-reboot.min.css' %}",
  "{% static 'css/tokens.css' %}",
  "{% static 'css/dark.css' %}",
  "{% static 'css/hall.css' %}",
  "{% static 'img/mark.svg' %}",
  "{% static 'img/kite.svg' %}",
  "{% static 'img/icons.svg' %}",
];
const KEPT = "offline " + LOOKS.join(" ");

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(KEPT).then((kept) => kept.addAll([PAGE, ...LOOKS])).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name !== KEPT).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  if (method !== "GET") return;
  if (mode === "navigate") {
    event.respondWith(fetch(event.request).catch(() => caches.match(PAGE)));
  } else if (LOOKS.includes(new URL(url).pathname)) {
    event.respondWith(fetch(event.request).catch(() => caches.match(new URL(url).pathname)));
  }
});
