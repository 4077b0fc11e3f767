"""Which duties a membership may be given beside its role, and what they are called."""

from collections.abc import Iterable

from studyhub.domain.vocabulary import Duty, Role

MAY_HOLD: dict[Role, frozenset[Duty]] = {
    Role.PI: frozenset({Duty.APPROVE, Duty.ASSESS, Duty.VERIFY, Duty.DISPOSE}),
    Role.RECRUITER: frozenset({Duty.TAKE_CONSENT, Duty.APPROVE, Duty.ASSESS}),
    Role.INTERVIEWER: frozenset({Duty.TAKE_CONSENT, Duty.APPROVE, Duty.ASSESS}),
    Role.TRANSCRIBER: frozenset({Duty.APPROVE, Duty.ASSESS}),
    Role.REVIEWER: frozenset(
        {Duty.VERIFY, Duty.RELEASE, Duty.DISPOSE, Duty.APPROVE, Duty.ASSESS}
    ),
    Role.ANALYST: frozenset(),
    Role.AUDITOR: frozenset(),
}

DUTY_NAMES: dict[Duty, str] = {
    Duty.TAKE_CONSENT: "take consent",
    Duty.APPROVE: "approve versions",
    Duty.VERIFY: "verify consents",
    Duty.RELEASE: "release transcripts",
    Duty.ASSESS: "assess withdrawals",
    Duty.DISPOSE: "dispose of data",
}


def duties_in_words(duties: Iterable[Duty]) -> str:
    """Duties as a fact of somebody: "Take consent, approve versions"; empty for none."""
    said = ", ".join(DUTY_NAMES[duty] for duty in duties)
    return said[:1].upper() + said[1:]
