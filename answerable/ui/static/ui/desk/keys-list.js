// "?" opens the list of the keys, made of what is on the page, where they can also be switched off (WCAG 2.1.4).
import { FIELDS, actions, label } from "../actions.js";
import { isOn } from "../keys.js";

const help = document.querySelector("dialog[data-keys]");
const choice = help.querySelector("input");

function list() {
  const keys = help.querySelector(".keys");
  keys.querySelectorAll("[data-listed]").forEach((one) => one.remove());
  const known = new Set([...keys.querySelectorAll("kbd")].map((one) => one.textContent));
  const before = keys.firstChild;
  for (const [key, one] of actions()) {
    if (known.has(key)) continue;
    const term = document.createElement("dt");
    for (const part of key.split(" ")) {
      const kbd = document.createElement("kbd");
      kbd.className = "key";
      kbd.textContent = part;
      term.append(kbd, " ");
    }
    const what = document.createElement("dd");
    what.textContent = label(one);
    term.dataset.listed = what.dataset.listed = "";
    keys.insertBefore(term, before);
    keys.insertBefore(what, before);
  }
}

function open() {
  if (help.open) return;
  list();
  help.showModal();
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "?" || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches(FIELDS) || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  open();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-keys-open]")) open();
});

choice.checked = isOn();
choice.addEventListener("change", () => localStorage.setItem("keys", choice.checked ? "on" : "off"));
