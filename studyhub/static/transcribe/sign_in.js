// Sign in again without leaving the page, so that what was typed and not saved yet is not lost.
import { api, dialog, h } from "../shared/dom.js";

/** Ask until it works or the person gives up. Afterwards the page carries the token of the new session. */
export function signInAgain(place, address) {
  return dialog("You were signed out", (close) => {
    const wrong = h("p.tr-wrong", { role: "alert" });
    const field = (name, label, more) => h("label.wb-label", {}, label, h("input.wb-input", { name, required: true, ...more }));
    const submit = async (event) => {
      event.preventDefault();
      wrong.textContent = "";
      if (await enter(event.target, place, address)) close(true);
      else wrong.textContent = "That did not work. Check the sign-in name and the password, and that you are the one who typed here.";
    };
    const cancel = h("button.wb-btn", { type: "button", onclick: () => close(false) }, "Not now");
    return [
      h("p", {}, "Your text is still here. Sign in again and it is saved."),
      h("form", { onsubmit: submit },
        field("login", "Sign-in name", { autofocus: true, autocomplete: "username", autocapitalize: "none", spellcheck: false }),
        field("password", "Password", { type: "password", autocomplete: "current-password" }),
        wrong,
        h("div.wb-dialog__end", {}, cancel, h("button.wb-btn.wb-btn--main", {}, "Sign in"))),
    ];
  });
}

async function enter(form, place, address) {
  const { study, role, signIn } = place.dataset;
  const body = new URLSearchParams([...new FormData(form), ["study", study], ["role", role]]);
  try {
    // A redirect is the answer of somebody who is in; it is not followed.
    const answer = await fetch(signIn, { method: "POST", body, redirect: "manual" });
    if (answer.type !== "opaqueredirect") return false;
    const found = await api("GET", address);
    if (!found.ok) return false;
    place.dataset.csrf = found.value.csrf;
    return true;
  } catch {
    return false;
  }
}
