// The menu of canned replies: <button data-canned> or "/" at the beginning of a line opens it; arrows walk, Enter puts the text
// in at the cursor with what is known filled in. The first place that nothing is known for stays chosen, to be typed over.
import { put } from "./markdown.js";

let slash = false;
let found = null; // the words that the list is for
let wanted = false; // Enter came before the list for what is typed
let putting = false;
const menu = () => document.querySelector("[data-canned-menu]");
const reply = () => document.querySelector("#reply-text");

function open(bySlash) {
  const box = menu();
  if (!box || box.open) return;
  slash = bySlash;
  found = null;
  wanted = false;
  const search = box.querySelector("input");
  search.value = "";
  box.showModal();
  search.focus();
  search.dispatchEvent(new CustomEvent("open"));
}

function back() {
  const tab = document.querySelector("#compose-reply");
  if (tab) tab.checked = true;
  reply()?.focus();
}

const rows = () => [...menu().querySelectorAll("[role=option]")];
const chosen = () => rows().find((one) => one.getAttribute("aria-selected") === "true");

function point(one) {
  for (const row of rows()) row.setAttribute("aria-selected", String(row === one));
  const search = menu().querySelector("input");
  if (one) search.setAttribute("aria-activedescendant", one.id);
  else search.removeAttribute("aria-activedescendant");
  one?.scrollIntoView({ block: "nearest" });
}

// Once, however often it is clicked before the text comes.
async function choose(one) {
  if (putting) return;
  putting = true;
  await fill(one).finally(() => (putting = false));
}

async function fill(one) {
  const field = reply();
  const headers = { "X-CSRFToken": field.form.elements.csrfmiddlewaretoken.value, Accept: "application/json" };
  const answer = await fetch(one.dataset.put, { method: "POST", headers, redirect: "manual" }).catch(() => null);
  if (!answer?.ok) return;
  const { text, missing, status, tags } = await answer.json();
  slash = false;
  menu().close();
  back();
  const start = field.selectionStart;
  put(field, text);
  if (missing.length) {
    const at = field.value.indexOf(missing[0], start);
    field.setSelectionRange(at, at + missing[0].length);
  }
  field.form.dispatchEvent(new CustomEvent("canned", { bubbles: true, detail: { status, tags } }));
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-canned]")) open(false);
  const one = event.target.closest("[data-canned-menu] [role=option]");
  if (one) choose(one);
});

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  const { target, key } = event;
  if (key === "/" && target === reply()) {
    const before = target.value.slice(0, target.selectionStart);
    if (before && !before.endsWith("\n")) return;
    event.preventDefault();
    open(true);
  } else if (target.matches("[data-canned-menu] input")) {
    const all = rows();
    const step = { ArrowDown: 1, ArrowUp: -1 }[key];
    if (step && all.length) point(all[(all.indexOf(chosen()) + step + all.length) % all.length]);
    else if (key === "Enter" && found !== target.value) wanted = true;
    else if (key === "Enter" && chosen()) choose(chosen());
    else if (key !== "Enter") return;
    event.preventDefault();
  }
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id !== "canned-found") return;
  found = event.detail.requestConfig.parameters.q;
  point(rows()[0]);
  if (wanted && found === menu().querySelector("input").value && chosen()) choose(chosen());
  wanted = false;
});

document.addEventListener("input", (event) => {
  if (event.target.matches("[data-canned-menu] input")) wanted = false;
});

// Who typed "/" and did not mean the menu has what they typed.
document.addEventListener(
  "close",
  (event) => {
    if (event.target !== menu()) return;
    back();
    if (slash) put(reply(), `/${menu().querySelector("input").value}`);
    slash = false;
  },
  { capture: true },
);
