"""Consent on paper: sealed as it arrives, entered by who took it, verified by somebody else."""

import json
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

import pytest
from sqlalchemy import select

from studyhub.domain.errors import (
    Invalid,
    NotFound,
    NotPermitted,
    PasswordNeeded,
    Stale,
    WrongState,
)
from studyhub.domain.policy import allows
from studyhub.domain.vocabulary import Act, Actor, Duty, Role
from studyhub.store.consent import Consent, ConsentEvent
from studyhub.store.keys import DataKey, DataKeyGrant, SealedObject
from studyhub.store.users import Study
from studyhub.workflows import (
    accounts_exceptions,
    consent_check,
    consent_paper,
    worker,
)
from studyhub.workflows.consent_ground import CannotSign
from studyhub.workflows.consent_history_rows import in_force
from tests.makers import eligible, informed, invite_and_grant
from tests.workflows.consenting import (
    PNG,
    code_of,
    evidence_of,
    filled,
    person_of,
    records,
    sign,
)
from tests.workflows.informed import code, ready, study

__all__ = ["code", "ready", "study"]

PDF = b"%PDF-1.7\n" + b"a paper that Grace Adeyemi signed " * 3000


def scan(study, code, content=PDF, desk=None):
    pieces = [content[i : i + 1000] for i in range(0, len(content), 1000)]
    return consent_paper.take_scan(desk or study.ivan, code, pieces, len(content))


def paper(study, **more):
    answers = filled(study, study.token).answers
    now = study.clock.at
    return consent_paper.Paper(
        **{"answers": answers, "signed_on": now.date(), "signed_at": now, **more}
    )


def entered(study, code, **more):
    return consent_paper.enter(study.ivan, scan(study, code), code, paper(study, **more))


def stepped_up(study, login):
    until = study.clock.at + timedelta(minutes=5)
    return replace(getattr(study, login), stepped_up_until=until)


def light(study, *, provisional=False):
    now = study.clock.at
    with study.hub.sessions.reading.begin() as session:
        person = person_of(study, study.token)
        return in_force(session, person, "participate", now, now, provisional=provisional)


# -- entering ------------------------------------------------------------------------


def test_a_paper_is_entered_and_counts_once_somebody_else_verified_it(study, code):
    consent = entered(study, code)

    ((row, _),) = records(study)
    assert (row.id, row.mode, row.taken_by) == (
        consent,
        "paper_scan",
        study.membership_id("ivan"),
    )
    assert light(study).reason_code == "unverified"
    assert light(study, provisional=True).answer == "provisional"

    consent_check.verify(study.ravi, consent)
    assert light(study).answer == "yes"
    assert study.last_event().act == "consent.verify"


def test_the_scan_is_sealed_and_its_root_stands_on_the_record(study, code):
    consent = entered(study, code)

    ((root, path),) = evidence_of(study, consent).values()
    content = path.read_bytes()
    assert sha256(content).digest() == root
    assert b"Grace" not in content
    assert records(study)[0][0].evidence_root == sha256(root).digest()


def test_the_taker_and_the_verifier_open_the_scan_and_it_is_on_the_record(study, code):
    consent = entered(study, code)

    for login in ("ivan", "ravi", "petra"):
        assert consent_check.read(getattr(study, login), consent, "scan").content == PDF
        assert study.last_event().act == "consent.read"


@pytest.mark.parametrize("login", ["rita", "tess", "ann", "ada", "nina"])
def test_nobody_else_opens_the_scan(study, code, login):
    consent = entered(study, code)

    with pytest.raises(NotPermitted):
        consent_check.read(getattr(study, login), consent, "scan")


@pytest.mark.parametrize("content", [b"GIF89a" + b"x" * 99, b"%PD", b"<html>", b"\0" * 5000])
def test_what_is_no_scan_is_refused_and_leaves_nothing(study, code, content):
    with pytest.raises(Invalid):
        scan(study, code, content)

    assert objects(study) == []
    assert list(study.hub.settings.tmp.iterdir()) == []


def objects(study):
    with study.hub.sessions.reading.begin() as session:
        return session.scalars(select(SealedObject.id)).all()


@pytest.mark.parametrize("announced", [len(PDF) + 1, len(PDF) - 1, 0, -5, 10**12])
def test_a_scan_that_was_cut_or_is_too_large_is_refused(study, code, announced):
    with pytest.raises(Invalid):
        consent_paper.take_scan(study.ivan, code, [PDF], announced)

    assert objects(study) == []
    assert list(study.hub.settings.tmp.iterdir()) == []


@pytest.mark.parametrize("content", [PNG, b"\xff\xd8\xff\xe0 a photograph", PDF])
def test_a_pdf_a_photograph_and_a_picture_are_scans(study, code, content):
    assert scan(study, code, content) in objects(study)


@pytest.mark.parametrize("login", ["petra", "tess", "ravi", "ann", "ada", "nina"])
def test_only_who_takes_consent_sends_a_scan_or_enters_a_paper(study, code, login):
    desk, sent, wanted = getattr(study, login), scan(study, code), paper(study)

    with pytest.raises((NotPermitted, NotFound)):
        scan(study, code, desk=desk)
    with pytest.raises(NotPermitted):
        consent_paper.enter(desk, sent, code, wanted)
    assert records(study) == []


def test_nobody_enters_a_scan_that_somebody_else_sent(study, code):
    sent = scan(study, code)

    with pytest.raises(NotPermitted):
        consent_paper.enter(study.rita, sent, code, paper(study))


def test_a_scan_belongs_to_the_person_it_was_sent_for(study, code):
    sent, wanted = scan(study, code), paper(study)
    other = code_of(study, person_of(study, informed_again(study)))

    with pytest.raises(Invalid, match="another person"):
        consent_paper.enter(study.ivan, sent, other, wanted)


def informed_again(study):
    return informed(study, eligible(study, "Ruth Dale"))


def test_a_paper_sent_twice_is_entered_once(study, code):
    sent, wanted = scan(study, code), paper(study)
    consent_paper.enter(study.ivan, sent, code, wanted)

    with pytest.raises(Stale):
        consent_paper.enter(study.ivan, sent, code, wanted)
    assert len(records(study)) == 1


def test_inv_40_a_time_in_the_future_is_refused(study, code):
    """Invariant 40."""
    now = study.clock.at
    for later in (
        {"signed_at": now + timedelta(minutes=1)},
        {"signed_at": None, "signed_on": now.date() + timedelta(days=1)},
    ):
        with pytest.raises(Invalid):
            entered(study, code, **later)
    assert records(study) == []


def test_inv_40_a_day_without_a_time_counts_from_its_end(study, code):
    """Invariant 40."""
    day = study.clock.at.date()
    study.clock.advance(days=2)

    entered(study, code, signed_on=day, signed_at=None)

    ((row, _),) = records(study)
    assert row.time_source == "date_only"
    assert row.signed_at.hour == 23
    assert row.signed_at.date() == day


def test_inv_38_the_duty_counts_at_the_time_of_signing(study, code):
    """Invariant 38."""
    long_ago = study.clock.at - timedelta(days=300)

    with pytest.raises(Invalid, match="did not have the duty"):
        entered(study, code, signed_at=long_ago, signed_on=long_ago.date())


def test_every_statement_of_the_paper_is_entered(study, code):
    """Invariant 28."""
    answers = dict(paper(study).answers)
    del answers["quotes"]

    with pytest.raises(Invalid):
        entered(study, code, answers=answers)
    assert records(study) == []


def test_a_paper_that_could_not_be_signed_then_leaves_one_refused_line(study, code):
    """Invariant 36, and no name, code or id of a person in the line."""
    early, sent, ivan = study.clock.at - timedelta(hours=20), scan(study, code), study.ivan
    wanted = paper(study, signed_at=early, signed_on=early.date())
    before = study.events()

    with pytest.raises(CannotSign):
        consent_paper.enter(ivan, sent, code, wanted)

    event, line = study.last_event(), json.loads(study.last_event().line)
    assert study.events() == before + 1
    assert (event.act, event.outcome, event.subject) == ("consent.enter", "refused", "consent")
    assert line["facts"] == {"reason": "time_to_consider"}
    assert records(study) == []


def test_how_somebody_decided_stands_on_the_record(study, code):
    entered(study, code, capacity="supported", interpreter=True)

    ((row, _),) = records(study)
    assert (row.capacity, row.interpreter, row.time_source) == ("supported", True, "attested")


def test_a_scan_that_nobody_entered_within_a_week_is_removed(study, code):
    left = scan(study, code)
    study.clock.advance(days=4)
    kept, fresh = entered(study, code), scan(study, code)
    study.clock.advance(days=4)

    worker.sweep(study.hub)

    assert set(objects(study)) == {kept, fresh}
    assert len(list(study.hub.settings.objects.rglob("*.sho"))) == 2
    assert len(evidence_keys(study)) == 2
    event = study.last_event()
    assert (event.act, event.subject) == ("consent.discard", f"sealedobject:{left}")
    with pytest.raises(Invalid, match="Send the scan first"):
        consent_paper.enter(study.ivan, left, code, paper(study))
    assert consent_check.read(study.ivan, kept, "scan").content == PDF


def evidence_keys(study):
    """Data keys of scans that their sender can open."""
    with study.hub.sessions.reading.begin() as session:
        return session.scalars(
            select(DataKeyGrant.data_key_id)
            .join(DataKey, DataKey.id == DataKeyGrant.data_key_id)
            .where(DataKeyGrant.grantee_id == study.membership_id("ivan"))
        ).all()


def test_a_scan_within_its_week_stays(study, code):
    left = scan(study, code)
    study.clock.advance(days=6, hours=23)

    assert consent_paper.sweep(study.hub) == 0
    assert objects(study) == [left]


def test_a_scan_that_is_being_entered_is_not_removed(study, code):
    consent = entered(study, code)

    with pytest.raises(WrongState):
        consent_paper._discard(study.worker, consent)
    assert consent_check.read(study.ivan, consent, "scan").content == PDF


@pytest.mark.parametrize("login", ["petra", "ivan", "ravi", "nina"])
def test_only_the_worker_removes_a_scan(study, code, login):
    left = scan(study, code)

    with pytest.raises(NotPermitted):
        consent_paper._discard(getattr(study, login), left)
    assert objects(study) == [left]


# -- checking ------------------------------------------------------------------------


@pytest.mark.parametrize("login", ["ivan", "rita", "petra", "tess", "ann", "ada", "nina"])
def test_inv_39_only_who_has_the_duty_and_did_not_take_it_verifies(study, code, login):
    """Invariant 39. Petra has not the duty here."""
    consent = entered(study, code)

    with pytest.raises((NotPermitted, PasswordNeeded)):
        consent_check.verify(stepped_up(study, login), consent)
    assert light(study).reason_code == "unverified"


def test_who_gets_the_duty_later_opens_what_was_stored_before_but_nothing_they_took(
    study, code
):
    by_link = sign(study, study.token).consent_id
    on_paper = entered(study, code)

    invite_and_grant(study, "nina", Role.REVIEWER, (Duty.VERIFY,))
    invite_and_grant(study, "ivan", Role.REVIEWER, (Duty.VERIFY,))

    assert consent_check.read(study.nina, by_link, "copy").content
    assert consent_check.read(study.nina, on_paper, "scan").content == PDF
    consent_check.verify(study.nina, on_paper)
    assert granted(study, study.membership_id("nina", Role.REVIEWER)) == 2
    assert granted(study, study.membership_id("ivan", Role.REVIEWER)) == 1


def granted(study, membership_id):
    """How many consents a member holds the key of."""
    with study.hub.sessions.reading.begin() as session:
        keys = session.scalars(
            select(DataKeyGrant.data_key_id)
            .join(SealedObject, SealedObject.data_key_id == DataKeyGrant.data_key_id)
            .where(DataKeyGrant.grantee_id == membership_id)
        )
        return len(set(keys))


def test_inv_39_who_took_a_consent_checks_it_in_no_role_of_theirs(study, code):
    """Invariant 39 and H-2: it is the person that counts, and no exception lifts it."""
    consent = entered(study, code)
    invite_and_grant(study, "ivan", Role.REVIEWER, (Duty.VERIFY,))
    other = study.desk("ivan", Role.REVIEWER)

    for act in (
        lambda: consent_check.verify(other, consent),
        lambda: consent_check.query(other, consent, "quality"),
        lambda: consent_check.resolve(other, consent),
        lambda: consent_check.read(other, consent, "scan"),
    ):
        with pytest.raises(NotPermitted):
            act()
    assert light(study).reason_code == "unverified"


@pytest.mark.parametrize("act", [Act.CONSENT_VERIFY, Act.CONSENT_QUERY, Act.CONSENT_RESOLVE])
def test_inv_39_the_policy_says_so_before_anything_is_looked_up(act):
    taken = Consent(taken_by=UUID(int=1))
    taker, other = (
        Actor(UUID(int=9), UUID(int=member), Role.REVIEWER, frozenset({Duty.VERIFY}))
        for member in (1, 2)
    )

    assert not allows(taker, act, taken)
    assert allows(other, act, taken)


def test_a_member_without_the_duty_is_given_no_evidence(study, code):
    entered(study, code)

    invite_and_grant(study, "nina", Role.REVIEWER)

    assert granted(study, study.membership_id("nina", Role.REVIEWER)) == 0


def test_the_pi_opens_evidence_with_a_fresh_password_only(study, code):
    consent = entered(study, code)
    tired = replace(study.petra, stepped_up_until=None)

    with pytest.raises(PasswordNeeded):
        consent_check.read(tired, consent, "scan")
    assert consent_check.read(stepped_up(study, "petra"), consent, "scan").content == PDF


def test_a_consent_by_link_needs_no_second_look(study, code):
    signed = sign(study, study.token)

    with pytest.raises(WrongState):
        consent_check.verify(study.ravi, signed.consent_id)


def test_a_query_keeps_a_consent_from_being_verified_until_it_is_settled(study, code):
    consent = entered(study, code)
    consent_check.query(study.ravi, consent, "quality")

    with pytest.raises(WrongState):
        consent_check.verify(study.ravi, consent)
    consent_check.resolve(study.ravi, consent)
    consent_check.verify(study.ravi, consent)

    with study.hub.sessions.reading.begin() as session:
        kinds = session.scalars(select(ConsentEvent.kind)).all()
    assert sorted(kinds) == ["queried", "resolved", "verified"]


def test_only_the_taker_countersigns_and_only_where_the_study_asks(study, code):
    consent = entered(study, code)
    with pytest.raises(WrongState):
        consent_check.countersign(stepped_up(study, "ivan"), consent)

    with study.hub.sessions.writing.begin() as session:
        row = session.get(Study, study.id)
        row.settings = {**row.settings, "countersign": True}
    consent_check.verify(study.ravi, consent)
    assert light(study).reason_code == "not_countersigned"
    with pytest.raises(PasswordNeeded):
        consent_check.countersign(replace(study.ivan, stepped_up_until=None), consent)
    with pytest.raises(NotPermitted):
        consent_check.countersign(stepped_up(study, "rita"), consent)

    consent_check.countersign(stepped_up(study, "ivan"), consent)
    assert light(study).answer == "yes"


def test_a_consent_is_void_when_the_pi_and_a_second_person_say_so(study, code):
    consent = sign(study, study.token).consent_id
    petra, ravi = stepped_up(study, "petra"), stepped_up(study, "ravi")
    with pytest.raises(NotPermitted):
        consent_check.invalidate(ravi, consent, "wrong_person")

    assert not consent_check.invalidate(petra, consent, "wrong_person")
    with pytest.raises(NotPermitted):
        consent_check.invalidate(petra, consent, "wrong_person")
    assert light(study).answer == "yes"
    assert consent_check.invalidate(ravi, consent, "wrong_person")

    assert light(study).reason_code == "no_consent"
    assert len(records(study)) == 1


def test_a_void_refusal_never_brings_an_older_yes_back(study, code):
    sign(study, study.token)
    study.clock.advance(days=1)
    refusal = sign(study, study.token, refuse=True, answers={}).consent_id

    consent_check.invalidate(stepped_up(study, "petra"), refusal, "entered_in_error")
    consent_check.invalidate(stepped_up(study, "ravi"), refusal, "entered_in_error")

    assert light(study).reason_code == "later_refusal_invalidated"


def test_a_proposal_about_a_consent_is_not_decided_as_a_wish_of_the_pi(study, code):
    consent = sign(study, study.token).consent_id
    consent_check.invalidate(stepped_up(study, "petra"), consent, "wrong_person")
    with study.hub.sessions.reading.begin() as session:
        proposal = session.scalars(select(consent_check.Proposal.id)).one()

    with pytest.raises(NotFound):
        accounts_exceptions.decide(stepped_up(study, "ravi"), proposal, approve=True)
