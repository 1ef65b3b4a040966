// Where part of a page comes anew, what had the focus has it again: found by id, by key, or by what it sends. In a menu that
// is closed now, the menu has it. Fields keep theirs by htmx itself.
let lost = null;

const quoted = (name, value) => `[${name}="${CSS.escape(value ?? "")}"]`;

function names(element) {
  const form = element.closest("form") ?? (element.matches("summary") && element.parentElement.querySelector("form"));
  const at = form && `form${quoted("action", form.getAttribute("action"))}`;
  return [
    element.id && `#${CSS.escape(element.id)}`,
    element.dataset.key && quoted("data-key", element.dataset.key),
    at && element.matches("summary") && `details:has(${at}) > summary`,
    at && element.name && `${at} ${quoted("name", element.name)}${quoted("value", element.value)}`,
    at && element.matches("button") && `${at} button`,
    element.matches("a[href]") && `a${quoted("href", element.getAttribute("href"))}`,
  ].filter(Boolean);
}

function focusable(element) {
  const menu = element.closest("details:not([open])");
  return menu && !element.matches("summary") ? menu.querySelector("summary") : element;
}

document.addEventListener("htmx:beforeSwap", () => {
  const element = document.activeElement;
  lost = element?.matches("button, summary, a") ? { element, names: names(element) } : null;
});

document.addEventListener("htmx:afterSettle", () => {
  if (!lost || lost.element.isConnected || document.activeElement !== document.body) return;
  const found = lost.names.map((name) => document.querySelector(name)).find(Boolean);
  lost = null;
  if (found) focusable(found).focus({ preventScroll: true });
});
