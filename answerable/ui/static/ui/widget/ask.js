// The form: what may answer the question while it is typed, and what is sent along only if its person agrees.
import { ask as askHost } from "./host.js";
import { part } from "./part.js";
import { ask } from "./session.js";

const WAIT = 250;
let timer = 0;
let last = 0;

async function suggest(field) {
  const place = field.form.querySelector("[data-suggestions]");
  const mine = ++last;
  const body = new URLSearchParams({ subject: field.value, asking: field.form.elements.asking.value });
  const answer = await ask("suggestions", { method: "POST", body }).catch(() => null);
  if (answer?.ok && mine === last) place.replaceChildren(part(await answer.text()));
}

document.addEventListener("input", ({ target }) => {
  if (target.name !== "subject" || !target.form?.querySelector("[data-suggestions]")) return;
  clearTimeout(timer);
  timer = setTimeout(suggest, WAIT, target);
});

async function facts(form) {
  const box = form.querySelector("[data-facts]");
  const told = await askHost("page");
  if (!box?.isConnected || !told) return;
  const found = { page: told.page, browser: navigator.userAgent, window: told.window };
  for (const [name, value] of Object.entries(found)) box.querySelector(`[data-fact="${name}"]`).textContent = String(value ?? "");
  box.hidden = false;
}

// Nothing of it is in the form unless the box is ticked when it is sent.
document.addEventListener("submit", ({ target }) => {
  const share = target.elements.share;
  if (!share) return;
  for (const one of target.querySelectorAll("[data-fact]")) target.elements[one.dataset.fact].value = share.checked ? one.textContent : "";
}, true);

export function begin(root) {
  const form = root.querySelector("form[data-ask]");
  if (!form) return;
  facts(form);
  form.elements.severity?.dispatchEvent(new Event("change", { bubbles: true }));
}
