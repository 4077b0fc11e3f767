"""People: contacts, those who wrote, those who were found eligible."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from studyhub.store.consent import Participant
from studyhub.workflows import (
    recruitment_contacts,
    recruitment_interest,
    recruitment_letters,
    recruitment_triage,
)
from studyhub.workflows.demonstration_stage import SLUG
from studyhub.workflows.expressions import Told
from studyhub.workflows.kernel import Desk
from studyhub.workflows.people import Card
from studyhub.workflows.recruitment_contacts import Wanted
from tests.first_steps import first_step
from tests.makers.cast import Study

NAMES = ("Grace Adeyemi", "Helen Marsh", "Joan Pike", "Ruth Dale", "Mary Oduya", "Edith Lowe")


@first_step
def contact(study: Study, name: str = "Grace Adeyemi", email: str = "", **more: Any) -> UUID:
    """Add a contact, as Rita. Returns the participant's id."""
    address = email or f"{name.lower().replace(' ', '.')}@home.test"
    wishes = {"by_email": True, "mailbox_private": True, **more.pop("wishes", {})}
    card = Card(name, address, **more)
    wanted = Wanted(card, source_kind="network", source_label="Regional managers", **wishes)
    return recruitment_contacts.add(study.rita, wanted)


@first_step
def invited(study: Study, name: str = "Grace Adeyemi", email: str = "", **more: Any) -> UUID:
    """Add a contact and queue the invitation, as Rita. The study has its approval already."""
    participant_id = contact(study, name, email, **more)
    recruitment_letters.invite(study.rita, participant_id)
    return participant_id


def stranger(study: Study) -> Desk:
    """The desk of anybody who found the public page."""
    return recruitment_interest.public_study(study.hub, SLUG).desk


@first_step
def interested(study: Study, name: str = "Grace Adeyemi", **more: Any) -> UUID:
    """Somebody writes by the public form. Returns the expression's id."""
    wanted = {"channel": "email", "email": f"{name.lower().replace(' ', '.')}@home.test"}
    return recruitment_interest.receive(stranger(study), Told(name, **{**wanted, **more}))


@first_step
def eligible(study: Study, name: str = "Grace Adeyemi", **more: Any) -> UUID:
    """Somebody wrote and Rita found them eligible. Returns the participant's id."""
    expression_id = interested(study, name, **more)
    recruitment_triage.attach(study.rita, expression_id, "new")
    criteria = recruitment_triage.Eligible(criteria="1.0")
    made = recruitment_triage.decide(study.rita, expression_id, "eligible", criteria)
    assert made is not None
    return made


def somebody_new(study: Study) -> UUID:
    """Somebody nobody wrote for before was found eligible. Returns the participant's id."""
    with study.hub.sessions.reading.begin() as session:
        before = session.scalar(select(func.count()).select_from(Participant)) or 0
    return eligible(study, NAMES[before % len(NAMES)])
