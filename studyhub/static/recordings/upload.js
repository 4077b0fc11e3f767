// Sends a recording in pieces that survive a broken line. The client is tus-js-client, loaded
// before this; what it remembers stays in memory, and the file's own name goes nowhere.

const PIECE = 5 * 1024 * 1024;
const DELAYS = [0, 1000, 3000, 5000, 10000, 30000, 60000, 60000, 60000];
const MEGABYTE = 1e6;
const SAYS = {
  401: "You were signed out. Sign in again in another tab, then go on.",
  403: "This recording cannot be taken from you, or the room of the study is full.",
  409: "It cannot be taken: the person did not agree to be recorded, or no approval is in force.",
  413: "The file is too large.",
  415: "This is no sound that can be kept. Send MP3, M4A, Ogg, WebM, WAV or FLAC, without a film.",
  423: "It is on hold, or is being sent from elsewhere. Try again in a minute.",
  507: "The server has too little room. Tell your operator.",
};
const NEVER_TAKEN = new Set([413, 415]);
const DICTATION =
  "DS2 and DSS can be played by the recorder’s own program only. Export it as WAV or MP3 there.";

/** Where uploads that were begun on this page can be found again, until it is left. */
class InMemory {
  #kept = new Map();

  async findAllUploads() {
    return [...this.#kept.values()];
  }

  async findUploadsByFingerprint(fingerprint) {
    return [...this.#kept.values()].filter((each) => each.fingerprint === fingerprint);
  }

  async removeUpload(key) {
    this.#kept.delete(key);
  }

  async addUpload(fingerprint, upload) {
    const urlStorageKey = `${fingerprint}-${this.#kept.size}`;
    this.#kept.set(urlStorageKey, { ...upload, fingerprint, urlStorageKey });
    return urlStorageKey;
  }
}

const form = document.getElementById("sender");
const place = document.getElementById("going");
const pause = document.getElementById("pause");
const token = document.querySelector("input[name=csrf_token]")?.value;
const headers = { "X-CSRF-Token": token };
let upload = null;
let begun = 0;
let already = 0;
let isWhole = false;

function mark(state) {
  for (const each of place.querySelectorAll("[data-mark]")) {
    each.hidden = each.dataset.mark !== state;
  }
  place.hidden = false;
  pause.hidden = state === "whole";
  pause.textContent = state === "going" ? "Pause" : "Go on";
}

function say(text, { aloud = false } = {}) {
  document.getElementById("said").textContent = text;
  if (aloud) document.getElementById("spoken").textContent = text;
}

function left(sent, total) {
  const speed = (sent - already) / Math.max(1, Date.now() - begun);
  if (speed <= 0) return "";
  const minutes = Math.ceil((total - sent) / speed / 60000);
  return `, about ${minutes} minute${minutes === 1 ? "" : "s"}`;
}

function progress(sent, total) {
  if (!already) already = sent;
  const percent = Math.floor((100 * sent) / total);
  place.querySelector("progress").value = percent;
  const size = `${(sent / MEGABYTE).toFixed(1)} of ${(total / MEGABYTE).toFixed(1)} MB`;
  say(`${percent}%, ${size}${left(sent, total)}`);
  isWhole = sent === total;
}

/** The sum of the piece that is about to be sent; browsers compute it only on safe addresses. */
async function sum(request, file) {
  if (request.getMethod() !== "PATCH" || !window.crypto?.subtle) return;
  const at = Number(request.getHeader("Upload-Offset"));
  const piece = await file.slice(at, at + PIECE).arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", piece));
  request.setHeader("Upload-Checksum", `sha256 ${btoa(String.fromCharCode(...digest))}`);
}

/** It is not taken and never will be: another file can be chosen. */
function refused(why) {
  upload = null;
  form.hidden = false;
  document.getElementById("sound").value = "";
  mark("failed");
  pause.hidden = true;
  say(why, { aloud: true });
}

function failed(error) {
  const status = error.originalResponse?.getStatus();
  // The last answer was lost on its way: everything had arrived.
  if (status === 410 && isWhole) return done();
  if (NEVER_TAKEN.has(status)) return refused(SAYS[status]);
  mark("failed");
  say(SAYS[status] ?? "The line is broken. What arrived is kept: go on when it is back.", {
    aloud: true,
  });
}

function done() {
  upload = null;
  mark("whole");
  say("Received whole", { aloud: true });
  location.assign(form.dataset.after);
}

/** The address of an upload of this size that was begun before this page was opened. */
function unfinished(file) {
  const found = document.querySelector(`[data-unfinished][data-length="${file.size}"]`);
  return found?.dataset.unfinished ?? null;
}

function send(file) {
  if (upload) return;
  if (/\.(ds2|dss)$/i.test(file.name)) return refused(DICTATION);
  const metadata = { interview: form.dataset.interview, filetype: file.type };
  upload = new tus.Upload(file, {
    endpoint: form.dataset.uploads,
    uploadUrl: unfinished(file),
    chunkSize: PIECE,
    retryDelays: DELAYS,
    metadata,
    headers,
    urlStorage: new InMemory(),
    fingerprint: async () => [file.size, file.type, file.lastModified].join("-"),
    removeFingerprintOnSuccess: true,
    onBeforeRequest: (request) => sum(request, file),
    onProgress: progress,
    onError: failed,
    onSuccess: done,
  });
  form.hidden = true;
  mark("going");
  say("It is being sent.", { aloud: true });
  begun = Date.now();
  upload.start();
}

async function toggle() {
  if (!upload) return;
  if (pause.textContent === "Pause") {
    await upload.abort();
    mark("paused");
    say("Paused. What arrived is kept for three days.", { aloud: true });
    return;
  }
  mark("going");
  begun = Date.now();
  already = 0;
  upload.start();
}

async function takeBack(event) {
  const row = event.target.closest("[data-unfinished]");
  await fetch(row.dataset.unfinished, {
    method: "DELETE",
    headers: { ...headers, "Tus-Resumable": "1.0.0" },
  });
  location.reload();
}

if (form) {
  const input = document.getElementById("sound");
  input.addEventListener("change", () => input.files.length && send(input.files[0]));
  form.addEventListener("dragover", (event) => event.preventDefault());
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files.length) send(event.dataTransfer.files[0]);
  });
  pause.addEventListener("click", toggle);
  window.addEventListener("beforeunload", (event) => upload && event.preventDefault());
}
for (const each of document.querySelectorAll("[data-take-back]")) {
  each.addEventListener("click", takeBack);
}
