// A mail on its sheet is as tall as what it holds. It runs no script itself, so the page looks into its frame. When the
// conversation is fetched anew, each sheet comes back as tall as it was, at the same address, and what was open is open.
const seen = new Map();
let open = [];

const frames = (root) => root.querySelectorAll("iframe.sheet");

function fit(frame) {
  const body = frame.contentDocument?.body;
  if (!body || frame.contentDocument.URL === "about:blank") return;
  const measure = () => {
    const tall = Math.ceil(body.getBoundingClientRect().height);
    if (!tall) return;
    frame.style.blockSize = `${tall}px`;
    seen.set(frame.getAttribute("src"), { tall, at: frame.contentDocument.URL });
  };
  new ResizeObserver(measure).observe(body);
  measure();
}

function restore(frame) {
  const before = seen.get(frame.getAttribute("src"));
  if (!before) return;
  frame.style.blockSize = `${before.tall}px`;
  if (before.at !== frame.src) frame.contentWindow.location.replace(before.at);
}

document.addEventListener("load", (event) => event.target.matches?.("iframe.sheet") && fit(event.target), true);
document.addEventListener("htmx:beforeSwap", () => {
  open = [...document.querySelectorAll("details.quoted[open]")].map((one) => one.id);
});
document.addEventListener("htmx:afterSwap", () => {
  for (const frame of frames(document)) if (!frame.style.blockSize) restore(frame);
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
});
for (const frame of frames(document)) fit(frame);
