// A button copies the text of the field beside it; without it the field is marked by a click, and copied by hand.
const SAID_FOR = 2000;

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const field = button.parentElement.querySelector("textarea");
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    return; // Not served by https, or not allowed: the text is marked.
  }
  const words = button.querySelector("[data-words]");
  const before = words.textContent;
  words.textContent = button.dataset.copy;
  setTimeout(() => (words.textContent = before), SAID_FOR);
});
