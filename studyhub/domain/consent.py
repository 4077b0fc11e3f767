"""Was this agreed? The one question that every gate asks, and what state a consent is in.

Written from domain.md 3.2; the tests compare it with the reference evaluator. What the person
said is told before what the study omitted, so nobody writes to a person who has withdrawn
because the page said "sign again".
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from studyhub.domain.consent_history import NEEDS_CHECK, ConsentRecord, History, covered, ends
from studyhub.domain.errors import Invalid


@dataclass(frozen=True)
class Answer:
    """What a gate is told and stores: yes, provisional or no, why, and from which consent."""

    answer: str
    reason_code: str
    consent_id: UUID | None = None
    version_id: UUID | None = None

    @property
    def opens(self) -> bool:
        """Say whether the gate opens. ``provisional`` only occurs where it was asked for."""
        return self.answer != "no"


@dataclass(frozen=True)
class _Asked:
    """One question: this code, for that instant, by what was known then."""

    history: History
    code: str
    at: datetime
    known_at: datetime

    def seen(self) -> list[ConsentRecord]:
        return [
            record
            for record in self.history.records
            if record.entered_at <= self.known_at and record.signed_at <= self.at
        ]

    def of_form(self, form: str) -> list[ConsentRecord]:
        return [record for record in self.seen() if self.history.form_of(record) == form]

    def marked(self, kind: str) -> frozenset[UUID]:
        return self.history.marked(kind, self.known_at)


def in_force(
    history: History, code: str, at: datetime, known_at: datetime, *, provisional: bool = False
) -> Answer:
    """Was this agreed for that instant, by what was known then? Unknown is no.

    With ``provisional``, a consent that only waits for its check answers ``provisional``:
    enough to start an interview. Without, it is a no for the reason ``unverified``.
    (domain.md 3.2; invariants 9, 10, 43, 44, 74, 75)
    """
    asked = _Asked(history, code, at, known_at)
    forms = {history.form_of(record) for record in asked.seen() if code in record.decisions}
    found = [record for form in forms if (record := _newest(asked, form))]
    told = [(_reason(asked, record), record) for record in found]
    if not told:
        return Answer("no", "no_consent")
    reason, record = max(told, key=lambda pair: (_RANK.get(pair[0], 0), pair[1].order))
    answer = "yes" if reason == "in_force" else "no"
    if provisional and reason == "unverified":
        answer = "provisional"
    return Answer(answer, reason, record.id, record.version_id)


# Of several forms that ask the same, the one that says most counts.
_RANK = {"in_force": 2, "unverified": 1}


def _newest(asked: _Asked, form: str) -> ConsentRecord | None:
    """Find the newest record of the form that was not invalidated."""
    dead = asked.marked("invalidated")
    alive = [record for record in asked.of_form(form) if record.id not in dead]
    return max(alive, key=lambda record: record.order, default=None)


def _reason(asked: _Asked, record: ConsentRecord) -> str:
    broken = (reason for reason, is_so in _REASONS if is_so(asked, record))
    return next(broken, "in_force")


def _refused(_: _Asked, record: ConsentRecord) -> bool:
    return record.kind == "refused"


def _not_asked(asked: _Asked, record: ConsentRecord) -> bool:
    # A newer version of the form dropped the statement: nobody declined, nobody agreed.
    return asked.code not in record.decisions


def _declined(asked: _Asked, record: ConsentRecord) -> bool:
    return record.decisions[asked.code] != "agree"


def _withdrawn(asked: _Asked, record: ConsentRecord) -> bool:
    """A withdrawal ends what was agreed before it, and never what is signed after it."""
    return any(
        record.signed_at <= withdrawal.received_at <= asked.at
        and withdrawal.entered_at <= asked.known_at
        and not withdrawal.retracted(asked.at, asked.known_at)
        and any(ends(scope, asked.code) for scope in withdrawal.scopes)
        for withdrawal in asked.history.withdrawals
    )


def _later_refusal_invalidated(asked: _Asked, record: ConsentRecord) -> bool:
    """Invalidating a later no never brings an older yes back."""
    dead = asked.marked("invalidated")
    return any(
        later.id in dead and later.order > record.order and later.says_no_to(asked.code)
        for later in asked.of_form(asked.history.form_of(record))
    )


def _reconsent_due(asked: _Asked, record: ConsentRecord) -> bool:
    """Another version asked everybody to sign again since then (invariants 9, 10)."""
    return any(
        version.form == asked.history.form_of(record)
        and version.id != record.version_id
        and version.reconsent_from is not None
        and record.signed_at < version.reconsent_from <= asked.at
        and (version.known_from is None or version.known_from <= asked.known_at)
        for version in asked.history.versions.values()
    )


def _expired(asked: _Asked, record: ConsentRecord) -> bool:
    return record.expires_at is not None and asked.at >= record.expires_at


def _not_approved(asked: _Asked, record: ConsentRecord) -> bool:
    approved = asked.history.versions[record.version_id].approved
    return not covered(approved, record.signed_at)


def _not_effective(asked: _Asked, record: ConsentRecord) -> bool:
    effective = asked.history.versions[record.version_id].effective
    return effective is None or not effective.covers(record.signed_at)


def _not_countersigned(asked: _Asked, record: ConsentRecord) -> bool:
    return record.needs_countersign and record.id not in asked.marked("countersigned")


def _unverified(asked: _Asked, record: ConsentRecord) -> bool:
    return record.mode in NEEDS_CHECK and record.id not in asked.marked("verified")


# In the order in which they are told. ``unverified`` stays last: provisional is all but that.
_REASONS: tuple[tuple[str, Callable[[_Asked, ConsentRecord], bool]], ...] = (
    ("refused", _refused),
    ("no_consent", _not_asked),
    ("declined", _declined),
    ("withdrawn", _withdrawn),
    ("later_refusal_invalidated", _later_refusal_invalidated),
    ("reconsent_due", _reconsent_due),
    ("expired", _expired),
    ("not_approved", _not_approved),
    ("version_not_effective", _not_effective),
    ("not_countersigned", _not_countersigned),
    ("unverified", _unverified),
)


def state_of(history: History, record: ConsentRecord, known_at: datetime) -> str:
    """Derive the state of one stored consent (domain.md 3.2); nothing of it is stored.

    ``in_progress`` and ``void`` are states of an open or an abandoned page, which leaves no
    record, so they are never the answer here. A query stays until it is resolved.
    """
    if record.id in history.marked("invalidated", known_at):
        return "invalidated"
    if record.kind == "refused":
        return "refused"
    if any(_supersedes(history, other, record, known_at) for other in history.records):
        return "superseded"
    if _open_query(history, record, known_at):
        return "queried"
    if record.id in history.marked("verified", known_at):
        return "verified"
    return "effective" if _effective(history, record, known_at) else "signed"


def _effective(history: History, record: ConsentRecord, known_at: datetime) -> bool:
    return not record.needs_countersign or record.id in history.marked(
        "countersigned", known_at
    )


def _supersedes(
    history: History, other: ConsentRecord, record: ConsentRecord, known_at: datetime
) -> bool:
    return (
        other.entered_at <= known_at
        and other.kind == "signed"
        and other.order > record.order
        and history.form_of(other) == history.form_of(record)
        and other.id not in history.marked("invalidated", known_at)
        and _effective(history, other, known_at)
    )


def _open_query(history: History, record: ConsentRecord, known_at: datetime) -> bool:
    """Say whether more was asked about the record than was resolved."""
    times = {"queried": 0, "resolved": 0}
    for event in sorted(history.events, key=lambda event: event.entered_at):
        if event.consent_id == record.id and event.entered_at <= known_at:
            if event.kind == "queried":
                times["queried"] += 1
            if event.kind == "resolved":
                times["resolved"] = times["queried"]
    return times["queried"] > times["resolved"]


def kind_of_signing(mandatory: Mapping[str, bool], answers: Mapping[str, str]) -> str:
    """Signed or refused, from one explicit answer to every statement of the version.

    A declined mandatory statement makes it a refusal (invariant 29). Anything unanswered, or
    answered in other words, is Invalid and nothing is stored (invariant 28).
    """
    problems = {
        code: "Answer this statement"
        for code in mandatory
        if answers.get(code) not in {"agree", "decline"}
    }
    problems |= dict.fromkeys(answers.keys() - mandatory, "This form does not ask this")
    if problems:
        raise Invalid(problems)
    declined = any(must and answers[code] == "decline" for code, must in mandatory.items())
    return "refused" if declined else "signed"
