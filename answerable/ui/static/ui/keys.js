// One-key shortcuts: data-key="r" clicks its element, or focuses a field; data-focus="#id" then puts the cursor there.
// "g q" is two keys, one after the other. "?" opens the list of them, made of what is on the page, where they can also be
// switched off (WCAG 2.1.4). Ctrl Enter sends what is being written.
import { FIELDS, actions, label, press } from "./actions.js";

const SECOND = 1500; // within so many milliseconds
const help = document.querySelector("dialog[data-keys]");
const choice = help?.querySelector("input");
const isOn = () => localStorage.getItem("keys") !== "off";
let first = "";
let forget = 0;

function element(key) {
  const all = actions();
  const both = first && all.get(`${first} ${key}`);
  clearTimeout(forget);
  first = "";
  if (both || all.has(key)) return both || all.get(key);
  if ([...all.keys()].some((one) => one.startsWith(`${key} `))) {
    first = key;
    forget = setTimeout(() => (first = ""), SECOND);
  }
  return null;
}

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
  if (!help || help.open) return;
  list();
  help.showModal();
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  if (event.target.matches("textarea")) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.target.form?.requestSubmit(event.target.form.querySelector("[data-send]"));
    if (event.key === "Escape") event.target.blur();
  }
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.target.matches(FIELDS)) return;
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "?" && help) return void open();
  const found = isOn() && element(event.key);
  if (!found) return;
  event.preventDefault();
  press(found);
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-keys-open]")) open();
});

if (choice) {
  choice.checked = isOn();
  choice.addEventListener("change", () => localStorage.setItem("keys", choice.checked ? "on" : "off"));
}

export { isOn };
