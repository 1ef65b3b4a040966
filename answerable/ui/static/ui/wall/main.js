// The wall page stays true by itself: asked for anew every few seconds, and soon after news where it hears of some.
// Nobody stands before it to press reload, so it says when it has no news, and loads itself anew after an upgrade.
const SOON = 2000;
const PATIENCE = 10000;
const SOME = 3;
const wall = () => document.querySelector("[data-wall]");
let timer = 0;
let failures = 0;

async function look() {
  clearTimeout(timer);
  timer = setTimeout(look, wall().dataset.every * 1000);
  try {
    const answer = await fetch(wall().dataset.wall, { headers: { "HX-Request": "true" }, redirect: "manual", cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
    // Revoked, or logged out: the whole page says so.
    if (answer.type === "opaqueredirect" || answer.status === 404) return location.reload();
    if (!answer.ok) throw new Error(answer.status);
    show(await answer.text());
    failures = 0;
  } catch {
    failures += 1;
    if (failures >= SOME) wall().querySelector(".wall-stale").hidden = false;
  }
}

function show(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html").querySelector("[data-wall]");
  // A page of the log-in came instead: the session has ended.
  if (!fresh || fresh.dataset.version !== wall().dataset.version) return location.reload();
  const focused = document.activeElement?.closest(".wall a")?.getAttribute("href");
  wall().replaceWith(fresh);
  fresh.dispatchEvent(new CustomEvent("htmx:load", { bubbles: true, detail: { elt: fresh } }));
  if (focused) fresh.querySelector(`a[href="${focused}"]`)?.focus();
}

if (wall()) {
  timer = setTimeout(look, wall().dataset.every * 1000);
  document.addEventListener("live", () => {
    clearTimeout(timer);
    timer = setTimeout(look, SOON);
  });
}
