// Finds words in the open release, on this page alone: what is typed is sent nowhere.
// Also tells the report which turn was selected.

const box = document.querySelector("[data-find]");
const said = box.querySelector("[data-said]");
const field = box.querySelector("input");
const paragraphs = [...document.querySelectorAll("[data-turn]")];
const report = document.querySelector("[data-report]");
const LONGEST_BAR = 90; // pixels above the text that may cover what is found

let ranges = [];
let at = -1;

/** Every place of the words, in any case. Each paragraph holds one text node. */
function find(words) {
  const wanted = words.trim().toLowerCase();
  if (wanted.length < 2) return [];
  return paragraphs.flatMap((paragraph) => {
    const node = paragraph.firstChild;
    const text = node ? node.data.toLowerCase() : "";
    // Letters that grow when made small would move every place after them.
    if (!node || text.length !== node.data.length) return [];
    const found = [];
    for (let start = text.indexOf(wanted); start >= 0; start = text.indexOf(wanted, start + 1)) {
      const range = new Range();
      range.setStart(node, start);
      range.setEnd(node, start + wanted.length);
      found.push(range);
    }
    return found;
  });
}

function paint() {
  if (!("highlights" in CSS)) return;
  CSS.highlights.set("found", new Highlight(...ranges));
  CSS.highlights.set("found-now", new Highlight(...ranges.slice(at, at + 1)));
}

function tell() {
  const many = ranges.length;
  if (!field.value.trim()) said.textContent = "";
  else said.textContent = many ? `${at + 1} of ${many}` : "Not found";
}

function go(by) {
  if (!ranges.length) return;
  at = (at + by + ranges.length) % ranges.length;
  const top = ranges[at].getBoundingClientRect().top + window.scrollY;
  window.scrollTo({ top: top - window.innerHeight / 3 - LONGEST_BAR });
  paint();
  tell();
}

function look() {
  ranges = find(field.value);
  at = -1;
  if (ranges.length) go(1);
  else paint();
  tell();
}

field.addEventListener("input", look);
field.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  go(event.shiftKey ? -1 : 1);
});
box.querySelector("[data-next]").addEventListener("click", () => go(1));
box.querySelector("[data-back]").addEventListener("click", () => go(-1));
box.hidden = false;

if (report) {
  const plain = report.href;
  document.addEventListener("selectionchange", () => {
    const node = document.getSelection().anchorNode;
    const around = node instanceof Element ? node : node?.parentElement;
    const turn = around?.closest("[data-turn]")?.dataset.turn;
    if (turn) report.href = `${plain}?turn=${turn}`;
  });
}
