// The button that sends keeps the last choice of its menu: <button name="status" data-send-as>. A canned reply may choose for once.
const CHOICE = "send-as";

function swap(form, status) {
  const main = form.querySelector("[data-send][data-send-as]");
  const other = [...form.querySelectorAll("[data-send-as]")].find((one) => one !== main && one.value === status);
  if (!main || !other) return;
  [main.value, other.value] = [other.value, main.value];
  [main.textContent, other.textContent] = [other.textContent, main.textContent];
}

function start(root) {
  const status = localStorage.getItem(CHOICE);
  for (const form of root.querySelectorAll("form[data-begun]")) if (status !== null) swap(form, status);
}

document.addEventListener("submit", (event) => {
  const { submitter } = event;
  if (submitter?.matches("[data-send-as]") && !event.target.dataset.once) localStorage.setItem(CHOICE, submitter.value);
});

document.addEventListener("canned", (event) => {
  const { status, tags } = event.detail;
  const form = event.target;
  if (status) {
    swap(form, status);
    form.dataset.once = "yes";
  }
  const field = form.elements.tags;
  if (!tags.length || !field) return;
  const there = field.value.split(",").map((one) => one.trim()).filter(Boolean);
  field.value = [...new Set([...there, ...tags])].join(", ");
  field.closest("details").open = true;
  field.dispatchEvent(new Event("input", { bubbles: true }));
});

// Solving is one key more than sending.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.shiftKey || !(event.ctrlKey || event.metaKey)) return;
  const form = event.target.matches("textarea") && event.target.form;
  const button = form && [...form.querySelectorAll("[data-send-as]")].find((one) => one.value === "solved");
  if (!button) return;
  event.preventDefault();
  event.stopPropagation();
  form.requestSubmit(button);
}, { capture: true });

document.addEventListener("htmx:load", (event) => start(event.detail.elt));
