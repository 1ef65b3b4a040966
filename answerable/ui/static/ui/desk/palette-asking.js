// What the palette asks the server for while one types: after a pause, and the latest answer wins.
import { opened } from "./opened.js";

const PAUSE = 120;

export class Asking {
  stale = false; // something was typed that no answer has come to yet

  constructor(address, field, show) {
    Object.assign(this, { address, field, show });
  }

  stop() {
    this.under?.abort();
    clearTimeout(this.waiting);
  }

  soon() {
    this.stop();
    this.stale = true;
    this.waiting = setTimeout(() => this.now(), PAUSE);
  }

  async now() {
    this.stop();
    this.under = new AbortController();
    const { signal } = this.under;
    const text = this.field.value.trim();
    const asked = new URLSearchParams({ q: this.field.value, recent: text ? "" : opened() });
    let html = "";
    try {
      const answer = await fetch(`${this.address}?${asked}`, { signal });
      if (answer.ok && !answer.redirected) html = await answer.text();
    } catch {
      html = ""; // no network: what the page itself has is still there
    }
    if (!signal.aborted) this.tell(html);
  }

  tell(html) {
    this.stale = false;
    this.show(html, this.field.value.trim());
  }
}
