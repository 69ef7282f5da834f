/* The desk's clock and the sign that the page has gone silent. Everything else the server draws. */
(() => {
  "use strict";
  const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
  const SILENT_AFTER_MS = 15000;
  const started = new WeakMap();
  let heard = performance.now();

  const pad = (n) => String(n).padStart(2, "0");

  function show(clock) {
    if (!started.has(clock)) started.set(clock, performance.now());
    const passed = clock.dataset.ended === "1" ? 0 : performance.now() - started.get(clock);
    const at = new Date(Number(clock.dataset.at) + passed * Number(clock.dataset.speed));
    clock.textContent =
      `${DAYS[at.getUTCDay()]} ${at.getUTCFullYear()}-${pad(at.getUTCMonth() + 1)}-${pad(at.getUTCDate())} ` +
      `${pad(at.getUTCHours())}:${pad(at.getUTCMinutes())}:${pad(at.getUTCSeconds())}`;
  }

  function beat() {
    document.querySelectorAll(".mtq-clock").forEach(show);
    const desk = document.getElementById("mtq-desk");
    const watched = desk && document.visibilityState === "visible";
    if (watched) desk.classList.toggle("mtq-is-silent", performance.now() - heard > SILENT_AFTER_MS);
  }

  document.addEventListener("htmx:afterRequest", (event) => {
    if (!event.detail.successful || event.detail.pathInfo?.requestPath?.indexOf("/desk/") < 0) return;
    heard = performance.now();
    // A session that ended answers with the login page: go there instead of swapping it in.
    if (event.detail.xhr.responseURL.includes("/login/")) window.location.reload();
  });
  document.addEventListener("visibilitychange", () => {
    heard = performance.now();
  });
  setInterval(beat, 250);
})();
