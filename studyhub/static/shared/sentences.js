// A reading cursor that moves by sentence and can be widened by word: selection for people who do not use
// a mouse. It is painted with the Custom Highlight API, so texts stay whole and offsets are simply offsets.
import { bringIntoView, say } from "./dom.js";

const SENTENCE = /[^.?!]+[.?!]*["”’)\]]*\s*/g;

export class Sentences {
  /** rows: [{id, text, node}] where node holds exactly one text node with that text. */
  constructor(rows, scope, head = () => 60) {
    Object.assign(this, { scope, head });
    this.paint = new Highlight();
    CSS.highlights?.set("cursor", this.paint);
    this.load(rows);
  }

  load(rows) {
    this.rows = rows;
    this.all = rows.flatMap(sentencesOf).filter((each) => each.end > each.start);
    this.at = null;
    this.paint.clear();
  }

  range(row, start, end) {
    const range = new Range();
    const node = row.node.firstChild;
    range.setStart(node, Math.min(start, node.length));
    range.setEnd(node, Math.min(end, node.length));
    return range;
  }

  move(by, extend = false) {
    getSelection().removeAllRanges();
    if (!this.all.length) return;
    if (this.at) this.step(by, extend);
    else this.start(this.nearest());
    this.show();
  }

  step(by, extend) {
    this.at.to = Math.max(0, Math.min(this.all.length - 1, this.at.to + by));
    this.at.trim = 0;
    const apart = this.all[this.at.to].row !== this.all[this.at.from].row;
    if (!extend || apart) this.at.from = this.at.to;
  }

  start(index) {
    this.at = { from: index, to: index, trim: 0 };
  }

  nearest() {
    const below = (each) => this.range(each.row, each.start, each.end).getBoundingClientRect().top > this.head();
    return Math.max(0, this.all.findIndex(below));
  }

  goto(id, start) {
    const index = this.all.findIndex((each) => each.row.id === id && each.end > start);
    if (index < 0) return;
    this.start(index);
    this.show();
  }

  word(by) {
    if (!this.at) {
      this.move(0);
      return;
    }
    this.at.trim += by;
    this.show();
  }

  span() {
    const first = this.all[Math.min(this.at.from, this.at.to)];
    const last = this.all[Math.max(this.at.from, this.at.to)];
    const { row, start } = first;
    if (!this.at.trim) return { row, start, end: last.end };
    const ends = [...row.text.matchAll(/\S+/g)].map((found) => found.index + found[0].length);
    const whole = ends.findIndex((end) => end >= last.end);
    const wanted = Math.max(0, Math.min(ends.length - 1, whole + this.at.trim));
    const least = ends.find((end) => end > start) ?? last.end;
    return { row, start, end: Math.max(least, ends[wanted] ?? last.end) };
  }

  show() {
    const { row, start, end } = this.span();
    const range = this.range(row, start, end);
    this.paint.clear();
    this.paint.add(range);
    bringIntoView(range, this.head() + 60);
    say(row.text.slice(start, end));
  }

  clear() {
    this.at = null;
    this.paint.clear();
    getSelection().removeAllRanges();
  }

  /** What is selected: the mouse's selection if it lies in one row, else the cursor's place, else nothing. */
  selection() {
    const picked = getSelection();
    if (!picked.isCollapsed && this.scope.contains(picked.anchorNode)) return this.picked(picked);
    if (!this.at) return null;
    const { row, start, end } = this.span();
    return { id: row.id, row, start, end, text: row.text.slice(start, end) };
  }

  picked(picked) {
    const row = this.rows.find((each) => each.node.contains(picked.anchorNode));
    if (!row) return null;
    const same = row.node.contains(picked.focusNode);
    const ends = [picked.anchorOffset, same ? picked.focusOffset : row.text.length];
    let [start, end] = ends.sort((one, other) => one - other);
    while (start < end && /\s/.test(row.text[start])) start += 1;
    while (end > start && /\s/.test(row.text[end - 1])) end -= 1;
    return end > start ? { id: row.id, row, start, end, text: row.text.slice(start, end) } : null;
  }
}

function sentencesOf(row) {
  return [...row.text.matchAll(SENTENCE)].map((found) => {
    const words = found[0];
    const start = found.index + words.length - words.trimStart().length;
    return { row, start, end: found.index + words.trimEnd().length };
  });
}
