// The live part of a report's page. Without it the page reloads itself; with it, it follows the
// server-sent events, and asks again and again where those cannot be had.
"use strict";

(() => {
  const page = document.querySelector("[data-live]");
  if (!page) return;
  const api = page.dataset.live;
  const offline = page.querySelector("[data-offline]");
  const bar = page.querySelector("[data-bar]");
  const elapsed = page.querySelector("[data-elapsed]");
  let since = page.dataset.since;
  let ended = false;

  const seconds = (total) => {
    if (total < 60) return `${total.toFixed(total < 10 ? 1 : 0)} s`;
    const minutes = Math.floor(total / 60);
    if (minutes < 60) return `${minutes} min ${Math.floor(total % 60)} s`;
    return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  };

  const text = (value, format) => {
    if (value === null || value === undefined) return "";
    if (format === "seconds") return seconds(value);
    return typeof value === "number" ? value.toLocaleString("en") : String(value);
  };

  const write = (element, value) => {
    if (element.textContent !== value) element.textContent = value;
  };

  const show = (status) => {
    if (status.finished) {
      ended = true;
      location.reload();
      return;
    }
    offline.hidden = true;
    for (const element of page.querySelectorAll("[data-field]")) {
      const value = element.dataset.field.split(".").reduce((all, name) => all && all[name], status);
      write(element, text(value, element.dataset.format));
      if (element.dataset.field === "import_status") element.className = `badge ${status.import_status}`;
    }
    if (status.import_status === "processing") bar.value = status.progress.percent;
    else bar.removeAttribute("value");
    page.querySelector("[data-queue]").hidden = !status.queue;
    page.querySelector("[data-estimate]").hidden = !status.queue || status.queue.estimated_seconds === null;
    since = status.started_at || status.queued_at || status.created_at || since;
    document.title = `${status.import_status} – report ${status.report_id}`;
  };

  const ask = async () => {
    if (ended) return;
    try {
      const answer = await fetch(`${api}/status`, { headers: { accept: "application/json" } });
      if (answer.ok) show(await answer.json());
      else if (answer.status === 404 || answer.status === 401) { ended = true; location.reload(); }
      else offline.hidden = false;
    } catch {
      offline.hidden = false;
    }
    if (!ended) setTimeout(ask, 2000);
  };

  const follow = () => {
    const events = new EventSource(`${api}/events`);
    events.addEventListener("status", (event) => {
      const status = JSON.parse(event.data);
      if (status.finished) events.close();
      show(status);
    });
    events.addEventListener("error", () => {
      if (ended) return;
      offline.hidden = false;
      // The browser opens a broken stream again by itself, but not one that was refused.
      if (events.readyState === EventSource.CLOSED) ask();
    });
  };

  setInterval(() => {
    if (since && !ended) write(elapsed, seconds(Math.max(0, (Date.now() - Date.parse(since)) / 1000)));
  }, 1000);

  if ("EventSource" in window) follow();
  else ask();
})();
