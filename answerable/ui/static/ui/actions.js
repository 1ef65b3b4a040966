// What can be done on this page by a key: every element with data-key, under the words by which it is known. The list of
// keys and the palette both read it here.
const FIELDS = "input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]";

function press(element) {
  if (element.matches(FIELDS)) element.focus();
  else element.click();
  if (element.dataset.focus) document.querySelector(element.dataset.focus)?.focus();
}

function label(element) {
  if (element.dataset.keyLabel) return element.dataset.keyLabel;
  if (element.ariaLabel) return element.ariaLabel;
  const copy = (element.labels?.[0] ?? element).cloneNode(true);
  copy.querySelectorAll(".key, input, select, textarea, [aria-hidden=true]").forEach((part) => part.remove());
  return copy.textContent.trim().replace(/\s+/g, " ") || element.title;
}

// Each key once: the first element that has it is the one that is pressed. Places to go are hidden and count all the same.
function actions() {
  const found = new Map();
  for (const element of document.querySelectorAll("[data-key]")) {
    const usable = !element.disabled && (element.closest("[data-places]") || !element.closest("[hidden], dialog"));
    if (usable && !found.has(element.dataset.key)) found.set(element.dataset.key, element);
  }
  return found;
}

export { FIELDS, actions, label, press };
