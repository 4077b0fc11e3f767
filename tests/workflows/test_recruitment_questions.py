"""Questions: asked by link or noted from a call, given to somebody, answered, closed."""

import json

import pytest

from studyhub.domain.errors import Hidden, Invalid, NotFound, NotPermitted, WrongState
from studyhub.store.keys import DataKeyGrant
from studyhub.store.outbox import Letter
from studyhub.store.people import Contact, Expression, Question
from studyhub.workflows import (
    links,
    recruitment_contacts,
    recruitment_guest,
    recruitment_information,
    recruitment_questions,
)
from studyhub.workflows.recruitment_questions import Asked
from tests.makers import (
    contact,
    eligible,
    informed,
    letter_body,
    token_in,
)

CANARY = "the heron behind the waterworks"
WAITS = Asked(f"Who hears about {CANARY}?", blocks=True)


@pytest.fixture
def guest(study, approved):
    """Somebody who has the sheet and the link."""
    return links.guest(study.hub, informed(study))


def of(study, table, key):
    with study.hub.sessions.reading.begin() as session:
        found = session.get_one(table, key)
        session.expunge(found)
        return found


def rows(study, table):
    with study.hub.sessions.reading.begin() as session:
        return session.query(table).count()


def facts(study):
    return json.loads(study.last_event().line)["facts"]


def test_a_question_by_link_needs_no_key_of_the_team_and_says_nothing_in_the_record(
    study, guest
):
    asked = recruitment_questions.ask(guest.desk, WAITS)

    row = of(study, Question, asked)
    assert (row.state, row.blocks, row.channel) == ("open", True, "link")
    assert facts(study) == {"channel": "link", "kind": "other", "answer": "blocks"}
    assert study.last_event().actor_id is None
    with study.hub.sessions.reading.begin() as session:
        assert session.query(Expression).one().state == "considering"


def test_inv_26_an_answer_keeps_question_answerer_channel_and_time(study, guest):
    asked = recruitment_questions.ask(guest.desk, WAITS)
    study.clock.advance(hours=3)

    letter_id = recruitment_questions.answer(
        study.rita, asked, "Only the interviewer.", channel="email"
    )

    row = of(study, Question, asked)
    assert (row.state, row.answered_at) == ("answered", study.clock())
    assert row.answered_by == study.membership_id("rita")
    assert facts(study) == {"channel": "email", "state": "answered"}
    assert of(study, Letter, letter_id).purpose == "answer"
    text = letter_body(study, "answer")["text"]
    assert CANARY in text
    assert "Only the interviewer." in text
    found = recruitment_questions.read(study.petra, asked)
    assert (found.question, found.answer) == (WAITS.question, "Only the interviewer.")


def test_who_asked_reads_question_and_answer_by_their_link(study, guest):
    asked = recruitment_questions.ask(guest.desk, WAITS)
    assert recruitment_guest.see(guest.desk).waits_for_answer
    recruitment_questions.answer(study.rita, asked, "Only Ivan.", channel="telephone")

    page = recruitment_guest.see(guest.desk, questions=True)

    assert not page.waits_for_answer
    assert [(each.question, each.answer) for each in page.questions] == [
        (WAITS.question, "Only Ivan.")
    ]


def test_what_was_asked_before_stands_on_the_page_of_a_new_link(study, guest):
    asked = recruitment_questions.ask(guest.desk, WAITS)
    address = recruitment_information.make(
        study.rita, guest.participant_id, channel="in_person"
    )
    recruitment_questions.answer(study.rita, asked, "Only Ivan.", channel="in_person")

    newer = links.guest(study.hub, token_in(address))

    (found,) = recruitment_guest.see(newer.desk, questions=True).questions
    assert found.answer == "Only Ivan."


def test_a_new_link_takes_the_place_of_the_one_before(small_study, approved):
    person = eligible(small_study)
    first = informed(small_study, person)
    again = recruitment_information.make(small_study.rita, person, channel="in_person")

    with pytest.raises(NotFound):
        links.guest(small_study.hub, first)
    assert links.guest(small_study.hub, token_in(again)).participant_id == person


def test_a_question_noted_from_a_call_stands_on_their_page_too(study, guest):
    asked = Asked("May I bring a friend?", blocks=False, topic="practical")
    made = recruitment_questions.ask(study.rita, asked, guest.participant_id)

    row = of(study, Question, made)
    assert (row.channel, row.topic, row.blocks) == ("telephone", "practical", False)
    page = recruitment_guest.see(guest.desk, questions=True)
    assert [each.question for each in page.questions] == ["May I bring a friend?"]
    assert not page.waits_for_answer


def test_a_link_opens_the_questions_of_its_own_person_only(study, guest):
    other = links.guest(study.hub, informed(study, eligible(study, "Owen Price"), hours=1))
    recruitment_questions.ask(guest.desk, WAITS)

    assert recruitment_guest.see(other.desk, questions=True).questions == ()
    with study.hub.sessions.reading.begin() as session:
        grants = session.query(DataKeyGrant).filter_by(grantee_kind="link").all()
        assert {each.grantee_id for each in grants} == {guest.link_id}


def test_a_link_asks_for_nobody_else(study, guest):
    other = contact(study, "Owen Price")

    made = recruitment_questions.ask(guest.desk, WAITS, other)

    assert of(study, Question, made).participant_id == guest.participant_id


def test_an_answer_is_not_written_out_where_others_read_the_mail(study, guest):
    asked = recruitment_questions.ask(guest.desk, WAITS)
    with study.hub.sessions.writing.begin() as session:
        session.query(Contact).update({"mailbox_private": False})

    recruitment_questions.answer(study.rita, asked, "Only Ivan.", channel="email")

    text = letter_body(study, "answer")["text"]
    assert "Only Ivan." not in text
    assert CANARY not in text


def test_inv_20_no_letter_goes_to_who_wants_none_and_nothing_is_half_done(study, guest):
    asked = recruitment_questions.ask(guest.desk, WAITS)
    with study.hub.sessions.writing.begin() as session:
        session.query(Contact).update({"by_email": False})

    with pytest.raises(WrongState):
        recruitment_questions.answer(study.rita, asked, "Only Ivan.", channel="email")

    row = of(study, Question, asked)
    assert (row.state, row.answer_sealed) == ("open", None)
    recruitment_questions.answer(study.rita, asked, "Only Ivan.", channel="telephone")
    assert of(study, Question, asked).state == "answered"


def test_a_question_goes_its_way_and_no_other(study, guest):
    asked = recruitment_questions.ask(guest.desk, WAITS)
    with pytest.raises(WrongState):
        recruitment_questions.close(study.rita, asked)
    recruitment_questions.assign(study.rita, asked, study.membership_id("petra"))
    assert of(study, Question, asked).state == "assigned"
    assert recruitment_guest.see(guest.desk).waits_for_answer
    recruitment_questions.answer(study.petra, asked, "Only Ivan.", channel="telephone")
    with pytest.raises(WrongState):
        recruitment_questions.answer(study.rita, asked, "Twice.", channel="telephone")
    recruitment_questions.close(study.rita, asked)

    assert of(study, Question, asked).state == "closed"
    assert recruitment_questions.waiting(study.rita).number == 0
    done = recruitment_questions.waiting(study.rita, done=True)
    assert [each.id for each in done.page.rows] == [asked]


@pytest.mark.parametrize("login", ["tess", "ravi", "ann", "ada"])
def test_a_question_is_given_to_nobody_who_does_not_answer(study, guest, login):
    asked = recruitment_questions.ask(guest.desk, WAITS)

    with pytest.raises(Invalid):
        recruitment_questions.assign(study.rita, asked, study.membership_id(login))


def test_an_interviewer_reads_and_answers_the_question_passed_on_to_them(study, guest):
    asked = recruitment_questions.ask(guest.desk, WAITS)

    recruitment_questions.assign(study.rita, asked, study.membership_id("ivan"))

    found = recruitment_questions.waiting(study.ivan).page.rows
    assert [each.question for each in found] == [WAITS.question]
    recruitment_questions.answer(study.ivan, asked, "Only I do.", channel="telephone")
    assert recruitment_questions.read(study.ivan, asked).answer == "Only I do."
    (own,) = recruitment_guest.see(guest.desk, questions=True).questions
    assert own.answer == "Only I do."
    assert of(study, Question, asked).answered_by == study.membership_id("ivan")


def test_an_interviewer_writes_no_letter_and_opens_no_address(study, guest):
    asked = recruitment_questions.ask(guest.desk, WAITS)
    recruitment_questions.assign(study.rita, asked, study.membership_id("ivan"))

    with pytest.raises(Invalid):
        recruitment_questions.answer(study.ivan, asked, "Only I do.", channel="email")
    for act in (
        lambda: recruitment_questions.assign(study.ivan, asked, study.membership_id("rita")),
        lambda: recruitment_questions.close(study.ivan, asked),
        lambda: recruitment_contacts.read(study.ivan, guest.participant_id),
    ):
        with pytest.raises((NotPermitted, Hidden)):
            act()

    assert of(study, Question, asked).state == "assigned"


def test_an_interviewer_meets_no_question_of_others_and_none_taken_back(study, guest):
    first = recruitment_questions.ask(guest.desk, WAITS)
    other = recruitment_questions.ask(guest.desk, Asked("May I bring a friend?", blocks=False))
    ivan = study.membership_id("ivan")
    recruitment_questions.assign(study.rita, first, ivan)
    assert [each.id for each in recruitment_questions.waiting(study.ivan).page.rows] == [first]

    recruitment_questions.assign(study.rita, first, study.membership_id("petra"))

    assert recruitment_questions.waiting(study.ivan).number == 0
    for question in (first, other):
        with pytest.raises((NotPermitted, Hidden)):
            recruitment_questions.read(study.ivan, question)
        with pytest.raises((NotPermitted, Hidden)):
            recruitment_questions.answer(study.ivan, question, "No.", channel="telephone")
    with study.hub.sessions.reading.begin() as session:
        assert session.query(DataKeyGrant).filter_by(grantee_id=ivan).count() == 0


def test_a_question_that_was_answered_is_passed_on_to_nobody(study, guest):
    asked = recruitment_questions.ask(guest.desk, WAITS)
    recruitment_questions.answer(study.rita, asked, "Only Ivan.", channel="telephone")

    with pytest.raises(WrongState):
        recruitment_questions.assign(study.rita, asked, study.membership_id("ivan"))


def test_a_question_may_be_passed_on_to_these(study):
    assert sorted(recruitment_questions.who_may_answer(study.rita).values()) == [
        "Ivan Malik, interviewer",
        "Petra Holt, principal investigator",
        "Rita Osei, recruiter",
    ]


@pytest.mark.parametrize("login", ["ivan", "tess", "ravi", "ann", "ada", "nina"])
def test_others_of_the_team_meet_no_question(study, guest, login):
    asked = recruitment_questions.ask(guest.desk, WAITS)
    desk = study.desk(login)

    for act in (
        lambda: recruitment_questions.ask(desk, WAITS, guest.participant_id),
        lambda: recruitment_questions.read(desk, asked),
        lambda: recruitment_questions.assign(desk, asked, study.membership_id("rita")),
        lambda: recruitment_questions.answer(desk, asked, "No.", channel="telephone"),
        lambda: recruitment_questions.close(desk, asked),
    ):
        with pytest.raises((NotPermitted, Hidden)):
            act()
    if login != "ivan":
        with pytest.raises((NotPermitted, Hidden)):
            recruitment_questions.waiting(desk)

    assert rows(study, Question) == 1
    assert of(study, Question, asked).state == "open"


def test_the_inbox_goes_on_where_it_ended_whatever_comes_or_is_answered_meanwhile(
    study, guest, monkeypatch
):
    monkeypatch.setattr(recruitment_questions, "AT_ONCE", 2)
    asked = [recruitment_questions.ask(guest.desk, _nth(number)) for number in range(5)]
    rita = study.rita
    first = recruitment_questions.waiting(rita)
    assert (first.number, [each.id for each in first.page.rows]) == (5, sorted(asked)[:2])

    gone = first.page.rows[1].id
    recruitment_questions.answer(rita, gone, "Yes.", channel="telephone")
    study.clock.advance(hours=1)
    asked.append(recruitment_questions.ask(guest.desk, _nth(6)))

    seen, after = [each.id for each in first.page.rows], first.page.next_after
    while after:
        page = recruitment_questions.waiting(rita, after=after).page
        seen, after = seen + [each.id for each in page.rows], page.next_after
    assert seen == [*sorted(asked[:5]), asked[5]]


def _nth(number):
    return Asked(f"Question {number}?", blocks=False)


def test_how_a_question_was_asked_is_on_the_record(study, guest):
    made = recruitment_questions.ask(study.rita, WAITS, guest.participant_id, "in_person")

    assert of(study, Question, made).channel == "in_person"
    assert facts(study)["channel"] == "in_person"
    with pytest.raises(Invalid):
        recruitment_questions.ask(study.rita, WAITS, guest.participant_id, "link")


@pytest.mark.parametrize(
    "asked", [Asked("  ", blocks=True), Asked("When?", blocks=True, topic="gossip")]
)
def test_an_empty_question_or_a_topic_of_their_own_is_refused(study, guest, asked):
    with pytest.raises(Invalid):
        recruitment_questions.ask(guest.desk, asked)

    assert rows(study, Question) == 0


def test_a_link_that_was_revoked_asks_nothing(study, guest):
    recruitment_information.revoke(study.rita, guest.link_id)

    with pytest.raises(NotFound):
        recruitment_questions.ask(guest.desk, WAITS)
