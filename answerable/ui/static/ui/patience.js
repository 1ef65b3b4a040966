// A part that is refreshed because of somebody else leaves alone what is being used in it: an open menu, a field, marked text.
let fromElsewhere = false;

function inUse(part) {
  const selection = getSelection();
  const marked = !selection.isCollapsed && part.contains(selection.anchorNode);
  return marked || part.querySelector("details.menu[open]") || (part.contains(document.activeElement) && document.activeElement.matches("input, textarea"));
}

// The part asks again as soon as it is left.
function later(part, again) {
  const look = () => (inUse(part) ? setTimeout(look, 1000) : again());
  setTimeout(look, 1000);
}

document.addEventListener("htmx:beforeSwap", (event) => {
  const { requestConfig, target } = event.detail;
  fromElsewhere = requestConfig.triggeringEvent?.type === "live";
  if (!fromElsewhere || !inUse(target)) return;
  event.detail.shouldSwap = false;
  later(target, () => target.dispatchEvent(new CustomEvent("live")));
});

document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const { target } = event.detail;
  if (!fromElsewhere || !inUse(target)) return;
  event.detail.shouldSwap = false;
  later(target, () => document.querySelector("#conversation")?.dispatchEvent(new CustomEvent("live")));
});
