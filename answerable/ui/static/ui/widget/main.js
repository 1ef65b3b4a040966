// The support center in its frame: each behaviour is a module, and the host's page is spoken to by host.js alone.
import "../autosize.js";
import "../asked-for.js";
import "../chosen.js";
import "../countdown.js";
import "../flash.js";
import "../sheets.js";
import { begin } from "./ask.js";
import "./files.js";
import { host, on, tell } from "./host.js";
import { listen } from "./live.js";
import { news, seen } from "./news.js";
import { forgetAll, restore } from "./send.js";
import { renew } from "./session.js";
import { go, here, onShown } from "./view.js";
import { path } from "./where.js";

const root = document.documentElement;
root.style.setProperty("--hue-accent", root.dataset.hue);

const themed = (name) => (name ? (root.dataset.theme = name) : delete root.dataset.theme);

async function start(where) {
  const wanted = path(where);
  if (wanted || !here()) await ((wanted && (await go(wanted))) || go("home"));
  news();
  listen();
}

onShown((view) => {
  restore(view);
  begin(view);
  seen();
  listen();
});

on("hello", (told) => {
  themed(told.theme);
  tell("ready");
  start(told.where);
});
on("open", ({ where }) => {
  host.open = true;
  start(where);
  seen();
});
on("closed", () => {
  host.open = false;
  listen();
});
// Hosts say it often. Where it is somebody else, or nobody, nothing of before stays.
on("identified", async ({ knows }) => {
  host.knows = knows;
  if (!(await renew())) return;
  forgetAll();
  await go("home", { focus: false });
  news();
});
on("theme", ({ name }) => themed(name));
on("focus", ({ last }) => {
  const all = [...document.querySelectorAll("button, a[href], input:not([type=hidden]), textarea, select, summary")].filter((one) => one.checkVisibility());
  (last ? all.at(-1) : document.querySelector("#view h1"))?.focus();
});

document.addEventListener("keydown", (event) => event.key === "Escape" && !event.defaultPrevented && tell("close"));
