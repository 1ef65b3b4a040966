// Notices in a corner of the screen, for who asked for them in this browser (data-browser-notices). The page that leads
// /live shows them, so each is there once. Events hold ids alone: the words are fetched through the access check.
// Also: a request that is looked at counts as told, so its notices are marked read.
import { leads } from "./live.js";

const CHOICE = "browser-notices";
const AFTER = "browser-notices-after";
const ANSWERS = 200;
const GAP = 1000;

const channel = "BroadcastChannel" in window ? new BroadcastChannel("answerable-looked-at") : null;
const number = location.pathname.match(/^\/desk\/tickets\/(\d+)$/)?.[1];
const isLookedAt = (one) => one !== null && String(one) === number && document.visibilityState === "visible";
const isOn = () => localStorage.getItem(CHOICE) === "on" && window.Notification?.permission === "granted";
const shown = new Map();
const seenBy = new Set();
let timer = 0;
let busy = false;

if (channel)
  channel.onmessage = ({ data }) => {
    if (data.asks !== undefined && isLookedAt(data.asks)) channel.postMessage({ sees: data.asks });
    if (data.sees !== undefined) seenBy.add(String(data.sees));
  };

// Whether any page of this browser shows the request to somebody.
async function someoneLooks(one) {
  if (one === null || isLookedAt(one)) return isLookedAt(one);
  seenBy.delete(String(one));
  channel?.postMessage({ asks: one });
  await new Promise((resolve) => setTimeout(resolve, ANSWERS));
  return seenBy.has(String(one));
}

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

async function look() {
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

document.addEventListener("live", ({ detail }) => {
  if (detail.k === "notices" || detail.k === "refresh") timer ||= setTimeout(look, GAP);
});

// What the word in the bar says is unread, of the request on this page.
async function markSeen() {
  const unread = document.querySelector("[data-unread]")?.dataset.unread.split(" ") ?? [];
  if (!isLookedAt(number ?? null) || !unread.includes(number)) return;
  const body = new URLSearchParams({ csrfmiddlewaretoken: document.querySelector("[name=csrfmiddlewaretoken]").value });
  await fetch(`/desk/tickets/${number}/seen`, { method: "POST", body, redirect: "manual" }).catch(() => {});
}

if (number) {
  document.addEventListener("htmx:load", ({ detail }) => detail.elt.querySelector?.("[data-unread]") || detail.elt.matches?.("[data-unread]") ? markSeen() : 0);
  document.addEventListener("visibilitychange", markSeen);
}

// The choice, on the page of preferences: the browser asks for leave only after this click.
const card = document.querySelector("[data-browser-notices]");

function state() {
  if (!window.Notification) return "missing";
  if (Notification.permission === "denied") return "denied";
  return isOn() ? "on" : "off";
}

function tell() {
  for (const part of card.querySelectorAll("[data-when]")) part.hidden = part.dataset.when !== state();
}

async function turn(way) {
  if (way === "on" && (await Notification.requestPermission()) !== "granted") return;
  localStorage.setItem(CHOICE, way);
  // What came before nobody asked to be shown.
  localStorage.removeItem(AFTER);
  look();
}

if (card) {
  tell();
  card.addEventListener("click", async ({ target }) => {
    const way = target.closest("[data-turn]")?.dataset.turn;
    if (!way) return;
    await turn(way);
    tell();
    card.querySelector("[data-turn]:not([hidden])")?.focus();
  });
}

look();
