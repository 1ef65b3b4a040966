// The page that holds this frame. It is believed by its origin alone, once, when it hands over a port; from then on both
// sides speak on that port and listen to nothing else.
const allowed = JSON.parse(document.body.dataset.origins);
const handlers = {};
const waiting = new Map();
let port = null;
let last = 0;

export const host = { origin: "", knows: false, open: false };

export function on(name, handler) {
  handlers[name] = handler;
}

export function tell(name, more = {}) {
  port?.postMessage({ do: name, ...more });
}

// What the host answers; null where it does not within ten seconds.
export function ask(name) {
  const id = ++last;
  return new Promise((resolve) => {
    waiting.set(id, resolve);
    setTimeout(() => answer({ id, value: null }), 10000);
    tell(name, { id });
  });
}

function answer({ id, value }) {
  waiting.get(id)?.(value ?? null);
  waiting.delete(id);
}

function hear({ data }) {
  if (data?.do === "answer") answer(data);
  else if (Object.hasOwn(handlers, data?.do)) handlers[data.do](data);
}

addEventListener("message", (event) => {
  if (event.source !== window.parent || window.parent === window || !allowed.includes(event.origin)) return;
  if (event.data?.answerable !== "hello" || event.ports.length !== 1) return;
  port?.close();
  [port] = event.ports;
  port.onmessage = hear;
  host.origin = event.origin;
  host.knows = event.data.knows === true;
  host.open = event.data.open === true;
  handlers.hello?.(event.data);
});
