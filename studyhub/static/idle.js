// Says two minutes before the session ends that it will, and keeps what was typed.
// All open pages of one browser tell each other when one of them was used.

const WARNING_SECONDS = 120;
const CHANNEL = "studyhub-idle";

/** Watch one page. `body` carries data-idle-seconds and data-keep-alive; without them nothing happens. */
export function watch(body) {
  const seconds = Number(body.dataset.idleSeconds);
  const keepAlive = body.dataset.keepAlive;
  if (!seconds || !keepAlive) return;

  const lead = Math.min(WARNING_SECONDS, seconds / 2);
  const others = "BroadcastChannel" in window ? new BroadcastChannel(CHANNEL) : null;
  const banner = makeBanner(stay);
  let ends = 0;
  let timer = 0;

  function begin() {
    ends = Date.now() + seconds * 1000;
    banner.hide();
    look();
  }

  function look() {
    clearTimeout(timer);
    const left = ends - Date.now();
    if (left <= 0) {
      banner.gone();
    } else if (left <= lead * 1000) {
      banner.warn(left / 1000);
      timer = setTimeout(look, left);
    } else {
      timer = setTimeout(look, left - lead * 1000);
    }
  }

  function alive() {
    begin();
    others?.postMessage("alive");
  }

  async function stay() {
    try {
      const answer = await fetch(keepAlive, { cache: "no-store", redirect: "manual" });
      if (answer.ok) alive();
      else banner.gone();
    } catch {
      banner.say("We could not reach StudyHub.", "What you typed stays. Try again.");
    }
  }

  if (others) others.onmessage = begin;
  // A sleeping computer stops timers; coming back to the page asks again.
  document.addEventListener("visibilitychange", look);
  // Other scripts that talk to the server say so: document.dispatchEvent(new Event("studyhub:alive")).
  document.addEventListener("studyhub:alive", alive);
  alive();
}

function makeBanner(stay) {
  const strong = document.createElement("strong");
  const words = document.createElement("span");
  const text = document.createElement("span");
  text.append(strong, " ", words);

  const button = document.createElement("button");
  button.type = "button";
  button.className = "govuk-button govuk-button--secondary sh-button--small";
  button.textContent = "Stay signed in";
  button.addEventListener("click", stay);

  const banner = document.createElement("div");
  banner.className = "sh-status sh-status--info sh-idle";
  // The live region is there, empty, before it speaks: some readers miss one that arrives full.
  const region = document.createElement("div");
  region.setAttribute("role", "alert");
  document.body.append(region);

  function say(first, second) {
    strong.textContent = first;
    words.textContent = second;
    banner.replaceChildren(text, button);
    if (banner.isConnected) return;
    region.append(banner);
    // The style sheet keeps room for the banner; the field being filled in moves out from under it.
    if (document.activeElement !== document.body) document.activeElement?.scrollIntoView({ block: "nearest" });
  }

  return {
    say,
    warn: (left) => say(`You will be signed out in ${inWords(left)}.`, "What you typed stays."),
    gone: () => {
      say("You are signed out.", "What you typed is still on this page: send it and sign in on the way.");
      button.remove();
    },
    hide: () => banner.remove(),
  };
}

function inWords(seconds) {
  const minutes = Math.round(seconds / 60);
  if (minutes > 1) return `${minutes} minutes`;
  return minutes === 1 ? "1 minute" : `${Math.max(1, Math.round(seconds))} seconds`;
}
