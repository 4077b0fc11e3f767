"""The consent form as somebody sees it by their own link. Opening it stores nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from studyhub.domain.errors import NotFound
from studyhub.domain.signing import Obstacle
from studyhub.domain.vocabulary import Act
from studyhub.store.consent import Consent, Decision, Participant, Statement
from studyhub.store.users import Study
from studyhub.workflows.consent_ground import Ground, ground_of
from studyhub.workflows.consent_receipt import word_of
from studyhub.workflows.kernel import Work, action
from studyhub.workflows.links import own_link
from studyhub.workflows.protocol import approval_at


@dataclass(frozen=True)
class Made:
    """A signing that was made by this link's person before."""

    seq: int
    consent_id: UUID
    kind: str
    text_hash: bytes
    sheet_id: UUID
    answers: Mapping[str, str]


@dataclass(frozen=True)
class FormView:
    """The form as it is shown now, and what stands in the way of signing it."""

    ground: Ground
    obstacles: tuple[Obstacle, ...]
    study: str
    time_zone: str
    committee: str
    reference: str
    typed_name_enough: bool
    has_word: bool
    made: tuple[Made, ...]

    @property
    def may_waive(self) -> bool:
        """Whether not waiting longer is all that a person would have to say."""
        return [each.code for each in self.obstacles] == ["time_to_consider"]


@action(Act.CONSENT_OPEN)
def open_form(work: Work) -> FormView:
    """The form in use for whoever holds this link. Nothing is stored."""
    link_row = own_link(work, "consent")
    if link_row.participant_id is None:
        raise NotFound("no such link")
    participant = work.session.get_one(Participant, link_row.participant_id)
    work.claim_all("consent")
    study = work.session.get_one(Study, work.study)
    ground = ground_of(work.session, participant, work.now)
    approval = approval_at(work.session, work.study, work.now)
    return FormView(
        ground=ground,
        obstacles=tuple(ground.obstacles()),
        study=study.neutral_name,
        time_zone=study.time_zone,
        committee=approval.committee if approval else "",
        reference=approval.reference if approval else "",
        typed_name_enough=bool(study.settings["typed_name_enough"]),
        has_word=word_of(work.session, participant.id) is not None,
        made=tuple(_made(work, participant.id)),
    )


def _made(work: Work, participant_id: UUID) -> list[Made]:
    rows = work.session.scalars(
        select(Consent).where(Consent.participant_id == participant_id).order_by(Consent.seq)
    )
    return [
        Made(
            row.seq,
            row.id,
            row.kind,
            row.text_hash,
            row.sheet_version_id,
            dict(_answers(work, row.id)),
        )
        for row in rows
    ]


def _answers(work: Work, consent_id: UUID) -> list[tuple[str, str]]:
    rows = work.session.execute(
        select(Statement.code, Decision.answer)
        .join(Statement, Statement.id == Decision.statement_id)
        .where(Decision.consent_id == consent_id)
    )
    return [(code, answer) for code, answer in rows]
