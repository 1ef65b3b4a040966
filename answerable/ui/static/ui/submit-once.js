// A form is sent once, however often its button is pressed. Buttons stay enabled for the browser, so their value is sent.
function release(form) {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("[aria-disabled]")) button.removeAttribute("aria-disabled");
}

document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (form.dataset.sent) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    form.dataset.sent = "yes";
    for (const button of form.querySelectorAll("button:not([type=button])")) button.setAttribute("aria-disabled", "true");
  },
  { capture: true },
);

// Only what the form itself asked ends it: suggestions inside it come and go while it is on its way.
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.elt.matches("form")) release(event.detail.elt);
});

// Back and forward bring the page as it was left.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form[data-sent]").forEach(release);
});
