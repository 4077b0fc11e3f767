"""Consents in words for the team: how they were given, and why one is in force or is not."""

from studyhub.web.frame import Light
from studyhub.workflows.consent_history_rows import StatementStanding

MODES = {
    "digital_link": "By link",
    "digital_in_person": "On a screen, in person",
    "paper_scan": "On paper",
    "verbal_audio": "Spoken",
    "email_reply": "By e-mail",
}
WHY = {
    "in_force": "Agreed",
    "unverified": "Waits to be verified",
    "no_consent": "Nothing signed",
    "refused": "Refused",
    "declined": "Not agreed to",
    "withdrawn": "Withdrawn",
    "expired": "Expired",
    "reconsent_due": "Must be signed again",
    "not_countersigned": "Waits to be countersigned",
    "not_approved": "Signed without an approval",
    "version_not_effective": "Signed on a version not in use",
    "later_refusal_invalidated": "A later refusal was declared void",
}
_STATES = {"yes": ("ok", "In force"), "provisional": ("part", "Provisional")}
TIMES = {
    "server": "by the server",
    "attested": "attested by who took it",
    "date_only": "a day only, counted from its end",
}
CAPACITIES = {"own": "By themselves", "supported": "With support"}


def lights(standings: tuple[StatementStanding, ...]) -> list[Light]:
    """The consent light of each statement, for any page that meets a participant."""
    found = []
    for each in standings:
        state, words = _STATES.get(each.answer.answer, ("no", "Not in force"))
        if each.answer.reason_code == "no_consent":
            state, words = "none", "Not asked"
        why = WHY[each.answer.reason_code]
        found.append(Light(each.wording, why, state, words))  # type: ignore[arg-type] # of four
    return found
