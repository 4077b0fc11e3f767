"""The newest signed head of each study, mailed once a day: a witness outside the machine.

Whoever holds the log key could write the whole record anew; a head in somebody's letters shows
that (vault.md 11).
"""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from studyhub.domain.vocabulary import Act, Role
from studyhub.store.audit import Event, Head
from studyhub.store.users import Membership, Study, User
from studyhub.vault import heads
from studyhub.workflows.kernel import Hub, Work, action, worker_desk
from studyhub.workflows.post import to_staff

EVERY = timedelta(days=1)
READERS = (Role.AUDITOR, Role.PI)
_OWN_LINES = 2  # a head is followed by the line of its signing and the line of its mailing

_TEXT = """Dear {name},

this is the newest signed head of the record of the study "{study}" in StudyHub.

Keep this letter. It says how many lines the record had and what its last line was. Whoever
changed or took out a line afterwards could not make this head again. To compare, give the
letter to the check of an export:

    python verify_audit.py DIR --witness LETTER

{witness}"""


def mail_heads(hub: Hub) -> int:
    """Mail the head of each study whose record went on since the last letter. How many."""
    with hub.sessions.reading.begin() as session:
        due = [
            study for study in session.scalars(select(Study.id)) if _is_due(session, study, hub)
        ]
    for study in due:
        mail(worker_desk(hub, study))
    return len(due)


def _is_due(session: Session, study: UUID, hub: Hub) -> bool:
    head = _newest(session, study)
    if head is None:
        return False
    last = session.scalar(
        select(Event)
        .where(Event.chain == study, Event.act == Act.AUDIT_MAIL, Event.outcome == "done")
        .order_by(Event.seq.desc())
        .limit(1)
    )
    if last is None:
        return True
    return last.at <= hub.now() - EVERY and head.size > last.seq + _OWN_LINES


@action(Act.AUDIT_MAIL)
def mail(work: Work) -> None:
    """Write the newest head to every auditor and PI of the study."""
    work.claim_all(f"chain:{work.study}")
    head = _newest(work.session, work.study)
    if head is None:
        return
    end = heads.Head(head.chain, head.size, head.digest, head.at)
    witness = heads.witness_text(end, head.signature)
    study = work.session.get_one(Study, work.study)
    readers = _readers(work)
    for person in readers:
        text = _TEXT.format(name=person.name, study=study.neutral_name, witness=witness)
        to_staff(work, person, "audit_head", "The signed head of your record", text)
    work.note(size=head.size, digest=head.digest.hex(), count=len(readers))


def _readers(work: Work) -> list[User]:
    members = select(Membership.user_id).where(
        Membership.study_id == work.study,
        Membership.state == "active",
        Membership.role.in_(READERS),
        Membership.valid_from <= work.now,
        (Membership.valid_to.is_(None)) | (Membership.valid_to > work.now),
    )
    wanted = select(User).where(User.id.in_(members), User.state == "active")
    return list(work.session.scalars(wanted.order_by(User.id)))


def _newest(session: Session, study: UUID) -> Head | None:
    return session.scalar(
        select(Head).where(Head.chain == study).order_by(Head.size.desc()).limit(1)
    )
