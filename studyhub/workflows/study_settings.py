"""What a study has settled for itself: read by the team, changed by the PI.

A change holds from its instant on. Nothing here is about one person, so nothing is sealed; the
record names which settings were changed, never the words that were written.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import select

from studyhub.domain import settings as rules
from studyhub.domain.document_names import KIND_NAMES
from studyhub.domain.documents import MAIL_KINDS, Number, sensitive_in, subject_of
from studyhub.domain.errors import Invalid, Stale, WrongState
from studyhub.domain.letter_texts import SUBJECTS
from studyhub.domain.settings import settled
from studyhub.domain.vocabulary import Act, Role
from studyhub.store.consent import Document, DocumentVersion, Participant
from studyhub.store.users import Membership, Study, User
from studyhub.workflows.kernel import Work, action
from studyhub.workflows.standing import is_current

_LIVING = frozenset({"setting_up", "open"})
_IN_USE = ("approved", "effective")
_UNCHANGED = "Nothing is different from how it was before"
_NO_WHY = "Write why a name typed on the page is enough"
_NAMED = "This word would then stand on every page for participants: write another"


@dataclass(frozen=True)
class SettingsView:
    """Everything settled. ``seen`` names this state, so that two people do not undo each other.

    ``subjects`` are versions of letters that hold a sensitive term in their subject.
    """

    title: str
    neutral_name: str
    settings: Mapping[str, Any]
    transcribers: Mapping[str, str]
    subjects: tuple[str, ...]
    seen: str
    state: str

    @property
    def transcriber(self) -> str:
        """Who is given a finished upload, by name; empty for nobody."""
        return self.transcribers.get(self.settings["default_transcriber"] or "", "")


@dataclass(frozen=True)
class Wanted:
    """What a PI wants settled, each under the name of its setting; numbers as people count."""

    seen: str
    neutral_name: str
    consider_time: int
    countersign: bool
    typed_name_enough: bool
    typed_name_reason: str
    planned_sample: int
    reminders_max: int
    reminder_days: int
    quarantine_days: int
    call_sheet_before: int
    call_sheet_after: int
    link_days: int
    notes_only_allowed: bool
    default_transcriber: str
    quota: int
    threshold_k: int
    languages: list[str]
    sensitive_terms: list[str]
    safe_site: str
    team_phone: str
    team_email: str
    agreement_figures: bool


@action(Act.STUDY_READ)
def show(work: Work) -> SettingsView:
    """What holds in this study now."""
    work.claim_all("study")
    study = work.session.get_one(Study, work.study)
    now = settled(study.settings)
    return SettingsView(
        title=study.title,
        neutral_name=study.neutral_name,
        settings=now,
        transcribers=_transcribers(work),
        subjects=_telling(work, now["sensitive_terms"]),
        seen=_mark(study),
        state=study.state,
    )


@action(Act.STUDY_CHANGE)
def change(work: Work, wanted: Wanted) -> None:
    """Settle what holds from now on.

    Invalid with a message for each field; Stale if somebody was faster.
    """
    study = work.load(Study, work.study)
    if study.state not in _LIVING:
        raise WrongState("a study that is closed is settled")
    if wanted.seen != _mark(study):
        raise Stale("the settings were changed meanwhile")
    if problems := _problems(work, wanted):
        raise Invalid(problems)
    before = {**settled(study.settings), "neutral_name": study.neutral_name}
    after = _after(work, before, wanted)
    names = [name for name in rules.changed(before, after) if name != "countersign_log"]
    if not names:
        raise Invalid({"": _UNCHANGED})
    study.neutral_name = after.pop("neutral_name")
    study.settings = after
    work.note(count=len(names), rule=" ".join(names))


def _mark(study: Study) -> str:
    """A name of what is settled now."""
    told = [study.neutral_name, settled(study.settings)]
    return sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def _after(work: Work, before: Mapping[str, Any], wanted: Wanted) -> dict[str, Any]:
    asked = asdict(wanted)
    del asked["seen"]
    hours = [asked.pop("call_sheet_before"), asked.pop("call_sheet_after")]
    return {
        **before,
        **asked,
        "call_sheet_hours": hours,
        "countersign_log": rules.with_countersign(before, work.now, wanted=wanted.countersign),
        "default_transcriber": wanted.default_transcriber or None,
        "quota": wanted.quota * rules.GIB,
    }


# -- what cannot be settled so ---------------------------------------------------------


def _problems(work: Work, wanted: Wanted) -> dict[str, str]:
    """What is wrong, by field."""
    numbers = {name: getattr(wanted, name) for name in rules.RANGES}
    found = {
        "languages": rules.problem_of_languages(wanted.languages)
        or _still_used(work, wanted.languages),
        "sensitive_terms": rules.problem_of_terms(wanted.sensitive_terms)
        or _everywhere(work, wanted),
        "safe_site": rules.problem_of_site(wanted.safe_site),
        "neutral_name": "" if wanted.neutral_name else "Write a name that says nothing",
        **rules.problems_of_numbers(numbers),
    }
    for name in ("neutral_name", "team_email"):
        if not found.get(name) and sensitive_in(getattr(wanted, name), wanted.sensitive_terms):
            found[name] = _NAMED
    if wanted.typed_name_enough and not wanted.typed_name_reason:
        found["typed_name_reason"] = _NO_WHY
    chosen = wanted.default_transcriber
    if chosen and chosen not in _transcribers(work):
        found["default_transcriber"] = "Choose somebody who transcribes in this study now"
    return {name: says for name, says in found.items() if says}


def _still_used(work: Work, languages: list[str]) -> str:
    """Languages that people or versions have are not taken away from them."""
    people = select(Participant.language).where(Participant.study_id == work.study)
    texts = (
        select(Document.language)
        .join(DocumentVersion, DocumentVersion.document_id == Document.id)
        .where(Document.study_id == work.study, DocumentVersion.state.in_(_IN_USE))
    )
    used = {*work.session.scalars(people), *work.session.scalars(texts)} - set(languages)
    return f"Participants or documents in use have: {', '.join(sorted(used))}" if used else ""


def _everywhere(work: Work, wanted: Wanted) -> str:
    """A term that stands in every letter of the program would stop all letters."""
    ours = {
        *sensitive_in("\n".join(SUBJECTS.values()), wanted.sensitive_terms),
        *sensitive_in(work.hub.settings.mail_from, wanted.sensitive_terms),
    }
    if not ours:
        return ""
    return f"Our own letters have this in subject or sender: {', '.join(sorted(ours))}"


def _telling(work: Work, terms: list[str]) -> tuple[str, ...]:
    """Versions in use whose subject holds a sensitive term: they cannot be sent."""
    rows = work.session.execute(
        select(Document.kind, DocumentVersion)
        .join(DocumentVersion, DocumentVersion.document_id == Document.id)
        .where(
            Document.study_id == work.study,
            Document.kind.in_(MAIL_KINDS),
            DocumentVersion.state.in_(_IN_USE),
        )
        .order_by(Document.kind, DocumentVersion.major, DocumentVersion.minor)
    )
    return tuple(
        f"{KIND_NAMES[kind]} {Number(row.major, row.minor)}"
        for kind, row in rows
        if sensitive_in(subject_of(row.body), terms)
    )


def _transcribers(work: Work) -> dict[str, str]:
    """Who transcribes in this study now, by membership."""
    rows = work.session.execute(
        select(Membership, User.name)
        .join(User, User.id == Membership.user_id)
        .where(Membership.study_id == work.study, Membership.role == Role.TRANSCRIBER)
        .order_by(User.name)
    )
    return {str(row.id): name for row, name in rows if is_current(row, work.now)}
