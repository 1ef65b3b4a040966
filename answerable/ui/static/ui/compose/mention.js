// "@" in a note offers colleagues: <textarea data-mentions="/…"> names where the list is, and a [role=listbox] beside it shows
// it. Arrows walk, Enter or Tab chooses, Escape closes. The server reads the text itself; a choice only tells two of one name apart.
const MOST = 8;
const LONGEST = 40;
const known = new Map();
let open = null;

async function people(address) {
  if (!known.has(address)) {
    const asked = fetch(address, { headers: { Accept: "application/json" }, redirect: "manual" }).then((answer) => (answer.ok ? answer.json() : { people: [] }));
    known.set(address, asked);
    asked.catch(() => known.delete(address));
  }
  return (await known.get(address)).people;
}

// What stands between the last "@" and the cursor; null where nobody is being named.
function asked(field) {
  const before = field.value.slice(0, field.selectionStart);
  const at = before.lastIndexOf("@");
  const text = before.slice(at + 1);
  if (at < 0 || field.selectionStart !== field.selectionEnd || text.length > LONGEST || text.includes("\n")) return null;
  return at && !/[\s([{"'“‘–—]/.test(before[at - 1]) ? null : { at, text };
}

function matches(person, text) {
  const wanted = text.toLowerCase();
  const name = person.name.toLowerCase();
  return name.startsWith(wanted) || name.split(/[\s.@-]+/).some((word) => word.startsWith(wanted));
}

async function offer(field) {
  const now = asked(field);
  if (!now) return close();
  const found = (await people(field.dataset.mentions).catch(() => [])).filter((one) => matches(one, now.text)).slice(0, MOST);
  // The cursor may have gone on while the list was fetched.
  const still = asked(field);
  if (!found.length || still?.at !== now.at || still.text !== now.text || document.activeElement !== field) return close();
  // A name that stands there whole was chosen already.
  if (found.length === 1 && found[0].name === now.text) return close();
  const list = field.closest(".writing").querySelector("[role=listbox]");
  list.replaceChildren(...found.map((person) => item(person, list.dataset.unseen)));
  list.hidden = false;
  open = { field, list, at: now.at, found };
  field.setAttribute("aria-controls", list.id);
  point(0);
}

function item(person, unseen) {
  const one = document.createElement("li");
  one.id = `mention-${person.id}`;
  one.className = "mention-item";
  one.setAttribute("role", "option");
  one.textContent = person.name;
  if (!person.sees) {
    const words = document.createElement("span");
    words.className = "quiet small";
    words.textContent = ` ${unseen}`;
    one.append(words);
  }
  return one;
}

function point(index) {
  const rows = [...open.list.children];
  open.index = (index + rows.length) % rows.length;
  rows.forEach((one, place) => one.setAttribute("aria-selected", String(place === open.index)));
  open.field.setAttribute("aria-activedescendant", rows[open.index].id);
  rows[open.index].scrollIntoView({ block: "nearest" });
}

function close() {
  if (!open) return;
  open.list.hidden = true;
  open.list.replaceChildren();
  open.field.removeAttribute("aria-activedescendant");
  open = null;
}

function choose(index) {
  const { field, at, found } = open;
  const person = found[index];
  close();
  field.focus();
  field.setRangeText(`@${person.name} `, at, field.selectionStart, "end");
  if (!field.form.querySelector(`input[name=mention][value="${person.id}"]`)) {
    const picked = document.createElement("input");
    Object.assign(picked, { type: "hidden", name: "mention", value: person.id });
    field.form.append(picked);
  }
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("input", (event) => {
  if (event.target.matches("textarea[data-mentions]")) offer(event.target);
});

document.addEventListener("keydown", (event) => {
  if (!open || event.target !== open.field || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "ArrowDown") point(open.index + 1);
  else if (event.key === "ArrowUp") point(open.index - 1);
  else if (event.key === "Enter" || event.key === "Tab") choose(open.index);
  else if (event.key === "Escape") close();
  else return;
  event.preventDefault();
  event.stopPropagation();
}, { capture: true });

document.addEventListener("pointerdown", (event) => {
  const one = event.target.closest(".mention-item");
  if (!open) return;
  if (!one) return close();
  event.preventDefault();
  choose([...open.list.children].indexOf(one));
});

document.addEventListener("focusout", (event) => {
  if (open && event.target === open.field) setTimeout(() => document.activeElement !== open?.field && close());
});
