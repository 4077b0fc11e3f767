// The transcription workspace: puts sound, turns and saving together and owns the keys.
import { $, api, clock, dialog, h, icon, plural, say, toast } from "../shared/dom.js";
import { Keys } from "../shared/keys.js";
import { Autosave } from "./autosave.js";
import { fittingLabel, parse, readMerge, settled, write } from "./body.js";
import { settle } from "./clash.js";
import { Editor } from "./editor.js";
import { PRESETS, actionsOf } from "./keymap.js";
import { Player } from "./player.js";
import { signInAgain } from "./sign_in.js";

const HEARTBEAT = 30_000;
const COUNT_AFTER = 600; // never on the way of a key press
const STATES = {
  saved: ["saved", "check"],
  saving: ["saving", "clock"],
  offline: ["kept", "away"],
  clash: ["clash", "stop"],
  locked: ["kept", "stop"],
  "signed-out": ["clash", "stop"],
  refused: ["clash", "stop"],
};

const place = $("#workspace");
const address = `/transcripts/${place.dataset.transcript}`;

function cannotOpen(status) {
  if (status === 423) return "This transcript is on hold, so nobody opens it now.";
  if (status === 410) return "This transcript was erased.";
  if (status === 401) return "You were signed out. Load this page again to sign in.";
  return "The text could not be opened. Load this page again.";
}

async function begin(loaded) {
  const editor = new Editor(parse(loaded.text));
  const player = await soundOf(editor);
  const save = new Autosave({ address: `${address}/working`, rev: loaded.rev, text: loaded.text });
  const page = {
    editor,
    player: () => player,
    save: () => (save.unsaved ? save.flush() : say("Everything is saved")),
    askTime: () => askTime(player),
    renameSpeaker: () => $(".tr-speaker input")?.focus(),
    help: () => keys.help(),
  };
  const keys = new Keys(actionsOf(page), PRESETS, { preset: "StudyHub", title: "Keys of the transcription workspace" });
  build(page, keys, save);
  if (player) player.addEventListener("tick", () => editor.sounding(player.now));
  editor.addEventListener("enter", () => editor.split(false, player?.now));
  watchLock(editor, save);
  globalThis.studyhub = { editor, player, save };
}

// -- sound ------------------------------------------------------------------------------------------

/** The sound, if this transcript has any that may be heard. Asking for it is on the record. */
async function soundOf(editor) {
  const { recording, duration } = place.dataset;
  if (!recording) return null;
  const listen = await api("POST", `/recordings/${recording}/listen`).catch(() => ({ ok: false }));
  if (!listen.ok) return null;
  const turns = () => editor.body.turns.map((turn) => ({ start: turn.start, end: turn.end, label: editor.speaker(turn.speaker).label }));
  return new Player({ source: listen.value.audio, peaks: await peaksOf(listen.value.peaks), duration: Number(duration), turns });
}

/** The picture of the sound: pairs of signed bytes, lowest and highest, twenty a second. Without it strips are bare. */
async function peaksOf(from) {
  try {
    const answer = await fetch(from, { cache: "no-store" });
    return answer.ok ? new Int8Array(await answer.arrayBuffer()) : null;
  } catch {
    return null;
  }
}

async function askTime(player) {
  const field = h("input.wb-input", { name: "at", autofocus: true, required: true, pattern: "(\\d+:)?\\d+:\\d\\d" });
  const label = h("label.wb-label", {}, "Time, for example 1:05", field);
  const answer = await dialog("Go to a time", (close) => question(close, label, "Go"));
  if (!answer) return;
  player.seek(answer.get("at").split(":").reduce((sum, part) => sum * 60 + Number(part), 0) * 1000);
}

function question(close, inner, go) {
  // Cancel is no submit button: Enter in a field presses the first submit button of a form.
  const cancel = h("button.wb-btn", { type: "button", onclick: () => close() }, "Cancel");
  const submit = (event) => {
    event.preventDefault();
    close(new FormData(event.target));
  };
  return h("form", { onsubmit: submit }, inner, h("div.wb-dialog__end", {}, cancel, h("button.wb-btn.wb-btn--main", {}, go)));
}

// -- the page ---------------------------------------------------------------------------------------

function build(page, keys, save) {
  const { editor } = page;
  const side = new Side(page, keys);
  const line = statusLine(save);
  const bar = page.player()?.build(keys) ?? h("div.tr-audio.tr-audio--none", {}, h("p.wb-hint", {}, "There is no sound for this transcript here. You can type, correct and import."), h("span.tr-audio__end", { id: "save-line" }));
  place.replaceChildren(bar, h("div.tr-cols", {}, editor.list, side.panel));
  $("#save-line").append(line);
  const show = h("button.wb-btn", { type: "button", onclick: () => keys.help() }, "Keys", h("kbd.wb-key", {}, "?"));
  $("#title-end").append(h("span.wb-hint", { id: "words" }), show);
  let timer;
  editor.addEventListener("changed", () => {
    save.changed(() => write(editor.body));
    clearTimeout(timer);
    timer = setTimeout(() => side.draw(), COUNT_AFTER);
  });
  editor.addEventListener("speaker-menu", ({ detail }) => askSpeaker(editor, detail));
  editor.addEventListener("play-from", ({ detail }) => playFrom(page, detail));
  save.addEventListener("state", ({ detail }) => react(detail, editor, save, line));
  side.draw();
}

function playFrom({ editor, player }, id) {
  const { start } = editor.turn(id);
  const sound = player();
  if (!sound) say("There is no sound for this transcript here");
  else if (start === null) editor.setStart(id, sound.now);
  else sound.seek(start, true);
}

async function askSpeaker(editor, id) {
  const build = (close) => h("div.wb-choices", {}, editor.body.speakers.map((one, number) => {
    const here = one.id === editor.turn(id).speaker;
    return h("button.wb-btn", { type: "button", autofocus: here, onclick: () => close(one.id) }, one.label, h("kbd.wb-key", {}, `Alt+${number + 1}`));
  }));
  const chosen = await dialog("Who speaks here?", build);
  if (chosen) editor.setSpeaker(id, chosen);
}

class Side {
  constructor({ editor }, keys) {
    Object.assign(this, { editor, keys, shown: "" });
    const insert = (id, text) => h("button.wb-btn.wb-btn--small", { type: "button", onclick: () => this.run(id) }, text, keys.caps(id).slice(0, 1));
    this.open = h("span.tr-panel__end");
    this.speakers = h("div");
    const add = h("button.wb-btn.wb-btn--plain", { type: "button", onclick: () => { editor.addSpeaker(); this.draw(); } }, "Add a speaker");
    const marks = [insert("inaudible", "[inaudible]"), insert("pauseMark", "[pause]"), insert("laugh", "[laughs]"), insert("unsure", "(?)"), insert("stamp", "time")];
    const steps = [insert("next", "Next unresolved"), insert("undo", "Undo"), insert("redo", "Redo")];
    const turns = [insert("other", "New turn, other speaker"), insert("playTurn", "Play this turn"), insert("loopTurn", "Loop this turn"), insert("in", "Loop from here"), insert("out", "Loop to here"), insert("goto", "Go to a time")];
    const all = h("button.wb-btn.wb-btn--plain", { type: "button", onclick: () => keys.help() }, "All keys and key sets");
    this.panel = h("aside.tr-side", { ariaLabel: "Speakers and marks" },
      h("section.wb-panel", {}, h("h2", {}, "Speakers"), this.speakers, add),
      h("section.wb-panel", {}, h("h2", {}, "Marks ", this.open), h("div.tr-inserts", {}, marks), h("div.tr-inserts", {}, steps)),
      h("section.wb-panel", {}, h("h2", {}, "Turns and sound"), h("div.tr-inserts", {}, turns), all));
  }

  run(id) {
    this.keys.actions.find((action) => action.id === id).run();
  }

  draw() {
    const { editor } = this;
    const open = editor.unresolved().length;
    const words = open ? `${open} unresolved` : "none unresolved";
    if (this.open.textContent !== words) this.open.replaceChildren(h("span.wb-tag", { class: open ? "wb-tag--warn" : "wb-tag--ok" }, icon(open ? "stop" : "check"), words));
    $("#words").textContent = `${editor.countWords().toLocaleString("en-GB")} words`;
    const key = JSON.stringify([editor.body.speakers, editor.body.turns.map((turn) => turn.speaker)]);
    if (key === this.shown || this.speakers.contains(document.activeElement)) return;
    this.shown = key;
    this.speakers.replaceChildren(...editor.body.speakers.map((one, number) => this.speaker(one, number)));
  }

  speaker(one, number) {
    const rename = (event) => {
      const label = fittingLabel(event.target.value);
      event.target.value = label || one.label;
      if (!label || label === editor.speaker(one.id).label) return;
      const turns = editor.rename(one.id, label);
      toast(`Renamed in ${plural(turns, "turn")}`, () => {
        editor.undo();
        event.target.value = editor.speaker(one.id).label;
      });
    };
    const { editor } = this;
    const field = h("input.wb-input", { value: one.label, maxLength: 60, ariaLabel: `Name of speaker ${number + 1}`, onchange: rename });
    return h("div.tr-speaker", {}, h("kbd.wb-key", {}, `Alt+${number + 1}`), field, h("span.wb-hint", {}, editor.turnsOf(one.id)));
  }
}

// -- saving -----------------------------------------------------------------------------------------

let spoken = "";

function statusLine(save) {
  const line = h("span.wb-state", { data: { state: "" } });
  draw(line, { state: "saved", unsaved: 0, at: save.at });
  return line;
}

function words({ state, unsaved, at, by, says }) {
  return {
    saved: () => `Saved ${at.toTimeString().slice(0, 8)}`,
    saving: () => "Saving…",
    offline: () => `Not saved: offline, ${plural(unsaved, "change")} kept here`,
    clash: () => "Conflict",
    locked: () => `Not saved: ${by} is typing here, your text is kept`,
    "signed-out": () => "Not saved: signed out, text kept here",
    refused: () => `Not saved: ${says ?? "this text can no longer be changed"}`,
  }[state]();
}

function draw(line, detail) {
  const { state } = detail;
  if (line.dataset.state === state && state === "saving") return;
  const [look, shape] = STATES[state];
  const text = words(detail);
  line.className = `wb-state wb-state--${look}`;
  line.replaceChildren(icon(shape), text);
  line.dataset.state = state;
  // The usual "Saved" is not read out every two seconds.
  if (state !== "saving" && state !== spoken && (state !== "saved" || spoken)) say(text);
  if (state !== "saving") spoken = state;
}

async function react(detail, editor, save, line) {
  draw(line, detail);
  if (detail.state === "clash") await clash(detail, editor, save, line);
  if (detail.state === "locked") await locked(detail.by, editor, save, line);
  if (detail.state === "signed-out") await signedOut(save, line);
}

const small = (label, run) => h("button.wb-btn.wb-btn--small", { type: "button", onclick: run }, label);

/** Keep one's own text as a version, merge, ask about what both changed, and save the whole. */
async function clash({ theirs, mine, base }, editor, save, line) {
  const again = () => line.append(small("Try again", () => clash({ theirs, mine, base }, editor, save, line)));
  const kept = await api("POST", `${address}/branches`, { text: mine }).catch(() => ({ ok: false }));
  if (!kept.ok) return again();
  let [from, other] = [base, theirs.text];
  for (;;) {
    const now = write(editor.body);
    const answer = await api("POST", `${address}/merge`, { base: from, mine: now, theirs: other }).catch(() => ({ ok: false }));
    if (!answer.ok) return again();
    const found = readMerge(answer.value);
    const clashes = found.parts.filter((part) => part.clash);
    const label = (turn) => [...found.speakers, ...editor.body.speakers].find((one) => one.id === turn.speaker)?.label ?? "";
    const choices = clashes.length ? await settle({ clashes, who: theirs.saved_by, at: theirs.saved_at, label }) : [];
    if (!choices) {
      line.append(small("Decide now", () => clash({ theirs, mine, base }, editor, save, line)));
      return;
    }
    const merged = settled(found, choices);
    // Somebody may have typed on meanwhile: that is merged with what was just merged.
    if (write(editor.body) !== now) [from, other] = [now, write(merged)];
    else {
      editor.apply(merged);
      break;
    }
  }
  await save.resume({ rev: theirs.rev, stored: theirs.text });
  toast(`Merged with what ${theirs.saved_by} saved`);
}

async function locked(by, editor, save, line) {
  const build = (close) => [
    h("p", {}, `${by} has this transcript open. What you typed stays here. If you take over, ${by} is told so, and what both of you typed is brought together.`),
    h("div.wb-dialog__end", {}, h("button.wb-btn", { type: "button", onclick: () => close() }, "Not now"), h("button.wb-btn.wb-btn--main", { type: "button", onclick: () => close(true) }, "Take over")),
  ];
  if (await dialog(`${by} is typing here`, build)) await takeOver(editor, save);
  else line.append(small("Take over", () => takeOver(editor, save)));
}

async function takeOver(editor, save) {
  await api("POST", `${address}/lock`, { take: true });
  editor.lock(false);
  if (save.held) await save.resume();
}

/** Say every half minute that this page is open; and look whether somebody else took over. */
async function watchLock(editor, save) {
  const beat = async () => {
    const found = await api("POST", `${address}/lock`, { take: false }).catch(() => ({ ok: false }));
    if (!found.ok || found.value.mine === !editor.locked) return;
    editor.lock(!found.value.mine);
    if (!found.value.mine) toast(`${found.value.by} is typing here. You can read along.`);
  };
  const first = await api("POST", `${address}/lock`, { take: false }).catch(() => ({ ok: false }));
  if (first.ok && !first.value.mine) {
    editor.lock(true);
    await locked(first.value.by, editor, save, $("#save-line"));
  }
  setInterval(beat, HEARTBEAT);
}

async function signedOut(save, line) {
  if (await signInAgain(place, `${address}/working`)) await save.resume();
  else line.append(small("Sign in", () => signedOut(save, line)));
}

// Last, since classes of a module are there only after their line was reached.
const opened = await api("GET", `${address}/working`).catch(() => ({ ok: false, status: 0 }));
if (opened.ok) await begin(opened.value);
else place.replaceChildren(h("p", {}, cannotOpen(opened.status)));
