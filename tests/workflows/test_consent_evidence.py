"""What a signing leaves: sealed evidence, the person's copy, and what follows in letters."""

from dataclasses import replace
from hashlib import sha256

import pytest
from sqlalchemy import select, text

from studyhub.domain.consent_copy import as_text
from studyhub.domain.errors import Invalid, NotFound, NotPermitted, Stale, WrongState
from studyhub.store.consent import Consent
from studyhub.store.keys import DataKeyGrant
from studyhub.store.outbox import Letter
from studyhub.store.people import Expression, Link
from studyhub.store.users import Study
from studyhub.workflows import (
    consent_copies,
    consent_signing,
    letters,
    recruitment_contacts,
)
from tests.makers import consented, eligible, informed, token_in
from tests.workflows.consenting import (
    PNG,
    at,
    evidence_of,
    filled,
    joined,
    opened,
    person_of,
    records,
    sign,
    suspended,
)
from tests.workflows.informed import ready, study, token

__all__ = ["ready", "study", "token"]


def test_the_evidence_is_sealed_and_its_roots_stand_on_the_record(study, token):
    sign(study, token, drawing=PNG)

    ((row, _),) = records(study)
    proof = evidence_of(study, row.id)
    assert set(proof) == {"copy", "typed_name", "drawing"}
    for root, path in proof.values():
        content = path.read_bytes()
        assert sha256(content).digest() == root
        assert content.startswith(b"SHO1")
        assert b"Grace" not in content
    assert row.evidence_root == joined(
        proof["copy"][0], proof["typed_name"][0], proof["drawing"][0]
    )


def test_a_drawing_or_paper_can_be_asked_for(study, token):
    with study.hub.sessions.writing.begin() as session:
        row = session.get(Study, study.id)
        row.settings = {**row.settings, "typed_name_enough": False}

    with pytest.raises(Invalid, match="Draw your signature"):
        sign(study, token)
    assert sign(study, token, drawing=PNG).kind == "signed"


def test_the_copy_says_every_statement_in_the_words_of_the_form(study, token):
    """Invariant 32, and it is what the lasting link opens with nobody signed in."""
    statements = opened(study, token).ground.form.statements
    signed = sign(study, token, but={"quotes"})
    lasting = token_in(signed.address)

    copy = consent_copies.copy(at(study, lasting)).copy

    assert copy == signed.copy
    assert [each.wording for each in copy.answers] == [each.wording for each in statements]
    assert {each.answer for each in copy.answers if each.code == "quotes"} == {"decline"}
    written = as_text(copy)
    for each in statements:
        assert each.wording in written
    assert "Grace Adeyemi" in written
    assert copy.number in written
    assert study.last_event().act == "consent.copy"


def test_inv_32_the_copy_stays_as_it_was_made(study, token):
    """Invariant 32: a new version, a new title or a later signing change nothing in it."""
    signed = sign(study, token)
    study.clock.advance(days=40)
    with study.hub.sessions.writing.begin() as session:
        session.get(Study, study.id).neutral_name = "Another name"

    assert consent_copies.copy(at(study, token_in(signed.address))).copy == signed.copy


def test_only_the_links_of_the_person_open_the_copy(study, token):
    sign(study, token)

    with pytest.raises(NotFound):
        consent_copies.copy(at(study, token))
    with pytest.raises(NotPermitted):
        consent_copies.copy(study.petra)


def test_the_evidence_is_granted_to_who_verifies_and_to_the_lasting_link(study, token):
    sign(study, token)

    with study.hub.sessions.reading.begin() as session:
        (kind,) = session.scalars(select(Consent.kind)).all()
        key = session.scalars(
            select(consent_copies.SealedObject.data_key_id).where(
                consent_copies.SealedObject.kind == "evidence"
            )
        ).first()
        granted = set(
            session.execute(
                select(DataKeyGrant.grantee_kind, DataKeyGrant.grantee_id).where(
                    DataKeyGrant.data_key_id == key
                )
            ).all()
        )
        lasting = session.scalars(select(Link).where(Link.expires_at.is_(None))).all()
        pages = [each.id for each in lasting if "page" in each.purposes]
    assert kind == "signed"
    assert granted == {
        ("membership", study.membership_id("ravi")),
        *(("link", each) for each in pages),
    }


def test_a_failure_leaves_no_file_behind(study, token, monkeypatch):
    before = set(study.hub.settings.objects.rglob("*.sho"))
    page = filled(study, token)
    suspended_between(study, monkeypatch)

    with pytest.raises((WrongState, Stale)):
        consent_signing.sign(at(study, token), page)

    assert set(study.hub.settings.objects.rglob("*.sho")) == before
    assert list(study.hub.settings.tmp.iterdir()) == []


def suspended_between(study, monkeypatch):
    """Let the approval be suspended after the files were written and before the rows."""
    store = consent_signing.consent_evidence.store

    def and_then(*args):
        found = store(*args)
        suspended(study)
        return found

    monkeypatch.setattr(consent_signing.consent_evidence, "store", and_then)


def test_the_receipt_brings_the_lasting_link_and_names_nothing(study, token):
    signed = sign(study, token)

    with study.hub.sessions.reading.begin() as session:
        (letter,) = session.scalars(select(Letter).where(Letter.purpose == "receipt")).all()
        assert letter.state == "queued"
        assert letter.body_sealed is not None
        assert b"Grace" not in letter.body_sealed
    assert signed.written


def test_inv_20_the_receipt_waits_for_the_hours_in_which_letters_may_arrive(study, token):
    person = person_of(study, token)
    view = recruitment_contacts.read(study.rita, person)
    card = replace(view.opened.card, safe_from="18:00", safe_until="20:00")
    recruitment_contacts.change(study.rita, person, recruitment_contacts.Wanted(card))
    mine = informed(study, person)

    sign(study, mine)

    with study.hub.sessions.reading.begin() as session:
        (letter,) = session.scalars(select(Letter).where(Letter.purpose == "receipt")).all()
        assert (letter.not_before.hour, letter.not_before.minute) == (18, 0)
        assert letter.not_before > study.clock()


def test_nobody_takes_back_the_letter_that_brings_somebody_their_copy(study, token):
    sign(study, token)
    with study.hub.sessions.reading.begin() as session:
        (letter_id,) = session.scalars(select(Letter.id).where(Letter.purpose == "receipt"))

    for desk in (study.rita, study.petra):
        with pytest.raises(WrongState, match="asked for this letter"):
            letters.take_back(desk, letter_id)

    with study.hub.sessions.reading.begin() as session:
        assert session.get_one(Letter, letter_id).state == "queued"


def test_no_receipt_goes_to_a_mailbox_that_others_read(study, token):
    """Invariant 20: the address is on the page then, and nowhere else."""
    with study.hub.sessions.writing.begin() as session:
        session.execute(text("UPDATE contacts SET mailbox_private = false"))

    signed = sign(study, token)

    assert signed.address
    assert not signed.written


def test_the_expression_of_interest_is_converted(study, token):
    sign(study, token)

    with study.hub.sessions.reading.begin() as session:
        assert session.scalars(select(Expression.state)).all() == ["converted"]


def test_letters_that_ask_for_consent_leave_the_queue(study, token):
    sign(study, token, refuse=True, answers={})

    with study.hub.sessions.reading.begin() as session:
        letters = session.scalars(select(Letter).where(Letter.purpose == "information")).all()
        assert [letter.state for letter in letters] == ["cancelled"]


def test_the_deadline_comes_from_the_rule_of_the_sheet(study, token):
    """Days after an interview that has not happened are an open deadline."""
    sign(study, token)

    assert records(study)[0][0].deadline_at is None


def test_the_maker_of_consents_signs_as_anybody_would(study):
    consent = consented(study, eligible(study, "Ruth Dale"), but={"quotes"})

    ((row, answers),) = records(study)
    assert (row.id, row.kind, answers["quotes"]) == (consent, "signed", "decline")
