// What is being written survives a reload: <textarea data-draft="reply-20418"> is kept for this tab until it is sent.
// A form sent the plain way counts as sent once a page arrives that is not a refusal. A field that the server filled with
// what came back (data-after="reply-20418") takes along what was begun after it. <form data-forget="…"> drops a draft.
const PREFIX = "draft:";
const SENDING = "draft-sending";

function fill(field, text) {
  if (field.value === text) return;
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function restore(root) {
  for (const field of root.querySelectorAll("textarea[data-draft]")) {
    const { draft, after } = field.dataset;
    const kept = sessionStorage.getItem(PREFIX + draft);
    if (kept && (after || !field.value)) fill(field, kept);
    const later = after && sessionStorage.getItem(PREFIX + after);
    if (!later) continue;
    sessionStorage.removeItem(PREFIX + after);
    fill(field, `${field.value}\n\n${later}`);
  }
}

document.addEventListener("input", (event) => {
  const { draft } = event.target.dataset;
  if (draft) sessionStorage.setItem(PREFIX + draft, event.target.value);
});

document.addEventListener("submit", (event) => {
  const field = event.target.querySelector("textarea[data-draft]");
  if (field && !event.target.hasAttribute("hx-post")) sessionStorage.setItem(SENDING, PREFIX + field.dataset.draft);
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const form = event.detail.requestConfig.elt.closest("form");
  if (!form || event.detail.xhr.status >= 400) return;
  if (form.dataset.forget) sessionStorage.removeItem(PREFIX + form.dataset.forget);
  const field = form.querySelector("textarea[data-draft]");
  if (!field) return;
  sessionStorage.removeItem(PREFIX + field.dataset.draft);
  form.reset();
  // The keys are for the page again: what was sent can be taken back with one.
  if ("leave" in form.dataset) field.blur();
});

const sent = sessionStorage.getItem(SENDING);
if (sent) {
  sessionStorage.removeItem(SENDING);
  if (!document.querySelector("[data-refused]")) sessionStorage.removeItem(sent);
}
restore(document);
document.addEventListener("htmx:load", (event) => restore(event.detail.elt));
