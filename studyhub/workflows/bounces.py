"""Letters that came back: refused at the door, given up, or reported later by another server.

A report is untrusted bytes. Its token finds the letter; its codes and a keyed digest are kept,
since the report itself holds the address.
"""

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select

from studyhub.domain.errors import NotFound
from studyhub.domain.lifecycle import LETTER, advance
from studyhub.domain.lifecycle_course import choosing
from studyhub.domain.mail_reports import COMPLAINT, Returned
from studyhub.domain.vocabulary import INSTANCE, Act
from studyhub.store.outbox import Letter, MailEvent
from studyhub.vault.prints import report_print
from studyhub.vault.words import token_hash
from studyhub.workflows.kernel import Hub, Work, action, worker_desk
from studyhub.workflows.letters import GONE, empty, mark_bounced, stop


@dataclass(frozen=True)
class Report:
    """What another server said of a letter, and the digest by which it is known again."""

    kind: str
    status: str
    digest: bytes = field(repr=False)

    @property
    def move(self) -> str:
        """What this does to a letter. Only a final word moves one (invariant 16)."""
        if self.kind == "failed":
            final = "refused" if self.status.startswith("5") else "given_up"
            return choosing(Act.LETTER_BOUNCE, final)
        return choosing(Act.LETTER_BOUNCE, self.kind)


def record(hub: Hub, raw: bytes, returned: Returned) -> UUID:
    """Record a report that was read from ``raw``. Returns the letter; NotFound for no one's."""
    with hub.sessions.reading.begin() as session:
        wanted = select(Letter.id, Letter.study_id)
        found = session.execute(
            wanted.where(Letter.bounce_hash == token_hash(returned.token))
        ).one_or_none()
    if found is None:
        raise NotFound("this is about no letter of this installation")
    digest = report_print(hub.key_files.suppression, raw)
    desk = worker_desk(hub, found.study_id or INSTANCE)
    bounce(desk, found.id, report=Report(returned.kind, returned.status, digest))
    return UUID(str(found.id))


@action(Act.LETTER_BOUNCE)
def bounce(
    work: Work, letter_id: UUID, *, code: str = "", report: Report | None = None
) -> None:
    """Record that a letter was refused, given up or came back; or what else was reported."""
    letter = work.load(Letter, letter_id)
    work.note(purpose=letter.purpose)
    if report is not None:
        _take_report(work, letter, report)
        return
    letter.state = advance(letter.state, Act.LETTER_BOUNCE, LETTER)
    _came_back(work, letter)
    if code:
        work.note(code=code)


def _take_report(work: Work, letter: Letter, report: Report) -> None:
    """The same report twice is one; a word that comes too late changes nothing."""
    work.note(kind=report.kind, code=report.status or "none")
    known = select(MailEvent.id).where(
        MailEvent.letter_id == letter.id, MailEvent.report_hash == report.digest
    )
    if work.session.scalar(known.limit(1)) is not None:
        return
    work.session.add(
        MailEvent(
            letter_id=letter.id,
            kind=report.kind,
            status=report.status,
            at=work.now,
            report_hash=report.digest,
        )
    )
    if (letter.state, report.move) in LETTER:
        letter.state = advance(letter.state, report.move, LETTER)
    if report.kind == COMPLAINT:
        _wants_no_more(work, letter)
    if letter.state in GONE:
        _came_back(work, letter)


def _wants_no_more(work: Work, letter: Letter) -> None:
    """Who marks a letter as unwanted has stopped them; no letter confirms it (invariant 11).

    Only the person lifts that, as after any other stop. Letters to the team are not stopped.
    """
    if letter.participant_id is not None or letter.expression_id is not None:
        gone = stop(work, letter.participant_id, letter.expression_id)
        work.note(reason="opted_out", count=gone)


def _came_back(work: Work, letter: Letter) -> None:
    mark_bounced(work, letter)
    empty(work, letter)
