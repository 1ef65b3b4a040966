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

// Asks once for each time that the conversation has changed while something stands in the field.
document.addEventListener("htmx:afterSettle", async (event) => {
  const hint = document.querySelector("[data-came]");
  if (!document.querySelector("#reply-text")?.value.trim()) empty = true;
  if (!hint || !seen() || event.target.id !== "conversation") return;
  const address = `${hint.dataset.came}?seen=${seen().value}`;
  const answer = empty || document.querySelector("#met") ? null : await fetch(address, { redirect: "manual" }).catch(() => null);
  hint.innerHTML = answer?.status === 200 ? (await answer.text()).trim() : "";
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
