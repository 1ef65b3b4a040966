// One-key shortcuts: data-key="r" clicks its element, or focuses a field; data-focus="#id" then puts the cursor there.
// "?" opens the list of them, where they can also be switched off (WCAG 2.1.4). Ctrl Enter sends what is being written.
const FIELDS = "input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]";
const help = document.querySelector("dialog[data-keys]");
const choice = help?.querySelector("input");
const isOn = () => localStorage.getItem("keys") !== "off";

function press(element) {
  if (element.matches(FIELDS)) element.focus();
  else element.click();
  if (element.dataset.focus) document.querySelector(element.dataset.focus)?.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  if (event.target.matches("textarea")) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.target.form?.requestSubmit(event.target.form.querySelector("[data-send]"));
    if (event.key === "Escape") event.target.blur();
  }
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.target.matches(FIELDS)) return;
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "?" && help) return void help.showModal();
  const element = isOn() && [...document.querySelectorAll("[data-key]")].find((one) => one.dataset.key === event.key);
  if (!element) return;
  event.preventDefault();
  press(element);
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-keys-open]")) help?.showModal();
});

if (choice) {
  choice.checked = isOn();
  choice.addEventListener("change", () => localStorage.setItem("keys", choice.checked ? "on" : "off"));
}

export { isOn };
