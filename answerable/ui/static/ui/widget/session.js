// Who this is: the host's token is exchanged for a session, which lives in this variable and nowhere else.
import { ask as askHost, host } from "./host.js";
import { say } from "./said.js";

const { base, signsIn } = document.body.dataset;
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
let session = null;
let beginning = null;

export const person = () => session?.person ?? null;

function begin() {
  beginning ??= exchange().finally(() => (beginning = null));
  return beginning;
}

async function exchange() {
  session = null;
  if (signsIn === undefined || !host.knows) return;
  const token = await askHost("token");
  if (!token) return;
  const answer = await fetch(`${base}/session`, {
    method: "POST",
    credentials: "omit",
    cache: "no-store",
    headers: { Accept: "application/json" },
    body: new URLSearchParams({ token, origin: host.origin }),
  });
  const told = await answer.json();
  // A minute before the end: what is begun then still finds it.
  if (answer.ok) session = { ...told, until: Date.now() + (told.seconds - 60) * 1000 };
  else say(told.message, true);
}

// Somebody may have signed in or out with the host: true where it is not who it was.
export async function renew() {
  const before = session;
  await begin();
  if (session?.person === before?.person) return false;
  if (before) await send("session/end", { method: "POST" }, before).catch(() => null);
  return true;
}

function send(path, options, who = session) {
  const headers = { Accept: "application/json, text/html;q=0.9", "X-Zone": zone };
  if (who) headers.Authorization = `Bearer ${who.token}`;
  return fetch(`${base}/${path}`, { credentials: "omit", cache: "no-store", ...options, headers });
}

// As the person, once more where the session is over meanwhile; as nobody where the host names none.
export async function ask(path, options = {}) {
  if (!session || Date.now() > session.until) await begin();
  const answer = await send(path, options);
  if (answer.status !== 401) return answer;
  await begin();
  return send(path, options);
}
