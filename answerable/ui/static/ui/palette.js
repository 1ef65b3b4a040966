// The palette: Ctrl K, or typing into the top bar's search. The focus stays in the field; arrows choose an option (a
// combobox with a listbox). Requests, people and organizations come from the server while one types, the latest answer
// wins; views, places and what this page can do come from the page itself.
import { actions, label, press } from "./actions.js";

const PAUSE = 120;
const RECENT = "opened";
const dialog = document.querySelector("[data-palette]");

function remember() {
  const number = location.pathname.match(/^\/desk\/tickets\/(\d+)$/)?.[1];
  const opened = (localStorage.getItem(RECENT) ?? "").split(",").filter((one) => one && one !== number);
  if (number) localStorage.setItem(RECENT, [number, ...opened].slice(0, 7).join(","));
}

function palette() {
  const field = dialog.querySelector("input");
  const box = dialog.querySelector("[role=listbox]");
  const none = dialog.querySelector(".palette-none");
  const told = dialog.querySelector("[role=status]");
  const places = dialog.querySelector("[data-places]");
  let waiting = 0;
  let asking = null;
  let stale = false; // something was typed that no answer has come to yet
  let elements = []; // what the options of this page stand for

  const options = () => [...box.querySelectorAll("[role=option]")];
  const chosen = () => box.querySelector("[aria-selected=true]");

  function choose(option) {
    for (const one of options()) one.setAttribute("aria-selected", String(one === option));
    if (option) field.setAttribute("aria-activedescendant", option.id);
    else field.removeAttribute("aria-activedescendant");
    option?.scrollIntoView({ block: "nearest" });
  }

  function group(title, found) {
    if (!found.length) return null;
    const part = document.createElement("div");
    const head = document.createElement("div");
    head.className = "palette-title";
    head.id = `palette-own-${elements.length}`;
    head.textContent = title;
    part.setAttribute("role", "group");
    part.setAttribute("aria-labelledby", head.id);
    part.append(head);
    for (const { element, name, key } of found) {
      const option = document.createElement("div");
      option.className = "palette-option";
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.id = `palette-do-${elements.length}`;
      option.dataset.at = elements.length;
      elements.push(element);
      const words = document.createElement("span");
      words.className = "palette-name";
      words.textContent = name;
      option.append(words);
      for (const part of key ? key.split(" ") : []) {
        const kbd = document.createElement("kbd");
        kbd.className = "key";
        kbd.textContent = part;
        option.append(kbd);
      }
      part.append(option);
    }
    return part;
  }

  function own(text) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (name) => {
      const parts = name.toLowerCase().split(/[^\p{L}\p{N}]+/u);
      return words.every((word) => parts.some((part) => part.startsWith(word)));
    };
    const all = [...actions()].map(([key, element]) => ({ key, element, name: label(element) }));
    const here = all.filter((one) => !places.contains(one.element) && fits(one.name));
    const there = all.filter((one) => places.contains(one.element) && fits(one.name));
    const hrefs = new Set([...places.querySelectorAll("a")].map((one) => one.href));
    const views = [...document.querySelectorAll(".rail-link")]
      .filter((one) => !hrefs.has(one.href))
      .map((element) => ({ element, name: (element.firstChild?.textContent ?? "").trim(), key: "" }))
      .filter((one) => one.name && fits(one.name));
    const parts = [group(places.dataset.actions, here), text ? group(places.dataset.views, views) : null, group(places.dataset.title, there)];
    const found = parts.filter(Boolean);
    // What one types the beginning of is meant before what merely holds the word.
    if (text) box.prepend(...found);
    else box.append(...found);
  }

  function show(html, text) {
    box.innerHTML = html;
    elements = [];
    own(text);
    const count = options().length;
    none.hidden = count > 0;
    told.textContent = count === 1 ? told.dataset.one : count ? told.dataset.many.replace("%(count)s", count) : told.dataset.none;
    stale = false;
    choose(options()[0]);
    box.scrollTop = 0;
  }

  async function ask() {
    asking?.abort();
    asking = new AbortController();
    const { signal } = asking;
    const text = field.value.trim();
    const recent = text ? "" : (localStorage.getItem(RECENT) ?? "");
    try {
      const answer = await fetch(`${dialog.dataset.palette}?${new URLSearchParams({ q: field.value, recent })}`, { signal });
      const html = answer.ok && !answer.redirected ? await answer.text() : "";
      if (!signal.aborted) show(html, text);
    } catch {
      if (!signal.aborted) show("", text);
    }
  }

  function open(text = "") {
    if (document.querySelector("dialog[open]")) return;
    dialog.showModal();
    field.value = text;
    field.focus();
    show("", text.trim());
    ask();
  }

  function take(option, apart) {
    if (!option) return void field.form.requestSubmit();
    const element = elements[option.dataset.at];
    const href = option.dataset.href ?? (element?.matches("a[href]") ? element.href : "");
    if (href && apart) return void window.open(href, "_blank", "noopener");
    dialog.close();
    if (option.dataset.href) location.assign(href);
    else press(element);
  }

  field.addEventListener("input", () => {
    asking?.abort();
    stale = true;
    choose(null);
    clearTimeout(waiting);
    waiting = setTimeout(ask, PAUSE);
  });

  field.addEventListener("keydown", async (event) => {
    if (event.isComposing) return;
    const all = options();
    const at = all.indexOf(chosen());
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const to = at + (event.key === "ArrowDown" ? 1 : -1);
      if (all.length) choose(all[(to + all.length) % all.length]);
    } else if (event.key === "Enter") {
      event.preventDefault();
      clearTimeout(waiting);
      if (stale) await ask(); // never what was found for other words
      take(chosen(), event.ctrlKey || event.metaKey);
    }
  });

  box.addEventListener("mousemove", (event) => {
    const option = event.target.closest("[role=option]");
    if (option && option !== chosen()) choose(option);
  });

  box.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) take(option, event.ctrlKey || event.metaKey);
  });

  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });

  dialog.addEventListener("close", () => {
    asking?.abort();
    clearTimeout(waiting);
  });

  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== "k") return;
    event.preventDefault();
    if (dialog.open) dialog.close();
    else open();
  });

  const bar = document.querySelector("[data-palette-open]");
  bar?.addEventListener("click", () => open(bar.value));
  bar?.addEventListener("input", () => {
    const text = bar.value;
    bar.value = "";
    open(text);
  });
}

if (dialog) {
  remember();
  palette();
}
