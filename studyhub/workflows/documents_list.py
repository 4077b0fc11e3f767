"""The approvals of a study and every version of its documents, as lists to show.

Plain columns only: who may see this needs no key.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import zip_longest
from uuid import UUID

from sqlalchemy import func, select, union
from sqlalchemy.orm import aliased

from studyhub.domain.document_names import KIND_ORDER
from studyhub.domain.documents import Number
from studyhub.domain.errors import NotFound
from studyhub.domain.vocabulary import Act
from studyhub.store.audit import Event
from studyhub.store.consent import (
    Approval,
    Consent,
    Document,
    DocumentGiven,
    DocumentVersion,
    Participant,
)
from studyhub.store.keys import File
from studyhub.store.users import Membership, Study, User
from studyhub.workflows.kernel import Work
from studyhub.workflows.protocol import covers


@dataclass(frozen=True)
class ApprovalView:
    """An approval or an amendment; ``lists`` names the versions it covers by kind and number.

    ``since`` is when its state began.
    """

    id: UUID
    kind: str
    committee: str
    reference: str
    state: str
    decided_on: date | None
    starts_at: datetime | None
    ends_at: datetime | None
    conditions: str
    reconsent: str
    lists: tuple[tuple[str, str], ...]
    since: datetime | None
    in_force: bool
    letter_id: UUID | None
    letter_digest: str
    letter_kind: str

    @property
    def is_amendment(self) -> bool:
        """Say whether it changes another approval."""
        return self.kind != "initial"


@dataclass(frozen=True)
class VersionRow:
    """One version as a line of the list. ``older_id`` is the version before it."""

    id: UUID
    kind: str
    language: str
    number: str
    state: str
    use_from: datetime | None
    retired_at: datetime | None
    seen_by: int
    author: str
    approver: str
    handed_in: datetime | None
    approved_at: datetime | None
    is_own: bool
    approval_id: UUID | None
    reconsent: str
    older_id: UUID | None = None
    older: str = ""


@dataclass(frozen=True)
class EthicsView:
    """Everything of the page: approvals newest first, versions by kind, newest first."""

    approvals: list[ApprovalView]
    versions: list[VersionRow]
    languages: list[str]
    consider_hours: int

    @property
    def first(self) -> ApprovalView | None:
        """The approval the study rests on: one in force before all others."""
        firsts = [one for one in self.approvals if not one.is_amendment]
        return next((one for one in firsts if one.in_force), next(iter(firsts), None))

    @property
    def amendments(self) -> list[ApprovalView]:
        """What was put before the committee afterwards."""
        return [one for one in self.approvals if one.is_amendment]

    def version(self, version_id: UUID) -> VersionRow:
        """One line of the list."""
        return next(row for row in self.versions if row.id == version_id)

    def approval(self, approval_id: UUID) -> ApprovalView:
        """One approval or amendment. NotFound if this study has none such."""
        for one in self.approvals:
            if one.id == approval_id:
                return one
        raise NotFound("no such approval of this study")

    def newest(self, kind: str, language: str) -> VersionRow | None:
        """The newest version of a kind: what a new one is written from."""
        found = (row for row in self.versions if (row.kind, row.language) == (kind, language))
        return next(found, None)


def all_of(work: Work) -> EthicsView:
    study = work.session.get_one(Study, work.study)
    versions = _versions(work)
    since = _newest(work, (Act.APPROVAL_RECORD, Act.APPROVAL_CHANGE))
    rows = work.session.execute(
        select(Approval, File.sha256, File.media_type)
        .outerjoin(File, File.id == Approval.letter_id)
        .where(Approval.study_id == work.study)
    )
    approvals = [_approval(work, row[0], (row[1], row[2]), versions, since) for row in rows]
    approvals.sort(key=lambda one: one.since or study.created_at, reverse=True)
    languages, hours = study.settings["languages"], study.settings["consider_time"]
    return EthicsView(approvals, versions, list(languages), int(hours))


def _approval(
    work: Work,
    row: Approval,
    letter: tuple[bytes | None, str | None],
    versions: list[VersionRow],
    since: Mapping[str, datetime],
) -> ApprovalView:
    digest, media_type = letter
    return ApprovalView(
        id=row.id,
        kind=row.kind,
        committee=row.committee,
        reference=row.reference,
        state=row.state,
        decided_on=row.decided_on,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        conditions=row.conditions,
        reconsent=row.reconsent,
        lists=tuple((one.kind, one.number) for one in versions if one.approval_id == row.id),
        since=since.get(f"approval:{row.id}"),
        in_force=row.kind == "initial" and row.state == "approved" and covers(row, work.now),
        letter_id=row.letter_id,
        letter_digest=digest.hex() if digest else "",
        letter_kind=(media_type or "").rpartition("/")[2].upper(),
    )


def _newest(work: Work, acts: tuple[Act, ...]) -> dict[str, datetime]:
    """When each subject last went through one of these acts."""
    rows = work.session.execute(
        select(Event.subject, func.max(Event.at))
        .where(Event.chain == work.study, Event.act.in_(acts), Event.outcome == "done")
        .group_by(Event.subject)
    )
    return {row[0]: row[1] for row in rows}


def _versions(work: Work) -> list[VersionRow]:
    """All versions, by kind, newest first."""
    member, other = aliased(Membership), aliased(Membership)
    author, approver = aliased(User), aliased(User)
    rows = work.session.execute(
        select(DocumentVersion, Document, author.name, approver.name)
        .join(Document, Document.id == DocumentVersion.document_id)
        .join(member, member.id == DocumentVersion.author_id)
        .join(author, author.id == member.user_id)
        .outerjoin(other, other.id == DocumentVersion.approved_by)
        .outerjoin(approver, approver.id == other.user_id)
        .where(Document.study_id == work.study)
    ).all()
    since = {act: _newest(work, (act,)) for act in (Act.DOCUMENT_SUBMIT, Act.DOCUMENT_APPROVE)}
    told = _seen_by(work), since
    found = [_row(work, row[0], row[1], (row[2], row[3] or ""), told) for row in rows]
    found.sort(key=_place)
    return [_with_older(row, after) for row, after in zip_longest(found, found[1:])]


def _row(
    work: Work,
    version: DocumentVersion,
    document: Document,
    names: tuple[str, str],
    told: tuple[Mapping[UUID, int], Mapping[Act, Mapping[str, datetime]]],
) -> VersionRow:
    subject = f"documentversion:{version.id}"
    return VersionRow(
        id=version.id,
        kind=document.kind,
        language=document.language,
        number=str(Number(version.major, version.minor)),
        state=version.state,
        use_from=version.use_from,
        retired_at=version.retired_at,
        seen_by=told[0].get(version.id, 0),
        author=names[0],
        approver=names[1],
        handed_in=told[1][Act.DOCUMENT_SUBMIT].get(subject),
        approved_at=told[1][Act.DOCUMENT_APPROVE].get(subject),
        is_own=version.author_id == work.actor.membership_id,
        approval_id=version.approval_id,
        reconsent=version.reconsent,
    )


def _place(row: VersionRow) -> tuple[int, str, list[int]]:
    newest_first = [-int(part) for part in row.number.split(".")]
    return KIND_ORDER.index(row.kind), row.language, newest_first


def _with_older(row: VersionRow, after: VersionRow | None) -> VersionRow:
    same = after is not None and (after.kind, after.language) == (row.kind, row.language)
    return replace(row, older_id=after.id, older=after.number) if after and same else row


def _seen_by(work: Work) -> dict[UUID, int]:
    """How many people each version was given to, or signed by."""
    given = select(DocumentGiven.version_id, DocumentGiven.participant_id)
    signed = select(Consent.form_version_id, Consent.participant_id)
    seen = union(given, signed).subquery()
    people = select(Participant.id).where(Participant.study_id == work.study)
    rows = work.session.execute(
        select(seen.c[0], func.count()).where(seen.c[1].in_(people)).group_by(seen.c[0])
    )
    return {row[0]: row[1] for row in rows}
