"""Certificates of what was destroyed, for those who may see them, and for anybody to keep."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from studyhub.domain.errors import NotFound
from studyhub.domain.vocabulary import Act, Role
from studyhub.store.keys import File
from studyhub.store.withdrawals import Erasure, Withdrawal
from studyhub.vault.certificates import check_certificate, script
from studyhub.workflows.kernel import Work, action
from studyhub.workflows.links import own_link

_LINK = "withdraw"


@dataclass(frozen=True)
class CertificateRow:
    """One erasure in a list: finished where there is a certificate, else where it stands."""

    id: UUID
    reference: str
    scopes: tuple[str, ...]
    state: str
    requested_at: datetime
    done_at: datetime | None
    files: int


@dataclass(frozen=True)
class Certificate:
    """A signed certificate as it is given away, and what is needed to check it."""

    name: str
    content: bytes
    told: dict[str, Any]
    public_key: bytes
    script: bytes


@action(Act.CERTIFICATE_LIST)
def look(work: Work) -> list[CertificateRow]:
    """Every erasure of the study, newest first: by reference, and never by code or label."""
    work.claim_all("certificates")
    rows = work.session.execute(
        select(Erasure, Withdrawal)
        .outerjoin(Withdrawal, Withdrawal.id == Erasure.withdrawal_id)
        .where(Erasure.study_id == work.study)
        .order_by(Erasure.requested_at.desc(), Erasure.id)
    )
    return [
        CertificateRow(
            row.id,
            about.reference if about else "",
            tuple(about.scopes) if about else (),
            row.state,
            row.requested_at,
            row.done_at,
            len(row.roots),
        )
        for row, about in rows
    ]


@action(Act.CERTIFICATE_READ)
def read(work: Work, name: str) -> Certificate:
    """A certificate, by the number of its withdrawal or the id of its erasure.

    NotFound until it is finished; to a person also where it is somebody else's.
    """
    row = work.load(Erasure, _id_of(work, name))
    if work.actor.role is Role.PARTICIPANT:
        _need_own(work, row)
    kept = work.session.get(File, row.id)
    if kept is None or row.state != "done":
        raise NotFound("certificate")
    public = work.hub.key_files.log_public
    told = check_certificate(kept.content, public)
    return Certificate(kept.name, kept.content, told, public.hex().encode() + b"\n", script())


def _id_of(work: Work, name: str) -> UUID:
    try:
        return UUID(name)
    except ValueError:
        found = work.session.scalar(
            select(Erasure.id)
            .join(Withdrawal, Withdrawal.id == Erasure.withdrawal_id)
            .where(Withdrawal.reference == name, Erasure.study_id == work.study)
        )
    if found is None:
        raise NotFound("certificate")
    return found


def _need_own(work: Work, row: Erasure) -> None:
    link = own_link(work, _LINK)
    about = work.session.get(Withdrawal, row.withdrawal_id) if row.withdrawal_id else None
    if about is None or about.participant_id != link.participant_id:
        raise NotFound("certificate")
