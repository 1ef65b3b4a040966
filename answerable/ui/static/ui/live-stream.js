// The connection to /live, open for all that the passes of this browser's tabs grant. Held by the tab that leads (live.js).
const TOGETHER = 200;
const MOST = 60;

export class Stream {
  #tell;
  #renew;
  #passes = new Map();
  #source = null;
  #next = null;
  #address = "";
  #joined = false;
  #timer = 0;
  #expiry = 0;
  #failures = 0;
  #notBefore = 0;
  #missed;

  constructor(tell, renew, missed) {
    this.#tell = tell;
    this.#renew = renew;
    this.#missed = missed;
  }

  // For a tab that has just come, a new connection tells again what happened since its page was made.
  put(tab, pass) {
    if (!this.#passes.delete(tab)) this.#joined = true;
    this.#passes.set(tab, pass);
    this.#plan();
  }

  drop(tab) {
    if (this.#passes.delete(tab)) this.#plan();
  }

  close() {
    clearTimeout(this.#timer);
    clearTimeout(this.#expiry);
    this.#source?.close();
    this.#next?.close();
    this.#source = this.#next = null;
    this.#address = "";
  }

  // Tabs that come and go at the same time make one new connection.
  #plan() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#open(), Math.max(TOGETHER, this.#notBefore - Date.now()));
  }

  // Tabs that show the same thing renew at the same address: the newest token is enough for them all.
  #tokens() {
    const byAddress = new Map();
    for (const [tab, pass] of this.#passes) {
      if (pass.until <= Date.now()) this.#passes.delete(tab);
      else byAddress.set(pass.url, pass.token);
    }
    return [...byAddress.values()].slice(-MOST).sort();
  }

  #open() {
    const tokens = this.#tokens();
    if (!tokens.length) return this.close();
    clearTimeout(this.#expiry);
    const nearest = Math.min(...[...this.#passes.values()].map((pass) => pass.until));
    this.#expiry = setTimeout(() => this.#open(), nearest - Date.now() + 1);
    const address = `/live?${tokens.map((token) => `t=${encodeURIComponent(token)}`).join("&")}`;
    if (address !== this.#address || this.#joined) this.#connect(address);
    this.#joined = false;
  }

  // The old connection stays until the new one is open, so that no event falls between them.
  #connect(address) {
    this.#next?.close();
    this.#address = address;
    const source = (this.#next = new EventSource(address));
    source.onopen = () => this.#opened(source);
    source.onmessage = ({ data }) => this.#heard(source, JSON.parse(data));
    source.onerror = () => {
      this.#missed = true;
      if (source.readyState === EventSource.CLOSED) this.#again();
    };
  }

  #opened(source) {
    if (source === this.#next) {
      this.#source?.close();
      this.#source = source;
      this.#next = null;
    }
    this.#failures = 0;
    if (this.#missed) this.#tell({ k: "refresh" });
    this.#missed = false;
  }

  #heard(source, event) {
    if (event.k !== "close") return this.#tell(event);
    source.close();
    this.#missed = true;
    this.#again();
  }

  // Refused, full, or closed because access changed: start over, with tokens that a view has just checked.
  #again() {
    this.close();
    this.#passes.clear();
    this.#notBefore = Date.now() + Math.min(30000, 1000 * 2 ** this.#failures) * (0.5 + Math.random());
    this.#failures += 1;
    this.#renew();
  }
}
