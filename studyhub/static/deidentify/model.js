// Decisions as plain values. Every change gives a new state, so undo is a list of old ones and nothing can
// half happen. state: {text, marks sorted by start, entities: Map}. Offsets are UTF-16 units of the text.

export const KINDS = {
  PERSON: { key: "p", shape: "person", name: "person", hue: "person", direct: true, word: "Name" },
  PLACE: { key: "l", shape: "place", name: "place", hue: "place", word: "Place" },
  ORG: { key: "o", shape: "org", name: "organisation", hue: "org", word: "Organisation" },
  ROLE: { key: "r", shape: "role", name: "role", hue: "role", word: "Role" },
  DATE: { key: "d", shape: "date", name: "date", hue: "time", word: "Date" },
  AGE: { key: "g", shape: "age", name: "age", hue: "time", word: "Age" },
  CONTACT: { key: "c", shape: "contact", name: "contact", hue: "code", direct: true, word: "Contact" },
  ID: { key: "i", shape: "id", name: "number", hue: "code", direct: true, word: "Reference" },
  URL: { key: "w", shape: "url", name: "web address", hue: "code", direct: true, word: "Web address" },
  OTHER_QUASI: { key: "x", shape: "other", name: "other detail", hue: "other", word: "Detail" },
};
const GENERAL = {
  PERSON: "[person]", PLACE: "[place]", ORG: "[organisation]", ROLE: "[professional role]", DATE: "[date omitted]",
  AGE: "[age omitted]", CONTACT: "[contact removed]", ID: "[number removed]", URL: "[web address removed]",
  OTHER_QUASI: "[detail omitted]",
};
export const REASONS = {
  ordinary_word: "an ordinary word",
  public_figure: "a public figure",
  hypothetical: "an example, nobody real",
  too_common: "too common to tell anybody",
  other: "another reason",
};
const INVENTED = [
  "Dana", "Oona", "Ivo", "Petra", "Lena", "Tobias", "Wanda", "Yusuf", "Zara", "Felix",
  "Uma", "Quentin", "Vera", "Jonas", "Anouk", "Sven", "Thea", "Kofi", "Elif", "Hugo",
];

export const stateOf = (text, marks, entities) => ({ text, marks: marks.map(Object.freeze), entities: named(entities) });
const named = (entities) => new Map(entities.map((entity) => [entity.id, Object.freeze(entity)]));

export const isOpen = (mark) => mark.state === "suggested";
export const isMasked = (mark) => !isOpen(mark) && mark.state !== "reject";
export const surface = (state, mark) => state.text.slice(mark.start, mark.end);
export const mentions = (state, entity) => state.marks.filter((mark) => mark.entity === entity);

/** What stands in the text after the decision. */
export function output(state, mark) {
  const entity = state.entities.get(mark.entity);
  if (mark.state === "reject") return surface(state, mark);
  if (mark.state === "generalise") return entity.general;
  if (mark.state === "suppress") return "[removed]";
  return mark.state === "edit" ? mark.words : entity.replacement;
}

export function decide(state, ids, act, more = {}) {
  const wanted = new Set(ids);
  const decided = (mark) => Object.freeze({ ...mark, note: "", words: "", ...more, state: act });
  return { ...state, marks: state.marks.map((mark) => (wanted.has(mark.id) ? decided(mark) : mark)) };
}

/** A mark over other words; nothing if it would grow over another: two are never merged into one. */
export function resize(state, id, start, end) {
  const clear = (mark) => mark.id === id || mark.end <= start || mark.start >= end;
  if (start >= end || !state.marks.every(clear)) return null;
  const resized = (mark) => (mark.id === id ? Object.freeze({ ...mark, start, end }) : mark);
  return { ...state, marks: state.marks.map(resized) };
}

export const general = (category) => GENERAL[category];

/** The next number that nothing of this text has; the server may give another one. */
export function freeReplacement(state, category) {
  const used = new Set([...state.entities.values()].map((entity) => entity.replacement.toLowerCase()));
  let number = 1;
  while (used.has(`[${KINDS[category].word} ${number}]`.toLowerCase())) number += 1;
  return `[${KINDS[category].word} ${number}]`;
}

/** Invented names that are free here and keep no initial. The server asks the whole study. */
export function invented(state, aliases) {
  const used = new Set([...state.entities.values()].map((entity) => entity.replacement));
  const initials = new Set(aliases.flatMap((alias) => alias.split(/\s+/).map((word) => word[0]?.toUpperCase())));
  return INVENTED.filter((name) => !used.has(`[${name}]`) && !initials.has(name[0]));
}

/** What the server says of the entities, in place of what was thought here. */
export function learn(state, entities) {
  const known = new Map(state.entities);
  for (const entity of entities) known.set(entity.id, Object.freeze(entity));
  return { ...state, entities: known };
}

/** Entities that turned out to be ones of other texts go by those. */
export function moved(state, became) {
  const to = (mark) => (became[mark.entity] ? Object.freeze({ ...mark, entity: became[mark.entity] }) : mark);
  return { ...state, marks: state.marks.map(to) };
}

export function split(state, entity, alias) {
  const from = state.entities.get(entity);
  const id = crypto.randomUUID();
  const made = { ...from, id, name: alias, aliases: [alias], own: false, named: false };
  made.replacement = freeReplacement(state, from.category);
  const rest = from.aliases.filter((other) => other !== alias);
  const entities = new Map(state.entities).set(entity, Object.freeze({ ...from, aliases: rest, name: rest[0] }));
  entities.set(id, Object.freeze(made));
  const isIt = (mark) => mark.entity === entity && surface(state, mark) === alias;
  const marks = state.marks.map((mark) => (isIt(mark) ? Object.freeze({ ...mark, entity: id }) : mark));
  return [{ ...state, entities, marks }, id];
}

/** A mark made by a person is decided at once; every further place with its words is suggested.
    What lies wholly inside gives way, a partial overlap is refused: no half of an address stays readable. */
export function add(before, start, end, category) {
  const touched = before.marks.filter((mark) => mark.start < end && start < mark.end);
  if (touched.some((mark) => mark.start < start || mark.end > end)) return null;
  const state = { ...before, marks: before.marks.filter((mark) => !touched.includes(mark)) };
  const words = state.text.slice(start, end);
  const [known, id] = entityOf(state, category, words);
  const kind = KINDS[category].direct ? "direct" : "quasi";
  const place = (from, to, act, reason) =>
    Object.freeze({ id: crypto.randomUUID(), start: from, end: to, category, kind, entity: id, state: act, note: "", words: "", reason, ask: false });
  const made = place(start, end, "accept", "Marked by hand.");
  const further = others(known, words, start).map(([from, to]) => place(from, to, "suggested", "The same words as a mark made by hand."));
  const marks = [...known.marks, made, ...further].toSorted((one, other) => one.start - other.start);
  return { next: { ...known, marks }, id: made.id, more: further.length };
}

function entityOf(state, category, words) {
  const same = (alias) => alias.toLowerCase() === words.toLowerCase();
  const found = [...state.entities.values()].find((one) => one.category === category && one.aliases.some(same));
  if (found) return [state, found.id];
  const id = crypto.randomUUID();
  const replacement = freeReplacement(state, category);
  const entity = { id, category, name: words, aliases: [words], general: GENERAL[category], replacement, own: false, named: false };
  return [{ ...state, entities: new Map(state.entities).set(id, Object.freeze(entity)) }, id];
}

function others(state, words, start) {
  const same = new RegExp(`(?<![\\p{L}\\p{N}])${words.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?![\\p{L}\\p{N}])`, "giu");
  const places = [...state.text.matchAll(same)].map((found) => [found.index, found.index + found[0].length]);
  const free = ([from, to]) => from !== start && !state.marks.some((mark) => mark.start < to && from < mark.end);
  return places.filter(free);
}

/** The words of each turn: after its label, without the blank line. */
export function turnsOf(text) {
  return [...text.matchAll(/[^\n]+/g)].map((found) => {
    const head = found[0].match(/^[^:]{1,60}:(?: |$)/)?.[0].length ?? 0;
    return { head: found.index, start: found.index + head, end: found.index + found[0].length };
  });
}

/** Offsets as the server counts them, code points, and as JavaScript does; the same where no sign has two units. */
export function counting(text) {
  if (!/[\ud800-\udbff]/.test(text)) return { toUnits: (point) => point, toPoints: (unit) => unit };
  const units = [];
  const points = [];
  let at = 0;
  for (const sign of text) {
    units.push(at);
    for (let unit = 0; unit < sign.length; unit += 1) points[at + unit] = units.length - 1;
    at += sign.length;
  }
  units.push(at);
  points[at] = units.length - 1;
  return { toUnits: (point) => units[point], toPoints: (unit) => points[unit] };
}
