"""Who stopped letters, when letters may arrive, and how far apart reminders are."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from studyhub.domain.errors import Hidden, Invalid, NotPermitted, WrongState
from studyhub.domain.vocabulary import Role
from studyhub.store.consent import DocumentGiven
from studyhub.store.outbox import Letter
from studyhub.store.people import Approach, Contact, Expression, Suppression
from studyhub.store.users import Study
from studyhub.vault.seal import pack
from studyhub.workflows import (
    accounts_study,
    entrance,
    mailroom,
    post,
    recruitment_contacts,
    recruitment_interest,
    recruitment_letters,
    recruitment_opt_out,
    recruitment_triage,
)
from studyhub.workflows.expressions import Told
from studyhub.workflows.keyring import NOTHING
from studyhub.workflows.links import guest
from studyhub.workflows.locker import Locker
from tests import texts
from tests.makers import (
    LATER,
    approve_study,
    contact,
    in_use,
    invite_and_grant,
    invited,
    letter_body,
    password_of,
    stranger,
    token_in,
)
from tests.smtp_server import mail_server
from tests.staged import study_on

ADDRESS = "grace.adeyemi@home.test"


@pytest.fixture
def ready(study):
    return made_ready(study)


@pytest.fixture
def small_ready(small_study):
    return made_ready(small_study)


def made_ready(study):
    """A study that may invite and remind; letters to its team wait for another year."""
    approval_id = approve_study(study)
    for text in texts.WRITTEN_BY_RITA:
        if text.kind in recruitment_letters.KINDS:
            in_use(study, text, approval_id, author="rita", approver="petra")
    with study.hub.sessions.writing.begin() as session:
        session.execute(update(Letter).values(not_before=LATER))
    return study


def set_up(study, **settings):
    with study.hub.sessions.writing.begin() as session:
        row = session.get_one(Study, study.id)
        row.settings = {**row.settings, **settings}


def rows(study, table, **which):
    with study.hub.sessions.reading.begin() as session:
        found = list(session.scalars(select(table).filter_by(**which)))
        session.expunge_all()
        return found


def taken(study, *, minutes=11, **answers):
    """Let time pass and the mailer work. Returns the subjects of what the server took."""
    study.clock.advance(minutes=minutes)
    with mail_server(**answers) as server:
        settings = replace(study.hub.settings, smtp_url=server.url)
        mailroom.run_once(replace(study.hub, settings=settings))
    return [one.message["Subject"] for one in server.taken]


def states(study, participant_id, purpose):
    found = rows(study, Letter, participant_id=participant_id, purpose=purpose)
    return sorted(one.state for one in found)


def stop(study, participant_id, **more):
    study.clock.advance(minutes=1)
    recruitment_opt_out.opt_out(study.rita, "staff", participant_id=participant_id, **more)
    taken(study, minutes=0)


def reopen(study, participant_id, who="rita", **told):
    study.clock.advance(minutes=1)
    given = {"channel": "telephone", "told_at": study.clock.at, **told}
    recruitment_opt_out.reopen(study.desk(who), participant_id, **given)


# -- lifting an opt-out: only the person (M19) -----------------------------------------


@pytest.mark.parametrize("everywhere", [False, True])
def test_inv_11_who_asked_for_letters_again_gets_them_and_stops_them_again(ready, everywhere):
    made = contact(ready)
    stop(ready, made, everywhere=everywhere)
    with pytest.raises(WrongState):
        recruitment_letters.invite(ready.rita, made)

    reopen(ready, made)
    recruitment_letters.invite(ready.rita, made)

    assert len(taken(ready)) == 1
    stop(ready, made, everywhere=everywhere)
    assert states(ready, made, "suppression_confirmed") == ["relay_accepted"] * 2
    with pytest.raises(WrongState):
        recruitment_letters.remind(ready.rita, made)
    assert len(rows(ready, Suppression)) == 1
    assert rows(ready, Suppression)[0].made_at == rows(ready, Contact)[0].opted_out_at


def test_reopening_is_recorded_with_its_way_and_its_time(small_ready):
    made = contact(small_ready)
    stop(small_ready, made)

    reopen(small_ready, made)

    event = small_ready.last_event()
    line = event.line.decode()
    assert (event.act, event.subject) == ("contact.reopen", f"participant:{made}")
    assert '"channel":"telephone"' in line
    assert f'"from":"{small_ready.clock.at.isoformat()}"' in line


def test_what_was_said_before_the_stop_or_is_yet_to_come_lifts_nothing(small_ready):
    made = contact(small_ready)
    with pytest.raises(WrongState, match="did not stop"):
        reopen(small_ready, made)
    stop(small_ready, made)
    now = small_ready.clock.at

    for wrong in (
        {"told_at": now - timedelta(hours=1)},
        {"told_at": now + timedelta(hours=1)},
        {"channel": "rumour"},
    ):
        with pytest.raises(Invalid):
            reopen(small_ready, made, **wrong)

    assert rows(small_ready, Contact)[0].opted_out_at is not None


def test_nobody_but_a_recruiter_records_that_somebody_wrote_again(small_ready):
    made = contact(small_ready)
    stop(small_ready, made)
    for who in ("petra", "ivan", "ann", "ada", "nina"):
        with pytest.raises((NotPermitted, Hidden)):
            reopen(small_ready, made, who)
        assert small_ready.last_event().outcome == "refused"
    assert rows(small_ready, Contact)[0].opted_out_at is not None


def test_no_act_of_the_team_lifts_a_stop_by_the_way(small_ready):
    made = contact(small_ready)
    stop(small_ready, made)
    view = recruitment_contacts.read(small_ready.rita, made)
    card = replace(view.opened.card, email="grace@new.test")
    recruitment_contacts.change(small_ready.rita, made, recruitment_contacts.Wanted(card))
    recruitment_contacts.note_call(
        small_ready.rita, made, outcome="replied", channel="telephone"
    )

    with pytest.raises(WrongState, match="answered already, or left"):
        recruitment_letters.invite(small_ready.rita, made)
    assert rows(small_ready, Contact)[0].opted_out_at is not None


def test_a_stranger_who_writes_with_the_address_of_another_lifts_nothing(small_ready):
    made = contact(small_ready)
    stop(small_ready, made)
    small_ready.clock.advance(minutes=1)
    told = Told("Grace", "email", email=ADDRESS)
    recruitment_interest.receive(stranger(small_ready), told)

    assert taken(small_ready, minutes=1) == []
    (letter,) = rows(small_ready, Letter, purpose="acknowledgement")
    assert (letter.state, letter.body_sealed) == ("suppressed", None)
    (expression,) = rows(small_ready, Expression)
    recruitment_triage.attach(small_ready.rita, expression.id, "known", known_as=made)
    assert rows(small_ready, Contact)[0].opted_out_at is not None


def test_inv_11_a_stop_everywhere_holds_in_every_study_of_the_instance(ready):
    made = contact(ready)
    elsewhere = another_study(ready)
    here = letter_by_hand(ready, elsewhere)
    stop(ready, made)
    assert states_of(ready, here) == "relay_accepted"  # stopped in this study alone

    later = letter_by_hand(ready, elsewhere)
    recruitment_opt_out.opt_out(ready.rita, "staff", participant_id=made, everywhere=True)
    taken(ready)

    assert states_of(ready, later) == "suppressed"


def another_study(study):
    petra = entrance.prove(study.hub, "petra", password_of("petra"), "test")
    return accounts_study.create(study.hub, slug="another", title="Another", pi=petra).id


def letter_by_hand(study, study_id):
    """A letter of another study to the same address, as an act there would leave it."""
    hub = study.hub
    made = Letter(
        id=uuid4(),
        study_id=study_id,
        purpose="answer",
        not_before=hub.now(),
        cancel_when=[],
        shred_id=hub.keystore.make("study", hub.now().date()),
        bounce_hash=uuid4().bytes,
    )
    letter_id = made.id
    body = {"to": ADDRESS, "subject": "Hello", "text": "Dear Grace\n", "headers": {}}
    with hub.sessions.writing.begin() as session:
        locker = Locker(session, hub.room, study_id, NOTHING, lent=frozenset())
        made.body_sealed = locker.seal_letter(made, pack(body | {"attachments": []}))
        session.add(made)
    return letter_id


def states_of(study, letter_id):
    (found,) = rows(study, Letter, id=letter_id)
    return found.state


# -- reminders (18, 21) ----------------------------------------------------------------


def test_inv_18_a_reminder_waits_for_the_days_that_the_protocol_sets(small_ready):
    set_up(small_ready, reminder_days=7, reminders_max=2)
    made = invited(small_ready)
    small_ready.clock.advance(days=6, hours=23)
    with pytest.raises(WrongState, match="allows a reminder from 9 March, 09"):
        recruitment_letters.remind(small_ready.rita, made)
    small_ready.clock.advance(hours=1)
    recruitment_letters.remind(small_ready.rita, made)
    small_ready.clock.advance(days=6)
    with pytest.raises(WrongState, match="allows a reminder from"):
        recruitment_letters.remind(small_ready.rita, made)
    small_ready.clock.advance(days=1)
    recruitment_letters.remind(small_ready.rita, made)


def test_inv_18_two_recruiters_at_once_send_no_more_than_the_protocol_allows(clock):
    with study_on("postgresql", clock) as study:
        made_ready(study)
        invite_and_grant(study, "nina", Role.RECRUITER)
        people = [invited(study, f"Person {number}") for number in range(3)]
        desks = [study.rita, study.nina]

        def send(work):
            desk, participant_id = work
            try:
                return recruitment_letters.remind(desk, participant_id)
            except WrongState:
                return None

        tries = [(desk, each) for each in people for desk in desks]
        with ThreadPoolExecutor(6) as pool:
            told = list(pool.map(send, tries))

        assert sum(each is not None for each in told) == len(people)
        assert len(rows(study, Approach, purpose="reminder")) == len(people)
        assert len(rows(study, Letter, purpose="reminder")) == len(people)


def test_inv_21_the_database_holds_one_approach_of_a_version_and_purpose(ready):
    made = invited(ready)
    (first,) = rows(ready, Approach)
    again = {
        column.name: getattr(first, column.name) for column in Approach.__table__.columns
    } | {"id": uuid4()}

    with pytest.raises(IntegrityError), ready.hub.sessions.writing.begin() as session:
        session.connection().execute(Approach.__table__.insert(), again)

    assert len(rows(ready, Approach, participant_id=made)) == 1


# -- safe hours (20) -------------------------------------------------------------------

EVENING = {"safe_from": "18:00", "safe_until": "20:00"}


def at(hour, minute=0, day=2):
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def test_inv_20_a_letter_waits_for_the_hours_in_which_it_may_arrive(ready):
    made = invited(ready, **EVENING)

    assert rows(ready, Letter, participant_id=made)[0].not_before == at(18)
    assert taken(ready) == []
    ready.clock.at = at(18, 5)
    assert len(taken(ready, minutes=0)) == 1


def test_inv_20_a_letter_that_is_late_waits_for_the_next_day(ready):
    made = invited(ready, **EVENING)
    ready.clock.at = at(20)

    assert taken(ready, minutes=0) == []
    (letter,) = rows(ready, Letter, participant_id=made)
    assert (letter.state, letter.not_before) == ("queued", at(18, day=3))
    ready.clock.at = at(18, day=3)
    assert len(taken(ready, minutes=0)) == 1


def test_inv_20_a_letter_that_was_deferred_is_not_tried_at_another_hour(small_ready):
    made = invited(small_ready, **EVENING)
    small_ready.clock.at = at(19, 58)
    assert taken(small_ready, minutes=0, rcpt="451 later") == []

    small_ready.clock.at = at(20, 3)
    assert taken(small_ready, minutes=0) == []

    (letter,) = rows(small_ready, Letter, participant_id=made)
    assert (letter.state, letter.not_before) == ("deferred", at(18, day=3))
    with small_ready.hub.sessions.reading.begin() as session:
        assert mailroom.deferrals(session, letter.id) == 1


def test_inv_20_what_a_person_does_by_their_link_is_answered_in_their_hours(small_ready):
    made = invited(small_ready, **EVENING)
    small_ready.clock.at = at(18, 5)
    token = token_in(letter_body(small_ready, "invitation")["text"])
    taken(small_ready, minutes=0)
    small_ready.clock.at = at(21)

    recruitment_interest.receive(guest(small_ready.hub, token).desk, Told("", channel="link"))

    thanks = next(
        each for each in rows(small_ready, Letter) if each.purpose == "acknowledgement"
    )
    assert thanks.not_before == at(18, day=3)
    assert taken(small_ready, minutes=0) == []
    assert rows(small_ready, Contact, participant_id=made)[0].opted_out_at is None


def test_inv_20_hours_follow_the_clock_of_the_study(small_ready):
    with small_ready.hub.sessions.writing.begin() as session:
        session.get_one(Study, small_ready.id).time_zone = "Europe/Athens"
    made = invited(small_ready, **EVENING)

    assert rows(small_ready, Letter, participant_id=made)[0].not_before == at(16)


@pytest.mark.parametrize(
    ("before", "after", "gone"),
    [
        ({}, EVENING, 1),
        (EVENING, {"safe_from": "19:00", "safe_until": "20:00"}, 1),
        (EVENING, {"safe_from": "17:00", "safe_until": "21:00"}, 0),
        (EVENING, EVENING, 0),
        (EVENING, {}, 0),
    ],
)
def test_inv_20_narrower_hours_take_back_what_was_written_for_wider_ones(
    small_ready, before, after, gone
):
    made = invited(small_ready, **before)
    view = recruitment_contacts.read(small_ready.rita, made)
    hours = {"safe_from": "", "safe_until": "", **after}
    wanted = recruitment_contacts.Wanted(replace(view.opened.card, **hours))

    assert recruitment_contacts.change(small_ready.rita, made, wanted) == gone
    assert states(small_ready, made, "invitation") == (["cancelled"] if gone else ["queued"])
    assert len(rows(small_ready, DocumentGiven)) == 1 - gone


@pytest.mark.parametrize(
    "hours", [("18:00", ""), ("", "18:00"), ("20:00", "18:00"), ("18:00", "18:00"), ("x", "y")]
)
def test_inv_20_what_are_no_hours_of_one_day_is_refused(small_study, hours):
    with pytest.raises(Invalid) as caught:
        contact(small_study, safe_from=hours[0], safe_until=hours[1])
    assert set(caught.value.problems) == {"safe_from"}


# -- sensitive terms (19) --------------------------------------------------------------


def test_inv_19_a_sender_with_a_sensitive_term_sends_nothing(small_ready):
    made = contact(small_ready)
    set_up(small_ready, sensitive_terms=["study hub"])
    named = replace(small_ready.hub.settings, mail_from='"Study Hub" <office@study.test>')
    desk = replace(small_ready.rita, hub=replace(small_ready.hub, settings=named))

    with pytest.raises(Invalid) as caught:
        recruitment_letters.invite(desk, made)

    assert set(caught.value.problems) == {"sender"}
    assert rows(small_ready, Approach) == []


# -- the mailed stop -------------------------------------------------------------------


def test_inv_15_a_stop_by_mail_is_offered_where_there_is_an_address_for_it(small_ready):
    settings = replace(small_ready.hub.settings, stop_address="stop@study.test")
    desk = replace(small_ready.rita, hub=replace(small_ready.hub, settings=settings))
    made = contact(small_ready)

    recruitment_letters.invite(desk, made)

    body = letter_body(small_ready, "invitation")
    token = token_in(body["text"], "o")
    by_page = f"<{settings.public_url}/o/{token}>"
    assert body["headers"]["List-Unsubscribe"] == f"{by_page}, <mailto:stop+{token}@study.test>"
    assert guest(small_ready.hub, token, "opt_out").purposes == {"opt_out"}
    assert post.stop_headers(replace(settings, stop_address=None), "https://x/o/y") == {
        "List-Unsubscribe": "<https://x/o/y>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
