// One-key shortcuts: data-key="r" clicks its element, or focuses a field; data-focus="#id" then puts the cursor there.
// "g q" is two keys, one after the other. They can be switched off (WCAG 2.1.4): desk/keys-list.js. Ctrl Enter sends what is
// being written.
import { FIELDS, actions, press } from "./actions.js";

const SECOND = 1500; // within so many milliseconds
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

document.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  if (event.target.matches("textarea")) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.target.form?.requestSubmit(event.target.form.querySelector("[data-send]"));
    if (event.key === "Escape") event.target.blur();
  }
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.target.matches(FIELDS)) return;
  if (document.querySelector("dialog[open]")) return;
  const found = isOn() && element(event.key);
  if (!found) return;
  event.preventDefault();
  press(found);
});

export { isOn };
