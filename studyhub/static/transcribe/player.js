// The sound: play with a little rewind, speed with kept pitch, loop, and two strips: the whole interview, and the
// half minute around now.
import { clock, h, icon, say } from "../shared/dom.js";

const LONG_PAUSE = 300_000;
const WINDOW = 30_000;
const PEAKS_A_SECOND = 20;
const REWINDS = [0, 1, 1.5, 2, 3, 5, 10];
const STEPS = [1, 2, 3, 5, 10, 15, 30];
const BY_KEY = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -30, PageUp: 30 };

export class Player extends EventTarget {
  constructor({ source, peaks, duration, turns, rewind = 1.5, step = 5 }) {
    super();
    Object.assign(this, { peaks, duration, turns, rewind, step, loop: null, pausedAt: 0 });
    this.sound = h("audio", { preload: "metadata", src: source });
    this.sound.preservesPitch = true;
    this.sound.addEventListener("timeupdate", () => this.tick());
    this.sound.addEventListener("play", () => this.sounds(true));
    this.sound.addEventListener("pause", () => this.sounds(false));
    this.sound.addEventListener("loadedmetadata", () => this.measured());
    this.sound.addEventListener("error", () => say("The sound cannot be played. You can go on typing."));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
  }

  get now() {
    return Math.round(this.sound.currentTime * 1000);
  }

  get playing() {
    return !this.sound.paused;
  }

  measured() {
    if (Number.isFinite(this.sound.duration)) this.duration = this.sound.duration * 1000;
    this.length.textContent = ` / ${clock(this.duration)}`;
    this.slider.setAttribute("aria-valuemax", Math.round(this.duration / 1000));
    this.tick();
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  play() {
    const long = this.pausedAt && Date.now() - this.pausedAt > LONG_PAUSE;
    const floor = this.loop?.on ? this.loop.from / 1000 : 0;
    this.sound.currentTime = Math.max(floor, this.sound.currentTime - this.rewind * (long ? 2 : 1));
    this.sound.play().catch(() => {});
  }

  pause() {
    this.pausedAt = Date.now();
    this.sound.pause();
  }

  seek(ms, play = false) {
    this.sound.currentTime = Math.min(this.duration, Math.max(0, ms)) / 1000;
    this.tick();
    if (play && !this.playing) this.sound.play().catch(() => {});
  }

  skip(seconds) {
    this.seek(this.now + seconds * 1000);
    say(clock(this.now));
  }

  speed(by) {
    this.setSpeed(this.sound.playbackRate + by);
  }

  setSpeed(rate) {
    this.sound.playbackRate = Math.round(Math.min(2, Math.max(0.5, rate)) * 100) / 100;
    this.rate.value = this.sound.playbackRate;
    this.rateText.textContent = `${this.sound.playbackRate.toFixed(2)}×`;
    say(`Speed ${this.sound.playbackRate}`);
  }

  setLoop(from, to, on = true) {
    this.loop = to > from ? { from, to, on } : null;
    this.loopButton.setAttribute("aria-pressed", Boolean(this.loop?.on));
    say(this.loop?.on ? `Loop from ${clock(from)} to ${clock(to)}` : "Loop off");
    this.draw();
  }

  toggleLoop() {
    if (this.loop) this.setLoop(this.loop.from, this.loop.to, !this.loop.on);
    else say("Mark the start and the end of the loop first.");
  }

  tick() {
    if (this.loop?.on && this.playing && this.now >= this.loop.to) this.sound.currentTime = this.loop.from / 1000;
    this.time.textContent = clock(this.now);
    this.slider.setAttribute("aria-valuenow", Math.round(this.now / 1000));
    this.slider.setAttribute("aria-valuetext", `${clock(this.now)} of ${clock(this.duration)}`);
    this.draw();
    this.dispatchEvent(new Event("tick"));
  }

  sounds(on) {
    this.playButton.replaceChildren(icon(on ? "pause" : "play"), on ? "Pause" : "Play", ...this.cap);
    say(on ? "Playing" : `Paused at ${clock(this.now)}`);
    const run = () => {
      if (!this.playing) return;
      this.draw();
      requestAnimationFrame(run);
    };
    if (on && !matchMedia("(prefers-reduced-motion: reduce)").matches) run();
  }

  // -- drawing ----------------------------------------------------------------------------------

  build(keys) {
    this.cap = keys.caps("play").slice(0, 1);
    this.playButton = h("button.wb-btn.wb-btn--main.tr-audio__play", { type: "button", onclick: () => this.toggle() }, icon("play"), "Play", this.cap);
    this.time = h("span.tr-audio__now", {}, "0:00");
    this.length = h("span", {}, ` / ${clock(this.duration)}`);
    this.loopButton = button("Loop on or off", () => this.toggleLoop(), icon("loop"), "Loop");
    this.loopButton.setAttribute("aria-pressed", "false");
    this.strips();
    const clockText = h("span.tr-audio__clock", {}, this.time, this.length);
    const step = choice("Step", STEPS, this.step, (value) => { this.step = value; });
    const rewind = choice("Rewind on play", REWINDS, this.rewind, (value) => { this.rewind = value; });
    const back = button("Back", () => this.skip(-this.step), icon("back"), "Back");
    const forward = button("Forward", () => this.skip(this.step), "Forward", icon("forward"));
    const row = h("div.tr-audio__row", {}, this.playButton, back, forward, clockText, this.speeds(), this.loopButton, step, rewind, h("span.tr-audio__end", { id: "save-line" }));
    return h("section.tr-audio", { ariaLabel: "Sound" }, this.sound, this.slider, row);
  }

  speeds() {
    this.rateText = h("span.tr-audio__x", {}, "1.00×");
    this.rate = h("input.tr-audio__rate", { type: "range", min: 0.5, max: 2, step: 0.05, value: 1, ariaLabel: "Speed", oninput: (event) => this.setSpeed(Number(event.target.value)) });
    const slower = button("Slower", () => this.speed(-0.05), "−");
    const faster = button("Faster", () => this.speed(0.05), "+");
    return h("span.tr-audio__speed", {}, slower, this.rate, faster, this.rateText);
  }

  strips() {
    this.near = h("canvas.tr-audio__near", { ariaHidden: "true" });
    this.whole = h("canvas.tr-audio__whole", { ariaHidden: "true" });
    const about = { role: "slider", tabIndex: 0, ariaLabel: "Position", "aria-valuemin": 0, "aria-valuemax": Math.round(this.duration / 1000), "aria-valuenow": 0, "aria-valuetext": "0:00" };
    this.slider = h("div.tr-audio__strips", { ...about, onkeydown: (event) => this.moved(event) }, this.near, this.whole);
    const point = (canvas, at) => canvas.addEventListener("pointerdown", (event) => {
      const place = canvas.getBoundingClientRect();
      this.seek(at((event.clientX - place.left) / place.width));
    });
    point(this.whole, (share) => share * this.duration);
    point(this.near, (share) => this.window[0] + share * (this.window[1] - this.window[0]));
    new ResizeObserver(() => this.draw()).observe(this.slider);
  }

  moved(event) {
    const by = BY_KEY[event.key];
    const end = { Home: 0, End: this.duration }[event.key];
    if (by === undefined && end === undefined) return;
    event.preventDefault();
    this.seek(end ?? this.now + by * 1000);
  }

  get window() {
    const from = Math.max(0, Math.min(this.now - WINDOW / 2, this.duration - WINDOW));
    return [from, Math.min(this.duration, from + WINDOW)];
  }

  draw() {
    if (!this.duration) return;
    this.strip(this.near, ...this.window, true);
    this.strip(this.whole, 0, this.duration, false);
  }

  strip(canvas, from, to, named) {
    const [width, height, scale] = [canvas.clientWidth, canvas.clientHeight, devicePixelRatio || 1];
    if (!width) return;
    if (canvas.width !== Math.round(width * scale)) {
      canvas.width = Math.round(width * scale);
      canvas.height = Math.round(height * scale);
    }
    const css = getComputedStyle(document.documentElement);
    const ink = (name) => css.getPropertyValue(`--${name}`).trim();
    const x = (ms) => ((ms - from) / (to - from)) * width;
    const pen = canvas.getContext("2d");
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.fillStyle = ink("wash");
    pen.fillRect(0, 0, width, height);
    if (this.loop) {
      pen.fillStyle = ink("teal-tint");
      pen.fillRect(x(this.loop.from), 0, x(this.loop.to) - x(this.loop.from), height);
    }
    this.waves(pen, { from, to, width, height, top: named ? 14 : 0, played: ink("teal"), ahead: ink("edge") });
    if (named) this.names(pen, { from, to, x, height, line: ink("edge"), text: ink("ink") });
    else {
      pen.strokeStyle = ink("ink");
      pen.strokeRect(x(this.window[0]) + 0.5, 0.5, x(this.window[1]) - x(this.window[0]), height - 1);
    }
    pen.fillStyle = ink("stop");
    pen.fillRect(x(this.now) - 1, 0, 2, height);
  }

  waves(pen, { from, to, width, height, top, played, ahead }) {
    if (!this.peaks) return;
    const { peaks } = this;
    const span = ((to - from) / 1000) * PEAKS_A_SECOND;
    const first = (from / 1000) * PEAKS_A_SECOND;
    const middle = (height - top) / 2 + top;
    const scale = (height - top) / 256;
    for (let place = 0; place < width; place++) {
      const a = Math.floor(first + (place / width) * span);
      const b = Math.max(a + 1, Math.floor(first + ((place + 1) / width) * span));
      let [low, high] = [0, 0];
      for (let i = a; i < b && 2 * i + 1 < peaks.length; i++) {
        low = Math.min(low, peaks[2 * i]);
        high = Math.max(high, peaks[2 * i + 1]);
      }
      pen.fillStyle = from + ((to - from) * place) / width < this.now ? played : ahead;
      pen.fillRect(place, middle - high * scale, 1, Math.max(1, (high - low) * scale));
    }
  }

  names(pen, { from, to, x, height, line, text }) {
    pen.font = "11px system-ui, sans-serif";
    for (const turn of this.turns()) {
      if (turn.start === null || turn.start > to || (turn.end ?? turn.start) < from) continue;
      const left = Math.max(0, x(turn.start));
      pen.fillStyle = line;
      pen.fillRect(x(turn.start), 0, 1, height);
      pen.fillStyle = text;
      const room = x(turn.end ?? to) - left - 6;
      if (room > 24) pen.fillText(turn.label, left + 4, 11, room);
    }
  }
}

function button(name, action, ...inner) {
  return h("button.wb-btn.wb-btn--small", { type: "button", title: name, onclick: action }, inner);
}

function choice(name, values, chosen, take) {
  const options = values.map((value) => h("option", { value, selected: value === chosen }, `${value} s`));
  const select = h("select.wb-input", { onchange: (event) => take(Number(event.target.value)) }, options);
  return h("label.tr-audio__choice", {}, `${name} `, select);
}
