"""Contacts as a recruiter keeps them: sealed, found again, changed, called and opened."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select, update

from studyhub.domain.errors import Hidden, Invalid, NotPermitted, PasswordNeeded
from studyhub.store.outbox import Letter
from studyhub.store.people import Approach, Contact, Source
from studyhub.store.transcripts import RegisterEntry, RegisterPrint
from studyhub.workflows import recruitment_contacts
from studyhub.workflows.people import Card
from studyhub.workflows.recruitment_contacts import Wanted
from tests.makers import contact, invited

GRACE = Wanted(Card("Grace Adeyemi", "grace@home.test"), source_kind="list")


def rows(study, table):
    with study.hub.sessions.reading.begin() as session:
        found = list(session.scalars(select(table)))
        session.expunge_all()
        return found


def count(study, table):
    with study.hub.sessions.reading.begin() as session:
        return session.scalar(select(func.count()).select_from(table))


def test_a_contact_is_sealed_and_opened_again_by_the_recruiter(study):
    made = contact(study, phone="01632 960 001", safe_contact="After five", by_telephone=True)
    (row,) = rows(study, Contact)
    assert b"Grace" not in row.details_sealed
    assert b"home.test" not in row.details_sealed + row.email_index
    found = recruitment_contacts.read(study.rita, made)
    assert found.opened.card.name == "Grace Adeyemi"
    assert found.opened.card.safe_contact == "After five"
    assert (found.source_kind, found.source_label) == ("network", "Regional managers")
    assert "Grace" not in study.last_event().line.decode()


def test_contacts_of_one_source_share_its_row(study):
    contact(study)
    contact(study, "Owen Price")
    assert count(study, Source) == 1


def test_a_card_is_written_into_the_register_with_prints(study):
    contact(study, phone="01632 960 001")
    (row,) = rows(study, Contact)
    assert not row.register_due
    assert {entry.category for entry in rows(study, RegisterEntry)} == {"PERSON", "CONTACT"}
    kinds = {found.kind for found in rows(study, RegisterPrint)}
    assert kinds == {
        *("exact", "token", "initials", "nickname", "sound", "mail", "spoken", "digits")
    }
    before = count(study, RegisterEntry)
    assert recruitment_contacts.write_register(study.rita, row.participant_id) == 0
    assert count(study, RegisterEntry) == before


def test_register_entries_that_are_due_are_written_at_the_next_opening(study):
    made = recruitment_contacts.add_card(study.rita, GRACE)
    assert rows(study, Contact)[0].register_due
    assert count(study, RegisterEntry) == 0
    recruitment_contacts.read(study.rita, made)
    assert not rows(study, Contact)[0].register_due
    assert count(study, RegisterEntry) == 2


@pytest.mark.parametrize("written", ["GRACE@HOME.test", " grace@home.test "])
def test_an_address_that_is_known_is_refused_with_the_code_of_who_has_it(study, written):
    made = recruitment_contacts.add(study.rita, GRACE)
    code = recruitment_contacts.read(study.rita, made).opened.code
    again = replace(GRACE, card=Card("G. Adeyemi", written))
    with pytest.raises(Invalid) as caught:
        recruitment_contacts.add(study.rita, again)
    assert code in caught.value.problems["email"]
    assert count(study, Contact) == 1


@pytest.mark.parametrize(
    ("field", "card"),
    [
        ("name", Card("", "grace@home.test")),
        ("name", Card("Grace\r\nBcc: all@team.test", "grace@home.test")),
        ("name", Card("x" * 201, "grace@home.test")),
        ("email", Card("Grace", "grace@home.test, ruth@home.test")),
        ("email", Card("Grace", "Ruth <ruth@home.test>")),
        ("email", Card("Grace", "grace@home.test\r\nBcc: ruth@home.test")),
        ("email", Card("Grace", "")),
        ("phone", Card("Grace", "grace@home.test", by_telephone=True)),
        ("phone", Card("Grace", "grace@home.test", phone="call me")),
        ("safe_contact", Card("Grace", "grace@home.test", safe_contact="x" * 1001)),
        ("preference", Card("Grace", "grace@home.test", preference="pigeon")),
    ],
)
def test_what_cannot_be_a_contact_is_refused_at_its_field(small_study, field, card):
    with pytest.raises(Invalid) as caught:
        recruitment_contacts.add(small_study.rita, replace(GRACE, card=card))
    assert set(caught.value.problems) == {field}
    assert count(small_study, Contact) == 0


def test_a_contact_needs_a_source(small_study):
    with pytest.raises(Invalid) as caught:
        recruitment_contacts.add(small_study.rita, replace(GRACE, source_kind=""))
    assert set(caught.value.problems) == {"source_kind"}


@pytest.mark.parametrize("login", ["ann", "tess", "ivan", "ravi", "ada", "nina"])
def test_contacts_are_hidden_from_everybody_else(small_study, login):
    made = contact(small_study)
    desk = small_study.desk(login)
    with pytest.raises(Hidden):
        recruitment_contacts.add(desk, GRACE)
    with pytest.raises(Hidden):
        recruitment_contacts.read(desk, made)
    with pytest.raises(Hidden):
        recruitment_contacts.change(desk, made, GRACE)
    assert small_study.last_event().outcome == "refused"


def test_the_pi_opens_a_contact_with_the_password_and_a_reason_that_stays(small_study):
    made = contact(small_study)
    stale = replace(small_study.petra, stepped_up_until=None)
    with pytest.raises(PasswordNeeded):
        recruitment_contacts.read(stale, made, reason="law")
    with pytest.raises(Invalid):
        recruitment_contacts.read(small_study.petra, made, reason="I am curious")
    found = recruitment_contacts.read(small_study.petra, made, reason="law")
    assert found.opened.card.name == "Grace Adeyemi"
    assert '"reason":"law"' in small_study.last_event().line.decode()
    with pytest.raises(NotPermitted):
        recruitment_contacts.change(small_study.petra, made, GRACE)


def test_inv_20_a_narrower_wish_cancels_what_waits_and_a_wider_one_does_not(study, approved):
    made = invited(study)
    wanted = Wanted(Card("Grace Adeyemi", "grace.adeyemi@home.test", safe_contact="Evenings"))
    assert recruitment_contacts.change(study.rita, made, wanted) == 0
    assert [letter.state for letter in of(study, made)] == ["queued"]
    narrower = replace(wanted, mailbox_private=False)
    assert recruitment_contacts.change(study.rita, made, narrower) == 1
    (letter,) = of(study, made)
    assert (letter.state, letter.body_sealed) == ("cancelled", None)
    assert count(study, Approach) == 0


def test_inv_20_a_letter_to_an_address_that_was_changed_is_cancelled(study, approved):
    made = invited(study)
    moved = Wanted(Card("Grace Adeyemi", "grace@new.test"))
    assert recruitment_contacts.change(study.rita, made, moved) == 1
    found = recruitment_contacts.read(study.rita, made)
    assert found.opened.card.email == "grace@new.test"


def test_a_changed_name_is_written_into_the_register_beside_the_old_one(study):
    made = contact(study)
    before = count(study, RegisterEntry)
    renamed = Wanted(Card("Grace Bello", "grace.adeyemi@home.test"))
    recruitment_contacts.change(study.rita, made, renamed)
    assert count(study, RegisterEntry) == before + 1


def test_a_no_by_telephone_ends_what_waits(study, approved):
    made = invited(study)
    recruitment_contacts.note_call(study.rita, made, outcome="declined", channel="telephone")
    assert [letter.state for letter in of(study, made)] == ["cancelled"]
    with pytest.raises(Invalid):
        recruitment_contacts.note_call(study.rita, made, outcome="yes", channel="telephone")


def test_a_contact_of_another_study_does_not_exist_here(small_study):
    made = contact(small_study)
    with small_study.hub.sessions.writing.begin() as session:
        session.execute(update(Contact).values(register_due=False))
    with pytest.raises(Hidden):
        recruitment_contacts.read(small_study.operator, made)


def of(study, participant_id):
    return [letter for letter in rows(study, Letter) if letter.participant_id == participant_id]
