// data-row-key="d" on a button of a list's row: the key presses it while the row's link has the focus.
import { isOn } from "../keys.js";

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !isOn()) return;
  const row = event.target.matches?.(".list-title") && event.target.closest("[data-rows] tr");
  const button = row && [...row.querySelectorAll("[data-row-key]")].find((one) => one.dataset.rowKey === event.key);
  if (!button) return;
  event.preventDefault();
  (row.nextElementSibling ?? row.previousElementSibling)?.querySelector(".list-title")?.focus();
  button.click();
});
