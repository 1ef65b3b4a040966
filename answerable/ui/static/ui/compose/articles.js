// An article for the reply: its link, or its text, where the cursor stands.
import { put } from "./markdown.js";

function reply() {
  const tab = document.querySelector("#compose-reply");
  if (tab) tab.checked = true;
  return document.querySelector("#reply-text");
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-put-words], [data-put-from]");
  if (!button) return;
  const { putWords, putFrom } = button.dataset;
  if (putWords) return put(reply(), putWords);
  const answer = await fetch(putFrom, { headers: { Accept: "application/json" }, redirect: "manual" }).catch(() => null);
  if (answer?.ok) put(reply(), (await answer.json()).text);
});
