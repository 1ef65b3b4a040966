// How a text will look: <button data-look> shows or hides [data-look-at] in its form, which the server fills as one types.
const CHOICE = "look";
const SOON = 300;
let timer = 0;

function show(form, on) {
  const place = form.querySelector("[data-look-at]");
  form.querySelector("[data-look]").setAttribute("aria-pressed", String(on));
  place.hidden = !on;
  if (on) place.dispatchEvent(new CustomEvent("look"));
}

function toggle(form) {
  const on = form.querySelector("[data-look-at]").hidden;
  localStorage.setItem(CHOICE, on ? "on" : "off");
  show(form, on);
}

function start(root) {
  if (localStorage.getItem(CHOICE) !== "on") return;
  const forms = root.matches?.("form[data-begun]") ? [root] : root.querySelectorAll("form[data-begun]");
  for (const form of forms) if (form.elements.text.value.trim()) show(form, true);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-look]");
  if (button) toggle(button.form);
});

document.addEventListener("keydown", (event) => {
  if (event.code !== "KeyP" || !event.shiftKey || !(event.ctrlKey || event.metaKey)) return;
  if (!event.target.matches("form[data-begun] textarea")) return;
  event.preventDefault();
  toggle(event.target.form);
});

document.addEventListener("input", (event) => {
  const { form } = event.target;
  if (!event.target.matches("form[data-begun] textarea")) return;
  clearTimeout(timer);
  const on = localStorage.getItem(CHOICE) === "on" && event.target.value.trim();
  timer = setTimeout(() => on || !form.querySelector("[data-look-at]").hidden ? show(form, true) : null, SOON);
});

document.addEventListener("htmx:load", (event) => start(event.detail.elt));
