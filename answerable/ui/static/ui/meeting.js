// What a reply's author had before their eyes counts from the moment in which they begin to write; what comes later is told
// at once, and stops the reply when it is sent.
const seen = () => document.querySelector("#reply-seen");
const newest = (letter) =>
  Math.max(0, ...[...document.querySelectorAll(`#conversation article[id^=${letter}]`)].map((one) => Number(one.id.slice(1)) || 0));
let empty = true;

document.addEventListener("input", (event) => {
  if (event.target.id !== "reply-text") return;
  const nothing = !event.target.value.trim();
  if (empty && !nothing && seen() && document.querySelector("#conversation")) seen().value = `${newest("e")}-${newest("d")}`;
  empty = nothing;
});

document.addEventListener("htmx:afterSettle", (event) => {
  const field = document.querySelector("#reply-text");
  if (!field?.value.trim()) empty = true;
  const hint = document.querySelector("[data-while-writing]");
  if (!hint || !seen() || event.detail.requestConfig?.verb !== "get" || document.querySelector("#met")) return;
  const [entry] = seen().value.split("-").map(Number);
  const last = newest("e");
  hint.hidden = empty || last <= entry;
  if (!hint.hidden) hint.querySelector("[data-newest]").href = `#e${last}`;
});

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-met-close]")) return;
  event.target.closest(".met").remove();
  document.querySelector("#reply-text")?.focus();
});

document.addEventListener("htmx:afterRequest", (event) => {
  const { elt, successful } = event.detail;
  if (successful) elt.closest?.(".flash")?.remove();
});
