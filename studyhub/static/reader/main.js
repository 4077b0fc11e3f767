// The second reader marks what gives somebody away. The text and the questions are on the page already;
// this adds the reading cursor, marks and the time, which is shown and never a limit.
import { $, $$, api, dialog, h, icon, plural, say, toast } from "../shared/dom.js";
import { Keys } from "../shared/keys.js";
import { Sentences } from "../shared/sentences.js";
import { counting } from "../deidentify/model.js";

const WHO = {
  colleague: "a colleague in the same field", local: "somebody local", partner: "a former partner or family member",
  search: "a search engine on two details", table: "somebody with the sample table", participant: "another participant",
};
const SURE = { certain: "certain", likely: "likely", with_more: "only with more details" };

const app = $("#app");
const paper = $("#paper");
const list = $("#doubts");
const form = $("#questions");
const rows = $$(".rd-turn").map((turn) => {
  const node = $(".rd-words", turn);
  return { id: Number(turn.dataset.turn), text: node.textContent, node, count: counting(node.textContent) };
}).filter((row) => row.text);
const rowOf = (turn) => rows.find((row) => row.id === turn);
const painted = new Highlight();
CSS.highlights?.set("doubt", painted);
const cursor = new Sentences(rows, paper, () => $("#bar").getBoundingClientRect().bottom);
let doubts = $$("li[data-turn]", list).map(({ dataset }) => {
  const turn = Number(dataset.turn);
  const { toUnits } = rowOf(turn).count;
  const who = dataset.who.split(" ").filter(Boolean);
  return { turn, start: toUnits(Number(dataset.start)), end: toUnits(Number(dataset.end)), who, sure: dataset.sure, note: dataset.note };
});

function answers() {
  return Object.fromEntries([...new FormData(form)].filter(([name]) => name.startsWith("answer:")).map(([name, value]) => [name.slice(7), value]));
}

let kept = Promise.resolve(true);
let waits = null;

/** One message at a time and always the newest: an older one that arrives last would undo it. */
function keep() {
  waits ??= kept.then(() => {
    waits = null;
    kept = sendNow();
    return kept;
  });
  return waits;
}

async function sendNow() {
  const places = doubts.map((doubt) => {
    const { toPoints } = rowOf(doubt.turn).count;
    return { ...doubt, start: toPoints(doubt.start), end: toPoints(doubt.end) };
  });
  const answer = await api("POST", app.dataset.doubts, { doubts: places, answers: answers() }).catch(() => ({ ok: false }));
  if (!answer.ok) toast("Not saved. Your marks stay on this page; try again in a moment.");
  return answer.ok;
}

function draw() {
  painted.clear();
  for (const { turn, start, end } of doubts) painted.add(cursor.range(rowOf(turn), start, end));
  const item = (doubt) => {
    const words = rowOf(doubt.turn).text.slice(doubt.start, doubt.end);
    const who = doubt.who.map((code) => WHO[code]).join(", ");
    const away = async () => {
      doubts = doubts.filter((other) => other !== doubt);
      draw();
      await keep();
    };
    const button = h("button.wb-btn.wb-btn--plain", { type: "button", ariaLabel: `Take away the mark on turn ${doubt.turn}`, onclick: away }, "Take away");
    return h("li", {}, h("strong", {}, `Turn ${doubt.turn}`), ` “${words}” ${who ? `${who}, ` : ""}${SURE[doubt.sure]} `, button);
  };
  const none = h("li.wb-hint", { data: { none: "" } }, "None so far. Select words and press i.");
  list.replaceChildren(...(doubts.length ? doubts.map(item) : [none]));
  verdict();
}

function verdict() {
  const given = answers();
  const open = Object.keys(WHO).length - Object.keys(given).length;
  const back = doubts.length > 0 || Object.values(given).includes("yes");
  const send = $("#send");
  $("#marked").value = doubts.length ? "yes" : "no";
  $("#result").textContent = back ? "It goes back to who took the identifiers out." : open ? `${plural(open, "question")} left` : "Nobody found: ready for the leak gate.";
  send.textContent = back ? "Send it back" : "Pass it to the leak gate";
  send.classList.toggle("wb-btn--stop", back);
  send.classList.toggle("wb-btn--main", !back);
}

async function tell() {
  const at = cursor.selection();
  if (!at) {
    say("Select words, or move to a sentence with j and k first.");
    return;
  }
  const value = await dialog("I can tell who this is", (close) => question(at, close));
  if (value) {
    doubts = [...doubts, { turn: at.id, start: at.start, end: at.end, ...value }];
    draw();
    if (await keep()) toast(`Marked. ${plural(doubts.length, "place")} in all`);
  }
  paper.focus();
}

function question(at, close) {
  const take = (event) => {
    event.preventDefault();
    const sent = new FormData(event.target);
    close({ who: sent.getAll("who"), sure: sent.get("sure"), note: sent.get("note").trim() });
  };
  const box = ([code, words], index) => h("label", {}, h("input", { type: "checkbox", name: "who", value: code, autofocus: index === 0 }), words);
  const radio = ([code, words]) => h("label", {}, h("input", { type: "radio", name: "sure", value: code, checked: code === "likely" }), words);
  return h("form", { onsubmit: take },
    h("blockquote.rd-quote", {}, at.text),
    h("fieldset.wb-set", {}, h("legend", {}, "Who could tell?"), Object.entries(WHO).map(box)),
    h("fieldset.wb-set.wb-set--row", {}, h("legend", {}, "How sure are you?"), Object.entries(SURE).map(radio)),
    h("label.wb-label", { htmlFor: "note" }, "What gives it away? Do not write the name you think of."),
    h("textarea.wb-input", { name: "note", id: "note", rows: 2, maxLength: 2000 }),
    h("div.wb-dialog__end", {}, h("button.wb-btn", { type: "button", onclick: () => close() }, "Cancel"), h("button.wb-btn.wb-btn--main", {}, "Mark it")));
}

let spent = 0;
let runs = true;
const time = h("span", {}, "0 of about 15 min");
const pause = h("button.wb-btn.wb-btn--small", { type: "button", ariaPressed: "false", onclick: () => {
  runs = !runs;
  pause.setAttribute("aria-pressed", String(!runs));
  pause.textContent = runs ? "Pause" : "Go on";
} }, "Pause");
setInterval(() => {
  if (!runs || document.hidden) return;
  spent += 10;
  time.textContent = `${Math.floor(spent / 60)} of about 15 min`;
  if (spent === 900) say("Fifteen minutes. Take longer if you need to.");
}, 10_000);

const act = (id, group, label, run) => ({ id, group, label, run });
const keys = new Keys([
  act("next", "Read", "Next sentence", () => cursor.move(1)),
  act("back", "Read", "Previous sentence", () => cursor.move(-1)),
  act("more", "Read", "Select one sentence more", () => cursor.move(1, true)),
  act("less", "Read", "One sentence less", () => cursor.move(-1, true)),
  act("wide", "Read", "One word more", () => cursor.word(1)),
  act("narrow", "Read", "One word less", () => cursor.word(-1)),
  act("tell", "Judge", "I can tell who this is", tell),
  act("form", "Judge", "Go to the questions", () => form.querySelector("input[type=radio]").focus()),
  act("text", "Read", "Back to the text", () => paper.focus()),
  act("help", "Page", "Show the keys", () => keys.help()),
], { StudyHub: {
  next: ["J", "ArrowDown"], back: ["K", "ArrowUp"], more: ["Shift+J", "Shift+ArrowDown"], less: ["Shift+K", "Shift+ArrowUp"],
  wide: ["."], narrow: [","], tell: ["I"], form: ["Q"], text: ["Escape"], help: ["Ctrl+/"],
} }, { preset: "StudyHub", scope: paper, title: "Keys of the second reading" });

const bar = $("#bar");
bar.append(
  h("button.wb-btn.wb-btn--main", { type: "button", onmousedown: (event) => event.preventDefault(), onclick: tell }, "I can tell who this is", h("kbd.wb-key", {}, "i")),
  h("span.wb-hint", {}, "Select words, or move by sentence: j, k"),
  h("span.rd-time", {}, icon("clock"), time, pause));
bar.hidden = false;
$("#title-end").append(h("button.wb-btn", { type: "button", onclick: () => keys.help() }, "Keys", h("kbd.wb-key", {}, "?")));
form.addEventListener("change", () => {
  verdict();
  keep();
});
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  // A mark on its way when the reading ends would come too late.
  if (await keep()) form.submit();
});
draw();
paper.focus();
