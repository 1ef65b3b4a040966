// data-select-into="#field": what is selected inside stands in the field, so that nobody has to type a secret again.
for (const place of document.querySelectorAll("[data-select-into]")) {
  const field = document.querySelector(place.dataset.selectInto);
  const help = place.parentElement.querySelector("[data-select-help]");
  if (!field) continue;
  if (help) help.hidden = false;
  const take = () => {
    const chosen = document.getSelection();
    const text = chosen.toString().trim();
    if (text && place.contains(chosen.anchorNode) && place.contains(chosen.focusNode)) field.value = text;
  };
  document.addEventListener("selectionchange", take);
}
