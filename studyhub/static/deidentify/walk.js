// Marking words without a mouse: a cursor that goes by words, and jumps to a word whose beginning is typed.
import { $, bringIntoView, say } from "../shared/dom.js";

const WORD = /[\p{L}\p{N}]+(?:['’.@][\p{L}\p{N}]+)*/gu;
const STEPS = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 12, ArrowUp: -12 };

export class Walk {
  /** places: [start, end] of the words of each turn; find(offset, isEnd): [text node, offset in it]. */
  constructor(text, places, { find, head, begin, done, leave }) {
    Object.assign(this, { text, find, head, begin, done, leave, at: null });
    const inside = (index) => places.some(([start, end]) => start <= index && index < end);
    this.words = [...text.matchAll(WORD)].map((word) => [word.index, word.index + word[0].length]).filter(([start]) => inside(start));
    this.paint = new Highlight();
    CSS.highlights?.set("word-cursor", this.paint);
    document.addEventListener("keydown", (event) => this.at && !$("dialog[open]") && this.key(event), true);
  }

  start(offset) {
    const index = Math.max(0, this.words.findIndex((word) => word[0] >= offset));
    this.at = { from: index, to: index, home: index, typed: "" };
    this.step(0, false);
    this.begin();
    say("Marking. Type the beginning of a word to jump to the nearest one. Arrows move by word, Shift extends, Enter chooses the kind, Escape leaves.");
  }

  stop() {
    this.at = null;
    this.paint.clear();
    this.leave();
  }

  step(by, extend) {
    const { at, words } = this;
    at.to = Math.min(words.length - 1, Math.max(0, at.to + by));
    if (!extend) at.from = at.to;
    at.start = words[Math.min(at.from, at.to)][0];
    at.end = words[Math.max(at.from, at.to)][1];
    this.show();
    if (by) say(this.text.slice(at.start, at.end));
  }

  show() {
    this.paint.clear();
    const [from, to] = [this.find(this.at.start, false), this.find(this.at.end, true)];
    if (!from || !to) return;
    const range = new Range();
    range.setStart(...from);
    range.setEnd(...to);
    this.paint.add(range);
    bringIntoView(range, this.head());
  }

  /** Two or three letters are usually enough: the nearest word on either side of where marking began. */
  jump(letter) {
    const { at, words } = this;
    at.typed += letter.toLowerCase();
    const fits = (index) => words[index] && this.text.slice(...words[index]).toLowerCase().startsWith(at.typed);
    for (let away = 0; away < words.length; away += 1) {
      const index = [at.home - away, at.home + away].find(fits);
      if (index !== undefined) {
        at.to = at.from = index;
        this.step(0, false);
        say(this.text.slice(at.start, at.end));
        return;
      }
    }
    say(`No word begins with ${at.typed}`);
    at.typed = at.typed.slice(0, -1);
  }

  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Tab") {
      this.stop();
      return;
    }
    event.stopPropagation();
    const by = STEPS[event.key];
    if (by) {
      this.at.typed = "";
      this.step(by, event.shiftKey);
    } else if (event.key === "Backspace") {
      this.at.typed = "";
      this.step(this.at.home - this.at.to, false);
    } else if (event.key === "Enter") {
      const { start, end } = this.at;
      this.stop();
      this.done(start, end);
    } else if (event.key === "Escape") {
      this.stop();
    } else if (/^[\p{L}\p{N}]$/u.test(event.key)) {
      this.jump(event.key);
    } else {
      return;
    }
    event.preventDefault();
  }
}
