// Whether this browser shows notices (data-browser-notices): it is asked for leave after a click, and only then.
import { AFTER, CHOICE, isOn, look } from "./browser-notices.js";

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
