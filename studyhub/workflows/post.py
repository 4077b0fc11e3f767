"""Letters: rendered and sealed in the request of whoever may see the address.

A queued letter is cancelled, never altered. Letters to team members name codes only; the
address of a team member is no secret of the study.
"""

from datetime import timedelta
from secrets import token_bytes
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from studyhub.domain.vocabulary import Side
from studyhub.store.outbox import Letter
from studyhub.store.users import Membership, User, UserToken
from studyhub.vault.seal import pack
from studyhub.vault.words import new_token, token_hash
from studyhub.workflows.kernel import Work

JOIN_LASTS = timedelta(days=7)
RESET_LASTS = timedelta(minutes=30)


def to_staff(work: Work, person: User, purpose: str, subject: str, text: str) -> None:
    """Queue a letter to a team member, sealed to the mailer under a shred key of its own."""
    letter = Letter(
        id=uuid4(),
        user_id=person.id,
        purpose=purpose,
        not_before=work.now,
        cancel_when=[],
        shred_id=work.vault.new_shred(Side.STUDY, work.now.date()),
        bounce_hash=token_bytes(32),
        by_id=work.actor.membership_id,
    )
    body: dict[str, Any] = {
        "to": person.email,
        "subject": subject,
        "text": text,
        "headers": {},
        "html": None,
        "attachments": [],
    }
    letter.body_sealed = work.vault.seal_letter(letter, pack(body))
    work.session.add(letter)


def to_everybody(work: Work, study_id: UUID, subject: str, text: str) -> None:
    """Queue a notice to every active member of a study."""
    active = select(Membership.user_id).where(
        Membership.study_id == study_id, Membership.state == "active"
    )
    for person in work.session.scalars(select(User).where(User.id.in_(active))):
        to_staff(work, person, "staff_notice", subject, text)


def ask_to_join(work: Work, person: User, where: str) -> str:
    """Send the link by which a person sets their first password. Returns its address."""
    address = _address(work, person, "join")
    text = (
        f"Dear {person.name},\n\nyou are asked to join {where} in StudyHub.\n\n"
        f"Set your password here, within seven days:\n\n{address}\n\n"
        f"You sign in as: {person.login}\n\n"
        "If you did not expect this letter, do nothing.\n"
    )
    to_staff(work, person, "staff_join", "Set your password", text)
    return address


def ask_to_reset(work: Work, person: User) -> str:
    """Send the link by which a person sets a new password. Returns its address."""
    address = _address(work, person, "reset")
    text = (
        f"Dear {person.name},\n\nset a new password here, within 30 minutes:\n\n{address}\n\n"
        "Have your recovery code at hand: with it nothing is lost. Without it, a principal\n"
        "investigator has to give you access again.\n\n"
        "If you did not ask for this, tell your operator.\n"
    )
    to_staff(work, person, "staff_reset", "Set a new password", text)
    return address


def _address(work: Work, person: User, purpose: str) -> str:
    """A new single-use address; only the hash of its token is kept."""
    token, _ = new_token()
    lasts = JOIN_LASTS if purpose == "join" else RESET_LASTS
    work.session.add(
        UserToken(
            user_id=person.id,
            purpose=purpose,
            token_hash=token_hash(token),
            made_at=work.now,
            expires_at=work.now + lasts,
        )
    )
    return f"{work.hub.settings.public_url}/{purpose}/{token}"
