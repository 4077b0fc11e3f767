// What the keys of the transcription workspace do, and the three sets of keys one can choose from.
import { clock, say, stamp } from "../shared/dom.js";

export const MOST_SPEAKERS = 8;

/** page: what the keys act on. {editor, player() or nothing, save(), askTime(), renameSpeaker(), help()} */
export function actionsOf(page) {
  const act = (id, group, label, run) => ({ id, group, label, run });
  const sound = (run) => () => {
    const player = page.player();
    if (player) run(player);
    else say("This transcript has no sound here");
  };
  const { editor } = page;
  let from = 0;
  const mark = (player) => {
    from = player.now;
    say(`Loop starts at ${clock(from)}`);
  };
  const loopTurn = (player) => {
    const { start, end } = editor.turn();
    if (start === null || end === null) return say("This turn has no times");
    player.setLoop(start, end);
    player.seek(start, true);
  };
  const now = () => page.player()?.now;
  const speak = (number) => {
    const speaker = editor.body.speakers[number];
    if (speaker) editor.setSpeaker(editor.current, speaker.id);
    else say(`There is no speaker ${number + 1}`);
  };
  const speakers = Array.from({ length: MOST_SPEAKERS }, (_, place) => act(`speaker${place + 1}`, "Text", `Speaker ${place + 1}`, () => speak(place)));
  const time = () => (now() === undefined ? say("This transcript has no sound here") : editor.insert(`[${stamp(now())}]`));
  const inaudible = () => editor.insert(now() === undefined ? "[inaudible]" : `[inaudible ${stamp(now())}]`);
  return [
    act("play", "Sound", "Play or pause (rewinds a little)", sound((player) => player.toggle())),
    act("back", "Sound", "Back by a step", sound((player) => player.skip(-player.step))),
    act("forward", "Sound", "Forward by a step", sound((player) => player.skip(player.step))),
    act("slower", "Sound", "Slower", sound((player) => player.speed(-0.05))),
    act("faster", "Sound", "Faster", sound((player) => player.speed(0.05))),
    act("in", "Sound", "Loop starts here", sound(mark)),
    act("out", "Sound", "Loop ends here", sound((player) => player.setLoop(from, player.now))),
    act("loop", "Sound", "Loop on or off", sound((player) => player.toggleLoop())),
    act("loopTurn", "Sound", "Loop this turn", sound(loopTurn)),
    act("goto", "Sound", "Go to a time", sound(() => page.askTime())),
    act("playTurn", "Sound", "Play from this turn", sound((player) => player.seek(editor.turn().start ?? player.now, true))),
    act("split", "Text", "New turn, same speaker", () => editor.split(false, now())),
    act("other", "Text", "New turn, other speaker", () => editor.split(true, now())),
    ...speakers,
    act("stamp", "Text", "Insert the time", time),
    act("inaudible", "Text", "Inaudible, with time", inaudible),
    act("pauseMark", "Text", "Pause", () => editor.insert("[pause]")),
    act("laugh", "Text", "Laughs", () => editor.insert("[laughs]")),
    act("unsure", "Text", "Not sure of the word", () => editor.insert("(?)")),
    act("next", "Text", "Next unresolved mark", () => editor.nextUnresolved()),
    act("undo", "Text", "Undo", () => editor.undo()),
    act("redo", "Text", "Redo", () => editor.redo()),
    act("save", "Page", "Save now", () => page.save()),
    act("rename", "Page", "Rename a speaker", () => page.renameSpeaker()),
    act("help", "Page", "Show the keys", () => page.help()),
  ];
}

const SPEAKERS = Object.fromEntries(Array.from({ length: MOST_SPEAKERS }, (_, place) => [`speaker${place + 1}`, [`Alt+${place + 1}`]]));
const COMMON = {
  ...SPEAKERS,
  ...{ loop: ["Ctrl+L"], in: ["Ctrl+["], out: ["Ctrl+]"], loopTurn: ["Ctrl+Enter"], split: [], other: ["Alt+Enter"] },
  ...{ inaudible: ["Alt+I"], pauseMark: ["Alt+P"], laugh: ["Alt+H"], unsure: ["Alt+U"], next: ["F9"] },
  ...{ undo: ["Ctrl+Z"], redo: ["Ctrl+Y", "Ctrl+Shift+Z"], save: ["Ctrl+S"], goto: ["Ctrl+K"], playTurn: ["Alt+K"] },
  ...{ stamp: ["Ctrl+J"], rename: ["Alt+R"], help: ["Ctrl+/"] },
};

export const PRESETS = {
  StudyHub: { ...COMMON, play: ["Escape", "F4", "Ctrl+Space"], back: ["F1"], forward: ["F2"], slower: ["F7", "Ctrl+<"], faster: ["F8", "Ctrl+>"] },
  oTranscribe: { ...COMMON, play: ["Escape"], back: ["F1"], forward: ["F2"], slower: ["F3"], faster: ["F4"] },
  "MAXQDA / f4": { ...COMMON, play: ["F4", "F5"], back: ["Shift+F12"], forward: ["F12"], slower: ["F7"], faster: ["F8"] },
};
