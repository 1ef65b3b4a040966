// What is shown: parts of pages from our server, one at a time. The way back is kept here, not in the browser's history,
// which belongs to the host's page.
import { part } from "./part.js";
import { ask } from "./session.js";
import { fine, say, words } from "./said.js";

const view = document.querySelector("#view");
const back = document.querySelector("[data-back]");
const way = [];
const shown = [];
let asked = 0;

export const here = () => way.at(-1) ?? "";

// Called with each part that has been put in.
export function onShown(handler) {
  shown.push(handler);
}

export function put(html, { focus = true } = {}) {
  view.replaceChildren(part(html));
  document.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: view } }));
  back.hidden = way.length < 2;
  if (focus) {
    scrollTo(0, 0);
    view.querySelector("h1")?.focus({ preventScroll: true });
  }
  for (const handler of shown) handler(view);
}

export async function go(path, how = {}) {
  const mine = ++asked;
  try {
    const answer = await ask(path);
    if (!(await fine(answer)) || mine !== asked) return false;
    const html = await answer.text();
    if (mine !== asked) return false;
    if (path === "home") way.length = 0;
    if (here() !== path) way.push(path);
    put(html, how);
    return true;
  } catch {
    say(words("offline"), true);
    return false;
  }
}

function goBack() {
  way.pop();
  go(way.pop() ?? "home");
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-go]");
  if (!button) return;
  event.preventDefault();
  if ("back" in button.dataset) goBack();
  else go(button.dataset.go);
});

document.addEventListener("submit", (event) => {
  if (!("search" in event.target.dataset)) return;
  event.preventDefault();
  go(`search?${new URLSearchParams({ q: new FormData(event.target).get("q") })}`);
});
