"""What can happen next. One table per thing that has a life."""

from studyhub.domain.errors import WrongState
from studyhub.domain.lifecycle_course import choosing
from studyhub.domain.vocabulary import Act

Moves = dict[tuple[str, str], str]

STUDY: Moves = {
    ("setting_up", Act.STUDY_PROVE_KIT): "open",
    ("setting_up", Act.STUDY_RECOVER): "open",
    ("open", Act.STUDY_RECOVER): "open",
    ("open", Act.STUDY_PROVE_KIT): "open",
}

USER: Moves = {
    ("invited", Act.USER_JOIN): "active",
    ("active", Act.USER_RECOVER): "active",
    ("invited", Act.USER_DISABLE): "disabled",
    ("active", Act.USER_DISABLE): "disabled",
}

MEMBERSHIP: Moves = {
    ("invited", Act.MEMBER_JOIN): "awaiting_grant",
    ("awaiting_grant", Act.MEMBER_GRANT): "active",
    ("awaiting_grant", Act.MEMBER_ACCEPT): "active",
    ("awaiting_grant", Act.STUDY_RECOVER): "active",
    ("active", Act.STUDY_RECOVER): "active",
    ("active", Act.USER_RECOVER): "awaiting_grant",  # reset without the recovery code
    ("awaiting_grant", Act.USER_RECOVER): "awaiting_grant",
    ("invited", Act.MEMBER_END): "ended",
    ("awaiting_grant", Act.MEMBER_END): "ended",
    ("active", Act.MEMBER_END): "ended",
}

LETTER: Moves = {
    ("queued", Act.LETTER_SEND): "sending",
    ("deferred", Act.LETTER_SEND): "sending",
    ("sending", Act.LETTER_CONFIRM): "relay_accepted",
    ("sending", Act.LETTER_DEFER): "deferred",
    # The hours in which the person may be reached are over: it waits for the next ones.
    ("queued", choosing(Act.LETTER_DEFER, "safe_hours")): "queued",
    ("deferred", choosing(Act.LETTER_DEFER, "safe_hours")): "deferred",
    ("sending", Act.LETTER_BOUNCE): "bounced_hard",
    ("deferred", Act.LETTER_BOUNCE): "bounced_final",
    # What another server reports after ours took the letter (RFC 3464).
    ("sending", choosing(Act.LETTER_BOUNCE, "refused")): "bounced_hard",
    ("relay_accepted", choosing(Act.LETTER_BOUNCE, "refused")): "bounced_hard",
    ("relay_accepted", choosing(Act.LETTER_BOUNCE, "given_up")): "bounced_final",
    ("relay_accepted", choosing(Act.LETTER_BOUNCE, "delivered")): "confirmed",
    # The person's own server says that they marked it as unwanted (RFC 5965).
    ("relay_accepted", choosing(Act.LETTER_BOUNCE, "complaint")): "complained",
    ("queued", Act.LETTER_CANCEL): "cancelled",
    ("deferred", Act.LETTER_CANCEL): "cancelled",
    ("queued", Act.LETTER_SUPPRESS): "suppressed",
}


def advance(state: str, act: str, table: Moves) -> str:
    """The state that follows, or a plain account of why there is none."""
    try:
        return table[state, act]
    except KeyError:
        raise WrongState(f"{act} is not possible when {state}") from None
