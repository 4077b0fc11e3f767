"""Everything held on one person, taken out for them: all of it, and nothing of anybody else."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import select

from studyhub.domain.errors import Held, NotPermitted, PasswordNeeded
from studyhub.domain.vocabulary import Side
from studyhub.store.consent import Participant
from studyhub.store.keys import DataKey
from studyhub.vault.threads import shreds_of
from studyhub.workflows import own_data, recruitment_questions, withdrawal
from studyhub.workflows.locker import Locker
from studyhub.workflows.recruitment_questions import Asked
from studyhub.workflows.withdrawal import Told
from tests.makers import CAST, contact, recorded, released

ASKED = Asked("Who listens to it?", blocks=False)


@pytest.fixture
def person(small_study, approved):
    """Somebody who came all the way, and asked something."""
    small_study.label = released(small_study)
    with small_study.hub.sessions.reading.begin() as session:
        (found,) = session.scalars(select(Participant.id))
    asked = recruitment_questions.ask(small_study.rita, ASKED, found)
    recruitment_questions.answer(small_study.rita, asked, "One person.", channel="telephone")
    contact(small_study, "Owen Price", "owen@home.test")
    return found


def test_inv_79_everything_held_on_a_person_and_nothing_of_anybody_else(small_study, person):
    team = [small_study.visitor(login).name for login in CAST if login != "nina"]

    held = own_data.take_out(small_study.petra, person)

    said = json.dumps(held.parts, default=str)
    for theirs in ("Grace Adeyemi", "grace.adeyemi@home.test", ASKED.question, "One person."):
        assert theirs in said
    assert (len(held.parts["transcripts"]), len(held.parts["releases"])) == (1, 1)
    for foreign in ("Owen", "owen@", f'"{small_study.label}"', *team):
        assert foreign not in said
    copies = [content for _, kind, content in held.files if kind == "copy"]
    assert b"Grace Adeyemi" in copies[0]
    assert small_study.last_event().act == "contact.export"
    assert small_study.last_event().subject == f"participant:{person}"


def test_inv_79_sound_is_listed_and_stays_where_it_is(small_study, approved):
    recorded(small_study)
    with small_study.hub.sessions.reading.begin() as session:
        (person,) = session.scalars(select(Participant.id))

    held = own_data.take_out(small_study.petra, person)

    (sound,) = held.parts["recordings"]
    assert sound["media_type"] == "audio/mpeg"
    assert {kind for _, kind, _ in held.files} <= {"copy", "typed_name"}


def test_inv_79_no_key_of_what_is_held_on_a_person_stays_closed(
    small_study, person, monkeypatch
):
    opened, really = set(), Locker.data_key

    def noted(locker, key_id):
        opened.add(key_id)
        return really(locker, key_id)

    monkeypatch.setattr(Locker, "data_key", noted)
    shreds = shreds_of(small_study.hub.keystore, person)
    wanted = [shreds[Side.CONTACT], shreds[Side.CONSENT]]
    with small_study.hub.sessions.reading.begin() as session:
        keys = set(session.scalars(select(DataKey.id).where(DataKey.shred_id.in_(wanted))))

    own_data.take_out(small_study.petra, person)

    assert len(keys) > 3
    assert keys <= opened


@pytest.mark.parametrize("login", ["rita", "ivan", "tess", "ravi", "ann", "ada", "nina"])
def test_nobody_but_the_pi_takes_it_out(small_study, person, login):
    with pytest.raises(NotPermitted):
        own_data.take_out(small_study.desk(login), person)

    assert small_study.last_event().outcome == "refused"


def test_it_needs_the_password_again_and_waits_while_who_they_are_is_on_hold(
    small_study, person
):
    stale = replace(small_study.petra, stepped_up_until=None)
    with pytest.raises(PasswordNeeded):
        own_data.take_out(stale, person)
    with small_study.hub.sessions.reading.begin() as session:
        code = session.get_one(Participant, person).code
    withdrawal.receive(small_study.rita, Told(("identity",), code, "telephone"))

    with pytest.raises(Held):
        own_data.take_out(small_study.petra, person)
