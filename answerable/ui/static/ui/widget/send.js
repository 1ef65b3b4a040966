// What is sent: a form's answer is the next part. Files that were chosen stay chosen when it comes back to be mended.
import { tell } from "./host.js";
import { part } from "./part.js";
import { fine, say, words } from "./said.js";
import { ask } from "./session.js";
import { put } from "./view.js";

const kept = new Map();

async function send(form, button) {
  const data = new FormData(form, button);
  const files = form.querySelector("input[type=file]")?.files;
  const answer = await ask(form.dataset.send, { method: "POST", body: data });
  if (!(await fine(answer))) return;
  if (answer.ok) for (const field of form.querySelectorAll("[data-kept]")) kept.delete(field.dataset.kept);
  const { into } = form.dataset;
  if (into) return void document.querySelector(into)?.replaceWith(part(await answer.text()));
  put(await answer.text());
  const again = document.querySelector(`form[data-send="${form.dataset.send}"] input[type=file]`);
  if (answer.status === 422 && again && files?.length) {
    again.files = files;
    again.dispatchEvent(new Event("change", { bubbles: true }));
  }
  document.querySelector("#view [aria-invalid=true]")?.focus();
  if (answer.ok && "reply" === form.dataset.send.split("/").at(-1)) document.querySelector(".message:last-of-type")?.scrollIntoView();
  const sent = document.querySelector("[data-sent]");
  if (sent) tell("sent", { number: Number(sent.dataset.sent) });
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.dataset.send) return;
  event.preventDefault();
  if (form.ariaBusy === "true") return;
  form.ariaBusy = "true";
  try {
    await send(form, event.submitter);
  } catch {
    say(words("offline"), true);
  } finally {
    form.ariaBusy = "false";
  }
});

// What was begun is there again when one comes back, as long as the host's page stays.
document.addEventListener("input", ({ target }) => target.dataset.kept && kept.set(target.dataset.kept, target.value));

export function restore(root) {
  for (const field of root.querySelectorAll("[data-kept]")) {
    const before = kept.get(field.dataset.kept) ?? "";
    // One visit to the form, until it is sent, whatever was looked at meanwhile.
    if (field.type === "hidden") kept.set(field.dataset.kept, (field.value = before || field.value));
    else field.value ||= before;
  }
}

export const forgetAll = () => kept.clear();

// A picture from the clipboard is a file more.
document.addEventListener("paste", (event) => {
  const input = event.target.closest?.("form")?.querySelector("input[type=file]");
  if (!input || !event.clipboardData?.files.length) return;
  event.preventDefault();
  const all = new DataTransfer();
  for (const file of [...input.files, ...event.clipboardData.files]) all.items.add(file);
  input.files = all.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
});
