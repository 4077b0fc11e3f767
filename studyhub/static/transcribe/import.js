// Send a file to be looked at, show what would be imported, and send it once more to be taken in. Nothing but its
// ending is told of the file's name.
import { $, h, say } from "../shared/dom.js";

const PARTS = { interviewer: "Interviewer", participant: "Participant", other: "Somebody else" };
const MOST_BYTES = 20 * 1024 * 1024;
const MOST_LISTED = 20;

const place = $("#import-file");
const file = h("input.govuk-file-upload", { type: "file", id: "file", accept: ".docx,.vtt,.srt,.txt" });
const result = h("div.tr-import", { ariaLive: "polite" });
place.append(h("div.govuk-form-group", {}, h("label.govuk-label", { htmlFor: "file" }, "Subtitles, a Word document or a text file"), file), result);
file.addEventListener("change", () => file.files.length && look());

async function send(address, told) {
  const chosen = file.files[0];
  const line = JSON.stringify({ ending: chosen.name.split(".").pop(), ...told });
  const headers = { "X-CSRF-Token": place.dataset.csrf, "Content-Type": "application/octet-stream", Accept: "application/json" };
  const body = new Blob([line, "\n", chosen]);
  const answer = await fetch(address, { method: "POST", headers, body, redirect: "manual" });
  const value = await answer.json().catch(() => ({}));
  return { ok: answer.ok, status: answer.status, value };
}

function refuse(words) {
  result.replaceChildren(h("p.tr-wrong", { role: "alert" }, words));
}

async function look(labels = null) {
  if (file.files[0].size > MOST_BYTES) return refuse("This file is larger than 20 MB.");
  result.replaceChildren(h("p.wb-hint", {}, "Reading the file…"));
  try {
    const answer = await send(place.dataset.look, { labels });
    if (!answer.ok) return refuse(answer.value.says ?? "This file could not be read.");
    show(answer.value, labels);
  } catch {
    refuse("There is no connection. Try again.");
  }
}

function show(found, labels) {
  const counts = [[`${found.unit}s seen`, found.seen], ["imported", found.imported], ["skipped", found.skipped.length], ["turns", found.turns], ["words", found.words]];
  const stats = h("dl.sh-stats", {}, counts.map(([name, number]) => h("div", {}, h("dt", {}, name), h("dd", {}, String(number)))));
  const voices = found.names.map((one) => voice(one));
  const confirm = h("button.govuk-button", { type: "button", onclick: () => take(voices, labels) }, "Import it");
  const begin = h("ul.sh-prose.sh-small", {}, found.sample.map(([at, who, words]) => h("li", {}, at ? `${at} ` : "", h("strong", {}, `${who}: `), words)));
  result.replaceChildren(...[
    h("h3", {}, `Is this right? Read as: ${found.format}`),
    stats,
    found.names.length ? h("div", {}, h("h3", {}, "Names found"), h("p.wb-hint", {}, "Names may point to a person: call them by their part."), voices.map((each) => each.row)) : null,
    leftOut(found),
    h("h3", {}, "How it begins"),
    begin,
    confirm,
  ].filter(Boolean));
  say("Read. Look at what would be imported.");
}

function voice({ label, role, turns }) {
  const called = h("input.wb-input", { value: label, maxLength: 60, ariaLabel: `${label} is shown as` });
  const part = h("select.wb-input", { ariaLabel: `Part of ${label}` }, Object.entries(PARTS).map(([value, words]) => h("option", { value, selected: value === role }, words)));
  const row = h("div.tr-voice", {}, h("span", {}, `${label}, ${turns} turn${turns === 1 ? "" : "s"}`), called, part);
  return { row, told: () => [label, called.value, part.value] };
}

function leftOut({ skipped, dropped, notes }) {
  const lines = [
    ...skipped.slice(0, MOST_LISTED).map((each) => `Line ${each.line}: ${each.reason}`),
    ...(skipped.length > MOST_LISTED ? [`And ${skipped.length - MOST_LISTED} more lines that were skipped.`] : []),
    ...dropped.map((each) => `${each.what}: ${each.places} place${each.places === 1 ? "" : "s"}, ${each.words} word${each.words === 1 ? "" : "s"}${each.sample ? `, for example “${each.sample}”` : ""}`),
    ...notes,
  ];
  return lines.length ? h("div", {}, h("h3", {}, "Left out"), h("ul.sh-prose.sh-small", {}, lines.map((line) => h("li", {}, line)))) : null;
}

async function take(voices, labels) {
  try {
    const answer = await send(place.dataset.confirm, { labels, rev: Number(place.dataset.rev), voices: voices.map((each) => each.told()) });
    if (answer.ok) location.assign(answer.value.next);
    else refuse(answer.value.says ?? "This could not be imported. Load this page again.");
  } catch {
    refuse("There is no connection. Try again.");
  }
}
