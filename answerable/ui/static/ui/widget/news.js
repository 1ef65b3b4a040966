// What the person has not seen yet, told to the host's page for its badge; and that a request is before them now.
import { host, tell } from "./host.js";
import { ask, person } from "./session.js";

const POLL = 60_000;

// The one that is shown.
export const request = () => document.querySelector("[data-request]");

async function unread(answer) {
  if (answer?.ok) tell("unread", { count: (await answer.json()).unread });
}

export async function seen() {
  if (!request() || !host.open || document.hidden) return;
  const body = new URLSearchParams({ last: request().dataset.last });
  const answer = await ask(`requests/${request().dataset.request}/seen`, { method: "POST", body }).catch(() => null);
  await unread(answer);
}

export async function news() {
  if (!person() || document.hidden) return;
  const answer = await ask("news").catch(() => null);
  await unread(answer);
}

// Asked for now and then while it is closed.
setInterval(() => !host.open && news(), POLL);
