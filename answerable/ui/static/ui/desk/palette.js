// The palette: Ctrl K, or typing into the top bar's search. The focus stays in the field; arrows choose an option (a
// combobox with a listbox). Requests, people and organizations come from the server, the rest from the page itself.
import { press } from "../actions.js";
import { Asking } from "./palette-asking.js";
import { lead } from "./palette-bar.js";
import { Box } from "./palette-box.js";

const dialog = document.querySelector("[data-palette]");
const bar = document.querySelector("[data-palette-open]");
const list = new Box(dialog);
const { field, box } = list;
const asking = new Asking(dialog.dataset.palette, field, (html, text) => list.show(html, text));
const isApart = (event) => event.ctrlKey || event.metaKey;
const optionOf = (event) => event.target.closest("[role=option]");

function open(text = "") {
  if (document.querySelector("dialog[open]")) return;
  dialog.showModal();
  field.value = text;
  field.focus();
  asking.tell("");
  asking.now();
}

function take(option, apart) {
  if (!option) return void field.form.requestSubmit();
  const element = list.elements[option.dataset.at];
  const href = option.dataset.href ?? (element?.matches("a[href]") ? element.href : "");
  if (href && apart) return void window.open(href, "_blank", "noopener");
  dialog.close();
  if (option.dataset.href) location.assign(href);
  else press(element);
}

function step(by) {
  const all = list.options();
  const to = all.indexOf(list.chosen()) + by;
  if (all.length) list.choose(all[(Math.max(to, -1) + all.length) % all.length]);
}

field.addEventListener("input", () => {
  asking.soon();
  list.choose(null);
});
field.addEventListener("keydown", async (event) => {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (event.isComposing || (!by && event.key !== "Enter")) return;
  event.preventDefault();
  if (by) return step(by);
  if (asking.stale) await asking.now(); // never what was found for other words
  if (!dialog.open) return; // it was left meanwhile
  take(list.chosen(), isApart(event));
});
box.addEventListener("mousemove", (event) => {
  const option = optionOf(event);
  if (option && option !== list.chosen()) list.choose(option);
});
box.addEventListener("click", (event) => optionOf(event) && take(optionOf(event), isApart(event)));
dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
dialog.addEventListener("close", () => asking.stop());
document.addEventListener("keydown", (event) => {
  if (!isApart(event) || event.altKey || event.shiftKey || event.key.toLowerCase() !== "k") return;
  event.preventDefault();
  if (dialog.open) dialog.close();
  else open();
});
if (bar) lead(bar, open);
