// The turns. Each is one editable place that holds exactly one text node; the browser leaves out layout and paint of
// turns outside the window but keeps them for find-in-page and for readers aloud. Marks are painted by the highlight
// API, so the text is never split into elements and the caret never jumps.
import { clock, h, plural, say } from "../shared/dom.js";
import { CONVENTION, UNRESOLVED, fitting, isUnfit } from "./body.js";

const COALESCE = 900; // keys closer together than this are one step of undo
const MOST_STEPS = 500;
const BELOW = 40;
const found = new WeakMap();

function highlight(name) {
  const made = new Highlight();
  CSS.highlights?.set(name, made);
  return made;
}

export class Editor extends EventTarget {
  constructor(body) {
    super();
    this.body = body; // {speakers, turns}: never changed in place, so undo is a list of old bodies
    this.past = [];
    this.future = [];
    this.last = {};
    this.rows = new Map();
    this.ranges = new Map();
    this.marks = { open: highlight("unresolved"), convention: highlight("convention") };
    this.list = h("ol.tr-turns", { ariaLabel: "Turns" });
    this.list.addEventListener("input", (event) => this.typed(event));
    this.list.addEventListener("beforeinput", (event) => this.before(event));
    this.list.addEventListener("paste", (event) => this.pasted(event));
    this.list.addEventListener("drop", (event) => event.preventDefault());
    this.list.addEventListener("focusin", (event) => this.enter(event.target.closest(".tr-turn")));
    this.list.addEventListener("keydown", (event) => this.move(event));
    this.render();
    this.enter(this.list.firstElementChild);
  }

  speaker(id) {
    return this.body.speakers.find((one) => one.id === id) ?? { label: "?", role: "other" };
  }

  index(id) {
    return this.body.turns.findIndex((turn) => turn.id === id);
  }

  turn(id = this.current) {
    return this.body.turns[this.index(id)];
  }

  // -- drawing ----------------------------------------------------------------------------------

  row(turn) {
    const editable = { contentEditable: this.locked ? "false" : "plaintext-only", spellcheck: false };
    const text = h("div.tr-turn__text", { role: "textbox", "aria-multiline": "true", tabIndex: -1, ...editable });
    const time = h("button.tr-turn__time", { type: "button", tabIndex: -1, onclick: () => this.ask("play-from", turn.id) });
    const who = h("button.tr-turn__who", { type: "button", tabIndex: -1, onclick: () => this.ask("speaker-menu", turn.id) });
    const item = h("li.tr-turn", { data: { id: turn.id } }, time, who, text);
    this.rows.set(turn.id, { item, text, time, who });
    return item;
  }

  fill(turn) {
    const row = this.rows.get(turn.id);
    const speaker = this.speaker(turn.speaker);
    if (row.turn === turn && row.speaker === speaker) return;
    Object.assign(row, { turn, speaker });
    const at = turn.start === null ? "" : clock(turn.start);
    if (row.text.textContent !== turn.text) row.text.textContent = turn.text;
    row.time.textContent = at || "–:–";
    row.time.ariaLabel = at ? `Play from ${at}` : "–:– no time yet: set it to now";
    row.who.textContent = speaker.label;
    row.who.ariaLabel = `${speaker.label}: change the speaker`;
    row.text.ariaLabel = at ? `${speaker.label} at ${at}` : speaker.label;
    row.item.dataset.speaker = speaker.role;
    this.paint(turn.id);
  }

  render() {
    const wanted = new Set(this.body.turns.map((turn) => turn.id));
    for (const [id, row] of this.rows) {
      if (wanted.has(id)) continue;
      row.item.remove();
      this.unpaint(id);
      this.rows.delete(id);
    }
    let at = this.list.firstElementChild;
    for (const turn of this.body.turns) {
      const item = this.rows.get(turn.id)?.item ?? this.row(turn);
      if (item === at) at = at.nextElementSibling;
      else this.list.insertBefore(item, at);
      this.fill(turn);
    }
    if (!this.rows.has(this.current)) this.enter(this.list.firstElementChild);
  }

  unpaint(id) {
    for (const [set, range] of this.ranges.get(id) ?? []) set.delete(range);
    this.ranges.delete(id);
  }

  paint(id) {
    this.unpaint(id);
    const node = this.rows.get(id).text.firstChild;
    if (node?.nodeType !== Node.TEXT_NODE) return;
    const made = [];
    for (const [set, pattern] of [[this.marks.open, UNRESOLVED], [this.marks.convention, CONVENTION]]) {
      for (const hit of node.data.matchAll(pattern)) {
        const range = new StaticRange({ startContainer: node, startOffset: hit.index, endContainer: node, endOffset: hit.index + hit[0].length });
        set.add(range);
        made.push([set, range]);
      }
    }
    if (made.length) this.ranges.set(id, made);
  }

  /** Only the current turn is reached by Tab: 570 turns would be 1,700 stops. */
  enter(item) {
    if (!item || item.dataset.id === this.current) return;
    const old = this.rows.get(this.current);
    if (old) for (const node of [old.text, old.time, old.who]) node.tabIndex = -1;
    old?.item.removeAttribute("data-current");
    this.current = item.dataset.id;
    const row = this.rows.get(this.current);
    for (const node of [row.text, row.time, row.who]) node.tabIndex = 0;
    item.dataset.current = "";
  }

  /** While somebody else types here, the text is only read. */
  lock(locked) {
    this.locked = locked;
    for (const { text } of this.rows.values()) text.contentEditable = locked ? "false" : "plaintext-only";
  }

  ask(what, detail) {
    this.dispatchEvent(new CustomEvent(what, { detail }));
  }

  // -- changing ---------------------------------------------------------------------------------

  commit(body, key) {
    const now = performance.now();
    const joined = key && this.last.key === key && now - this.last.at < COALESCE;
    if (!joined) this.past.push({ body: this.body, caret: this.caret() });
    if (this.past.length > MOST_STEPS) this.past.shift();
    this.last = { key, at: now };
    this.future = [];
    this.body = body;
    this.ask("changed");
  }

  apply(body, focus, caret = 0) {
    this.commit(body);
    this.render();
    if (focus) this.focus(focus, caret);
  }

  replaced(id, values) {
    const place = this.index(id);
    const turn = Object.freeze({ ...this.body.turns[place], ...values });
    return { ...this.body, turns: this.body.turns.with(place, turn) };
  }

  before(event) {
    // The browser's own undo knows nothing of splits, joins and speakers: ours replaces it everywhere.
    if (event.inputType.startsWith("history")) {
      event.preventDefault();
      if (event.inputType === "historyUndo") this.undo();
      else this.redo();
    }
    if (/insert(Paragraph|LineBreak)/.test(event.inputType)) event.preventDefault();
  }

  pasted(event) {
    event.preventDefault();
    if (this.locked) return;
    document.execCommand("insertText", false, fitting(event.clipboardData.getData("text/plain")));
  }

  typed(event) {
    const place = event.target.closest(".tr-turn__text");
    const id = place.closest(".tr-turn").dataset.id;
    let text = place.textContent;
    if (isUnfit(text)) {
      const at = this.caret()?.at ?? 0;
      text = fitting(text);
      place.textContent = text;
      this.focus(id, at);
    }
    if (text === this.turn(id).text) return;
    this.commit(this.replaced(id, { text }), `type:${id}`);
    this.rows.get(id).turn = this.turn(id);
    this.paint(id);
  }

  step(from, to) {
    const step = from.pop();
    if (!step) return say("Nothing more to undo");
    to.push({ body: this.body, caret: this.caret() });
    this.body = step.body;
    this.last = {};
    this.render();
    if (step.caret && this.rows.has(step.caret.id)) this.focus(step.caret.id, step.caret.at);
    this.ask("changed");
  }

  undo() {
    this.step(this.past, this.future);
  }

  redo() {
    this.step(this.future, this.past);
  }

  /** Enter: the rest of the turn becomes a new one. With other, by the next speaker. now: where the sound is. */
  split(other, now) {
    if (this.locked) return;
    const place = this.index(this.current);
    const turn = this.turn();
    const caret = this.caret()?.at ?? turn.text.length;
    const speaker = other ? this.nextSpeaker(turn.speaker) : turn.speaker;
    const at = this.momentOf(turn, caret, now);
    const id = `t${crypto.randomUUID().slice(0, 8)}`;
    const fresh = Object.freeze({ id, speaker, start: at, end: at === null ? null : turn.end, text: turn.text.slice(caret).trimStart() });
    const kept = Object.freeze({ ...turn, end: at ?? turn.end, text: turn.text.slice(0, caret).trimEnd() });
    this.apply({ ...this.body, turns: this.body.turns.toSpliced(place, 1, kept, fresh) }, id, 0);
    say(`New turn, ${this.speaker(speaker).label}`);
  }

  nextSpeaker(id) {
    const { speakers } = this.body;
    return speakers[(speakers.findIndex((one) => one.id === id) + 1) % speakers.length].id;
  }

  /** When the new turn begins: where the sound is, if that lies in this turn; else by its share of the text. */
  momentOf({ start, end, text }, caret, now) {
    const heard = now > (start ?? 0) && (end === null || now < end);
    if (heard) return now;
    if (start === null || end === null) return null;
    return Math.round(start + (end - start) * (text.length ? caret / text.length : 1));
  }

  join() {
    const place = this.index(this.current);
    const [first, second] = [this.body.turns[place - 1], this.body.turns[place]];
    const end = second.end !== null && second.end >= (first.start ?? 0) ? second.end : first.end;
    const text = [first.text, second.text].filter(Boolean).join(" ");
    const one = Object.freeze({ ...first, end, text });
    const caret = first.text.length + (first.text && second.text ? 1 : 0);
    this.apply({ ...this.body, turns: this.body.turns.toSpliced(place - 1, 2, one) }, first.id, caret);
    say("Joined with the turn before");
  }

  setSpeaker(id, speaker) {
    if (this.locked) return;
    this.apply(this.replaced(id, { speaker }), id, this.caret()?.at ?? 0);
    say(this.speaker(speaker).label);
  }

  setStart(id, start) {
    const { end } = this.turn(id);
    this.apply(this.replaced(id, { start, end: end !== null && end < start ? null : end }));
    say(`Set to ${clock(start)}`);
  }

  /** One change, everywhere, undone at once. Returns in how many turns. */
  rename(speaker, label) {
    const speakers = this.body.speakers.map((one) => (one.id === speaker ? Object.freeze({ ...one, label }) : one));
    this.apply({ ...this.body, speakers });
    return this.body.turns.filter((turn) => turn.speaker === speaker).length;
  }

  addSpeaker() {
    const taken = new Set(this.body.speakers.map((one) => one.id));
    let number = this.body.speakers.length + 1;
    while (taken.has(`s${number}`)) number++;
    const speaker = Object.freeze({ id: `s${number}`, role: "other", label: `Speaker ${number}` });
    this.apply({ ...this.body, speakers: [...this.body.speakers, speaker] });
  }

  insert(words) {
    if (this.locked) return;
    if (!this.caret()) this.focus(this.current, -1);
    const { text } = this.turn();
    const { at } = this.caret() ?? { at: text.length };
    const before = at > 0 && !/\s$/.test(text.slice(0, at)) ? " " : "";
    const after = /^\s/.test(text.slice(at)) || at === text.length ? "" : " ";
    document.execCommand("insertText", false, before + words + after); // keeps the input event
  }

  // -- the caret --------------------------------------------------------------------------------

  caret() {
    const selection = getSelection();
    const node = selection.anchorNode;
    const place = (node?.nodeType === Node.TEXT_NODE ? node.parentElement : node)?.closest?.(".tr-turn__text");
    if (!place) return null;
    const inText = selection.focusNode?.nodeType === Node.TEXT_NODE;
    const at = inText ? selection.focusOffset : 0;
    const from = Math.min(selection.anchorOffset, at);
    return { id: place.closest(".tr-turn").dataset.id, at, from, to: Math.max(selection.anchorOffset, at) };
  }

  focus(id, at = 0) {
    const row = this.rows.get(id);
    row.text.focus({ preventScroll: true });
    const node = row.text.firstChild;
    if (node) getSelection().collapse(node, Math.min(at < 0 ? node.length : at, node.length));
    const place = row.item.getBoundingClientRect();
    const head = document.querySelector(".tr-audio")?.getBoundingClientRect().bottom ?? 0;
    const hidden = place.top < head + 8 || place.bottom > innerHeight - BELOW;
    if (hidden) scrollBy(0, place.top - Math.max(head + BELOW, innerHeight / 3));
  }

  move(event) {
    const plain = !(event.altKey || event.ctrlKey || event.metaKey || event.shiftKey);
    if (!plain || !event.target.classList.contains("tr-turn__text")) return;
    const caret = this.caret();
    const place = this.index(this.current);
    const go = (to, at) => {
      const turn = this.body.turns[to];
      if (!turn) return;
      event.preventDefault();
      this.focus(turn.id, at);
    };
    const line = getSelection().rangeCount ? getSelection().getRangeAt(0).getClientRects()[0] : undefined;
    const box = event.target.getBoundingClientRect();
    const atTop = !line || line.top - box.top < line.height;
    const atBottom = !line || box.bottom - line.bottom < line.height;
    if (event.key === "ArrowUp" && atTop) go(place - 1, -1);
    if (event.key === "ArrowDown" && atBottom) go(place + 1, 0);
    if (event.key === "ArrowLeft" && caret?.at === 0) go(place - 1, -1);
    if (event.key === "ArrowRight" && caret?.at === this.turn().text.length) go(place + 1, 0);
    if (event.key === "Backspace" && caret?.from === 0 && caret.to === 0 && place > 0 && !this.locked) {
      event.preventDefault();
      this.join();
    }
    if (event.key === "Enter") {
      event.preventDefault();
      this.ask("enter");
    }
  }

  // -- what is still to be heard ----------------------------------------------------------------

  unresolved() {
    return this.body.turns.flatMap((turn) => {
      // A turn never changes, it is replaced: what was found in it once holds for as long as it lives.
      if (!found.has(turn)) {
        const hits = [...turn.text.matchAll(UNRESOLVED)];
        found.set(turn, hits.map((hit) => ({ id: turn.id, at: hit.index, end: hit.index + hit[0].length, text: hit[0] })));
      }
      return found.get(turn);
    });
  }

  nextUnresolved() {
    const all = this.unresolved();
    const caret = this.caret() ?? { id: this.current, to: -1 };
    const place = this.index(caret.id);
    const after = (one) => this.index(one.id) > place || (one.id === caret.id && one.at >= caret.to);
    const next = all.find(after) ?? all[0];
    if (!next) return say("Nothing left to resolve");
    this.focus(next.id, next.at);
    const node = this.rows.get(next.id).text.firstChild;
    getSelection().setBaseAndExtent(node, next.at, node, next.end);
    say(`${next.text}, ${all.indexOf(next) + 1} of ${all.length}`);
  }

  /** Mark the turn that sounds now, without moving the focus. */
  sounding(ms) {
    const turn = this.body.turns.find((one) => one.start !== null && one.end !== null && one.start <= ms && ms < one.end);
    if (turn?.id === this.heard) return;
    this.rows.get(this.heard)?.item.removeAttribute("data-heard");
    this.heard = turn?.id;
    if (turn) this.rows.get(turn.id).item.dataset.heard = "";
  }

  countWords() {
    return this.body.turns.reduce((sum, turn) => sum + turn.text.split(/\s+/).filter(Boolean).length, 0);
  }

  turnsOf(speaker) {
    return plural(this.body.turns.filter((turn) => turn.speaker === speaker).length, "turn");
  }
}
