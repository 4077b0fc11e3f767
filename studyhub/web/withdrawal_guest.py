"""Stop, or take something back, by one's own link: one page, one button, nothing else asked.

The same page says afterwards how far it came, also when everything is erased. It works without
script and without cookie, and needs no more steps than agreeing did (invariant 66).
"""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from studyhub.domain.errors import Invalid, WrongState
from studyhub.domain.withdrawal_letters import EVIDENCE, erased_words, kept_words, stopped_words
from studyhub.web import guard, guest, withdrawal_words
from studyhub.workflows import recruitment_interest, withdrawal, withdrawal_list
from studyhub.workflows.links import Guest

bp = Blueprint("withdrawal_guest", __name__)

TITLE = "Your invitation"


@bp.route("/l/<token>/withdraw", methods=["GET", "POST"])
def withdraw(token: str) -> ResponseReturnValue:
    """Choose what shall stop, see how far it came, or take it back."""
    who = guest.of(token, "withdraw")
    if request.method == "GET":
        return _page(who, token)
    guest.check(who, "withdraw")
    recruitment_interest.slow_down(guard.hub(), str(who.link_id))
    try:
        done = _act(who)
    except Invalid as wrong:
        return _page(who, token, wrong.problems["scope"]), 422
    except WrongState:
        return _page(who, token), 409
    return redirect(url_for(".withdraw", token=token, done=done))


def _act(who: Guest) -> str:
    reference = request.form.get("retract", "")
    if reference:
        withdrawal.retract(who.desk, reference)
        return "back"
    withdrawal.receive(who.desk, withdrawal.Told(request.form.getlist("scope")))
    return "stopped"


def _page(who: Guest, token: str, problem: str = "") -> str:
    seen = withdrawal_list.own(who.desk)
    done = request.args.get("done", "") if request.method == "GET" else ""
    return render_template(
        "guest/withdraw.html",
        frame=guest.frame(who, "withdraw"),
        title=TITLE,
        token=token,
        home_url=url_for("interest.home", token=token),
        here=url_for(".withdraw", token=token),
        seen=seen,
        asks=bool(problem) or not seen.withdrawals or request.args.get("more") == "yes",
        newest=seen.withdrawals[0] if seen.withdrawals else None,
        done=done,
        problem=problem,
        chosen=request.form.getlist("scope"),
        choices=withdrawal_words.OWN,
        in_words=withdrawal_words.own_scopes,
        erased=erased_words,
        stopped=stopped_words,
        kept=kept_words,
        evidence=EVIDENCE,
        now=guard.hub().now(),
    )
