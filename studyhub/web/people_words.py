"""How pages say where somebody stands and what became of a letter."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from studyhub.web import guard, times
from studyhub.workflows.contact_story import Happened
from studyhub.workflows.recruitment_list import LetterLine

# Each stage in words, with the shape and colour of its tag.
STAGES: Mapping[str, tuple[str, str]] = {
    "listed": ("Not written to yet", "quiet"),
    "approached": ("Approached", "quiet"),
    "interested": ("Interested", "info"),
    "informed": ("Considering", "info"),
    "consented": ("Consented", "ok"),
    "scheduled": ("Interview booked", "ok"),
    "interviewed": ("Interviewed", "ok"),
    "transcribed": ("Transcribed", "ok"),
    "released": ("Released", "ok"),
    "closed": ("Closed", "quiet"),
    "suppressed": ("Do not contact", "stop"),
    "declined": ("Declined", "quiet"),
    "ineligible": ("Not eligible", "quiet"),
    "unreachable": ("Letter came back", "warn"),
    "lapsed": ("No reply", "quiet"),
    "withdrawn": ("Withdrawn", "hold"),
}
PURPOSES: Mapping[str, str] = {
    "invitation": "Invitation",
    "reminder": "Reminder",
    "acknowledgement": "Acknowledgement",
    "information": "Information sheet and consent link",
    "consent": "Consent link",
    "receipt": "Receipt with the copy",
    "answer": "Answer",
    "appointment": "Appointment",
    "cancellation": "Cancellation",
    "summary": "Summary",
    "debrief": "Debriefing",
    "results": "Results",
    "withdrawal_received": "Withdrawal received",
    "withdrawal_confirmed": "Withdrawal confirmed",
    "suppression_confirmed": "Confirmation that we stop writing",
}
# Never "delivered": a server that took a letter says nothing about a reader (invariant 17).
LETTER_STATES: Mapping[str, tuple[str, str]] = {
    "queued": ("Waiting to leave", "info"),
    "sending": ("On its way", "info"),
    "relay_accepted": ("Taken", "ok"),
    "deferred": ("Trying again", "warn"),
    "confirmed": ("Confirmed", "ok"),
    "bounced_hard": ("Came back", "stop"),
    "bounced_final": ("Came back", "stop"),
    "complained": ("Marked as unwanted", "stop"),
    "cancelled": ("Not sent", "quiet"),
    "suppressed": ("Not sent", "stop"),
}
_REASONS: Mapping[str, str] = {
    "person_asked": "Taken back before it left.",
    "approval_lapsed": "No approval covered it when it was due.",
    "opted_out": "This person wants no letters.",
    "": "Something else came first: a reply, a new address or a newer version.",
}
TOPICS: Mapping[str, str] = {
    "taking_part": "taking part",
    "recording": "the recording",
    "privacy": "privacy",
    "withdrawing": "stopping or taking back",
    "practical": "time, place or practical things",
    "other": "something else",
}
QUESTION_STATES: Mapping[str, str] = {
    "open": "Open",
    "assigned": "Somebody answers it",
    "answered": "Answered",
    "closed": "Closed",
}
WAITS_FOR: Mapping[str, str] = {"team": "Us", "person": "Them", "nobody": "Nobody"}


def of_letter(line: LetterLine, now: datetime) -> str:
    """What is known of a letter that did not come back, or what happens to it next."""
    when = times.moment(line.at, guard.zone())
    if line.is_held:
        return "Waits: no approval covers it now."
    if line.state == "queued":
        return _of_waiting(line, now)
    if line.state == "cancelled":
        return _REASONS.get(line.reason, _REASONS[""])
    return {
        "sending": "Nobody knows yet whether the other server took it.",
        "relay_accepted": f"{when}, by the other mail server",
        "confirmed": f"{when}, report received",
        "deferred": f"The other server did not take it yet. Next try {when}",
        "suppressed": _REASONS["opted_out"],
    }[line.state]


def _of_waiting(line: LetterLine, now: datetime) -> str:
    if line.at > now:
        return f"Leaves at {times.clock(line.at, guard.zone())}, {_left(line.at - now)} left"
    return "Leaves with the next round of the mailer."


def of_happening(each: Happened) -> tuple[str, str, str]:
    """What stands in the thread: a title, the words of its tag and its colour."""
    if each.kind == "letter":
        words, kind = LETTER_STATES[each.state]
        if each.reason:
            words = f"{words}: {_REASONS.get(each.reason, _REASONS['']).rstrip('.').lower()}"
        return f"{PURPOSES.get(each.name, each.name)} {each.version}".strip(), words, kind
    if each.kind == "call":
        outcome = {"replied": "Spoke with us", "declined": "Said no", "no_reply": "No reply"}
        channel = {"telephone": "Call", "in_person": "Meeting", "post": "Letter by post"}
        return channel.get(each.name, "Contact"), outcome.get(each.state, "Recorded"), "info"
    if each.kind == "question":
        words = QUESTION_STATES[each.state]
        return f"Question about {TOPICS[each.name]}", words, "warn" if each.is_open else "ok"
    if each.kind == "consent":
        refused = each.state == "refused"
        title = "Refused the consent form" if refused else "Signed the consent form"
        return f"{title} {each.version}", "Refused" if refused else "Signed", "ok"
    return "Expressed interest", each.state.replace("_", " ").capitalize(), "info"


def _left(pause: timedelta) -> str:
    return times.span(max(60, int(pause.total_seconds())))
