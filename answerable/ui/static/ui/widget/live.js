// What happens meanwhile: heard while the support center is open and in sight, asked for now and then while it is closed.
import { host, tell } from "./host.js";
import { say, words } from "./said.js";
import { ask, person } from "./session.js";
import { go, here, part } from "./view.js";

const POLL = 60_000;
let source = null;
let renewal = 0;
let wanted = "";
let timer = 0;

const request = () => document.querySelector("[data-request]");
const streams = () => [`person:${person()}`, ...(request() ? [request().dataset.stream] : [])].join(",");

export function unread(count) {
  tell("unread", { count });
}

function stop() {
  source?.close();
  source = null;
  clearTimeout(renewal);
}

// Listens to what is shown now; called again whenever that changes.
export async function listen(anew = false) {
  if (!person() || !host.open || document.hidden) return stop();
  if (!anew && source && source.readyState !== EventSource.CLOSED && wanted === streams()) return;
  const mine = (wanted = streams());
  const answer = await ask(`live?${new URLSearchParams({ streams: mine })}`).catch(() => null);
  if (!answer?.ok || mine !== wanted) return;
  const { token, seconds } = await answer.json();
  stop();
  source = new EventSource(`/live?t=${encodeURIComponent(token)}`);
  source.onmessage = () => {
    clearTimeout(timer);
    timer = setTimeout(look, 200);
  };
  renewal = setTimeout(listen, seconds * 700, true);
}

const LISTS = /^(home|requests(\?.*)?)$/;

async function look() {
  const isTyping = document.activeElement?.matches("input, textarea");
  if (LISTS.test(here()) && !isTyping) await go(here(), { focus: false });
  else if (request()) await refresh();
  news();
}

// The conversation alone: what is being written below it stays.
async function refresh() {
  const before = request();
  const answer = await ask(`requests/${before.dataset.request}`).catch(() => null);
  if (!answer?.ok || request() !== before) return;
  const fresh = part(await answer.text()).querySelector("[data-request]");
  const count = (root) => root.querySelectorAll(".message").length;
  const more = count(fresh) > count(before);
  before.replaceWith(fresh);
  if (more) say(words("answer"));
  seen();
}

export async function seen() {
  if (!request() || !host.open || document.hidden) return;
  const body = new URLSearchParams({ last: request().dataset.last });
  const answer = await ask(`requests/${request().dataset.request}/seen`, { method: "POST", body }).catch(() => null);
  if (answer?.ok) unread((await answer.json()).unread);
}

export async function news() {
  if (!person() || document.hidden) return;
  const answer = await ask("news").catch(() => null);
  if (answer?.ok) unread((await answer.json()).unread);
}

setInterval(() => !host.open && news(), POLL);
document.addEventListener("visibilitychange", () => listen());
