// A file that was added is called in the text, where the cursor stands; a button puts it in once more.
import { put } from "../compose/markdown.js";

const known = new WeakMap();
const calls = (form) => [...form.querySelectorAll("[data-call]")].map((one) => one.dataset.call);

function place(form, call) {
  const field = form.elements.text;
  const before = field.value.slice(0, field.selectionStart);
  put(field, before && !/\s$/.test(before) ? ` ${call}` : call);
}

for (const form of document.querySelectorAll("form[data-unsaved]")) known.set(form, new Set(calls(form)));

document.addEventListener("files", (event) => {
  const form = event.target;
  const before = known.get(form);
  if (!before) return;
  for (const call of calls(form)) if (!before.has(call)) place(form, call);
  known.set(form, new Set(calls(form)));
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-put-file]");
  if (button) place(button.form, button.dataset.putFile);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "s" || event.shiftKey || event.altKey || !(event.ctrlKey || event.metaKey)) return;
  const form = event.target.closest?.("form[data-unsaved]");
  if (!form) return;
  event.preventDefault();
  form.requestSubmit(form.querySelector("[data-send]"));
});
