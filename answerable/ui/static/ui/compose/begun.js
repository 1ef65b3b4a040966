// What is being written is saved on the server as one types: <form data-begun="/…" data-net="reply-20418">.
import { Writing, forget } from "./writing.js";

const all = new Map();
const of = (form) => form?.dataset?.net && all.get(form.dataset.net);

function look(root) {
  const forms = root.matches?.("form[data-begun]") ? [root] : root.querySelectorAll("form[data-begun]");
  for (const form of forms) {
    const { net } = form.dataset;
    if (!all.has(net)) all.set(net, new Writing(net));
    if (all.get(net).form !== form) all.get(net).adopt(form);
  }
}

document.addEventListener("input", (event) => {
  if (["text", "cc", "tags"].includes(event.target.name)) of(event.target.form)?.typed();
});

// Enter in a line above the text must not send it.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing || event.ctrlKey || event.metaKey || !event.target.matches("form[data-begun] input.input")) return;
  event.preventDefault();
  event.target.form.elements.text.focus();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-clash-do]");
  if (button) of(button.form)?.settle(button.dataset.clashDo);
});

document.addEventListener("htmx:beforeRequest", (event) => of(event.detail.elt)?.begin());

for (const kind of ["htmx:sendError", "htmx:timeout", "htmx:sendAbort"]) document.addEventListener(kind, (event) => of(event.detail.elt)?.failed());

document.addEventListener("htmx:beforeSwap", (event) => {
  const { elt } = event.detail.requestConfig;
  const failed = event.detail.xhr.status >= 400;
  if (!failed && elt.dataset?.forget) forget(elt.dataset.forget);
  const writing = of(elt);
  if (writing) failed ? writing.failed() : writing.done();
});

document.addEventListener("visibilitychange", () => {
  for (const writing of all.values()) document.hidden ? writing.save() : writing.lookAgain();
});
addEventListener("focus", () => all.forEach((writing) => writing.lookAgain()));
addEventListener("pagehide", () => all.forEach((writing) => writing.save()));

document.addEventListener("htmx:load", (event) => look(event.detail.elt));
look(document);
