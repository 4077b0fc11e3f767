"""Somebody signed a form that changed for everybody: they are asked and sign again."""

import pytest

from studyhub.domain.errors import WrongState
from studyhub.workflows import (
    links,
    recruitment_guest,
    recruitment_information,
    recruitment_triage,
    recruitment_waits,
)
from tests import texts
from tests.makers import approved_study, consented, eligible, in_use, letter_body, token_in


@pytest.fixture
def person(study):
    """Somebody who signed yesterday; the study's approval stands on the study."""
    study.approval_id = approved_study(study)
    made = eligible(study)
    consented(study, made)
    study.clock.advance(days=1)
    return made


def change_the_form(study):
    in_use(study, texts.FORM_DRAFT, study.approval_id, reconsent="all_active")


def expression_of(study):
    (found,) = recruitment_triage.waiting(study.rita, done=True).page.rows
    return recruitment_triage.read(study.rita, found.id)


def test_who_signed_is_not_informed_again_while_nothing_changed(study, person):
    assert not expression_of(study).asked_again

    with pytest.raises(WrongState):
        recruitment_information.send(study.rita, person)
    with pytest.raises(WrongState):
        recruitment_information.make(study.rita, person, channel="in_person")


def test_inv_9_who_must_sign_again_gets_a_new_link_and_is_told_so_on_their_page(study, person):
    change_the_form(study)
    assert expression_of(study).asked_again

    recruitment_information.send(study.rita, person)

    guest = links.guest(study.hub, token_in(letter_body(study, "information")["text"]))
    assert recruitment_guest.see(guest.desk).signs_again
    assert "consent" in guest.purposes


def test_inv_9_signing_again_ends_it(study, person):
    change_the_form(study)
    (each,) = recruitment_waits.waits(study.rita).sign_again
    assert each.participant_id == person

    consented(study, person)

    assert recruitment_waits.waits(study.rita).sign_again == ()
    assert not expression_of(study).asked_again
