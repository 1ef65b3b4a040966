// The boxes of a queue: shift-click ticks a range, the head's box the page, and ticks survive rows that are fetched anew.
const BOX = "[data-rows] [name=ticket]";
const ticked = new Set();
let last = null;

const bar = () => document.querySelector("[data-bulk]");
const boxes = () => [...document.querySelectorAll(BOX)];

function set(some, checked) {
  for (const box of some) {
    box.checked = checked;
    if (checked) ticked.add(box.value);
    else ticked.delete(box.value);
  }
}

function tell() {
  if (!bar()) return;
  const words = bar().querySelector("[data-bulk-count]");
  const shown = boxes();
  const count = shown.filter((box) => box.checked).length;
  const { one, many, all } = words.dataset;
  const text = bar().elements.all.checked ? all : count === 1 ? one : many.replace("#", count);
  if (words.textContent !== text) words.textContent = text;
  const page = document.querySelector("[data-bulk-page]");
  if (!page) return;
  page.checked = count > 0 && count === shown.length;
  page.indeterminate = count > 0 && count < shown.length;
}

document.addEventListener("click", (event) => {
  const box = event.target.closest?.(BOX);
  if (!box) return;
  const all = boxes();
  const [from, to] = [all.findIndex((one) => one.value === last), all.indexOf(box)].sort((a, b) => a - b);
  if (event.shiftKey && from >= 0) set(all.slice(from, to + 1), box.checked);
  last = box.value;
});

document.addEventListener("change", ({ target }) => {
  if (target.matches(BOX)) set([target], target.checked);
  if (target.matches("[data-bulk-page]")) set(boxes(), target.checked);
  if (target.closest("[data-bulk], [data-rows]")) tell();
});

// "Clear" resets the boxes too: they belong to the form, wherever they stand.
document.addEventListener("reset", ({ target }) => {
  if (!target.matches("[data-bulk]")) return;
  ticked.clear();
  target.querySelector("details")?.removeAttribute("open");
  setTimeout(tell);
});

// A row that has left the view is ticked no longer: nothing is changed that one does not see.
document.addEventListener("htmx:afterSwap", () => {
  const shown = boxes();
  const there = new Set(shown.map((box) => box.value));
  for (const value of ticked) if (!there.has(value)) ticked.delete(value);
  for (const box of shown) box.checked = ticked.has(box.value);
  tell();
});

// Back and forward bring the boxes as they were left.
addEventListener("pageshow", () => {
  set(boxes().filter((box) => box.checked), true);
  tell();
});
