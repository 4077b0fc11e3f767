// What every workbench is made of. Nodes are made with createElement and textContent only, so the pages
// run where Trusted Types are required without ever needing a policy.

const SVG = "http://www.w3.org/2000/svg";
const AS_ATTRIBUTE = /^(role|list|form)$|^aria/;

/** h("button.wb-btn", { onclick, ariaLabel, data: { id } }, ...children) */
export function h(spec, props = {}, ...children) {
  const [tag, ...classes] = spec.split(".");
  const node = document.createElement(tag || "div");
  if (classes.length) node.className = classes.join(" ");
  for (const [name, value] of Object.entries(props)) set(node, name, value);
  node.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

function set(node, name, value) {
  if (value === undefined || value === null || value === false) return;
  if (name === "data") {
    // An undefined value would be written as the word.
    for (const [key, said] of Object.entries(value)) if (said !== undefined) node.dataset[key] = said;
  } else if (name.startsWith("on")) {
    // setAttribute("onclick") would be inline script, which the policy refuses.
    node.addEventListener(name.slice(2), value);
  } else if (name === "class") {
    if (value) node.className += ` ${value}`;
  } else if (name in node && !AS_ATTRIBUTE.test(name)) {
    node[name] = value;
  } else {
    const attribute = name.replace(/^aria([A-Z])/, (_, letter) => `aria-${letter.toLowerCase()}`);
    node.setAttribute(attribute, value === true ? "" : value);
  }
}

// Icons are paths in a table: an external sprite would be a fetch of its own. [path, filled]
const ICONS = {
  play: ["M4 2.5v11l9-5.5z", true],
  pause: ["M4 3h3v10H4zM9 3h3v10H9z", true],
  back: ["M8 3.5V1L3.5 4.5 8 8V5.5a4 4 0 1 1-4 4", false],
  forward: ["M8 3.5V1l4.5 3.5L8 8V5.5a4 4 0 1 0 4 4", false],
  loop: ["M3 8a5 5 0 0 1 9-3M13 2v3h-3M13 8a5 5 0 0 1-9 3M3 14v-3h3", false],
  check: ["M2.5 8.5 6.5 12.5 13.5 4", false],
  clock: ["M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 5v3.5l2.5 1.5", false],
  stop: ["M5 1.5h6L14.5 5v6L11 14.5H5L1.5 11V5zM8 4.5v4M8 10.8v.4", false],
  away: ["M2 2l12 12M5 9a4 4 0 0 1 6 0M3 6a7 7 0 0 1 4-2M9 4a7 7 0 0 1 4 2M8 12.5h.1", false],
  // One shape for each kind of identifier: they can be told apart without colour.
  person: ["M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2z", true],
  place: ["M8 1l7 7-7 7-7-7z", true],
  org: ["M2.5 2.5h11v11h-11z", true],
  role: ["M8 1.5 15 14H1z", true],
  date: ["M4.5 2h7L15 8l-3.5 6h-7L1 8z", true],
  age: ["M8 2a6 6 0 0 1 0 12z", true],
  contact: ["M5.5 1h5v4.5H15v5h-4.5V15h-5v-4.5H1v-5h4.5z", true],
  id: ["M1 4h14v2.5H1zM1 9.5h14V12H1z", true],
  url: ["M3 3l10 10M13 3 3 13", false],
  other: ["M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11z", false],
};

/** A picture; with a title it is read aloud, without one it is not there for readers. */
export function icon(name, title) {
  const [shape, filled] = ICONS[name];
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  if (title) {
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", title);
  } else {
    svg.setAttribute("aria-hidden", "true");
  }
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", shape);
  path.setAttribute("fill", filled ? "currentColor" : "none");
  if (!filled) {
    path.setAttribute("stroke", "currentColor");
    path.setAttribute("stroke-width", "2");
  }
  svg.append(path);
  return svg;
}

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

/** 65000 is 1:05, an hour more is 1:01:05. */
export function clock(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** 65000 is 00:01:05. */
export const stamp = (ms) => new Date(Math.max(0, ms)).toISOString().slice(11, 19);

/** What stands before, in and after a stretch: up to so many characters on either side, cut at a space. */
export function around(text, start, end, most) {
  const from = start <= most ? 0 : text.indexOf(" ", start - most) + 1 || start;
  const to = end + most >= text.length ? text.length : Math.max(end, text.lastIndexOf(" ", end + most));
  const before = (from ? "… " : "") + text.slice(Math.min(from, start), start);
  return [before, text.slice(start, end), text.slice(end, to) + (to < text.length ? " …" : "")];
}

export const plural = (number, one, many = `${one}s`) => `${number} ${number === 1 ? one : many}`;

let last = "";
/** Read a line aloud. One polite live region a page; a message equal to the last one is still spoken. */
export function say(message) {
  let region = $("#say");
  if (!region) {
    region = h("div.govuk-visually-hidden", { id: "say", role: "status", ariaLive: "polite" });
    document.body.append(region);
  }
  last = message === last ? `${message}\u00a0` : message;
  region.textContent = last;
}

let toastTimer = 0;
/** A line at the bottom with an optional undo. It also speaks; it never takes the focus. */
export function toast(message, undo) {
  $(".wb-toast")?.remove();
  clearTimeout(toastTimer);
  const take = () => {
    undo();
    $(".wb-toast")?.remove();
  };
  const button = undo && h("button.wb-btn.wb-btn--small", { type: "button", onclick: take }, "Undo");
  ($("main") ?? document.body).append(h("div.wb-toast", {}, message, button));
  say(message);
  toastTimer = setTimeout(() => $(".wb-toast")?.remove(), 6000);
}

/** A modal dialog. Resolves with what close(value) was given; Escape gives undefined. */
export function dialog(title, build, { wide = false } = {}) {
  return new Promise((resolve) => {
    const before = document.activeElement;
    const heading = h("h2", { id: "dialog-title", tabIndex: -1 }, title);
    const name = wide ? "wb-dialog--wide" : "";
    const box = h("dialog.wb-dialog", { "aria-labelledby": "dialog-title", class: name }, heading);
    let value;
    const close = (given) => {
      value = given;
      box.close();
    };
    box.append(...[build(close)].flat().filter(Boolean));
    box.addEventListener("close", () => {
      box.remove();
      if (before?.isConnected) before.focus({ preventScroll: true });
      resolve(value);
    });
    document.body.append(box);
    box.showModal();
    (box.querySelector("[autofocus]") ?? heading).focus();
  });
}

/** Ask the server. The page carries the forgery token as data-csrf. Throws only without a connection. */
export async function api(method, address, body) {
  const headers = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRF-Token"] = $("[data-csrf]").dataset.csrf;
  if (body) headers["Content-Type"] = "application/json";
  const sent = body && JSON.stringify(body);
  const answer = await fetch(address, { method, headers, body: sent, cache: "no-store", redirect: "manual" });
  const value = answer.status === 204 ? {} : await answer.json().catch(() => ({}));
  return { status: answer.status, ok: answer.ok, value };
}

/** Scroll so that the node lies in the middle third of what a sticky head leaves; only when it does not. */
export function bringIntoView(node, head = 200) {
  const place = node.getBoundingClientRect();
  if (place.top < head + 20 || place.bottom > innerHeight - 60) {
    scrollBy({ top: place.top - head - (innerHeight - head) / 3, behavior: "auto" });
  }
}
