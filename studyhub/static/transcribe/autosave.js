// Saving without loss: one request at a time, always the whole newest text, sent again until the server says
// which revision it became. What is not kept yet lives in memory and nowhere else: this is raw interview text.
import { $, api } from "../shared/dom.js";

const QUIET = 1000; // after the last key
const AT_LEAST = 10_000; // while somebody types on
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 30_000;
const MOST_KEPT_ALIVE = 60_000; // bytes: browsers take 64 KiB from a page that closes

export class Autosave extends EventTarget {
  constructor({ address, rev, text }) {
    super();
    Object.assign(this, { address, rev, stored: text, latest: text });
    Object.assign(this, { seq: 0, unsaved: 0, state: "saved", at: new Date(), busy: false, held: false });
    this.client = crypto.randomUUID();
    this.underWay = new Map(); // what was sent under which number, as long as no answer came
    addEventListener("beforeunload", (event) => {
      if (this.unsaved || this.busy) event.preventDefault();
    });
    addEventListener("online", () => this.flush());
    addEventListener("blur", () => this.flush());
    document.addEventListener("visibilitychange", () => document.hidden && this.flush(true));
  }

  is(state, detail = {}) {
    this.state = state;
    const told = { state, unsaved: this.unsaved, at: this.at, ...detail };
    this.dispatchEvent(new CustomEvent("state", { detail: told }));
  }

  /** text: a function, so that a long transcript is written out once for a save and not once for a key. */
  changed(text) {
    this.latest = text;
    this.unsaved++;
    this.first ??= Date.now();
    clearTimeout(this.timer);
    const left = Math.max(0, AT_LEAST - (Date.now() - this.first));
    this.timer = setTimeout(() => this.flush(), Math.min(QUIET, left));
    if (this.state === "saved") this.is("saving");
    else if (this.state === "offline") this.is("offline");
  }

  async flush(leaving = false) {
    clearTimeout(this.timer);
    if (this.busy || this.held || !this.unsaved) return;
    this.busy = true;
    this.first = undefined;
    const text = typeof this.latest === "function" ? this.latest() : this.latest;
    const count = this.unsaved;
    // The same text keeps its number when it is sent again: a lost answer stores nothing twice.
    if (this.sent?.text !== text) this.sent = { text, seq: ++this.seq };
    this.underWay.set(this.sent.seq, text);
    if (this.state !== "offline") this.is("saving");
    const answer = await this.send({ base_rev: this.rev, text, client_id: this.client, seq: this.sent.seq }, leaving);
    this.busy = false;
    this.take(answer, text, count);
  }

  async send(body, leaving) {
    try {
      if (!leaving || body.text.length >= MOST_KEPT_ALIVE) return await api("PATCH", this.address, body);
      const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": $("[data-csrf]").dataset.csrf };
      const found = await fetch(this.address, { method: "PATCH", keepalive: true, headers, body: JSON.stringify(body) });
      return { status: found.status, value: await found.json() };
    } catch {
      return { status: 0, value: {} };
    }
  }

  take({ status, value }, text, count) {
    if (status === 200) this.taken(value.rev, text, count);
    else if (status === 409 && value.text !== undefined) this.hold("clash", { theirs: value, mine: text, base: this.base(value.last_seq) });
    else if (status === 423 && value.saved_by) this.hold("locked", { by: value.saved_by });
    else if (status === 401 || status === 400 || status === 403) this.hold("signed-out");
    else if (status >= 400 && status < 500 && status !== 429) this.hold("refused", { says: value.says });
    else this.again();
  }

  taken(rev, text, count) {
    Object.assign(this, { rev, stored: text, at: new Date(), wait: undefined });
    this.underWay.clear();
    this.unsaved -= count;
    document.dispatchEvent(new Event("studyhub:alive"));
    this.is(this.unsaved ? "saving" : "saved");
    if (this.unsaved) this.timer = setTimeout(() => this.flush(), QUIET);
  }

  /** The text from which a merge starts: the last one of ours that the server took, even if it could not say so. */
  base(lastSeq) {
    return this.underWay.get(lastSeq) ?? this.stored;
  }

  hold(state, detail) {
    this.held = true;
    this.is(state, detail);
  }

  again() {
    this.wait = Math.min(LONGEST_WAIT, (this.wait ?? FIRST_WAIT) * 2);
    this.timer = setTimeout(() => this.flush(), this.wait);
    this.is("offline");
  }

  /** After a merge, a take-over or a new sign-in: go on from this revision. */
  resume({ rev = this.rev, stored = this.stored } = {}) {
    Object.assign(this, { rev, stored, held: false, sent: undefined });
    this.underWay.clear();
    this.unsaved ||= 1;
    return this.flush();
  }
}
