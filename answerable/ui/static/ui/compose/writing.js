// One text under way: what stands in its field, what the server has of it, and what happens where they differ. What the
// server has not yet, at most the last second, is also kept in this tab. Two tabs never write over each other: who went on
// from an older state is told, and both texts are kept (casework/begun_actions.py).
const NET = "begun:";
const SOON = 1000;
const AGAIN = 3000;
// The server asks about no more states than these and the last one that it told of (desk/views/begun.py).
const TRIES = 19;
// Browsers let go of a page only with so much still to send.
const SMALL = 15000;
const token = () => Math.random().toString(36).slice(2, 12) + Math.random().toString(36).slice(2, 12);

class Writing {
  constructor(key) {
    this.key = NET + key;
    this.tried = [];
    this.timer = 0;
    this.saving = this.sending = this.dirty = false;
  }

  adopt(form) {
    this.form = form;
    this.field = form.elements.text;
    this.mark = form.querySelector("[data-mark]").value;
    this.aside = form.dataset.aside ?? "";
    this.other = null;
    this.sending = false;
    const kept = JSON.parse(sessionStorage.getItem(this.key) ?? "null");
    if (kept) this.restore(kept);
    this.tell();
  }

  // A text begun after a reply was sent stands below that reply once it came back.
  restore(kept) {
    const back = kept.aside === this.aside ? "" : (this.form.dataset.back ?? "");
    const text = back && kept.text ? `${back}\n\n${kept.text}` : back || kept.text;
    if (text === this.field.value) return this.drop();
    if (![kept.base, ...kept.tried].includes(this.mark)) return this.clash({ text: kept.text, mark: this.mark });
    this.tried = kept.tried;
    this.fill(text);
  }

  fill(text) {
    this.field.value = text;
    this.field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  typed() {
    this.dirty = true;
    this.keep();
    this.say("");
    this.later(SOON);
  }

  later(wait) {
    if (!this.other && !this.sending) this.timer ||= setTimeout(() => this.save(), wait);
  }

  keep() {
    sessionStorage.setItem(this.key, JSON.stringify({ text: this.field.value, base: this.mark, tried: this.tried, aside: this.aside }));
  }

  drop() {
    sessionStorage.removeItem(this.key);
  }

  tell() {
    this.form.querySelector("[data-mark]").value = this.mark;
    this.form.querySelector("[data-tried]").value = this.tried.at(-1) ?? this.mark;
  }

  say(word) {
    const place = this.form.querySelector("[data-begun-state]");
    place.textContent = word ? place.dataset[word] : "";
  }

  body(mark) {
    const { elements } = this.form;
    const body = new FormData();
    const said = { text: this.field.value, mark, aside: this.aside, cc: elements.cc?.value ?? "", tags: elements.tags?.value ?? "" };
    for (const [name, value] of Object.entries(said)) body.append(name, value);
    for (const base of new Set([this.mark, ...this.tried])) body.append("base", base);
    return body;
  }

  async save() {
    clearTimeout(this.timer);
    this.timer = 0;
    if (this.saving || this.sending || this.other || !this.dirty || !this.form.isConnected) return;
    const { form, field } = this;
    const text = field.value;
    const mark = token();
    const body = this.body(mark);
    this.tried = [...this.tried, mark].slice(-TRIES);
    this.saving = true;
    this.dirty = false;
    this.keep();
    this.tell();
    try {
      const headers = { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value, Accept: "application/json" };
      const answer = await fetch(form.dataset.begun, { method: "POST", body, headers, redirect: "manual", keepalive: text.length < SMALL });
      const said = answer.ok || answer.status === 409 ? await answer.json() : null;
      // It was sent meanwhile: what stands here now is another text.
      if (!this.tried.includes(mark)) return;
      if (answer.ok) this.saved(text, said.mark);
      else if (answer.status === 409) this.clash(said);
      else if (answer.status >= 500) throw new Error("away");
      else this.say("refused");
    } catch {
      if (!this.tried.includes(mark)) return;
      this.dirty = true;
      this.say("away");
      this.saving = false;
      this.later(AGAIN);
    } finally {
      this.saving = false;
      if (this.dirty) this.later(SOON);
    }
  }

  saved(text, mark) {
    if (this.sending) return;
    this.mark = mark;
    this.tried = [];
    this.tell();
    if (this.field.value !== text) return this.keep();
    this.drop();
    this.say(text ? "saved" : "");
  }

  clash(other) {
    if (this.sending) return;
    this.other = other;
    const bar = this.form.querySelector("[data-clash]");
    const words = bar.querySelector("[data-clash-words]");
    words.textContent = other.message ?? words.dataset.here;
    bar.querySelector("[data-clash-text]").textContent = other.text;
    bar.querySelector("details").hidden = !other.text;
    for (const one of bar.querySelectorAll("[data-clash-do]")) one.hidden = !other.text && one.dataset.clashDo !== "keep";
    bar.hidden = false;
  }

  settle(how) {
    const { text, mark } = this.other;
    this.other = null;
    this.mark = mark;
    this.tried = [];
    this.form.querySelector("[data-clash]").hidden = true;
    const mine = this.field.value.trimEnd();
    if (how === "add") this.fill(mine ? `${mine}\n\n${text}` : text);
    else if (how === "take") this.fill(text);
    else this.typed();
    this.field.focus();
  }

  // This tab was not looked at for a while: another one may have gone on.
  async lookAgain() {
    if (this.saving || this.sending || this.other || !this.form.isConnected) return;
    if (this.dirty) return this.save();
    if (sessionStorage.getItem(this.key)) return;
    try {
      const answer = await fetch(`${this.form.dataset.begun}/state`, { headers: { Accept: "application/json" }, redirect: "manual", cache: "no-store" });
      if (!answer.ok) return;
      const there = await answer.json();
      if (there.mark === this.mark || this.dirty || this.saving || this.sending || this.aside) return;
      this.mark = there.mark;
      this.tell();
      for (const name of ["cc", "tags"]) if (this.form.elements[name]) this.form.elements[name].value = there[name];
      if (there.text === this.field.value) return;
      this.field.value = there.text;
      this.say("elsewhere");
    } catch {
      // No network: what stands here stays.
    }
  }

  begin() {
    this.sending = true;
    this.sent = this.field.value;
    clearTimeout(this.timer);
    this.timer = 0;
  }

  failed() {
    this.sending = false;
    if (this.dirty || this.tried.length) {
      this.dirty = true;
      this.later(SOON);
    }
  }

  // What was typed after it was sent.
  more() {
    const { value } = this.field;
    if (value === this.sent) return "";
    return value.startsWith(this.sent) ? value.slice(this.sent.length).trimStart() : value;
  }

  done() {
    const more = this.more();
    this.drop();
    this.mark = "";
    this.tried = [];
    this.sending = this.dirty = false;
    this.other = null;
    this.form.querySelector("[data-clash]").hidden = true;
    for (const name of ["text", "cc", "tags"]) if (this.form.elements[name]) this.form.elements[name].value = "";
    for (const one of this.form.querySelectorAll("input[name=mention], .begun-file")) one.remove();
    this.tell();
    this.say("");
    if (more.trim()) return this.fill(more);
    // The keys are for the page again: what was sent can be taken back with one.
    if ("leave" in this.form.dataset) this.field.blur();
  }
}

// What went on from a reply that is thrown away goes with it.
function forget(key) {
  const kept = JSON.parse(sessionStorage.getItem(NET + key) ?? "null");
  if (kept?.aside) sessionStorage.removeItem(NET + key);
}

export { Writing, forget };
