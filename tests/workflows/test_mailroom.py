import json
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from studyhub.domain.errors import Erased, Hidden, NotFound, NotPermitted, WrongState
from studyhub.domain.vocabulary import INSTANCE, Compartment, Side
from studyhub.hub import server_time
from studyhub.store.audit import Event
from studyhub.store.outbox import Letter
from studyhub.vault.ledger import read_ledger
from studyhub.vault.seal import pack
from studyhub.workflows import accounts_admin, mail_queue, mailroom, upkeep
from studyhub.workflows.kernel import Hub, worker_desk
from studyhub.workflows.keyring import NOTHING
from studyhub.workflows.locker import Locker
from studyhub.workflows.mailroom import Done
from tests.makers import LATER, Study, approve_study, in_use, invited, letter_body
from tests.processes import killed_at_some_moment, opened, send_letters, study_of
from tests.smtp_server import mail_server
from tests.staged import study_in_files
from tests.texts import INVITATION_DRAFT


def settled(hub: Hub, **changes) -> Hub:
    return replace(hub, settings=replace(hub.settings, **changes))


def letters(hub: Hub) -> dict:
    with hub.sessions.reading.begin() as session:
        found = {letter.id: letter for letter in session.scalars(select(Letter))}
        session.expunge_all()
        return found


def letter(hub: Hub, letter_id) -> Letter:
    return letters(hub)[letter_id]


@pytest.fixture
def one(study):
    """One letter that is due: the link to join for Zoe. All others wait for another year."""
    with study.hub.sessions.writing.begin() as session:
        session.execute(update(Letter).values(not_before=LATER))
    before = letters(study.hub).keys()
    accounts_admin.add(study.operator, login="zoe", name="Zoe", email="zoe@team.test")
    (made,) = letters(study.hub).keys() - before
    return made


def written(study, chain=INSTANCE, side=Side.STUDY, **changes):
    """A letter as an act of any stage may leave it. Returns its id."""
    hub, about = study.hub, None if chain == INSTANCE else chain
    body = {"to": "mary@home.test", "subject": "Your question", "text": "Dear Mary\n"}
    body |= {"headers": {}, "html": None, "attachments": []} | changes
    made = Letter(
        id=uuid4(),
        study_id=about,
        purpose="answer",
        not_before=hub.now(),
        cancel_when=[],
        shred_id=hub.keystore.make(side, hub.now().date()),
        bounce_hash=uuid4().bytes,
    )
    letter_id = made.id
    with hub.sessions.writing.begin() as session:
        locker = Locker(session, hub.room, chain, NOTHING, lent=frozenset())
        made.body_sealed = locker.seal_letter(made, pack(body))
        session.add(made)
    return letter_id


# A letter that is taken


def test_every_letter_that_waits_is_sent_once_and_emptied(study):
    waiting = letters(study.hub)

    with mail_server() as server:
        hub = settled(study.hub, smtp_url=server.url)
        first, second = mailroom.run_once(hub), mailroom.run_once(hub)

    assert first == Done(len(waiting), 0, 0)
    assert second == Done(0, 0, 0)
    assert len(server.taken) == len(waiting)
    sent = letters(hub)
    assert {one.state for one in sent.values()} == {"relay_accepted"}
    assert {one.body_sealed for one in sent.values()} == {None}
    assert {one.message_id for one in sent.values()} == {
        got.message["Message-ID"] for got in server.taken
    }
    assert {one.sent_at for one in sent.values()} == {study.clock.at}


def test_a_letter_that_was_sent_can_never_be_opened_again(study, one):
    before = letter(study.hub, one)

    mailroom.run_once(study.hub)

    with pytest.raises(Erased):
        study.hub.keystore.key(before.shred_id)
    listed = read_ledger(study.hub.settings.erasure_ledger)
    assert listed[-1].shred_id == before.shred_id


def test_the_key_of_a_person_outlives_a_letter_to_them(study, one):
    made = written(study, side=Side.EXPRESSION)

    mailroom.run_once(study.hub)

    assert letter(study.hub, made).body_sealed is None
    assert study.hub.keystore.key(letter(study.hub, made).shred_id)


def test_without_a_mail_server_letters_become_files(study, one):
    done = mailroom.run_once(study.hub)

    path = study.hub.settings.outbox / f"{one}.eml"
    assert done == Done(1, 0, 0)
    assert "To: zoe@team.test" in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    assert letter(study.hub, one).state == "relay_accepted"


def test_letters_are_written_in_clear_on_loopback_only(study, one):
    done = mailroom.run_once(settled(study.hub, insecure_loopback=False))

    assert done == Done(0, 0, 1)
    assert not (study.hub.settings.outbox / f"{one}.eml").exists()
    assert letter(study.hub, one).state == "queued"


def test_a_letter_of_a_study_is_recorded_in_the_chain_of_the_study(study, one):
    made = written(study, chain=study.id)

    mailroom.run_once(study.hub)

    assert study.last_event().subject == f"letter:{made}"
    assert study.last_event().act == "letter.confirm"


def test_a_letter_waits_for_its_day(study, one):
    with study.hub.sessions.writing.begin() as session:
        session.get_one(Letter, one).not_before = study.clock.at + timedelta(hours=1)

    before = mailroom.run_once(study.hub)
    study.clock.advance(hours=1)
    after = mailroom.run_once(study.hub)

    assert (before, after) == (Done(0, 0, 0), Done(1, 0, 0))


def test_events_of_letters_hold_no_address(study):
    mailroom.run_once(study.hub)

    with study.hub.sessions.reading.begin() as session:
        lines = session.scalars(select(Event.line).where(Event.act.like("letter.%"))).all()
    assert lines
    assert not any(b"@" in line for line in lines)


# A letter that is not taken


def test_a_deferred_letter_waits_each_time_twice_as_long_and_is_then_given_up(study, one):
    pauses = []

    with mail_server(rcpt="451 greylisted") as server:
        hub = settled(study.hub, smtp_url=server.url)
        while letter(hub, one).state != "bounced_final":
            tried = mailroom.run_once(hub)
            again = mailroom.run_once(hub)
            pauses.append(letter(hub, one).not_before - study.clock.at)
            study.clock.at = letter(hub, one).not_before

    assert [pause // timedelta(minutes=1) for pause in pauses[:5]] == [5, 10, 20, 40, 80]
    assert max(pauses) == mailroom.LONGEST_PAUSE
    assert len(pauses) == mailroom.TRIES + 1
    assert timedelta(days=4) < sum(pauses, timedelta(0)) < timedelta(days=5)
    assert (tried, again) == (Done(0, 1, 0), Done(0, 0, 0))
    assert letter(hub, one).body_sealed is None


def test_a_deferred_letter_is_sent_when_the_server_takes_it(study, one):
    with mail_server(rcpt="451 greylisted") as server:
        deferred = mailroom.run_once(settled(study.hub, smtp_url=server.url))
    named = letter(study.hub, one).message_id
    study.clock.advance(minutes=5)

    with mail_server() as server:
        sent = mailroom.run_once(settled(study.hub, smtp_url=server.url))

    assert (deferred, sent) == (Done(0, 0, 1), Done(1, 0, 0))
    assert server.taken[0].message["Message-ID"] == named


def test_a_letter_refused_for_good_bounces_and_is_emptied(study, one):
    with mail_server(rcpt="550 nobody here") as server:
        done = mailroom.run_once(settled(study.hub, smtp_url=server.url))

    event = study.last_event(INSTANCE)
    assert done == Done(0, 1, 0)
    assert (event.act, event.subject) == ("letter.bounce", f"letter:{one}")
    assert json.loads(event.line)["facts"] == {"code": "550", "purpose": "staff_join"}
    assert letter(study.hub, one).state == "bounced_hard"
    assert letter(study.hub, one).body_sealed is None
    with pytest.raises(Erased):
        study.hub.keystore.key(letter(study.hub, one).shred_id)


def test_a_letter_that_cannot_be_opened_stays_and_is_shown(study, one):
    key = letter(study.hub, one).shred_id
    study.hub.keystore.destroy([key], study.clock.at, study.hub.settings.erasure_ledger)

    done = mailroom.run_once(study.hub)

    assert done == Done(0, 0, 1)
    assert letter(study.hub, one).state == "queued"
    assert str(one) in finding(study.hub, "letters waiting").detail


# Doubt


@pytest.fixture
def doubtful(study, one):
    """A letter whose text was sent and to which the server never said yes or no."""
    with mail_server(end=None) as server:
        mailroom.run_once(settled(study.hub, smtp_url=server.url))
    assert len(server.seen) == 1
    return one


def finding(hub, name):
    return next(check for check in upkeep.checks(hub) if check.name == name)


def test_a_letter_in_doubt_is_never_sent_by_itself(study, doubtful):
    study.clock.advance(days=9)

    with mail_server() as server:
        done = mailroom.run_once(settled(study.hub, smtp_url=server.url))

    assert done == Done(0, 0, 1)
    assert server.seen == []
    assert letter(study.hub, doubtful).state == "sending"


def test_a_letter_in_doubt_is_shown_to_a_person(study, doubtful):
    at_once = finding(study.hub, "letters in doubt")
    study.clock.advance(minutes=15)
    later = finding(study.hub, "letters in doubt")

    assert at_once.ok
    assert not later.ok
    assert str(doubtful) in later.detail
    assert letter(study.hub, doubtful).message_id == f"<{doubtful}@localhost>"


def test_what_was_in_doubt_can_be_confirmed_or_tried_again(study, doubtful):
    mailroom.defer(worker_desk(study.hub), doubtful)
    study.clock.advance(minutes=5)

    assert mailroom.run_once(study.hub) == Done(1, 0, 0)
    assert letter(study.hub, doubtful).state == "relay_accepted"
    with pytest.raises(WrongState):
        mailroom.confirm(worker_desk(study.hub), doubtful)


def test_a_letter_that_is_being_sent_is_not_taken_twice(study, one):
    mailroom.take(worker_desk(study.hub), one)

    with pytest.raises(WrongState):
        mailroom.take(worker_desk(study.hub), one)
    assert mailroom.run_once(study.hub) == Done(0, 0, 1)


def test_two_workers_that_saw_the_same_letter_send_it_once(study, one):
    with mail_server() as server:
        hub = settled(study.hub, smtp_url=server.url)
        due = mail_queue.due(hub)
        for letter_id, chain in due + due:
            mailroom._send(worker_desk(hub, chain), letter_id)

    assert len(server.seen) == 1


# Hostile letters


@pytest.mark.parametrize(
    "hostile",
    [
        {"to": "mary@home.test, eve@else.test"},
        {"to": '"mary@home.test" <eve@else.test>'},
        {"to": "mary@home.test\r\nBcc: eve@else.test"},
        {"subject": "Hello\r\nBcc: eve@else.test"},
        {"headers": {"Bcc": "eve@else.test"}},
        {"headers": {"Reply-To": "x@y.test\nBcc: eve@else.test"}},
    ],
)
def test_a_hostile_letter_never_reaches_the_wire(study, one, hostile):
    made = written(study, chain=study.id, **hostile)

    with mail_server() as server:
        done = mailroom.run_once(settled(study.hub, smtp_url=server.url))

    assert done == Done(1, 1, 0)
    assert [got.recipients for got in server.seen] == [["zoe@team.test"]]
    assert letter(study.hub, made).state == "bounced_hard"


# Who may not


@pytest.mark.parametrize("act", [mailroom.take, mailroom.confirm, mailroom.bounce])
def test_nobody_with_an_account_sends_letters(study, one, act):
    for who in ("nina", "ann"):
        with pytest.raises(Hidden):
            act(study.desk(who), one)
        assert study.last_event().outcome == "refused"
    with pytest.raises((NotPermitted, NotFound)):
        act(study.petra, one)
    assert study.last_event().outcome == "refused"
    with pytest.raises(NotPermitted):
        mailroom.defer(study.operator, one)

    assert letter(study.hub, one).state == "queued"


def test_the_mailer_opens_no_compartment(study):
    desk = worker_desk(study.hub, study.id)

    with study.hub.sessions.reading.begin() as session:
        locker = desk.locker(session, frozenset())
        row = locker.public_key(Compartment.CONTACT)
        with pytest.raises(NotPermitted):
            locker.compartment(row)


# A worker that dies


HOW_MANY = {"sqlite": 500, "postgresql": 60}


def test_a_worker_killed_at_any_moment_sends_no_letter_twice_and_loses_none(
    engine_kind, quick_folder
):
    many = HOW_MANY[engine_kind]
    with study_in_files(engine_kind, quick_folder) as folder, mail_server() as server:
        fill(folder, server.url, many)
        killed = 0
        while waiting(folder):
            killed_at_some_moment(send_letters, folder, within=many / 100)
            killed += 1

        with opened(folder, lambda: server_time() + timedelta(hours=1)) as hub:
            after = recruiting(hub)
            found = {check.name: check.ok for check in upkeep.checks(hub)}

    got = [one.message["Message-ID"] for one in server.seen]
    sent = {one.message_id for one in after if one.state == "relay_accepted"}
    stuck = [one for one in after if one.state == "sending"]
    assert len(got) == len(set(got)), "a letter was sent twice"
    assert len(after) == many == len(sent) + len(stuck)
    assert sent <= set(got) <= {one.message_id for one in after}
    assert len(stuck) <= killed
    assert found["letters in doubt"] == (not stuck)
    assert found["chains"]
    assert all("List-Unsubscribe" in one.message for one in server.seen)


def fill(folder, url, many):
    """So many invitations wait for the server at this address; letters to the team do not.

    One is written by the act. The others are it again for other addresses, since adding that
    many people takes longer than what is tested here.
    """
    config = folder / "config.toml"
    config.write_text(f'smtp_url = "{url}"\n{config.read_text()}')
    with opened(folder) as hub:
        study = Study(hub, hub.now, study_of(hub), [])
        with hub.sessions.writing.begin() as session:
            session.execute(update(Letter).values(not_before=server_time() + timedelta(days=9)))
        approval_id = approve_study(study)
        in_use(study, INVITATION_DRAFT, approval_id, author="rita", approver="petra")
        invited(study)
        body = letter_body(study, "invitation")
        with hub.sessions.writing.begin() as session:
            (first,) = session.scalars(select(Letter).where(Letter.purpose == "invitation"))
            first.not_before = hub.now()
            session.add_all(again(session, hub, first, body, n) for n in range(1, many))


def again(session, hub, first, body, number):
    kept = {
        name: getattr(first, name)
        for name in ("study_id", "participant_id", "purpose", "version_id", "cancel_when")
    }
    made = Letter(id=uuid4(), **kept, not_before=hub.now(), shred_id=first.shred_id)
    made.bounce_hash = made.id.bytes
    locker = Locker(session, hub.room, first.study_id, NOTHING, lent=frozenset())
    made.body_sealed = locker.seal_letter(made, pack(body | {"to": f"p{number}@home.test"}))
    return made


def recruiting(hub):
    return [one for one in letters(hub).values() if one.purpose == "invitation"]


def waiting(folder):
    with opened(folder) as hub:
        return any(one.state == "queued" for one in recruiting(hub))
