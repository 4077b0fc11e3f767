// Sends what was decided as soon as it was, in order, one message at a time, and says how that stands.
// Nothing is kept in the browser: what was not taken stays on the page and is sent again.
import { $, api, h, icon, plural, say, toast } from "../shared/dom.js";
import { counting, learn, moved, stateOf } from "./model.js";

const PAUSE = 700;
const AGAIN = 3000;
const SENT = ["id", "start", "end", "category", "entity", "state", "note", "words"];

export class Saving {
  /** desk: {state, past, replace(state)}; marks: the address of the marks. */
  constructor(desk, marks, loaded) {
    Object.assign(this, { desk, marks, rev: loaded.rev, client: crypto.randomUUID(), seq: 0, timer: 0, under: null });
    this.count = counting(loaded.text);
    this.line = h("span.wb-state.wb-state--saved", { role: "status" }, icon("check"), "Saved");
    this.sent = new Map(desk.state.marks.map((mark) => [mark.id, mark]));
    addEventListener("beforeunload", (event) => {
      if (this.waits()) event.preventDefault();
    });
  }

  changes() {
    const marks = this.desk.state.marks.filter((mark) => this.sent.get(mark.id) !== mark);
    const here = new Set(this.desk.state.marks.map((mark) => mark.id));
    return [marks, [...this.sent.keys()].filter((id) => !here.has(id))];
  }

  waits() {
    const [marks, removed] = this.changes();
    return marks.length + removed.length > 0;
  }

  say(look, picture, words) {
    this.line.className = `wb-state wb-state--${look}`;
    this.line.replaceChildren(icon(picture), words);
  }

  soon() {
    this.say("saving", "clock", "Saving…");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), PAUSE);
  }

  /** Send what waits now. Resolves with whether all of it is kept. */
  async flush() {
    clearTimeout(this.timer);
    if (this.under) await this.under;
    if (this.waits()) await this.send();
    return !this.waits();
  }

  send() {
    this.under ??= this.sendNow().finally(() => {
      this.under = null;
    });
    return this.under;
  }

  async sendNow() {
    const [marks, removed] = this.changes();
    if (!marks.length && !removed.length) return;
    const now = this.desk.state;
    let answer;
    try {
      answer = await api("PATCH", this.marks, this.message(marks, removed));
    } catch {
      answer = { status: 0, value: {} };
    }
    if (answer.status === 200) this.taken(now, answer.value);
    else if (answer.status === 409) await this.overtaken();
    else if (answer.status === 422) this.refused(marks, answer.value.problems);
    else await this.kept(answer.status, marks.length + removed.length);
  }

  message(marks, removed) {
    const pick = (mark) => Object.fromEntries(SENT.map((name) => [name, mark[name]]));
    const decisions = marks.map(pick);
    for (const each of decisions) {
      each.start = this.count.toPoints(each.start);
      each.end = this.count.toPoints(each.end);
    }
    const ids = new Set(marks.map((mark) => mark.entity));
    const fresh = [...this.desk.state.entities.values()].filter((entity) => ids.has(entity.id) && !entity.named);
    const entities = fresh.map(({ id, replacement }) => ({ id, replacement }));
    this.seq += 1;
    return { base_rev: this.rev, client_id: this.client, seq: this.seq, decisions, removed, entities };
  }

  taken(now, value) {
    this.rev = value.rev;
    this.sent = new Map(now.marks.map((mark) => [mark.id, mark]));
    const became = value.moved ?? {};
    if (Object.keys(became).length) {
      this.sent = new Map([...this.sent].map(([id, mark]) => [id, mark]));
      this.desk.past = this.desk.past.map((old) => ({ ...old, state: moved(old.state, became) }));
      const before = this.desk.state;
      const after = moved(before, became);
      after.marks.forEach((mark, index) => {
        if (this.sent.get(mark.id) === before.marks[index]) this.sent.set(mark.id, mark);
      });
      this.desk.replace(learn(after, value.entities));
    } else {
      this.desk.replace(learn(this.desk.state, value.entities));
    }
    if (this.waits()) this.soon();
    else this.say("saved", "check", `Saved ${new Date().toTimeString().slice(0, 5)}`);
  }

  /** Somebody else decided meanwhile: theirs stands, and mine is laid on top where theirs did not touch it. */
  async overtaken() {
    const [mine, removed] = this.changes();
    const base = this.sent;
    const fresh = await load(this.marks, this.count);
    const theirs = new Map(fresh.state.marks.map((mark) => [mark.id, mark]));
    const same = (one, other) => one && other && SENT.every((name) => one[name] === other[name]);
    const still = mine.filter((mark) => same(base.get(mark.id), theirs.get(mark.id)));
    for (const mark of still) theirs.set(mark.id, mark);
    this.rev = fresh.rev;
    this.sent = new Map(fresh.state.marks.map((mark) => [mark.id, mark]));
    this.desk.past = [];
    const marks = [...theirs.values()].toSorted((one, other) => one.start - other.start);
    this.desk.replace({ ...fresh.state, marks });
    const lost = mine.length + removed.length - still.length;
    const words = lost ? `; ${plural(lost, "decision")} of yours gave way` : "";
    toast(`Somebody else decided here meanwhile. Theirs stand${words}.`);
    if (this.waits()) this.soon();
    else this.say("saved", "check", "Saved");
  }

  /** The server says no: the marks go back to what they were. */
  refused(marks, problems) {
    const back = new Set(marks.map((mark) => mark.id));
    const rest = this.desk.state.marks.filter((mark) => !back.has(mark.id));
    const old = [...back].map((id) => this.sent.get(id)).filter(Boolean);
    const all = [...rest, ...old].toSorted((one, other) => one.start - other.start);
    this.desk.replace({ ...this.desk.state, marks: all });
    toast(`Not taken: ${Object.values(problems ?? {})[0] ?? "it does not fit"}`);
    this.say("saved", "check", "Saved");
  }

  async kept(status, number) {
    const words = status === 401 || status === 400 ? "Signed out: sign in on another page of this browser" : "Not saved: no connection";
    this.say(status ? "clash" : "kept", "away", `${words}. ${plural(number, "change")} kept here.`);
    say(words);
    if (status === 401 || status === 400) await this.renew();
    this.timer = setTimeout(() => this.send(), AGAIN);
  }

  /** After signing in again what is sent needs the token of that session. */
  async renew() {
    const answer = await api("GET", this.marks).catch(() => ({ ok: false }));
    if (answer.ok) $("[data-csrf]").dataset.csrf = answer.value.csrf;
  }
}

/** The text and its marks as they are kept, offsets as this page counts them. */
export async function load(address, known) {
  const answer = await api("GET", address);
  if (!answer.ok) throw new Error(String(answer.status));
  const { text, entities, ...rest } = answer.value;
  const count = known ?? counting(text);
  const marks = rest.marks.map((mark) => ({ ...mark, start: count.toUnits(mark.start), end: count.toUnits(mark.end) }));
  return { ...rest, text, state: stateOf(text, marks, entities) };
}
