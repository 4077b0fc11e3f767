// The text of a transcript in the form in which it is kept, and everything about it that is pure. One line
// for each speaker and turn, fields set apart by tabs: the same form that the server reads.

const BREAK = /[\t\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+/;
// With the u flag only halves of pairs match here: whole emoji stay.
const UNFIT = /[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]/gu;

export const LONGEST_LABEL = 60;
export const UNRESOLVED = /\[inaudible[^[\]]*\]|\(\?\)/g;
export const CONVENTION = /\[(pause|laughs|crosstalk|sighs|crying)[^\]]*\]/g;

/** The same words without line breaks, tabs and what a turn cannot hold. */
export function fitting(text) {
  const parts = text.split(BREAK);
  const joined = parts.length > 1 ? parts.map((part) => part.trim()).filter(Boolean).join(" ") : text;
  return joined.replace(UNFIT, "");
}

/** Whether somebody typed or pasted what a turn cannot hold. */
export const isUnfit = (text) => BREAK.test(text) || text.search(UNFIT) >= 0;

/** What a speaker can be called; empty if nothing is left of it. */
export const fittingLabel = (text) => fitting(text).replace(/:/g, " ").trim().slice(0, LONGEST_LABEL).trim();

const moment = (written) => (written === "" ? null : Number(written));
const written = (at) => (at === null ? "" : String(at));

export function parse(text) {
  const speakers = [];
  const turns = [];
  for (const line of text.split("\n")) {
    const [id, speaker, start, end, ...said] = line.split("\t");
    if (id === "#") speakers.push(Object.freeze({ id: speaker, role: start, label: end }));
    else if (said.length) {
      turns.push(Object.freeze({ id, speaker, start: moment(start), end: moment(end), text: said.join(" ") }));
    }
  }
  return { speakers, turns };
}

export function write({ speakers, turns }) {
  const voices = speakers.map((one) => `#\t${one.id}\t${one.role}\t${one.label}`);
  const said = turns.map((turn) => [turn.id, turn.speaker, written(turn.start), written(turn.end), fitting(turn.text)].join("\t"));
  return [...voices, ...said].join("\n");
}

/** A turn as the server's merge writes it. */
const turnOf = (sent) => Object.freeze({ id: sent.id, speaker: sent.speaker, start: sent.start_ms, end: sent.end_ms, text: sent.text });

/** What came of a merge on the server: parts in their order, each a turn or a clash. */
export function readMerge(found) {
  const parts = found.parts.map((part) => {
    if (part.turn) return turnOf(part.turn);
    const { base, mine, theirs } = part.clash;
    return { clash: true, base: base.map(turnOf), mine: mine.map(turnOf), theirs: theirs.map(turnOf) };
  });
  return { parts, speakers: found.speakers.map(Object.freeze), leaving: new Set(found.leaving) };
}

/** The merged body; choices holds the turns that were decided on, one list for each clash. */
export function settled({ parts, speakers, leaving }, choices) {
  const decided = [...choices];
  const turns = parts.flatMap((part) => (part.clash ? decided.shift() : [part]));
  const needed = new Set(turns.map((turn) => turn.speaker));
  return { speakers: speakers.filter((one) => needed.has(one.id) || !leaving.has(one.id)), turns };
}

/** Words that differ, for the merge: [{text, kind: same|old|new}] by the longest common run of words. */
export function words(before, after) {
  const a = before.split(/(?<= )/);
  const b = after.split(/(?<= )/);
  if (a.length * b.length > 400_000) return [{ kind: "new", text: after }];
  const table = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      table[i][j] = a[i] === b[j] ? table[i + 1][j + 1] + 1 : Math.max(table[i + 1][j], table[i][j + 1]);
    }
  }
  const out = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      out.push({ kind: "same", text: a[i++] });
      j++;
    } else if (j < b.length && (i === a.length || table[i][j + 1] >= table[i + 1][j])) {
      out.push({ kind: "new", text: b[j++] });
    } else {
      out.push({ kind: "old", text: a[i++] });
    }
  }
  return out;
}
