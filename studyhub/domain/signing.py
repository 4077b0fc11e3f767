"""May this person sign this form now? Every reason why not, in words they can be shown."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from studyhub.domain.consent_history import Period, covered


@dataclass(frozen=True)
class InUse:
    """A version and when it was or is in use; no period while it never was."""

    version_id: UUID
    effective: Period | None

    def at(self, instant: datetime) -> bool:
        """Say whether it is in use at that instant."""
        return self.effective is not None and self.effective.covers(instant)


@dataclass(frozen=True)
class Given:
    """The information sheet that was given last: which version, and when."""

    version_id: UUID
    given_at: datetime


@dataclass(frozen=True)
class SigningFacts:
    """What is known when a form is opened or signed.

    ``form`` is empty if there is none; ``sheet`` is the version that the consent would name.
    """

    signed_at: datetime
    form: InUse | None
    sheet: InUse | None
    given: Given | None
    approved: tuple[Period, ...]
    consider_hours: int
    wait_waived: bool = False
    blocking_questions: int = 0


@dataclass(frozen=True)
class Obstacle:
    """One reason why somebody cannot sign; ``until`` where waiting helps."""

    code: str
    says: str
    until: datetime | None = None


def may_sign_from(given_at: datetime, consider_hours: int) -> datetime:
    """When the time to consider is over (setting ``consider_time``, default 24 hours)."""
    return given_at + timedelta(hours=consider_hours)


def may_sign(facts: SigningFacts) -> list[Obstacle]:
    """Everything that stands in the way of signing; nothing if the person may sign.

    Invariants 8 (approval), 25 (questions), 27 (form in use), 36 (time to consider) and 37
    (the sheet named is the one last given, and in use).
    """
    return [obstacle for check in _CHECKS if (obstacle := check(facts)) is not None]


def _approval(facts: SigningFacts) -> Obstacle | None:
    if covered(facts.approved, facts.signed_at):
        return None
    return Obstacle(
        "not_approved", "The study has no ethics approval at this time, so nobody can sign."
    )


def _form(facts: SigningFacts) -> Obstacle | None:
    if facts.form is not None and facts.form.at(facts.signed_at):
        return None
    return Obstacle("no_form_in_use", "There is no consent form in use at this time.")


def _sheet(facts: SigningFacts) -> Obstacle | None:
    if facts.given is None or facts.given.given_at > facts.signed_at:
        return Obstacle("no_sheet_given", "You have not been given the information sheet yet.")
    is_last = facts.sheet is not None and facts.sheet.version_id == facts.given.version_id
    if not is_last:
        return Obstacle(
            "other_sheet", "This form belongs to another information sheet than yours."
        )
    if facts.sheet is not None and facts.sheet.at(facts.signed_at):
        return None
    return Obstacle(
        "sheet_not_in_use", "Your information sheet has changed. Please read the new one first."
    )


def _time_to_consider(facts: SigningFacts) -> Obstacle | None:
    if facts.given is None or facts.wait_waived:
        return None
    until = may_sign_from(facts.given.given_at, facts.consider_hours)
    if facts.signed_at >= until:
        return None
    return Obstacle(
        "time_to_consider",
        "Please take your time with the information sheet. If you do not want to wait, you can "
        "say so on this page.",
        until,
    )


def _questions(facts: SigningFacts) -> Obstacle | None:
    if facts.blocking_questions == 0:
        return None
    return Obstacle(
        "question_open", "You asked a question. Please wait until it has been answered."
    )


_CHECKS: tuple[Callable[[SigningFacts], Obstacle | None], ...] = (
    _approval,
    _form,
    _sheet,
    _time_to_consider,
    _questions,
)
