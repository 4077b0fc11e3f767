"""People who were informed and signed, by their link or on paper."""

from collections.abc import Set
from uuid import UUID

from studyhub.domain.consent_ways import PAPER as PAPER_WAY
from studyhub.domain.consent_ways import Way
from studyhub.store.consent import Participant
from studyhub.workflows import (
    consent_form,
    consent_paper,
    consent_signing,
    links,
    recruitment_information,
)
from studyhub.workflows.kernel import Desk
from tests.first_steps import first_step
from tests.makers.cast import Study
from tests.makers.letters import letter_body, token_in
from tests.makers.recruitment import eligible, somebody_new

PAPER = b"%PDF-1.7\n" + b"a paper that somebody signed " * 30


@first_step
def informed(study: Study, participant_id: UUID | None = None, *, hours: int = 25) -> str:
    """Rita sent the sheet and the consent link, and so many hours passed. Returns the token.

    The study has its approval and its documents already.
    """
    wanted = participant_id or eligible(study)
    recruitment_information.send(study.rita, wanted)
    study.clock.advance(hours=hours)
    return token_in(letter_body(study, "information")["text"])


@first_step
def consented(
    study: Study, participant_id: UUID | None = None, *, but: Set[str] = frozenset()
) -> UUID:
    """Somebody was informed and agreed to all ``but`` some. Returns the consent's id."""
    desk = links.guest(study.hub, informed(study, participant_id)).desk
    ground = consent_form.open_form(desk).ground
    codes = [each.code for each in ground.form.statements] if ground.form else []
    answers = {code: "decline" if code in but else "agree" for code in codes}
    filled = consent_signing.Filled(
        ground.next_seq, ground.text_hash, ground.sheet_id, answers, name="Grace Adeyemi"
    )
    return consent_signing.sign(desk, filled).consent_id


@first_step
def agreed(study: Study, *, but: Set[str] = frozenset()) -> UUID:
    """Somebody new agreed to all ``but`` some, by link. Returns the participant's id."""
    participant_id = somebody_new(study)
    consented(study, participant_id, but=but)
    return participant_id


@first_step
def agreed_on_paper(study: Study, *, but: Set[str] = frozenset()) -> UUID:
    """Somebody new signed a paper for Ivan; nobody verified it. Returns the participant."""
    token = informed(study, somebody_new(study))
    entered(study, token, but=but)
    return links.guest(study.hub, token).participant_id


def entered(
    study: Study,
    token: str,
    *,
    way: Way = PAPER_WAY,
    evidence: bytes = PAPER,
    but: Set[str] = frozenset(),
) -> UUID:
    """Ivan entered what somebody with a link told him, with its proof. Returns the consent."""
    guest = links.guest(study.hub, token)
    ground = consent_form.open_form(guest.desk).ground
    codes = [each.code for each in ground.form.statements] if ground.form else []
    with study.hub.sessions.reading.begin() as session:
        code = session.get_one(Participant, guest.participant_id).code
    kept = consent_paper.take(study.ivan, code, [evidence], len(evidence), way)
    answers = {each: "decline" if each in but else "agree" for each in codes}
    now = study.clock()
    paper = consent_paper.Paper(answers, now.date(), now, way=way)
    return consent_paper.enter(study.ivan, kept, code, paper)


def own_link(study: Study, participant_id: UUID) -> Desk:
    """The desk of somebody who comes by the link that their receipt brought."""
    return links.guest(study.hub, own_token(study, participant_id)).desk


def own_token(study: Study, participant_id: UUID) -> str:
    """The token of the link that the newest receipt of somebody brought."""
    return token_in(letter_body(study, "receipt", participant_id)["text"])
