// Push in this browser (data-push): it asks for leave after a click alone, says why where it cannot, and knows itself again.
import { lacking, mark, subscribe, subscription } from "./browser.js";
import { keep, renewed } from "./kept.js";

const card = document.querySelector("[data-push]");
const form = card.querySelector("form");
let here = "";

const row = () => here && document.querySelector(`[data-push-mark="${here}"]`);

function tell(state, words = "") {
  for (const part of card.querySelectorAll("[data-when]")) part.hidden = !part.dataset.when.split(" ").includes(state);
  card.querySelector("[data-why]").textContent = words;
}

async function look() {
  const without = lacking();
  if (without) return tell(without);
  const found = await subscription(card.dataset.worker);
  here = found ? await mark(found.endpoint) : "";
  const mine = row();
  if (found && !mine && (await renewed(card.dataset.renew, here, found.toJSON()))) return location.reload();
  if (mine) {
    mine.querySelector("[data-push-here]").hidden = false;
    await keep(mine.dataset.pushRenew, here, found);
  }
  tell(mine ? "on" : "off");
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  tell("asking");
  try {
    const found = await subscribe(card.dataset, form.elements.csrfmiddlewaretoken.value);
    if (!found) return tell(lacking() || "off");
    const { endpoint, keys } = found.toJSON();
    for (const [name, value] of Object.entries({ endpoint, ...keys })) form.elements[name].value = value;
    form.submit();
  } catch (error) {
    tell("failed", error.message);
  } finally {
    // It may be pressed again (submit-once.js).
    delete form.dataset.sent;
    form.querySelector("button").removeAttribute("aria-disabled");
  }
});

// The form that removes this very browser takes its subscription with it.
document.addEventListener("submit", async (event) => {
  if (!event.target.matches("[data-push-off]") || !row()?.contains(event.target)) return;
  event.preventDefault();
  await (await subscription(card.dataset.worker))?.unsubscribe();
  event.target.submit();
});
document.addEventListener("htmx:afterSettle", look);
look();
