// Notices in a corner of the screen, unless somebody looks at it already. Events hold ids: the words are asked for.
import { leads } from "../live.js";
import { someoneLooks } from "./looked-at.js";

export const CHOICE = "browser-notices";
export const AFTER = "browser-notices-after";
const GAP = 1000;
const shown = new Map();
let timer = 0;
let busy = false;

export const isOn = () => localStorage.getItem(CHOICE) === "on" && window.Notification?.permission === "granted";

function show(item) {
  const tag = `answerable-${item.number ?? item.id}`;
  const notification = new Notification(item.title, { body: item.text, tag, icon: document.querySelector("link[rel=icon]")?.href });
  shown.set(tag, { notification, id: item.id });
  notification.onclick = () => {
    notification.close();
    window.focus();
    // A window by this name is the one that an earlier click opened: it is focused, and no second one comes.
    if (location.pathname !== item.url) window.open(item.url, tag);
  };
  notification.onclose = () => shown.get(tag)?.notification === notification && shown.delete(tag);
}

export async function look() {
  timer = 0;
  if (busy || !leads() || !isOn()) return;
  busy = true;
  try {
    const after = localStorage.getItem(AFTER);
    const answer = await fetch(`/desk/notices/fresh${after ? `?after=${after}` : ""}`, { headers: { Accept: "application/json" }, redirect: "manual", cache: "no-store" });
    if (!answer.ok) return;
    const news = await answer.json();
    localStorage.setItem(AFTER, news.newest);
    for (const { notification, id } of [...shown.values()]) if (!news.unread.includes(id)) notification.close();
    for (const item of news.items) if (!(await someoneLooks(item.number))) show(item);
  } catch {
    // No network: the next event, or the next refresh, looks again.
  } finally {
    busy = false;
  }
}

export function soon() {
  timer ||= setTimeout(look, GAP);
}
