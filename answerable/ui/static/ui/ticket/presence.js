// Who else has a request open. #here [data-here="/desk/here/5"] says every few seconds that its page is looked at, or
// written on, and shows what comes back; a "live" event on it asks anew (data-others). A page that nobody looks at says
// good-bye, unless something was written on it a moment ago.
const [BEAT, WRITING] = [8000, 60000];
const tab = Math.random().toString(36).slice(2, 12);
let wrote = { at: 0, what: "" };
let [said, last, timer] = ["", "", 0];

const part = () => document.querySelector("#here");
const token = () => document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";

function doing() {
  const text = wrote.what && document.querySelector(`#${wrote.what}-text`)?.value.trim();
  if (text && Date.now() - wrote.at < WRITING) return wrote.what;
  return document.hidden ? "" : "viewing";
}

function body(what) {
  const form = new FormData();
  for (const [name, value] of Object.entries({ csrfmiddlewaretoken: token(), tab, doing: what })) form.set(name, value);
  return form;
}

function show(html) {
  last = html.trim();
  if (part() && part().innerHTML.trim() !== last) part().innerHTML = last;
}

// Without a network the next beat tries again.
async function ask(address, options) {
  const answer = await fetch(address, { redirect: "manual", cache: "no-store", ...options }).catch(() => null);
  if (answer?.status === 200) show(await answer.text());
}

function say() {
  if (!part()) return;
  if (!doing()) return bye();
  said = doing();
  ask(part().dataset.here, { method: "POST", body: body(said) });
}

function bye() {
  if (said && part()) navigator.sendBeacon(part().dataset.here, body(""));
  said = "";
}

function beat() {
  clearInterval(timer);
  say();
  timer = setInterval(say, BEAT);
}

document.addEventListener("input", (event) => {
  const { id, value } = event.target;
  if (id !== "reply-text" && id !== "note-text") return;
  wrote = { at: Date.now(), what: value.trim() ? id.replace("-text", "") : "" };
  if (part() && doing() !== said) beat();
});

document.addEventListener("live", (event) => event.target === part() && ask(part().dataset.others), true);

// The composer was swapped for a new one: what is known is shown again.
document.addEventListener("htmx:load", () => last && show(last));

if (part()) {
  beat();
  document.addEventListener("visibilitychange", () => (doing() ? beat() : bye()));
  addEventListener("pagehide", bye);
  addEventListener("pageshow", (event) => event.persisted && beat());
}
