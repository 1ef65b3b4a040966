// What is being written survives a reload: <textarea data-draft="reply-20418"> is kept for this tab until it is sent.
// A form sent the plain way counts as sent once a page arrives that is not a refusal.
const PREFIX = "draft:";
const SENDING = "draft-sending";

function restore(root) {
  for (const field of root.querySelectorAll("textarea[data-draft]")) {
    const kept = sessionStorage.getItem(PREFIX + field.dataset.draft);
    if (!kept || field.value) continue;
    field.value = kept;
    field.dispatchEvent(new Event("input", { bubbles: true }));
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
  const field = form?.querySelector("textarea[data-draft]");
  if (!field || event.detail.xhr.status >= 400) return;
  sessionStorage.removeItem(PREFIX + field.dataset.draft);
  form.reset();
});

const sent = sessionStorage.getItem(SENDING);
if (sent) {
  sessionStorage.removeItem(SENDING);
  if (!document.querySelector("[data-refused]")) sessionStorage.removeItem(sent);
}
restore(document);
document.addEventListener("htmx:load", (event) => restore(event.detail.elt));
