"""What the committee decided: recorded step by step, with its dates, and amended."""

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from studyhub.domain.errors import Invalid, NotFound, NotPermitted, WrongState
from studyhub.domain.lifecycle_course import AMENDMENT, APPROVAL
from studyhub.domain.words import AMENDMENT_STATES, APPROVAL_STATES
from studyhub.store.consent import Approval
from studyhub.store.keys import File
from studyhub.store.outbox import Letter
from studyhub.workflows import (
    consent_documents_view,
    consent_ethics,
    consent_form,
    mailroom,
    protocol,
    recruitment_contacts,
    recruitment_information,
    recruitment_letters,
    recruitment_list,
    recruitment_opt_out,
    upkeep,
)
from studyhub.workflows.consent_ethics import Outcome, Request
from studyhub.workflows.links import guest
from studyhub.workflows.protocol_periods import approved_periods
from tests import texts
from tests.makers import (
    approve_study,
    consented,
    contact,
    eligible,
    informed,
    interested,
    invited,
    letter_body,
    submitted,
    token_in,
)
from tests.smtp_server import mail_server

ASKED = Request(texts.COMMITTEE, texts.REFERENCE)


def approval(study, approval_id):
    return consent_documents_view.ethics(study.ada).approval(approval_id)


def amendment(approval_id, **more):
    return Request(
        texts.COMMITTEE, "FREC 2026-0142-A1", "minor", approval_id, "Other words", **more
    )


def test_an_approval_is_recorded_step_by_step(study):
    approval_id = approve_study(study)
    last = study.last_event()

    found = approval(study, approval_id)
    assert (found.state, found.in_force) == ("approved", True)
    assert found.conditions == texts.CONDITIONS
    assert last.act == "approval.change"
    assert b'"from":"submitted"' in last.line


@pytest.mark.parametrize("login", ["rita", "ivan", "ravi", "ada", "tess", "ann"])
def test_only_the_pi_records_what_the_committee_decided(study, login):
    approval_id = approve_study(study)

    with pytest.raises(NotPermitted):
        consent_ethics.record(study.desk(login), ASKED)
    with pytest.raises(NotPermitted):
        consent_ethics.change(study.desk(login), approval_id, Outcome("suspended"))
    assert approval(study, approval_id).state == "approved"


@pytest.mark.parametrize(
    ("field", "asked"),
    [
        ("committee", Request("  ", "X")),
        ("reference", Request("X", "  ")),
        ("kind", Request("X", "Y", kind="large")),
        ("reconsent", Request("X", "Y", reconsent="maybe")),
        ("reason", Request("X", "Y", kind="minor")),
        ("amends_id", Request("X", "Y", kind="minor", reason="New words")),
    ],
)
def test_what_is_missing_is_named(study, field, asked):
    with pytest.raises(Invalid) as caught:
        consent_ethics.record(study.petra, asked)

    assert field in caught.value.problems


def test_an_approval_has_a_day_of_decision_and_begins_before_it_ends(study):
    approval_id = consent_ethics.record(study.petra, ASKED)
    consent_ethics.change(study.petra, approval_id, Outcome("submitted"))
    now = study.clock()

    for field, outcome in {
        "decided_on": Outcome("approved", None, now),
        "starts_at": Outcome("approved", now.date(), None),
        "ends_at": Outcome("approved", now.date(), now, now),
    }.items():
        with pytest.raises(Invalid) as caught:
            consent_ethics.change(study.petra, approval_id, outcome)
        assert field in caught.value.problems
    tomorrow = now + timedelta(days=1)
    with pytest.raises(Invalid):
        consent_ethics.change(
            study.petra, approval_id, Outcome("approved", tomorrow.date(), tomorrow)
        )


@pytest.mark.parametrize("to", [*APPROVAL_STATES, *AMENDMENT_STATES, "made up"])
def test_an_approval_goes_only_where_the_table_says(study, to):
    approval_id = approve_study(study)
    allowed = {after for (before, _), after in APPROVAL.items() if before == "approved"}

    if to in allowed:
        consent_ethics.change(study.petra, approval_id, Outcome(to))
        assert approval(study, approval_id).state == to
    else:
        with pytest.raises(WrongState):
            consent_ethics.change(study.petra, approval_id, Outcome(to))


def test_inv_8_a_suspended_approval_covers_nothing_until_it_is_lifted(study):
    approval_id = approve_study(study)
    study.clock.advance(days=1)
    suspended_at = study.clock()
    consent_ethics.change(study.petra, approval_id, Outcome("suspended"))
    study.clock.advance(days=1)
    with study.hub.sessions.reading.begin() as session, pytest.raises(WrongState):
        protocol.need_approval(session, study.id, study.clock())

    consent_ethics.change(study.petra, approval_id, Outcome("approved"))

    with study.hub.sessions.reading.begin() as session:
        assert protocol.need_approval(session, study.id, study.clock()).id == approval_id
        first, second = approved_periods(session, study.id)[approval_id]
    assert first.ends_at == suspended_at
    assert second.starts_at == study.clock()


def test_inv_1_and_8_an_approval_covers_nothing_before_it_begins_or_after_it_ends(study):
    approval_id = approve_study(study)
    now = study.clock()
    with study.hub.sessions.writing.begin() as session:
        session.get_one(Approval, approval_id).ends_at = now + timedelta(days=3)

    with study.hub.sessions.reading.begin() as session:
        for at, covered in {
            now - timedelta(seconds=1): False,
            now: True,
            now + timedelta(days=3): False,
        }.items():
            assert (protocol.approval_at(session, study.id, at) is not None) is covered


def test_the_database_refuses_a_state_that_belongs_to_the_other_kind(study):
    approve_study(study)

    with pytest.raises(IntegrityError), study.hub.sessions.writing.begin() as raw:
        raw.execute(text("UPDATE approvals SET state = 'implemented'"))


def lapsed(study, approval_id, to):
    """The approval ends: because the committee said so, or by its date."""
    if to != "by its date":
        consent_ethics.change(study.petra, approval_id, Outcome(to))
        return
    with study.hub.sessions.writing.begin() as session:
        session.get_one(Approval, approval_id).ends_at = study.clock()


@pytest.mark.parametrize("to", ["suspended", "expired", "closed", "by its date"])
def test_inv_8_without_an_approval_nothing_new_begins_but_reading_and_stopping_go_on(
    study, approved, to
):
    listed, found = contact(study, "Owen Price"), eligible(study)
    token = informed(study, eligible(study, "Nadia Bell"))
    # So that the letter is not taken back, and with it the sheet that it brought.
    mailed(study)
    lapsed(study, study.approval_id, to)

    for new in (recruitment_letters.invite, recruitment_information.send):
        with pytest.raises(WrongState, match="approval"):
            new(study.rita, listed if new is recruitment_letters.invite else found)
    obstacles = consent_form.open_form(guest(study.hub, token).desk).ground.obstacles()
    assert "not_approved" in [each.code for each in obstacles]

    assert recruitment_contacts.read(study.rita, listed).opened.card.name == "Owen Price"
    assert consent_documents_view.ethics(study.ada).versions
    recruitment_opt_out.opt_out(study.rita, "staff", participant_id=listed)
    assert letters_of(study, "suppression_confirmed")


# Letters without an approval (invariant 1).


def letters_of(study, purpose):
    """The state and id of each letter of a purpose, the one that was due first first."""
    wanted = select(Letter).where(Letter.study_id == study.id, Letter.purpose == purpose)
    with study.hub.sessions.reading.begin() as session:
        rows = session.scalars(wanted.order_by(Letter.not_before)).all()
        return [(row.state, row.id) for row in rows]


def mailed(study):
    """Let the mailer work. Returns who got a letter, but for the team."""
    with mail_server() as server:
        smtp = replace(study.hub.settings, smtp_url=server.url)
        mailroom.run_once(replace(study.hub, settings=smtp))
    to = [one.recipients[0] for one in server.taken]
    return [each for each in to if not each.endswith("@team.test")]


@pytest.mark.parametrize("to", ["suspended", "by its date"])
def test_inv_1_no_letter_to_a_contact_leaves_without_an_approval(study, to, approved):
    approval_id = study.approval_id
    consented(study)
    interested(study, "Owen Price")
    invited(study, "Mary Lunt")
    study.clock.advance(minutes=11)
    lapsed(study, approval_id, to)

    reached = mailed(study)

    assert reached == []
    assert [state for state, _ in letters_of(study, "invitation")] == ["cancelled"]
    owed = [*letters_of(study, "receipt"), *letters_of(study, "acknowledgement")]
    assert {state for state, _ in owed} == {"queued"}
    for _, letter_id in owed:
        with pytest.raises(WrongState):
            mailroom.take(study.worker, letter_id)
    lines = recruitment_list.letters(study.rita, "queued").lines
    assert {(line.purpose, line.is_held) for line in lines} >= {("receipt", True)}


def test_inv_1_what_waited_leaves_once_the_approval_is_back(study, approved):
    approval_id = study.approval_id
    mailed(study)
    consented(study)
    consent_ethics.change(study.petra, approval_id, Outcome("suspended"))
    assert mailed(study) == []

    consent_ethics.change(study.petra, approval_id, Outcome("approved"))

    assert set(mailed(study)) == {"grace.adeyemi@home.test"}
    assert [state for state, _ in letters_of(study, "receipt")] == ["relay_accepted"]


def test_inv_1_and_11_the_confirmation_of_an_opt_out_leaves_without_an_approval(
    study, approved
):
    approval_id = study.approval_id
    invited(study)
    stop = token_in(letter_body(study, "invitation")["headers"]["List-Unsubscribe"], "o")
    consent_ethics.change(study.petra, approval_id, Outcome("closed"))

    recruitment_opt_out.opt_out(guest(study.hub, stop).desk, "page")

    assert mailed(study) == ["grace.adeyemi@home.test"]
    assert [state for state, _ in letters_of(study, "suppression_confirmed")] == [
        "relay_accepted"
    ]


# The letter of the committee.

PDF = b"%PDF-1.7 approved"


def sent(study, approval_id, body=PDF, by="petra"):
    return consent_ethics.take_letter(study.desk(by), approval_id, [body], len(body))


def files(study):
    with study.hub.sessions.reading.begin() as session:
        return set(session.scalars(select(File.id)))


def handed_in(study):
    approval_id = consent_ethics.record(study.petra, ASKED)
    consent_ethics.change(study.petra, approval_id, Outcome("submitted"))
    return approval_id


def test_a_decision_is_recorded_with_its_letter_which_the_team_reads(study):
    approval_id, now = handed_in(study), study.clock()
    letter_id = sent(study, approval_id)
    assert study.last_event().act == "approval.upload"

    decided = Outcome("approved", now.date(), now, letter_id=letter_id)
    consent_ethics.change(study.petra, approval_id, decided)

    assert sha256(PDF).hexdigest().encode() in study.last_event().line
    assert approval(study, approval_id).letter_id == letter_id
    for login in ("petra", "rita", "ivan", "ravi", "ada"):
        found = consent_ethics.letter(study.desk(login), approval_id)
        assert (found.content, found.media_type) == (PDF, "application/pdf")
    for login in ("tess", "ann"):
        with pytest.raises(NotPermitted):
            consent_ethics.letter(study.desk(login), approval_id)


def test_a_letter_that_came_later_is_kept_once_and_never_exchanged(study):
    approval_id = approve_study(study)
    first, second = sent(study, approval_id), sent(study, approval_id, b"%PDF-1.7 another")

    consent_ethics.attach(study.petra, approval_id, first)

    assert study.last_event().act == "approval.attach"
    with pytest.raises(WrongState):
        consent_ethics.attach(study.petra, approval_id, second)
    with pytest.raises(WrongState):
        sent(study, approval_id)
    assert consent_ethics.letter(study.ada, approval_id).content == PDF


def test_a_letter_belongs_to_one_decision(study):
    approval_id = approve_study(study)
    letter_id = sent(study, approval_id)
    undecided = handed_in(study)
    with pytest.raises(Invalid):
        consent_ethics.attach(study.petra, undecided, letter_id)
    consent_ethics.attach(study.petra, approval_id, letter_id)

    now = study.clock()
    decided = Outcome("approved", now.date(), now, letter_id=letter_id)
    for named in (letter_id, study.id):
        with pytest.raises(Invalid) as caught:
            consent_ethics.change(study.petra, undecided, replace(decided, letter_id=named))
        assert "letter" in caught.value.problems
    with pytest.raises(NotFound):
        consent_ethics.letter(study.ada, undecided)


@pytest.mark.parametrize("login", ["rita", "ivan", "ravi", "ada", "tess", "ann"])
def test_of_who_may_not_send_a_letter_nothing_is_read(study, login):
    approval_id = approve_study(study)

    with pytest.raises(NotPermitted):
        consent_ethics.take_letter(
            study.desk(login), approval_id, (pytest.fail("was read") for _ in "x"), 17
        )
    with pytest.raises(NotPermitted):
        consent_ethics.attach(study.desk(login), approval_id, study.id)

    assert study.last_event().outcome == "refused"
    assert files(study) == set()


def test_what_no_approval_keeps_is_forgotten_after_a_day(study):
    approval_id = approve_study(study)
    kept, left = sent(study, approval_id), sent(study, approval_id)
    consent_ethics.attach(study.petra, approval_id, kept)
    study.clock.advance(hours=23)
    upkeep.sweep(study.hub)
    assert files(study) == {kept, left}

    study.clock.advance(hours=1)
    upkeep.sweep(study.hub)

    assert files(study) == {kept}
    upkeep.sweep(study.hub)


# Amendments.


def test_an_amendment_lists_versions_that_are_not_in_use(study, approved):
    approval_id = study.approval_id
    in_use = consent_documents_view.ethics(study.ada).versions[0].id
    version_id = submitted(study, texts.SHEET_DRAFT)

    with pytest.raises(Invalid):
        consent_ethics.record(study.petra, amendment(approval_id, versions=(in_use,)))
    made = consent_ethics.record(study.petra, amendment(approval_id, versions=(version_id,)))

    assert approval(study, made).lists == (("pis", "1.1"),)
    with pytest.raises(Invalid):
        consent_ethics.record(study.petra, amendment(approval_id, versions=(version_id,)))


@pytest.mark.parametrize("to", AMENDMENT_STATES)
def test_an_amendment_begins_drafted_and_is_first_handed_in(study, to):
    approval_id = approve_study(study)
    made = consent_ethics.record(study.petra, amendment(approval_id))

    if ("drafted", f"approval.change={to}") in AMENDMENT:
        consent_ethics.change(study.petra, made, Outcome(to))
    else:
        with pytest.raises(WrongState):
            consent_ethics.change(study.petra, made, Outcome(to))


def test_inv_9_everybody_can_sign_again_only_with_a_new_consent_form(study):
    approval_id = approve_study(study)
    asked = amendment(approval_id, reconsent="all_active")
    made = consent_ethics.record(study.petra, asked)
    consent_ethics.change(study.petra, made, Outcome("submitted"))
    now = study.clock()
    consent_ethics.change(study.petra, made, Outcome("approved", now.date(), now))

    with pytest.raises(WrongState):
        consent_ethics.change(study.petra, made, Outcome("implemented"))


def test_an_amendment_is_not_implemented_while_the_approval_is_suspended(study):
    approval_id = approve_study(study)
    made = consent_ethics.record(study.petra, amendment(approval_id))
    consent_ethics.change(study.petra, made, Outcome("submitted"))
    now = study.clock()
    consent_ethics.change(study.petra, made, Outcome("approved", now.date(), now))
    consent_ethics.change(study.petra, approval_id, Outcome("suspended"))

    with pytest.raises(WrongState):
        consent_ethics.change(study.petra, made, Outcome("implemented"))


def test_an_amendment_needs_an_approval_of_this_study(study):
    approve_study(study)

    with pytest.raises(Invalid):
        consent_ethics.record(study.petra, amendment(study.id))
    with pytest.raises(NotFound):
        consent_ethics.change(study.petra, study.id, Outcome("suspended"))
