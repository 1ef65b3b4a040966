// The composer's toolbar: <button data-md="bold"> works on the text of its form, and so do the keys. Ctrl Z takes it back.
const WRAPS = { bold: ["**", "**"], italic: ["_", "_"], code: ["`", "`"] };
const LINES = { list: "- ", quote: "> ", heading: "## " };
const KEYS = { b: "bold", i: "italic", e: "code" };
const SHIFTED = { KeyK: "link", Digit8: "list", Digit9: "quote" };

// execCommand is the one way that leaves the browser's own undo whole.
function put(field, text) {
  field.focus();
  if (!document.execCommand("insertText", false, text)) {
    field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function wrap(field, [before, after]) {
  const { selectionStart: start, selectionEnd: end, value } = field;
  const chosen = value.slice(start, end);
  const around = value.slice(start - before.length, start) === before && value.slice(end, end + after.length) === after;
  if (around) {
    field.setSelectionRange(start - before.length, end + after.length);
    put(field, chosen);
    field.setSelectionRange(start - before.length, end - before.length);
    return;
  }
  const block = before === "`" && chosen.includes("\n");
  put(field, block ? `\`\`\`\n${chosen}\n\`\`\`` : before + chosen + after);
  const at = start + (block ? 4 : before.length);
  field.setSelectionRange(at, at + chosen.length);
}

function prefix(field, mark) {
  const { value } = field;
  const start = value.lastIndexOf("\n", field.selectionStart - 1) + 1;
  const stop = value.indexOf("\n", field.selectionEnd);
  const end = stop < 0 ? value.length : stop;
  const lines = value.slice(start, end).split("\n");
  const off = lines.every((line) => line.startsWith(mark));
  const text = lines.map((line) => (off ? line.slice(mark.length) : mark + line)).join("\n");
  field.setSelectionRange(start, end);
  put(field, text);
  field.setSelectionRange(lines.length > 1 ? start : start + text.length, start + text.length);
}

function link(field) {
  const { selectionStart: start, value } = field;
  const chosen = value.slice(start, field.selectionEnd);
  const isAddress = /^https?:\/\/\S+$/.test(chosen);
  put(field, isAddress ? `[](${chosen})` : `[${chosen}](https://)`);
  if (isAddress || !chosen) field.setSelectionRange(start + 1, start + 1);
  else field.setSelectionRange(start + chosen.length + 3, start + chosen.length + 11);
}

const apply = (field, what) => (WRAPS[what] ? wrap(field, WRAPS[what]) : LINES[what] ? prefix(field, LINES[what]) : link(field));

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-md]");
  if (button) apply(button.form.elements.text, button.dataset.md);
});

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.altKey || !(event.ctrlKey || event.metaKey)) return;
  if (!event.target.matches("form[data-begun] textarea")) return;
  const what = event.shiftKey ? SHIFTED[event.code] : KEYS[event.key.toLowerCase()];
  if (!what) return;
  event.preventDefault();
  apply(event.target, what);
});

export { put };
