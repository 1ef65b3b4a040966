// What is written in <form data-unsaved="name"> is not lost by leaving: the browser asks first, and keeps it until a page comes
// that has it. A page that tells of a refusal (data-refused) has the words in its form, and they stay kept.
const NET = "unsaved:";
const SENT = "unsaved-sent";
const FIELDS = ["title", "text"];

const said = (form) => Object.fromEntries(FIELDS.map((name) => [name, form.elements[name].value]));
const plain = (text) => text.replace(/\s+/g, " ").trim();
const same = (one, other) => FIELDS.every((name) => plain(one[name]) === plain(other[name]));
const kept = (name) => JSON.parse(localStorage.getItem(NET + name) ?? "null");
const drop = (name) => localStorage.removeItem(NET + name);

function offer(form, words) {
  const bar = form.querySelector("[data-unsaved-bar]");
  bar.hidden = false;
  bar.addEventListener("click", (event) => {
    const what = event.target.closest("[data-unsaved-do]")?.dataset.unsavedDo;
    if (!what) return;
    bar.hidden = true;
    if (what === "drop") drop(form.dataset.unsaved);
    else
      for (const name of FIELDS) {
        form.elements[name].value = words[name];
        form.elements[name].dispatchEvent(new Event("input", { bubbles: true }));
      }
    form.elements.text.focus();
  });
}

function watch(form) {
  const name = form.dataset.unsaved;
  const first = said(form);
  const refused = form.querySelector("[data-refused]");
  const words = kept(name);
  let leaving = false;
  if (words && !refused && !same(words, first)) offer(form, words);
  form.addEventListener("input", (event) => {
    if (!FIELDS.includes(event.target.name)) return;
    form.querySelector("[data-unsaved-bar]").hidden = true;
    if (!refused && same(said(form), first)) drop(name);
    else localStorage.setItem(NET + name, JSON.stringify(said(form)));
  });
  form.addEventListener("submit", () => {
    leaving = true;
    sessionStorage.setItem(SENT, name);
  });
  addEventListener("pageshow", () => (leaving = false));
  addEventListener("beforeunload", (event) => {
    if (!leaving && (refused || !same(said(form), first))) event.preventDefault();
  });
}

const form = document.querySelector("form[data-unsaved]");
if (form) {
  // A new article has another name once it is there.
  const sent = sessionStorage.getItem(SENT);
  const words = sent && kept(sent);
  if (words && !form.querySelector("[data-refused]") && same(words, said(form))) drop(sent);
  sessionStorage.removeItem(SENT);
  watch(form);
}
