// What happens meanwhile is heard while the support center is open and in sight.
import { host } from "./host.js";
import { news, request, seen } from "./news.js";
import { part } from "./part.js";
import { say, words } from "./said.js";
import { ask, person } from "./session.js";
import { go, here } from "./view.js";

let source = null;
let renewal = 0;
let wanted = "";
let timer = 0;

const streams = () => [`person:${person()}`, ...(request() ? [request().dataset.stream] : [])].join(",");

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

document.addEventListener("visibilitychange", () => listen());
