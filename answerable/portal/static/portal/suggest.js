// Articles beside the subject that is being typed: the arrows go to them and through them, Escape leads back.
document.addEventListener("keydown", (event) => {
  const box = event.target.closest(".suggest");
  const step = { ArrowDown: 1, ArrowUp: -1, Escape: 0 }[event.key];
  if (!box || step === undefined || event.isComposing) return;
  const stops = [box.querySelector("input"), ...box.querySelectorAll(".suggest-list a")];
  const next = step && stops.indexOf(event.target) + step;
  if (!stops[next] || stops[next] === event.target) return;
  event.preventDefault();
  stops[next].focus();
});
