// Keys of a workbench: actions have names, presets map names to key combinations, and what a person
// changed lies on top for as long as the page is open.
import { $, dialog, h, say } from "./dom.js";

const BY_CODE = /^(Digit\d|F\d+|Bracket(Left|Right)|Slash)$/;
const ON_KEYS = { BracketLeft: "[", BracketRight: "]", Slash: "/" };

/** "Ctrl+Shift+<" and the like. Digits and F keys go by code: Alt+1 types other letters on some layouts. */
export function combo(event) {
  let key = event.key;
  const held = event.altKey || event.ctrlKey || /^F\d/.test(event.code);
  if (BY_CODE.test(event.code) && held) key = ON_KEYS[event.code] ?? event.code.replace("Digit", "");
  else if (event.altKey && /^Key[A-Z]$/.test(event.code)) key = event.code.slice(3);
  if (key === " ") key = "Space";
  if (key.length === 1) key = key.toUpperCase();
  const shift = event.shiftKey && (key.length > 1 || /[A-Z]/.test(key));
  const held_keys = [(event.ctrlKey || event.metaKey) && "Ctrl", event.altKey && "Alt", shift && "Shift"];
  return [...held_keys, key].filter(Boolean).join("+");
}

/** A combination as people read it. */
export function label(keys) {
  const short = keys.replace("Escape", "Esc").replace("Arrow", "");
  return short.replace(/^([A-Z])$/, (letter) => letter.toLowerCase()).replace(/^Shift\+([A-Z])$/, "$1");
}

export class Keys {
  /** actions: [{id, group, label, run}]; presets: {name: {id: [combos]}}; scope owns single letters. */
  constructor(actions, presets, { preset, scope = document, title = "Keys" }) {
    Object.assign(this, { actions, presets, preset, scope, title, own: {} });
    this.rebuild();
    document.addEventListener("keydown", (event) => this.handle(event));
  }

  combos(id) {
    return this.own[id] ?? this.presets[this.preset][id] ?? [];
  }

  rebuild() {
    this.map = new Map();
    for (const action of this.actions) for (const keys of this.combos(action.id)) this.map.set(keys, action);
  }

  handle(event) {
    if (event.defaultPrevented || event.isComposing || $("dialog[open]")) return;
    const keys = combo(event);
    const typing = event.target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
    const single = !/^(Ctrl|Alt)\+/.test(keys) && !/^(Shift\+)?(F\d+|Escape)$/.test(keys);
    if (keys === "?" && !typing) {
      event.preventDefault();
      this.help();
      return;
    }
    const action = this.map.get(keys);
    // Plain letters act only while the work area has the focus, and never while somebody types (WCAG 2.1.4).
    if (!action || (single && (typing || !this.scope.contains(event.target)))) return;
    if (single && /^(Enter|Space)$/.test(keys) && event.target.closest("button, a, summary")) return;
    event.preventDefault();
    action.run(event);
  }

  caps(id) {
    return this.combos(id).slice(0, 2).map((keys) => h("kbd.wb-key", {}, label(keys)));
  }

  help() {
    return dialog(this.title, (close) => {
      const list = h("dl.wb-keys");
      const draw = () => list.replaceChildren(...this.rows(draw));
      draw();
      const end = h("button.wb-btn.wb-btn--main", { type: "button", onclick: () => close() }, "Close");
      return [
        Object.keys(this.presets).length > 1 && this.choice(draw),
        h("p.wb-hint", {}, "A foot pedal that sends a key can be taught in the same way: choose Change, then press the pedal."),
        list,
        h("div.wb-dialog__end", {}, end),
      ];
    }, { wide: true });
  }

  rows(draw) {
    const groups = [...new Set(this.actions.map((action) => action.group))];
    const ordered = groups.flatMap((group) => this.actions.filter((action) => action.group === group));
    return ordered.map((action) => {
      const name = `Change the key for ${action.label}`;
      const learn = (event) => this.learn(action, event.target, draw);
      const change = h("button.wb-btn.wb-btn--plain", { type: "button", ariaLabel: name, onclick: learn }, "Change");
      return h("div.wb-keys__row", {}, h("dt", {}, action.label), h("dd", {}, this.caps(action.id), change));
    });
  }

  choice(draw) {
    const choose = (name) => {
      Object.assign(this, { preset: name, own: {} });
      this.rebuild();
      draw();
      say(`Key set ${name}`);
    };
    const radio = (name) => {
      const input = { type: "radio", name: "preset", checked: name === this.preset, onchange: () => choose(name) };
      return h("label.wb-choice", {}, h("input", input), ` ${name} `);
    };
    return h("fieldset.wb-set.wb-set--row", {}, h("legend", {}, "Key set"), Object.keys(this.presets).map(radio));
  }

  learn(action, button, done) {
    button.textContent = "Press a key…";
    say(`Press the new key for ${action.label}. Escape keeps the old one.`);
    const take = (event) => {
      if (/^(Control|Alt|Shift|Meta)$/.test(event.key)) return;
      event.preventDefault();
      event.stopPropagation();
      document.removeEventListener("keydown", take, true);
      this.give(action, combo(event));
      done();
    };
    document.addEventListener("keydown", take, true);
  }

  give(action, keys) {
    const taken = this.map.get(keys);
    if (taken && taken !== action) {
      say(`${label(keys)} is already used for ${taken.label}. Nothing changed.`);
    } else if (keys !== "Escape" && !taken) {
      this.own[action.id] = [keys];
      this.rebuild();
      say(`${action.label} is now ${label(keys)}`);
    }
  }
}
