// A message of the page goes away when it is closed, and by itself after a while unless it is a refusal or being read.
const STAY = 8000;

function leave(flash) {
  setTimeout(() => (flash.matches(":hover, :focus-within") ? leave(flash) : flash.remove()), STAY);
}

document.addEventListener("click", (event) => {
  if (event.target.closest(".flash [data-close]")) event.target.closest(".flash").remove();
});

const region = document.querySelector("#flashes");
if (region) {
  const start = (flash) => flash.matches?.(".flash:not([data-stays])") && leave(flash);
  region.querySelectorAll(".flash").forEach(start);
  new MutationObserver((changes) => changes.forEach((change) => change.addedNodes.forEach(start))).observe(region, { childList: true });
}
