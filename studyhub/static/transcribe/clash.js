// Somebody else saved meanwhile: for each place that both changed, what stood there before, mine and theirs. What
// merges by itself was merged before anybody is asked.
import { clock, dialog, h, plural } from "../shared/dom.js";
import { words } from "./body.js";

const joined = (turns) => turns.map((turn) => turn.text).join(" ¶ ");

function shown(before, turns) {
  if (!turns.length) return [h("em", {}, "removed")];
  const tags = { new: "ins", old: "del" };
  return words(joined(before), joined(turns)).map((part) => (tags[part.kind] ? h(tags[part.kind], {}, part.text) : part.text));
}

function title(clash, label) {
  const turn = clash.mine[0] ?? clash.theirs[0] ?? clash.base[0];
  return `${label(turn)}${turn.start === null ? "" : ` at ${clock(turn.start)}`}`;
}

/** Resolves with one list of turns for each clash, or with nothing when the person wants to decide later. */
export function settle({ clashes, who, at, label }) {
  const build = (close) => {
    const choices = new Map();
    const finish = () => close(clashes.map((_, place) => choices.get(place)));
    const done = h("button.wb-btn.wb-btn--main", { type: "button", disabled: true, onclick: finish }, "Save the merged text");
    const left = h("p.wb-hint", { role: "status" });
    const choose = (place, turns) => {
      if (turns) choices.set(place, turns);
      const open = clashes.length - choices.size;
      done.disabled = open > 0;
      left.textContent = open ? `${open} of ${clashes.length} still to decide` : "All decided";
    };
    const rows = clashes.map((clash, place) => row(clash, place, choose, label));
    choose();
    const later = h("button.wb-btn", { type: "button", onclick: () => close() }, "Keep editing, decide later");
    return [
      h("p", {}, `${who} saved at ${at}. ${plural(clashes.length, "place")} changed on both sides. Your own text is kept as a version, whatever you choose.`),
      ...rows,
      left,
      h("div.wb-dialog__end", {}, later, done),
    ];
  };
  return dialog("Somebody else saved this transcript", build, { wide: true });
}

function row(clash, place, choose, label) {
  const pane = (name, text, chosen, first) => {
    const radio = h("input", { type: "radio", name: `clash-${place}`, autofocus: first, onchange: chosen });
    return h("label.tr-clash__pane", {}, h("span.tr-clash__head", {}, radio, ` ${name}`), text);
  };
  const before = h("div.tr-clash__pane.tr-clash__pane--base", {}, h("span.tr-clash__head", {}, "Before"), h("span", {}, joined(clash.base) || "nothing"));
  const mine = pane("Mine", h("span", {}, shown(clash.base, clash.mine)), () => choose(place, clash.mine), place === 0);
  const theirs = pane("Theirs", h("span", {}, shown(clash.base, clash.theirs)), () => choose(place, clash.theirs), false);
  const panes = h("div.tr-clash__panes", {}, before, mine, theirs);
  return h("fieldset.tr-clash", {}, h("legend", {}, title(clash, label)), panes, clash.mine.length === 1 && own(clash, place, choose, pane));
}

/** Own wording, where mine is one turn. */
function own(clash, place, choose, pane) {
  const [turn] = clash.mine;
  const take = () => choose(place, [Object.freeze({ ...turn, text: field.value })]);
  const field = h("textarea.wb-input", { rows: 3, ariaLabel: "Own wording", hidden: true, value: turn.text, oninput: take });
  const show = () => {
    field.hidden = false;
    take();
    field.focus();
  };
  return h("div.tr-clash__own", {}, pane("Own wording", null, show, false), field);
}
