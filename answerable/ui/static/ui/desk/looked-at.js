// Which request somebody looks at, in any tab of this browser. What is looked at counts as told: its notices are marked read.
const ANSWERS = 200;
const channel = "BroadcastChannel" in window ? new BroadcastChannel("answerable-looked-at") : null;
const number = location.pathname.match(/^\/desk\/tickets\/(\d+)$/)?.[1];
const seenBy = new Set();
const isLookedAt = (one) => one !== null && String(one) === number && document.visibilityState === "visible";

if (channel)
  channel.onmessage = ({ data }) => {
    if (data.asks !== undefined && isLookedAt(data.asks)) channel.postMessage({ sees: data.asks });
    if (data.sees !== undefined) seenBy.add(String(data.sees));
  };

// Whether any page of this browser shows the request to somebody. The other tabs get a moment to say so.
export async function someoneLooks(one) {
  if (one === null || isLookedAt(one)) return isLookedAt(one);
  seenBy.delete(String(one));
  channel?.postMessage({ asks: one });
  await new Promise((resolve) => setTimeout(resolve, ANSWERS));
  return seenBy.has(String(one));
}

// What the word in the bar says is unread, of the request on this page.
async function markSeen() {
  const unread = document.querySelector("[data-unread]")?.dataset.unread.split(" ") ?? [];
  if (!isLookedAt(number ?? null) || !unread.includes(number)) return;
  const body = new URLSearchParams({ csrfmiddlewaretoken: document.querySelector("[name=csrfmiddlewaretoken]").value });
  await fetch(`/desk/tickets/${number}/seen`, { method: "POST", body, redirect: "manual" }).catch(() => {});
}

if (number) {
  document.addEventListener("htmx:load", ({ detail }) => {
    if (detail.elt.matches?.("[data-unread]") || detail.elt.querySelector?.("[data-unread]")) markSeen();
  });
  document.addEventListener("visibilitychange", markSeen);
}
