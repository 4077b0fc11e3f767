"""Invitations and reminders: what must hold before one leaves, and what takes it back."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from studyhub.domain.errors import Hidden, NotFound, NotPermitted, WrongState
from studyhub.store.consent import Approval, DocumentGiven
from studyhub.store.outbox import Letter
from studyhub.store.people import Approach, Contact, Link, Suppression
from studyhub.store.users import Study
from studyhub.vault.seal import pack
from studyhub.vault.words import token_hash
from studyhub.web.people_words import LETTER_STATES
from studyhub.workflows import (
    letters,
    mailroom,
    recruitment_contacts,
    recruitment_letters,
    recruitment_list,
    recruitment_opt_out,
    recruitment_people,
)
from studyhub.workflows.keyring import NOTHING
from studyhub.workflows.links import guest
from studyhub.workflows.locker import Locker
from studyhub.workflows.recruitment_people import Wish
from tests.makers import LATER, approve_study, approved_study, contact, invited
from tests.smtp_server import mail_server
from tests.staged import study_on

ADDRESS = "grace.adeyemi@home.test"


def rows(study, table):
    with study.hub.sessions.reading.begin() as session:
        found = list(session.scalars(select(table)))
        session.expunge_all()
        return found


def of(study, participant_id, purpose=""):
    """The letters to one person, in the order in which they were made to leave."""
    found = [one for one in rows(study, Letter) if one.participant_id == participant_id]
    found = [one for one in found if not purpose or one.purpose == purpose]
    return sorted(found, key=lambda one: one.not_before)


def states(study, participant_id):
    return [one.state for one in of(study, participant_id)]


@pytest.fixture
def ready(study, approved):
    """A study that may write to people; all letters to its team wait for another year."""
    with study.hub.sessions.writing.begin() as session:
        session.execute(update(Letter).values(not_before=LATER))
    return study


def sent(study, server):
    """Let ten minutes pass and the mailer work. Returns what the server took."""
    study.clock.advance(minutes=11)
    hub = replace(study.hub, settings=replace(study.hub.settings, smtp_url=server.url))
    mailroom.run_once(hub)
    return [one for one in server.taken if not one.recipients[0].endswith("@team.test")]


def stop_token(delivery):
    return delivery.message["List-Unsubscribe"].strip(" <>").rpartition("/")[2]


def change_approval(study, **values):
    with study.hub.sessions.writing.begin() as session:
        session.execute(update(Approval).values(**values))


# -- sending -----------------------------------------------------------------------


def test_an_invitation_waits_ten_minutes_and_then_leaves(ready):
    with mail_server() as server:
        made = invited(ready)
        mailroom.run_once(ready.hub)
        assert states(ready, made) == ["queued"]
        (one,) = sent(ready, server)
    assert states(ready, made) == ["relay_accepted"]
    assert "Dear Grace Adeyemi" in one.message.get_content()
    assert one.message["Reply-To"] == "rita@team.test"


def test_inv_15_a_recruitment_letter_says_how_to_stop_by_one_click(ready):
    with mail_server() as server:
        invited(ready)
        (one,) = sent(ready, server)
    said = one.message["List-Unsubscribe"].strip()
    assert said.startswith("<http")
    assert said.endswith(">")
    assert "/o/" in said
    assert said.count("<") == 1
    assert one.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_reports_come_back_to_an_address_of_each_letter(ready):
    with mail_server() as server:
        made = invited(ready)
        (one,) = sent(ready, server)
    name, _, host = one.sender.partition("@")
    prefix, _, token = name.partition("+")
    assert (prefix, host) == ("bounce", "localhost")
    assert of(ready, made)[0].bounce_hash == token_hash(token)


def test_inv_22_each_person_gets_a_letter_of_their_own(ready):
    with mail_server() as server:
        people = [invited(ready, name) for name in ("Grace Adeyemi", "Owen Price")]
        taken = sent(ready, server)
    assert len(people) == len(taken)
    assert all(len(one.recipients) == 1 for one in taken)
    assert all("Cc" not in one.message and "Bcc" not in one.message for one in taken)


def test_inv_6_the_letter_keeps_its_version_and_the_words_of_the_version_in_use(ready):
    made = invited(ready)
    (letter,), (approach,) = of(ready, made), rows(ready, Approach)
    (given,) = rows(ready, DocumentGiven)
    assert letter.version_id == approach.version_id == given.version_id
    assert (approach.purpose, approach.nth, approach.channel) == ("invitation", 1, "email")


def test_inv_6_nothing_is_sent_without_a_version_in_use(study):
    approve_study(study)
    made = contact(study)
    with pytest.raises(WrongState, match="in use"):
        recruitment_letters.invite(study.rita, made)


def test_inv_1_nothing_is_queued_without_an_approval(study):
    made = contact(study)
    with pytest.raises(WrongState, match="approval"):
        recruitment_letters.invite(study.rita, made)
    assert rows(study, Approach) == []


@pytest.mark.parametrize("lapse", ["suspended", "expired", "closed", "by its date"])
def test_inv_1_no_letter_leaves_while_no_approval_covers_the_time_of_sending(ready, lapse):
    made = invited(ready)
    if lapse == "by its date":
        change_approval(ready, ends_at=ready.clock() + timedelta(minutes=5))
    else:
        change_approval(ready, state=lapse)
    with mail_server() as server:
        assert sent(ready, server) == []
    assert states(ready, made) == ["cancelled"]
    assert '"reason":"approval_lapsed"' in ready.last_event().line.decode()
    (line,) = recruitment_list.letters(ready.rita, "").lines
    assert line.reason == "approval_lapsed"


def test_inv_18_reminders_are_as_many_as_the_protocol_allows_whoever_sends_them(ready):
    made = invited(ready)
    with pytest.raises(WrongState, match="not invited"):
        recruitment_letters.remind(ready.rita, contact(ready, "Owen Price"))
    recruitment_letters.remind(ready.rita, made)
    with pytest.raises(WrongState, match="allows 1 reminder"):
        recruitment_letters.remind(ready.rita, made)
    assert [one.purpose for one in rows(ready, Approach)].count("reminder") == 1


@pytest.mark.parametrize("most", [0, 1, 2, 3])
def test_inv_18_the_number_is_that_of_the_protocol(ready, most):
    made = invited(ready)
    with ready.hub.sessions.writing.begin() as session:
        row = session.get_one(Study, ready.id)
        row.settings = {**row.settings, "reminders_max": most}
    for _ in range(most):
        recruitment_letters.remind(ready.rita, made)
    with pytest.raises(WrongState):
        recruitment_letters.remind(ready.rita, made)
    assert len(of(ready, made, "reminder")) == most


def test_inv_21_an_invitation_is_sent_once(ready):
    made = invited(ready)
    with pytest.raises(WrongState, match="invited already"):
        recruitment_letters.invite(ready.rita, made)
    assert len(of(ready, made)) == 1


@pytest.fixture
def crowded(clock):
    """The study where two can really write at once: in memory there is one connection."""
    with study_on("postgresql", clock) as made:
        approved_study(made)
        yield made


def test_inv_21_two_at_once_send_one(crowded):
    ready, made = crowded, contact(crowded)
    desks = [ready.rita, ready.rita]

    def send(desk):
        try:
            return recruitment_letters.invite(desk, made)
        except WrongState:
            return None

    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(send, desks))
    assert sum(each is not None for each in told) == 1
    assert len(of(ready, made)) == 1


def test_inv_19_a_subject_with_a_sensitive_term_is_refused(ready):
    made = contact(ready)
    with ready.hub.sessions.writing.begin() as session:
        row = session.get_one(Study, ready.id)
        row.settings = {**row.settings, "sensitive_terms": ["invitation"]}
    (told,) = recruitment_letters.send_each(ready.rita, "invitation", [made])
    assert "invitation" in told.refused
    assert of(ready, made) == []


@pytest.mark.parametrize(
    "wishes", [{"by_email": False}, {"mailbox_private": False}], ids=["no mail", "shared"]
)
def test_inv_20_no_letter_is_queued_against_a_wish(ready, wishes):
    made = contact(ready, wishes=wishes)
    with pytest.raises(WrongState):
        recruitment_letters.invite(ready.rita, made)
    assert of(ready, made) == []


def test_inv_17_a_letter_that_was_taken_is_not_called_delivered(ready):
    with mail_server() as server:
        made = invited(ready)
        sent(ready, server)
    (line,) = recruitment_list.letters(ready.rita, "relay_accepted").lines
    assert (line.participant_id, line.state) == (made, "relay_accepted")
    assert line.name == "Grace Adeyemi"
    (seen,) = recruitment_list.letters(ready.petra, "relay_accepted").lines
    assert (seen.name, seen.code) == ("", line.code)
    said = [words for words, _ in LETTER_STATES.values()]
    assert not any("deliver" in words.lower() for words in said)


def test_one_of_several_who_is_refused_stops_no_other(ready):
    good, bad = contact(ready), contact(ready, "Owen Price", wishes={"by_email": False})
    told = recruitment_letters.send_each(ready.rita, "invitation", [bad, good, good])
    assert [bool(each.letter_id) for each in told] == [False, True]


# -- looking first and taking back ---------------------------------------------------


def test_a_preview_shows_the_letter_and_changes_nothing(ready):
    good, bad = contact(ready), contact(ready, "Owen Price", wishes={"by_email": False})
    before = [len(rows(ready, table)) for table in (Letter, Approach, Link)]
    one, other = recruitment_letters.preview(ready.rita, "invitation", [good, bad])
    assert "Dear Grace Adeyemi" in one.text
    assert recruitment_letters.OWN_STOP_LINK in one.text
    assert (one.refused, other.text) == ("", "")
    assert "did not agree" in other.refused
    assert [len(rows(ready, table)) for table in (Letter, Approach, Link)] == before


def test_a_letter_that_was_taken_back_was_no_approach(ready):
    made = invited(ready)
    (letter,) = of(ready, made)
    letters.take_back(ready.rita, letter.id)
    assert states(ready, made) == ["cancelled"]
    assert rows(ready, Approach) == rows(ready, DocumentGiven) == []
    recruitment_letters.invite(ready.rita, made)
    assert sorted(states(ready, made)) == ["cancelled", "queued"]


def test_a_letter_that_left_cannot_be_taken_back(ready):
    with mail_server() as server:
        made = invited(ready)
        sent(ready, server)
    (letter,) = of(ready, made)
    with pytest.raises(WrongState):
        letters.take_back(ready.rita, letter.id)


def test_a_letter_that_came_back_can_be_sent_to_another_address(ready):
    with mail_server(rcpt="550 no such person") as server:
        made = invited(ready)
        sent(ready, server)
    assert states(ready, made) == ["bounced_hard"]
    (line,) = recruitment_people.people(ready.rita, Wish()).page.rows
    assert line.stage.name == "unreachable"
    view = recruitment_contacts.read(ready.rita, made)
    card = replace(view.opened.card, email="grace@new.test")
    recruitment_contacts.change(ready.rita, made, recruitment_contacts.Wanted(card))
    recruitment_letters.invite(ready.rita, made)
    assert "queued" in states(ready, made)


def test_a_letter_in_doubt_is_decided_by_a_person_once_nobody_works_on_it(ready):
    with mail_server(end=None) as server:
        made = invited(ready)
        sent(ready, server)
    (letter,) = of(ready, made)
    assert letter.state == "sending"
    with pytest.raises(WrongState, match="not in doubt"):
        mailroom.confirm(ready.rita, letter.id)
    ready.clock.advance(minutes=10)
    (line,) = recruitment_list.letters(ready.rita, "sending").lines
    assert line.in_doubt
    mailroom.confirm(ready.rita, letter.id)
    assert states(ready, made) == ["relay_accepted"]


@pytest.mark.parametrize(
    ("answers", "state"),
    [
        ({}, "relay_accepted"),
        ({"rcpt": "451 later"}, "deferred"),
        ({"rcpt": "550 no such person"}, "bounced_hard"),
        ({"end": None}, "sending"),
    ],
)
def test_what_the_server_said_is_what_is_shown(ready, answers, state):
    with mail_server(**answers) as server:
        made = invited(ready)
        sent(ready, server)
    assert states(ready, made) == [state]


@pytest.mark.parametrize("login", ["petra", "ivan", "tess", "ravi", "ann", "ada", "nina"])
def test_nobody_but_a_recruiter_sends(small_study, login, approved):
    made = contact(small_study)
    desk = small_study.desk(login)
    for act in (recruitment_letters.invite, recruitment_letters.remind):
        with pytest.raises(NotPermitted):
            act(desk, made)
    with pytest.raises(NotPermitted):
        recruitment_letters.preview(desk, "invitation", [made])
    assert of(small_study, made) == []


# -- opting out --------------------------------------------------------------------


def test_inv_11_a_suppressed_address_gets_one_confirmation_and_nothing_else(ready):
    with mail_server() as server:
        made = invited(ready)
        (invitation,) = sent(ready, server)
        desk = guest(ready.hub, stop_token(invitation), "opt_out").desk
        recruitment_opt_out.opt_out(desk, "one_click")
        recruitment_opt_out.opt_out(desk, "one_click")
        sent(ready, server)
        with pytest.raises(WrongState):
            recruitment_letters.remind(ready.rita, made)
        told = [one.message["Subject"] for one in sent(ready, server)]
    assert told.count("We will not write to you again") == 1
    assert len(told) == 2
    (row,) = rows(ready, Suppression)
    assert (row.study_id, row.origin) == (ready.id, "one_click")
    assert b"grace" not in row.tag
    assert rows(ready, Contact)[0].opted_out_at is not None


def test_inv_11_a_letter_that_waited_for_the_same_address_is_suppressed_and_emptied(ready):
    made = invited(ready)
    other = invited(ready, "Owen Price")
    give_address(ready, other, ADDRESS)
    with mail_server() as server:
        recruitment_opt_out.opt_out(ready.rita, "staff", participant_id=made)
        taken = sent(ready, server)
    assert [one.message["Subject"] for one in taken] == ["We will not write to you again"]
    (letter,) = of(ready, other)
    assert (letter.state, letter.body_sealed) == ("suppressed", None)
    assert "cancelled" in states(ready, made)


def test_inv_11_everywhere_is_every_study_of_the_instance(ready):
    made = invited(ready)
    with mail_server() as server:
        recruitment_opt_out.opt_out(ready.rita, "staff", participant_id=made, everywhere=True)
        sent(ready, server)
    (row,) = rows(ready, Suppression)
    assert row.study_id is None


def test_inv_11_a_confirmation_that_was_deferred_still_goes_out_once(ready):
    made = invited(ready)
    recruitment_opt_out.opt_out(ready.rita, "staff", participant_id=made)
    with mail_server(rcpt="451 later") as server:
        assert sent(ready, server) == []
    with mail_server() as server:
        assert len(sent(ready, server)) == 1
        assert len(sent(ready, server)) == 1


def test_inv_13_opting_out_needs_no_key_of_the_team_and_leaves_none_behind(ready):
    with mail_server() as server:
        made = invited(ready)
        (invitation,) = sent(ready, server)
    desk = guest(ready.hub, stop_token(invitation), "opt_out").desk
    assert desk.keys.member is None
    recruitment_opt_out.opt_out(desk, "one_click")
    (letter,) = of(ready, made, "suppression_confirmed")
    assert ADDRESS.encode() not in letter.body_sealed
    assert ADDRESS not in ready.last_event().line.decode()


def test_inv_14_the_stop_link_works_until_the_study_ends_and_names_nobody(ready):
    with mail_server() as server:
        invited(ready)
        (invitation,) = sent(ready, server)
    token = stop_token(invitation)
    assert "grace" not in token.lower()
    ready.clock.advance(days=2000)
    assert guest(ready.hub, token, "opt_out").purposes == {"opt_out"}


def test_a_link_for_something_else_stops_nothing(ready):
    with mail_server() as server:
        made = invited(ready)
        (invitation,) = sent(ready, server)
    text = invitation.message.get_content().replace("=\n", "")
    token = text.partition("/l/")[2].split()[0]
    desk = guest(ready.hub, token, "interest").desk
    with pytest.raises(NotFound):
        recruitment_opt_out.opt_out(desk, "one_click")
    assert rows(ready, Contact)[0].opted_out_at is None
    assert made


def test_nobody_outside_recruitment_stops_letters_for_somebody(small_study):
    made = contact(small_study)
    for login in ("ann", "tess", "ada", "nina"):
        with pytest.raises(Hidden):
            recruitment_opt_out.opt_out(small_study.desk(login), "staff", participant_id=made)


def give_address(study, participant_id, address):
    """Let somebody be written to at an address that another contact has, as mail may turn out.

    The act that adds contacts refuses it, so a letter is made by hand.
    """
    with study.hub.sessions.writing.begin() as session:
        session.execute(
            update(Letter).where(Letter.participant_id == participant_id).values(state="queued")
        )
        letter = session.scalars(
            select(Letter).where(Letter.participant_id == participant_id)
        ).one()
        body = {"to": address, "subject": "Hello", "text": "Dear Owen\n", "headers": {}}
        locker = Locker(session, study.hub.room, study.id, NOTHING, lent=frozenset())
        sealed = pack(body | {"html": None, "attachments": []})
        letter.body_sealed = locker.seal_letter(letter, sealed)
