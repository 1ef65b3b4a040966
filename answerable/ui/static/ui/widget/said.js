// What is said in passing, in the page's live region.
const region = document.querySelector("#flashes");

export const words = (name) => document.querySelector(`template[data-words="${name}"]`).content.textContent;

export function say(text, stays = false) {
  const flash = document.createElement("div");
  flash.className = "flash";
  if (stays) flash.dataset.stays = "";
  const said = document.createElement("span");
  said.textContent = text;
  const button = document.createElement("button");
  Object.assign(button, { type: "button", textContent: "×" });
  button.dataset.close = "";
  button.setAttribute("aria-label", words("dismiss"));
  flash.append(said, button);
  region.replaceChildren(flash);
}

// True where the answer is a page's part; else what was wrong is said.
export async function fine(answer) {
  if (answer.headers.get("Content-Type")?.startsWith("text/html") && (answer.ok || answer.status === 422)) return true;
  let told = null;
  try {
    told = await answer.json();
  } catch {
    // Not ours: a fault.
  }
  say(told?.message ?? words("broken"), true);
  return false;
}
