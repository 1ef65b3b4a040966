// Answerable's support center for a page of yours. It loads nothing until it is opened; then a page of ours in a frame,
// which neither this page's scripts nor its styles reach, and which reaches nothing here.
(() => {
  const TOLD = __TOLD__;
  const script = document.currentScript;
  const product = script?.dataset.product;
  if (!product || customElements.get("answerable-widget")) return;
  const base = new URL(".", script.src).href.replace(/\/$/, "");
  const origin = new URL(base).origin;
  const words = TOLD.words;
  const side = script.dataset.side === "left" ? "left" : "right";

  const CSS = `
    :host { all: initial; color-scheme: light dark; --accent: light-dark(oklch(50% .135 var(--hue)), oklch(74% .11 var(--hue))); --on: light-dark(#fff, oklch(22.5% .013 262)); }
    :host([theme=light]) { color-scheme: light; } :host([theme=dark]) { color-scheme: dark; }
    * { box-sizing: border-box; font: 600 15px/1.2 Inter, system-ui, "Segoe UI", sans-serif; }
    [hidden] { display: none !important; }
    button { cursor: pointer; border: 0; }
    button:focus-visible { outline: 3px solid light-dark(oklch(24% .018 262), #fff); outline-offset: 2px; }
    .launcher, .panel { position: fixed; z-index: 2147483000; ${side}: 20px; }
    .launcher { bottom: 20px; min-height: 48px; padding: 0 20px; border-radius: 24px; background: var(--accent); color: var(--on); box-shadow: 0 4px 16px rgb(0 0 0 / .2); }
    .badge { display: inline-block; min-width: 22px; margin-inline-start: 8px; padding: 3px 6px; border-radius: 11px; background: var(--on); color: var(--accent); font-size: 13px; text-align: center; }
    .panel { bottom: 80px; width: 400px; height: min(680px, calc(100dvh - 100px)); overflow: hidden; border: 1px solid light-dark(oklch(91% .006 262), oklch(31% .012 262)); border-radius: 12px; background: light-dark(oklch(98.6% .003 262), oklch(19% .012 262)); box-shadow: 0 8px 32px rgb(0 0 0 / .25); }
    iframe { width: 100%; height: 100%; border: 0; display: block; color-scheme: inherit; }
    .close { position: absolute; top: 4px; inset-inline-end: 4px; width: 44px; height: 44px; border-radius: 8px; background: transparent; color: light-dark(oklch(24% .018 262), oklch(93% .006 262)); font-size: 22px; }
    .late { position: absolute; inset: 60px 20px auto; color: light-dark(oklch(24% .018 262), oklch(93% .006 262)); }
    .late a { color: var(--accent); }
    .quiet { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
    @media (max-width: 520px), (max-height: 480px) { .panel { inset: 0; width: auto; height: auto; border: 0; border-radius: 0; } :host([open]) .launcher { display: none; } }`;

  const make = (tag, more = {}, attributes = {}) => {
    const one = Object.assign(document.createElement(tag), more);
    for (const [name, value] of Object.entries(attributes)) one.setAttribute(name, value);
    return one;
  };
  const announce = (what, detail) => document.dispatchEvent(new CustomEvent(`answerable:${what}`, { detail }));

  let host, launcher, badge, panel, frame, late, port, wanted, before, identify = null;
  let isOpen = false;
  const say = (message) => port?.postMessage(message);

  class Widget extends HTMLElement {}
  customElements.define("answerable-widget", Widget);

  function build() {
    host = make("answerable-widget");
    host.style.setProperty("--hue", TOLD.hues[product] ?? 258);
    const root = host.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
    root.adoptedStyleSheets = [sheet];
    launcher = make("button", { className: "launcher", type: "button", hidden: script.dataset.launcher === "none" }, { "aria-haspopup": "dialog", "aria-expanded": "false" });
    badge = make("span", { className: "badge", hidden: true });
    launcher.append(make("span", { textContent: words.open }), badge);
    launcher.addEventListener("click", () => (isOpen ? close() : open()));
    panel = make("div", { className: "panel", hidden: true }, { role: "dialog", "aria-modal": "true", "aria-label": words.title });
    const edge = (go) => {
      const one = make("span", { className: "quiet", tabIndex: 0 });
      one.addEventListener("focus", go);
      return one;
    };
    const shut = make("button", { className: "close", type: "button", textContent: "×" }, { "aria-label": words.close });
    shut.addEventListener("click", close);
    late = make("p", { className: "late", hidden: true, textContent: `${words.late} ` });
    late.append(make("a", { href: base, target: "_blank", rel: "noopener", textContent: words.site }));
    panel.append(edge(() => intoFrame(true)), shut, late, edge(() => shut.focus()));
    panel.addEventListener("keydown", (event) => event.key === "Escape" && close());
    root.append(launcher, panel);
    (document.body ?? document.documentElement).append(host);
  }

  const intoFrame = (last) => {
    frame.focus();
    say({ do: "focus", last });
  };

  function load() {
    frame = make("iframe", { src: `${base}/widget/${encodeURIComponent(product)}`, title: words.title, referrerPolicy: "origin" });
    frame.addEventListener("load", greet);
    panel.lastChild.before(frame);
    setTimeout(() => (late.hidden = Boolean(port?.answered)), 10000);
  }

  // A port that only this script and our own page hold: no other frame can speak on it, and nothing else is listened to.
  function greet() {
    const channel = new MessageChannel();
    port?.close();
    port = channel.port1;
    port.onmessage = ({ data }) => heard[data?.do]?.(data);
    frame.contentWindow.postMessage({ answerable: "hello", theme: host.getAttribute("theme") ?? "", knows: Boolean(identify), open: isOpen, where: wanted }, origin, [channel.port2]);
  }

  const heard = {
    ready: () => {
      port.answered = late.hidden = true;
      intoFrame(false);
    },
    close: () => close(),
    leave: () => panel.querySelector(".close").focus(),
    unread: ({ count }) => unread(Number(count) || 0),
    sent: ({ number }) => announce("sent", { number: Number(number) }),
    page: ({ id }) => say({ do: "answer", id, value: { page: location.href.split("#")[0], window: `${innerWidth} × ${innerHeight}` } }),
    token: async ({ id }) => {
      let value = null;
      try {
        value = identify ? await identify() : null;
      } catch (error) {
        console.warn("Answerable: identify() failed.", error);
      }
      say({ do: "answer", id, value: typeof value === "string" ? value : null });
    },
  };

  function unread(count) {
    badge.hidden = !count;
    badge.textContent = count > 9 ? "9+" : count;
    if (count) launcher.setAttribute("aria-label", `${words.open}, ${words.unread.replace("%(count)s", badge.textContent)}`);
    else launcher.removeAttribute("aria-label");
    announce("unread", { count });
  }

  function open(where = {}) {
    wanted = where;
    if (!isOpen) before = document.activeElement;
    isOpen = true;
    host.setAttribute("open", "");
    panel.hidden = false;
    launcher.setAttribute("aria-expanded", "true");
    if (!frame) load();
    else {
      say({ do: "open", where });
      intoFrame(false);
    }
    announce("open", where);
  }

  function close() {
    if (!isOpen) return;
    isOpen = false;
    host.removeAttribute("open");
    panel.hidden = true;
    launcher.setAttribute("aria-expanded", "false");
    say({ do: "closed" });
    // Back to where one was; the launcher is there in any case.
    if (before?.isConnected && before !== document.body && before !== host) before.focus();
    else launcher.focus();
    announce("close");
  }

  const api = {
    open: (where) => open(where && typeof where === "object" ? where : {}),
    close,
    identify: (callback) => {
      identify = typeof callback === "function" ? callback : null;
      if (!identify) unread(0);
      say({ do: "identified", knows: Boolean(identify) });
    },
    theme: (name) => {
      host.setAttribute("theme", ["light", "dark"].includes(name) ? name : "");
      say({ do: "theme", name: host.getAttribute("theme") });
    },
  };

  build();
  if (!(product in TOLD.hues)) console.warn(`Answerable: the support policy has no [widget.${product}].`);
  if (script.dataset.theme) api.theme(script.dataset.theme);
  window.Answerable = Object.freeze(api);
  // Whoever was here before this script left a function to be called.
  const queue = Array.isArray(window.answerableQueue) ? window.answerableQueue : [];
  window.answerableQueue = { push: (call) => call(window.Answerable) };
  queue.forEach((call) => call(window.Answerable));
})();
