// The de-identification workbench: one suggestion at a time under the keys, the whole text around it, and
// beside it what will be read.
import { $, bringIntoView, dialog, h, icon, plural, say, toast } from "../shared/dom.js";
import { Keys } from "../shared/keys.js";
import * as M from "./model.js";
import { Saving, load } from "./saving.js";
import { Side } from "./side.js";
import { Walk } from "./walk.js";

const STANDS = {
  suggested: "not decided", accept: "replaced", edit: "replaced by own words", generalise: "made less exact",
  suppress: "removed", reject: "left as it is",
};
const LETTER = /[\p{L}\p{N}]/u;
const WIDE = matchMedia("(min-width: 1500px)");

class Bench {
  constructor(app, loaded) {
    this.app = app;
    this.state = loaded.state;
    this.current = this.state.marks.find(M.isOpen)?.id ?? this.state.marks[0]?.id;
    this.past = [];
    this.offsets = new WeakMap(); // text node -> where it begins in the text; labels and pictures are not in here
    this.rows = M.turnsOf(this.state.text).map((turn) => ({ ...turn, node: h("p.di-said"), view: h("p.di-said") }));
    this.saving = new Saving(this, app.dataset.marks, loaded);
    this.side = new Side(this, app.dataset.entities);
    this.keys = new Keys(this.actions(), KEYS, { preset: "StudyHub", scope: app, title: "Keys of the de-identification workbench" });
    this.build(loaded);
    this.walk = new Walk(this.state.text, this.rows.map((row) => [row.start, row.end]), {
      find: (offset, isEnd) => this.nodeAt(offset, isEnd),
      head: () => this.bar.getBoundingClientRect().bottom,
      begin: () => app.classList.add("is-marking"),
      leave: () => {
        app.classList.remove("is-marking");
        this.focusMark();
      },
      done: (start, end) => this.kindThen(start, end),
    });
    this.draw();
    this.focusMark();
  }

  mark(id = this.current) {
    return this.state.marks.find((mark) => mark.id === id);
  }

  words(mark) {
    return M.surface(this.state, mark);
  }

  // -- the page ----------------------------------------------------------------------

  build(loaded) {
    this.progress = h("div.wb-progress", { role: "progressbar", ariaLabel: "Decided", "aria-valuemin": 0 }, h("div.wb-progress__done"));
    this.left = h("span.di-bar__left");
    this.card = h("div.di-card");
    this.buttons = h("div.di-buttons", {}, this.button("accept", "Replace", "wb-btn--main"), this.button("reject", "Leave"),
      this.button("generalise", "Less exact"), this.button("suppress", "Remove"), this.button("words", "Own words"), this.button("entity", "All of this entity"),
      h("span.di-bar__gap"), this.button("back", "Back"), this.button("next", "Next"), this.button("undo", "Undo"), this.button("mark", "Mark words"),
      this.button("narrow", "Word less"), this.button("widen", "Word more"));
    this.preview = h("button.wb-btn", { type: "button", ariaPressed: "false", onclick: () => this.toggleView() }, "Preview", this.keys.caps("preview"));
    const help = h("button.wb-btn", { type: "button", onclick: () => this.keys.help() }, "Keys", h("kbd.wb-key", {}, "?"));
    const top = h("div.di-bar__top", {}, this.left, this.progress, this.saving.line, h("span.di-bar__gap"), this.preview, help);
    this.bar = h("section.di-bar", { ariaLabel: "Current suggestion" }, top, this.card, this.buttons);
    this.view = h("section.di-view", { ariaLabel: "As it will be read", tabIndex: 0 }, h("h2", {}, "As it will be read"), this.rows.map((row) => row.view));
    this.paper = h("section.wb-paper", { ariaLabel: "Transcript" }, this.rows.map((row) => row.node));
    this.paper.addEventListener("mouseup", () => this.bySelection());
    const cols = h("div.di-cols", {}, h("div", {}, legend(), this.paper), this.view, this.side.node);
    this.app.replaceChildren(...[returned(loaded), this.bar, cols].filter(Boolean));
    const form = $("#hand-in");
    form?.addEventListener("submit", (event) => {
      event.preventDefault();
      this.handIn(form);
    });
  }

  button(id, words, look = "") {
    const run = () => this.actions().find((action) => action.id === id).run();
    return h("button.wb-btn", { type: "button", class: look, data: { act: id }, onclick: run }, words, this.keys.caps(id).slice(0, 1));
  }

  raw(start, end) {
    const node = document.createTextNode(this.state.text.slice(start, end));
    this.offsets.set(node, start);
    return node;
  }

  markNode(mark) {
    const kind = M.KINDS[mark.category];
    const isCurrent = mark.id === this.current;
    const out = M.isMasked(mark) ? M.output(this.state, mark) : "";
    const look = `di-mark--${kind.hue} is-${mark.state}${isCurrent ? " is-current" : ""}`;
    const name = [this.words(mark), out, kind.name, STANDS[mark.state]].filter(Boolean).join(", ");
    const more = { role: "button", tabIndex: isCurrent ? 0 : -1, data: { id: mark.id }, ariaLabel: name, onclick: () => this.go(mark.id) };
    const words = h("span.di-mark__words", {}, this.raw(mark.start, mark.end));
    return h("span.di-mark", { ...more, class: look, ariaCurrent: isCurrent ? "true" : null }, icon(kind.shape), words, out && [" ", h("span.di-mark__out", {}, out)]);
  }

  viewOf(mark) {
    if (M.isOpen(mark)) return h("span.di-view__open", {}, this.words(mark));
    return M.isMasked(mark) ? h("span.di-view__out", {}, M.output(this.state, mark)) : this.words(mark);
  }

  pieces(row, marks, text, of) {
    const out = [];
    let at = row.head;
    for (const mark of marks) {
      if (mark.start > at) out.push(text(at, mark.start));
      out.push(of(mark));
      at = mark.end;
    }
    if (at < row.end) out.push(text(at, row.end));
    return out;
  }

  /** Draw the turns whose marks changed; all of them if ``old`` is not given. */
  draw(old) {
    let next = 0;
    const { marks, entities, text } = this.state;
    for (const row of this.rows) {
      const inside = [];
      while (next < marks.length && marks[next].start < row.end) inside.push(marks[next++]);
      const lit = (mark) => mark.id === this.current || mark.id === old?.current;
      const same = old && row.marks?.length === inside.length && old.entities === entities && inside.every((mark, i) => mark === row.marks[i] && !lit(mark));
      if (same) continue;
      row.marks = inside;
      const focused = row.node.contains(document.activeElement);
      row.node.replaceChildren(...this.pieces(row, inside, (from, to) => this.raw(from, to), (mark) => this.markNode(mark)));
      row.view.replaceChildren(...this.pieces(row, inside, (from, to) => text.slice(from, to), (mark) => this.viewOf(mark)));
      if (focused) row.node.querySelector(".is-current")?.focus({ preventScroll: true });
    }
    this.head();
    this.side.draw();
  }

  head() {
    const { marks, entities, text } = this.state;
    const done = marks.filter((mark) => !M.isOpen(mark)).length;
    this.progress.setAttribute("aria-valuemax", marks.length);
    this.progress.setAttribute("aria-valuenow", done);
    this.progress.firstChild.style.width = `${(100 * done) / (marks.length || 1)}%`;
    this.left.replaceChildren(h("strong", {}, String(marks.length - done)), ` of ${marks.length} left`);
    const mark = this.mark();
    if (!mark) {
      this.card.replaceChildren(h("p.di-card__what", {}, "Nothing is marked here. Press m to mark words by hand."));
      return;
    }
    const kind = M.KINDS[mark.category];
    const all = M.mentions(this.state, mark.entity);
    const out = M.isOpen(mark) ? entities.get(mark.entity).replacement : M.output(this.state, mark);
    const [from, to] = this.sentence(mark);
    const direct = mark.kind === "direct";
    this.card.replaceChildren(
      h("p.di-card__what", {}, h("span.di-kind", { class: `di-kind--${kind.hue}` }, icon(kind.shape), kind.name), h("strong", {}, this.words(mark)),
        h("span", { ariaHidden: "true" }, "→"), h("span.govuk-visually-hidden", {}, "becomes"), h("strong", {}, out),
        h("span.wb-tag", { class: direct ? "wb-tag--stop" : "" }, direct ? "direct" : "in combination"), mark.ask && h("span.wb-tag.wb-tag--warn", {}, "may be nothing"),
        h("span.wb-hint", {}, mark.reason), all.length > 1 && h("span.wb-hint", {}, `${plural(all.length, "mention")}, ${all.filter(M.isOpen).length} open`),
        !M.isOpen(mark) && h("span.wb-tag.wb-tag--ok", {}, icon("check"), STANDS[mark.state])),
      h("p.di-card__reads", {}, h("span.wb-label", {}, "Will be read as"), "… ", text.slice(from, mark.start), h("mark.di-view__out", {}, out), text.slice(mark.end, to), " …"));
    this.buttons.querySelector("[data-act=entity]").ariaDisabled = String(all.length < 2);
  }

  sentence(mark) {
    const row = this.rows.find((one) => mark.start >= one.start && mark.end <= one.end);
    const before = this.state.text.slice(row.start, mark.start);
    const from = before.length > 70 ? before.indexOf(" ", before.length - 70) + 1 : 0;
    return [row.start + from, Math.min(row.end, mark.end + 70)];
  }

  // -- deciding ----------------------------------------------------------------------

  change(next, message, { move = true } = {}) {
    const old = { current: this.current, entities: this.state.entities };
    const before = this.state;
    this.past.push({ state: before, current: this.current });
    this.state = next;
    if (move) this.current = this.nextOpen(this.current) ?? this.current;
    if (!this.mark()) this.current = next.marks[0]?.id;
    this.draw(old);
    this.focusMark();
    this.saving.soon();
    const left = next.marks.filter(M.isOpen).length;
    const mark = this.mark();
    const after = left && move ? ` Next: ${this.words(mark)}, ${M.KINDS[mark.category].name}` : "";
    say(`${message}. ${left ? `${left} left.` : "All decided."}${after}`);
    if (!left && before.marks.some(M.isOpen)) this.finished();
  }

  /** What the server knows better: numbers, entities of other texts. Not a decision, so nothing to undo. */
  replace(state) {
    const known = { current: this.current, entities: null };
    this.state = state;
    if (!this.mark()) this.current = state.marks.find(M.isOpen)?.id ?? state.marks[0]?.id;
    this.draw(known);
  }

  named(wanted, answer) {
    let state = this.state;
    if (wanted.into) state = M.moved(state, { [wanted.id]: wanted.into });
    for (const mark of state.marks) if (this.saving.sent.has(mark.id) && mark.entity === wanted.into) this.saving.sent.set(mark.id, mark);
    this.past = [];
    this.replace(M.learn(state, answer.entities));
    const released = answer.released.length ? ` Already released: ${answer.released.join(", ")}. A new number is needed there.` : "";
    toast(`${wanted.into ? "Merged" : `Now ${wanted.replacement} in every text that is not released`}.${released}`);
    this.focusMark();
  }

  nextOpen(from, by = 1) {
    const { marks } = this.state;
    const index = marks.findIndex((mark) => mark.id === from);
    for (let step = 1; step <= marks.length; step += 1) {
      const mark = marks[(index + by * step + marks.length * 2) % marks.length];
      if (M.isOpen(mark)) return mark.id;
    }
    return undefined;
  }

  go(id) {
    if (!id) {
      say("Nothing left to decide");
      return;
    }
    const old = { current: this.current, entities: this.state.entities };
    this.current = id;
    this.side.shown = null;
    this.draw(old);
    this.focusMark();
    const mark = this.mark();
    say(`${this.words(mark)}, ${M.KINDS[mark.category].name}, ${STANDS[mark.state]}`);
  }

  step(by) {
    const { marks } = this.state;
    if (marks.length) this.go(marks.at((marks.findIndex((mark) => mark.id === this.current) + by) % marks.length).id);
  }

  focusMark() {
    const node = $(`.di-mark[data-id="${this.current}"]`);
    if (!node) return;
    node.focus({ preventScroll: true });
    bringIntoView(node, this.bar.getBoundingClientRect().bottom);
    const row = this.rows.find((one) => one.node.contains(node));
    for (const one of this.rows) one.view.classList.toggle("is-current", one === row);
    if (this.view.offsetParent) this.view.scrollTop = row.view.offsetTop - this.view.clientHeight / 3;
  }

  simple(act, message) {
    const mark = this.mark();
    if (mark) this.change(M.decide(this.state, [mark.id], act), `${this.words(mark)} ${message}`);
  }

  async reject() {
    const mark = this.mark();
    if (!mark) return;
    // A name, number or address that stays needs a reason.
    const note = mark.kind === "direct" ? await reason(`Why can “${this.words(mark)}” stay?`) : "";
    if (note === undefined) return;
    this.change(M.decide(this.state, [mark.id], "reject", { note }), `${this.words(mark)} left as it is`);
  }

  async ownWords() {
    const mark = this.mark();
    if (!mark) return;
    const said = await dialog(`What stands for “${this.words(mark)}” at this place?`, (close) => {
      const input = h("input.wb-input", { name: "words", maxLength: 118, autofocus: true, ariaLabel: "Words at this place", value: M.output(this.state, { ...mark, state: mark.state === "edit" ? "edit" : "accept" }).replace(/[[\]]/g, "") });
      const take = (event) => {
        event.preventDefault();
        close(input.value.replace(/[[\]]/g, "").trim());
      };
      const end = h("div.wb-dialog__end", {}, h("button.wb-btn", { type: "button", onclick: () => close() }, "Cancel"), h("button.wb-btn.wb-btn--main", {}, "Write this"));
      return h("form", { onsubmit: take }, h("p.wb-hint", {}, "Only here. It is written in square brackets."), input, end);
    });
    if (said) this.change(M.decide(this.state, [mark.id], "edit", { words: `[${said}]` }), `${this.words(mark)} becomes ${said}`);
  }

  async wholeEntity(id = this.mark()?.entity) {
    const entity = this.state.entities.get(id);
    if (!entity) return;
    const all = M.mentions(this.state, id);
    const open = all.filter(M.isOpen);
    const picked = new Set((open.length ? open : all).map((mark) => mark.id));
    const act = await dialog(`All of ${entity.name}`, (close) => this.mentionsOf(entity, all, picked, close), { wide: true });
    if (!act) {
      this.focusMark();
      return;
    }
    const direct = all.some((mark) => mark.kind === "direct");
    const note = act === "reject" ? (direct ? await reason("Why can they stay?") : "") : "";
    if (note === undefined) return;
    this.change(M.decide(this.state, picked, act, { note }), `${plural(picked.size, "mention")} of ${entity.name} ${STANDS[act]}`);
  }

  mentionsOf(entity, all, picked, close) {
    const main = h("button.wb-btn.wb-btn--main", { type: "button", autofocus: true, onclick: () => close("accept") });
    const count = () => {
      main.replaceChildren(`Replace ${picked.size} with ${entity.replacement}`, h("kbd.wb-key", {}, "Enter"));
      main.disabled = !picked.size;
    };
    const toggle = (event, mark) => {
      if (event.target.checked) picked.add(mark.id);
      else picked.delete(mark.id);
      count();
    };
    count();
    const hits = all.map((mark) => {
      const [from, to] = this.sentence(mark);
      const { text } = this.state;
      const box = h("input", { type: "checkbox", checked: picked.has(mark.id), onchange: (event) => toggle(event, mark) });
      const hue = `di-kind--${M.KINDS[mark.category].hue}`;
      const words = h("span", {}, "… ", text.slice(from, mark.start), h("mark.di-kind", { class: hue }, this.words(mark)), text.slice(mark.end, to), " …");
      return h("li", {}, h("label", {}, box, words, h("span.wb-tag", {}, STANDS[mark.state])));
    });
    const button = (act, words) => h("button.wb-btn", { type: "button", onclick: () => close(act) }, words);
    const end = h("div.wb-dialog__end", {}, button(undefined, "Cancel"), button("reject", "Leave all as they are"), button("generalise", `Less exact: ${entity.general}`), main);
    return [h("p", {}, `${plural(all.length, "mention")}. Stands here as ${entity.aliases.join(", ")}.`), h("ul.di-hits", {}, hits), end];
  }

  undo() {
    const before = this.past.pop();
    if (!before) {
      say("Nothing to undo");
      return;
    }
    const old = { current: this.current, entities: null };
    this.state = { ...before.state, entities: new Map([...this.state.entities, ...before.state.entities].map(([id, one]) => [id, this.state.entities.get(id) ?? one])) };
    this.current = before.current;
    this.draw(old);
    this.focusMark();
    this.saving.soon();
    say(`Undone. ${this.state.marks.filter(M.isOpen).length} left`);
  }

  widen(by) {
    const mark = this.mark();
    if (!mark) return;
    const row = this.rows.find((one) => mark.start >= one.start && mark.end <= one.end);
    const rest = this.state.text.slice(mark.end, row.end);
    const inside = this.words(mark);
    const more = rest.match(/^[^\p{L}\p{N}]*[\p{L}\p{N}]+(?:['’][\p{L}\p{N}]+)*/u)?.[0].length ?? 0;
    const less = inside.match(/^(.*[\p{L}\p{N}])[^\p{L}\p{N}]+[\p{L}\p{N}'’]+[^\p{L}\p{N}]*$/u)?.[1].length ?? inside.length;
    const end = by > 0 ? mark.end + more : mark.start + less;
    const next = end === mark.end ? null : M.resize(this.state, mark.id, mark.start, end);
    if (next) this.change(next, `Now: ${this.state.text.slice(mark.start, end)}`, { move: false });
    else say("It cannot be changed in that direction");
  }

  // -- marking by hand ---------------------------------------------------------------

  nodeAt(offset, isEnd) {
    const row = this.rows.find((one) => offset >= one.head && offset <= one.end);
    if (!row) return undefined;
    const walker = document.createTreeWalker(row.node, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = walker.currentNode;
      const start = this.offsets.get(node);
      const end = start + node.length;
      const fits = isEnd ? offset > start && offset <= end : offset >= start && offset < end;
      if (start !== undefined && fits) return [node, offset - start];
    }
    return undefined;
  }

  bySelection() {
    const picked = getSelection();
    if (picked.isCollapsed) return;
    const at = (node, offset) => (this.offsets.has(node) ? this.offsets.get(node) + offset : null);
    const ends = [at(picked.anchorNode, picked.anchorOffset), at(picked.focusNode, picked.focusOffset)];
    if (ends.includes(null)) return;
    let [start, end] = ends.sort((one, other) => one - other);
    const { text } = this.state;
    while (start < end && !LETTER.test(text[start])) start += 1;
    while (end > start && !LETTER.test(text[end - 1])) end -= 1;
    // Half a word is a leak: always to the word's edge.
    while (start > 0 && LETTER.test(text[start - 1])) start -= 1;
    while (end < text.length && LETTER.test(text[end])) end += 1;
    picked.removeAllRanges();
    if (end > start) this.kindThen(start, end);
  }

  async kindThen(start, end) {
    if (!this.rows.some((row) => row.start <= start && end <= row.end)) {
      toast("Mark within the words of one turn.");
      return;
    }
    const kind = await choice(`Mark “${this.state.text.slice(start, end)}” as`, Object.entries(M.KINDS).map(([id, one]) =>
      [id, one.key, [h("span.di-kind", { class: `di-kind--${one.hue}` }, icon(one.shape)), one.name]]));
    if (!kind) {
      this.focusMark();
      return;
    }
    const made = M.add(this.state, start, end, kind);
    if (!made) {
      toast("Part of this is marked already. Change that mark instead.");
      return;
    }
    this.change(made.next, `Marked as ${M.KINDS[kind].name}${made.more ? `, ${plural(made.more, "further place")} suggested` : ""}`);
  }

  // -- the end -----------------------------------------------------------------------

  finished() {
    const masked = this.state.marks.filter(M.isMasked).length;
    const left = this.state.marks.length - masked;
    dialog("Every suggestion is decided", (close) => {
      const read = () => {
        close();
        this.toggleView(true);
      };
      const hand = () => {
        close();
        this.handIn($("#hand-in"));
      };
      const end = h("div.wb-dialog__end", {}, h("button.wb-btn", { type: "button", onclick: read }, "Read it as it will be read"), h("button.wb-btn.wb-btn--main", { type: "button", autofocus: true, onclick: hand }, "Hand to a second reader"));
      return [h("p", {}, `${masked} replaced, ${left} left as they are. Read the text once as it will be read, then hand it to a second reader.`), end];
    });
  }

  async handIn(form) {
    const open = this.state.marks.filter(M.isOpen).length;
    if (open) {
      toast(`${plural(open, "suggestion")} left to decide.`);
      this.go(this.nextOpen(this.current));
    } else if (await this.saving.flush()) {
      form.submit();
    } else {
      toast("Not saved yet. It can be handed in once everything is saved.");
    }
  }

  toggleView(on = !this.app.classList.contains("is-view")) {
    this.app.classList.toggle("is-view", on);
    this.preview.setAttribute("aria-pressed", on);
    say(on ? "Preview: as it will be read" : "Working text");
    if (on && !WIDE.matches) this.view.focus();
    else this.focusMark();
  }

  rename() {
    this.side.shown = this.mark()?.entity ?? null;
    this.side.draw();
    const input = $("#stands");
    input?.focus();
    input?.select();
  }

  actions() {
    const act = (id, group, label, run) => ({ id, group, label, run });
    return [
      act("next", "Move", "Next not decided", () => this.go(this.nextOpen(this.current))),
      act("back", "Move", "Previous not decided", () => this.go(this.nextOpen(this.current, -1))),
      act("nextAny", "Move", "Next, decided or not", () => this.step(1)),
      act("backAny", "Move", "Previous, decided or not", () => this.step(-1)),
      act("accept", "Decide", "Replace", () => this.simple("accept", "replaced")),
      act("reject", "Decide", "Leave as it is", () => this.reject()),
      act("generalise", "Decide", "Less exact", () => this.simple("generalise", "made less exact")),
      act("suppress", "Decide", "Remove", () => this.simple("suppress", "removed")),
      act("words", "Decide", "Own words at this place", () => this.ownWords()),
      act("entity", "Decide", "All of this entity", () => this.wholeEntity()),
      act("widen", "Decide", "One word more", () => this.widen(1)),
      act("narrow", "Decide", "One word less", () => this.widen(-1)),
      act("undo", "Decide", "Undo", () => this.undo()),
      act("mark", "Mark", "Mark words by keyboard", () => this.walk.start(this.mark()?.start ?? 0)),
      act("pseudonym", "Mark", "Change what stands in every text", () => this.rename()),
      act("find", "Mark", "Find an entity", () => this.side.filter.focus()),
      act("preview", "View", "As it will be read", () => this.toggleView()),
      act("work", "View", "Back to the text", () => this.focusMark()),
      act("help", "View", "Show the keys", () => this.keys.help()),
    ];
  }
}

const KEYS = {
  StudyHub: {
    next: ["J", "ArrowDown"], back: ["K", "ArrowUp"], nextAny: ["Shift+J"], backAny: ["Shift+K"], accept: ["A"], reject: ["R"],
    generalise: ["G"], suppress: ["S"], words: ["W"], entity: ["E"], widen: ["."], narrow: [","], undo: ["U", "Ctrl+Z"], mark: ["M"],
    pseudonym: ["P"], find: ["F"], preview: ["V"], work: ["Escape"], help: ["Ctrl+/"],
  },
};

/** One of several, by a button or its key. */
function choice(title, options) {
  return dialog(title, (close) => {
    const button = ([value, key, words], index) =>
      h("button.wb-btn", { type: "button", autofocus: index === 0, onclick: () => close(value) }, words, h("kbd.wb-key", {}, key));
    const list = h("div.wb-choices", {}, options.map(button));
    list.addEventListener("keydown", (event) => {
      const found = options.find(([, key]) => key === event.key);
      if (!found) return;
      event.preventDefault();
      close(found[0]);
    });
    return list;
  });
}

const reason = (title) => choice(title, Object.entries(M.REASONS).map(([code, words], index) => [code, String(index + 1), words]));

function legend() {
  const kinds = Object.values(M.KINDS).map((kind) => h("li", {}, h("span.di-kind", { class: `di-kind--${kind.hue}` }, icon(kind.shape), kind.name)));
  return h("details.di-legend", {}, h("summary", {}, "What the shapes mean"), h("ul", {}, kinds));
}

/** What a second reader marked, and what the corrected text took away. */
function returned(loaded) {
  const lost = loaded.lost ? h("li", {}, `The text was corrected: ${plural(loaded.lost, "decision")} stood at changed words and must be made again.`) : null;
  const marks = loaded.returned.map((place) => h("li", {}, h("strong", {}, `Turn ${place.turn}: “${place.words}”`), place.note ? ` ${place.note}` : ""));
  if (!lost && !marks.length) return null;
  const title = marks.length ? "The second reader could tell who this is" : "The text was corrected";
  return h("section.di-back", {}, h("h2", {}, title), h("ul", {}, lost, marks));
}

const app = $("#app");
try {
  globalThis.studyhubBench = new Bench(app, await load(app.dataset.marks));
} catch (error) {
  const words = /^\d+$/.test(error.message) ? "The text could not be opened. The register of this person may not have been given to you: ask the principal investigator." : "The text could not be opened.";
  app.replaceChildren(h("p", { role: "alert" }, words));
  if (!/^\d+$/.test(error.message)) throw error;
}
