"""Choose a time to talk by one's own link, or ask to be called. Without script or cookie."""

from zoneinfo import ZoneInfo, available_timezones

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from studyhub.domain.errors import Invalid, WrongState
from studyhub.web import guard, guest, interview_words
from studyhub.web.frame import Status
from studyhub.workflows import interviews_guest, recruitment_interest
from studyhub.workflows.interviews_guest import Choice
from studyhub.workflows.links import Guest

bp = Blueprint("interview_guest", __name__)

TITLE = "Choose a time to talk"
ELSEWHERE = (
    *("Europe/London", "Europe/Lisbon", "Europe/Paris", "Europe/Berlin", "Europe/Madrid"),
    *("Europe/Warsaw", "Europe/Athens", "Africa/Lagos", "Africa/Nairobi", "Asia/Dubai"),
    *("Asia/Karachi", "Asia/Kolkata", "Asia/Shanghai", "Asia/Tokyo", "Australia/Sydney"),
    *("America/Sao_Paulo", "America/New_York", "America/Chicago", "America/Denver"),
    "America/Los_Angeles",
)
DONE = {
    "chosen": Status("Thank you. The time is agreed.", "You get a letter that says so."),
    "none": Status("Thank you for telling us.", "We call or write to you about another time."),
}


@bp.route("/l/<token>/interview", methods=["GET", "POST"])
def interview(token: str) -> ResponseReturnValue:
    """See the times offered, or the appointment, and choose. Nothing is chosen for anybody."""
    who = guest.of(token, "interview")
    if request.method == "GET":
        return _page(who, {})
    guest.check(who, "interview")
    recruitment_interest.slow_down(guard.hub(), str(who.link_id))
    choice = Choice(request.form.get("mode", ""), request.form.get("slot", ""))
    address = f"{guard.hub().settings.public_url}{url_for('.interview', token=token)}"
    try:
        interviews_guest.choose(who.desk, choice, address=address)
    except Invalid as wrong:
        return _page(who, wrong.problems), 422
    except WrongState:
        return _page(who, {}), 409
    done = "none" if choice.slot == interviews_guest.NONE else "chosen"
    return redirect(url_for(".interview", token=token, done=done))


def _page(who: Guest, problems: dict[str, str]) -> str:
    zone = request.values.get("zone", "")
    if zone in available_timezones():
        g.zone = ZoneInfo(zone)
    found = interviews_guest.offered(who.desk)
    return render_template(
        "guest/interview.html",
        frame=guest.frame(who, "interview"),
        title=TITLE,
        found=found,
        days=interview_words.by_day(found.slots),
        when=interview_words.when(found.planned_at),
        mode=interview_words.MODES.get(found.mode, ""),
        modes=interview_words.MODES,
        chosen=request.form.get("slot", ""),
        how=request.form.get("mode", ""),
        problems=problems,
        here=interview_words.where(guard.zone().key),
        zone=guard.zone().key,
        zones=sorted({*ELSEWHERE, who.time_zone, guard.zone().key}),
        place=interview_words.where,
        status=DONE.get(request.args.get("done", "")),
    )
