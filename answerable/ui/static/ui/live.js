// Live pages. <body data-live-token="…" data-live-url="/desk/live?…"> says what a page may hear, and where it gets a
// fresh token ({"token": "…"}). A part marked data-live-on="desk ticket:5:staff" gets a "live" event (hx-trigger="live")
// when something happened there; the document gets one for each event, ids in `detail`. {k: "refresh"}: look at all again.
//
// Browsers allow six connections a host, so the tabs of a browser share one: whoever holds the lock leads and tells the others.
import { Stream } from "./live-stream.js";

const NAME = "answerable-live";
const SOON = 150;
const GAP = 1000;
const HIDDEN_GAP = 5000;
const AWAY = 10000;

const tab = Math.random().toString(36).slice(2);
const shared = "locks" in navigator && "BroadcastChannel" in window;
let mine = null;
let channel, stream, release, waiting, renewal, renewing;

// Whether this page holds the browser's connection, so that what shall happen once a browser is this page's to do.
export const leads = () => Boolean(stream);

function start() {
  if (shared) {
    channel = new BroadcastChannel(NAME);
    channel.onmessage = ({ data }) => handle(data);
    waiting = new AbortController();
    elect(waiting.signal);
  } else if (!document.hidden) lead(false);
}

function stop() {
  post({ do: "bye", tab });
  waiting?.abort();
  stream?.close();
  stream = null;
  release?.();
  channel?.close();
  channel = null;
}

// Whoever takes over from another tab may have missed something meanwhile.
function elect(signal) {
  const { locks } = navigator;
  const wait = () => locks.request(NAME, { signal }, () => lead(true)).catch(() => {});
  locks.request(NAME, { ifAvailable: true }, (lock) => !signal.aborted && (lock ? lead(false) : wait()));
}

function lead(missed) {
  stream = new Stream((event) => post({ do: "hear", event }), () => post({ do: "renew" }), missed);
  post({ do: "who" });
  return new Promise((resolve) => (release = resolve));
}

// To every tab of this browser, this one too.
function post(message) {
  channel?.postMessage(message);
  handle(message);
}

function handle(message) {
  if (message.do === "hear") hear(message.event);
  if (message.do === "renew") renew();
  if (message.do === "who" && mine) post({ do: "here", tab, pass: mine });
  if (message.do === "here") stream?.put(message.tab, message.pass);
  if (message.do === "bye") stream?.drop(message.tab);
}

// A token's first part names its streams (s) and its life in seconds (n). A margin stays for clocks and slow lines.
function take(token) {
  const { s, n } = JSON.parse(atob(token.split(":")[0].replaceAll("-", "+").replaceAll("_", "/")));
  mine = { token, streams: s, url: document.body.dataset.liveUrl, until: Date.now() + n * 900 };
  clearTimeout(renewal);
  renewal = setTimeout(renew, n * 700);
  post({ do: "here", tab, pass: mine });
}

// True once there is a fresh token. Refused (access has ended, logged out): the page stays as it is.
async function renew() {
  if (renewing) return false;
  renewing = true;
  clearTimeout(renewal);
  try {
    const answer = await fetch(document.body.dataset.liveUrl, { headers: { Accept: "application/json" }, redirect: "manual", cache: "no-store" });
    if (answer.ok) {
      take((await answer.json()).token);
      return true;
    }
    if (answer.type === "opaqueredirect" || [401, 403, 404].includes(answer.status)) {
      mine = null;
      post({ do: "bye", tab });
      return false;
    }
  } catch {
    // No network: tried again below.
  } finally {
    renewing = false;
  }
  renewal = setTimeout(renew, 5000 + Math.random() * 5000);
  return false;
}

function hear(event) {
  const all = event.k === "refresh";
  if (!all && !mine?.streams.includes(event.s)) return;
  document.dispatchEvent(new CustomEvent("live", { detail: event }));
  touch(all ? "*" : event.s);
}

// A hundred events in a second are one or two fetches, not a hundred; a tab that nobody sees asks less often still.
const touched = new Set();
let timer = 0;
let last = 0;

function touch(name) {
  touched.add(name);
  timer ||= setTimeout(fire, Math.max(SOON, last + (document.hidden ? HIDDEN_GAP : GAP) - Date.now()));
}

function fire() {
  const names = new Set(touched);
  touched.clear();
  timer = 0;
  last = Date.now();
  for (const part of document.querySelectorAll("[data-live-on]"))
    if (names.has("*") || part.dataset.liveOn.split(" ").some((name) => names.has(name))) part.dispatchEvent(new CustomEvent("live"));
}

// Asks for a token first: that fails silently while there is no server, and a fragment's fetch would not.
async function lookAgain() {
  if (await renew()) hear({ k: "refresh" });
}

let hiddenAt = 0;

function seen() {
  if (!shared) document.hidden ? stop() : start();
  if (document.hidden) hiddenAt = Date.now();
  else if (!shared || Date.now() - hiddenAt > AWAY) lookAgain();
}

if (document.body.dataset.liveToken) {
  start();
  take(document.body.dataset.liveToken);
  document.addEventListener("visibilitychange", seen);
  addEventListener("online", lookAgain);
  addEventListener("pagehide", stop);
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    start();
    lookAgain();
  });
}
