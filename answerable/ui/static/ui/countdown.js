// Keeps times true while a page stays open: [data-due] counts down, [data-since] grows older.
// The server's clock rules: [data-now] says what time it was there when the page or fragment was made.
const MINUTE = 60;
const HOUR = 3600;
const DAY = 86400;
let ahead = 0;

export function countdown(left) {
  return left < 0 ? `−${span(-left)}` : span(left);
}

function span(seconds) {
  const minutes = Math.floor(seconds / MINUTE);
  const hours = Math.floor(seconds / HOUR);
  if (seconds < MINUTE) return `${seconds} s`;
  if (seconds < HOUR) return `${minutes} m`;
  if (seconds < DAY) return `${hours} h ${String(minutes % 60).padStart(2, "0")}`;
  return seconds < 2 * DAY ? `${hours} h` : `${Math.floor(seconds / DAY)} d`;
}

function inWords(seconds) {
  return span(seconds).replace(/ m$/, " min");
}

function seconds(text) {
  return Math.floor(Date.parse(text) / 1000);
}

function count(promise, now) {
  const due = seconds(promise.dataset.due);
  const start = seconds(promise.dataset.start);
  const left = due - now;
  promise.querySelector("time").textContent = "words" in promise.dataset ? inWords(Math.abs(left)) : countdown(left);
  const bar = promise.querySelector("progress");
  if (bar) bar.value = due > start ? Math.max(0, Math.min(100, Math.floor((100 * (now - start)) / (due - start)))) : 100;
  promise.classList.toggle("is-broken", left < 0);
  promise.classList.toggle("is-risk", left >= 0 && left < HOUR);
  return Math.abs(left);
}

function age(time, now) {
  const old = now - seconds(time.dateTime);
  if (old >= MINUTE && old < DAY) time.firstElementChild.textContent = old < HOUR ? `${Math.floor(old / MINUTE)} m` : `${Math.floor(old / HOUR)} h`;
}

function tick() {
  const now = Math.floor((Date.now() + ahead) / 1000);
  let nearest = Infinity;
  for (const promise of document.querySelectorAll("[data-due]")) nearest = Math.min(nearest, count(promise, now));
  for (const time of document.querySelectorAll("time[data-since]")) age(time, now);
  setTimeout(tick, nearest <= MINUTE ? 1000 : 15000);
}

function setClock(root) {
  const stamped = root.matches?.("[data-now]") ? root : root.querySelector("[data-now]");
  if (stamped) ahead = Date.parse(stamped.dataset.now) - Date.now();
}

document.addEventListener("htmx:load", (event) => setClock(event.detail.elt));
setClock(document);
tick();
