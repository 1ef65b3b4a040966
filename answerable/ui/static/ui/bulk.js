// The boxes of a queue: shift-click ticks a range, the head's box the page, and what is ticked stays so when rows are
// fetched anew. The bar says how many there are. Without this, boxes and bar still work as a form.
const BOX = "[data-rows] [name=ticket]";
const ticked = new Set();
let last = null;

const bar = () => document.querySelector("[data-bulk]");
const boxes = () => [...document.querySelectorAll(BOX)];

function note(box) {
  if (box.checked) ticked.add(box.value);
  else ticked.delete(box.value);
}

function tell() {
  const form = bar();
  if (!form) return;
  const words = form.querySelector("[data-bulk-count]");
  const shown = boxes();
  const count = shown.filter((box) => box.checked).length;
  const { one, many, all } = words.dataset;
  const text = form.elements.all.checked ? all : count === 1 ? one : many.replace("#", count);
  if (words.textContent !== text) words.textContent = text;
  const page = document.querySelector("[data-bulk-page]");
  if (!page) return;
  page.checked = count > 0 && count === shown.length;
  page.indeterminate = count > 0 && count < shown.length;
}

function range(box) {
  const all = boxes();
  const [from, to] = [all.findIndex((one) => one.value === last), all.indexOf(box)].sort((a, b) => a - b);
  if (from < 0) return;
  for (const one of all.slice(from, to + 1)) {
    one.checked = box.checked;
    note(one);
  }
}

document.addEventListener("click", (event) => {
  const box = event.target.closest?.(BOX);
  if (!box) return;
  if (event.shiftKey && last) range(box);
  last = box.value;
});

document.addEventListener("change", (event) => {
  if (event.target.matches(BOX)) note(event.target);
  if (event.target.matches("[data-bulk-page]"))
    for (const box of boxes()) {
      box.checked = event.target.checked;
      note(box);
    }
  if (event.target.closest("[data-bulk], [data-rows]")) tell();
});

// "Clear" resets the boxes too: they belong to the form, wherever they stand.
document.addEventListener("reset", (event) => {
  if (!event.target.matches("[data-bulk]")) return;
  ticked.clear();
  event.target.querySelector("details")?.removeAttribute("open");
  setTimeout(tell);
});

// A row that has left the view is ticked no longer: nothing is changed that one does not see.
document.addEventListener("htmx:afterSwap", () => {
  const shown = boxes();
  if (!bar() || !shown.length) return;
  const there = new Set(shown.map((box) => box.value));
  for (const value of ticked) if (!there.has(value)) ticked.delete(value);
  for (const box of shown) box.checked = ticked.has(box.value);
  tell();
});

// Back and forward bring the boxes as they were left.
addEventListener("pageshow", () => {
  for (const box of boxes()) note(box);
  tell();
});
