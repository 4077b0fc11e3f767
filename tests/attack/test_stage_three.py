"""What texts, reports and the leak gate may not be used for."""

import wave
from base64 import b64encode
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from uuid import UUID, uuid4

import pytest

from studyhub.domain import upload_metadata
from studyhub.domain.errors import Held, Invalid, Refused, WrongKind
from studyhub.domain.redaction.gate import Surface, leaks, passes
from studyhub.domain.vocabulary import Duty, Role
from studyhub.store.interviews import Interview, Recording
from studyhub.store.transcripts import Transcript
from studyhub.store.users import Proposal
from studyhub.store.withdrawals import Hold
from studyhub.workflows import (
    accounts_exceptions,
    analysis_reading,
    assignments,
    deidentification,
    deidentification_gate,
    deidentification_names,
    deidentification_reading,
    playback,
    register,
    releases,
    releases_reports,
    texts_kept,
    uploads,
)
from studyhub.workflows.analysis_reading import Seen
from studyhub.workflows.assignments import Gift
from studyhub.workflows.deidentification_reading import Doubt
from tests.attack.test_stage_two import TOKEN
from tests.domain import redaction_worlds
from tests.makers import (
    LATER,
    interviewed,
    invite_and_grant,
    letter_body,
    planned,
    said_of,
    sent,
    token_in,
)
from tests.web.apps import app_over
from tests.workflows.deidentifying import (
    accepted,
    answer_no,
    begun_on,
    decide_all,
    hand_mark,
    look,
    propose,
    send,
)
from tests.workflows.recording import row_of
from tests.workflows.releasing import rows_of


@pytest.fixture
def begun_study(clock):
    with begun_on("sqlite", clock) as found:
        yield found


def handed_in(study, made):
    decide_all(study, made)
    propose(study, made)


def passed(study, made, desk=None):
    """A second reader found nobody in the text as it is now."""
    answer_no(study, made, desk)
    deidentification_reading.clear(desk or study.ravi, made)


def mark_of(bench, words):
    return next(mark for mark in bench.marks if mark.surface == words)


# -- the second reading --------------------------------------------------------------------


def test_a_text_that_was_recalled_is_not_released_again_on_its_old_reading(begun_study):
    study, made = begun_study
    handed_in(study, made)
    passed(study, made)
    label = releases.make(study.ravi, made)
    releases.recall(study.petra, label, "quality")
    study.clock.advance(minutes=1)
    deidentification.deidentify(study.tess, made)
    propose(study, made)

    with pytest.raises(Refused) as no:
        releases.make(study.ravi, made)

    assert no.value.reason == "not_read"


def test_what_one_reader_sent_back_is_not_released_on_the_word_of_another(begun_study):
    study, made = begun_study
    handed_in(study, made)
    passed(study, made)
    other = second_reviewer(study, made, "ann")
    place = Doubt(1, 0, 5, "", ("local",), "certain", "")
    deidentification_reading.doubt(other, made, [place], {})
    deidentification_reading.send_back(other, made)
    study.clock.advance(minutes=1)
    deidentification.deidentify(study.tess, made)
    propose(study, made)

    with pytest.raises(Refused) as no:
        releases.make(study.ravi, made)

    assert no.value.reason == "not_read"


def second_reviewer(study, made, login):
    """One of the team who reads and releases too, with this text given to them."""
    to = invite_and_grant(study, login, Role.REVIEWER, (Duty.RELEASE,))
    assignments.give(study.petra, Gift("transcript", made, to, ("review",)))
    return study.desk(login, Role.REVIEWER)


def test_who_chose_what_stands_for_a_name_in_a_text_does_not_read_it_again(begun_study):
    study, made = begun_study
    decide_all(study, made)
    invite_and_grant(study, "ann", Role.TRANSCRIBER)
    gave = study.membership_id("ann", Role.TRANSCRIBER)
    assignments.give(study.petra, Gift("transcript", made, gave, ("deidentify",)))
    kay = mark_of(look(study, made), "Kay Denise").entity
    deidentification_names.name(study.desk("ann", Role.TRANSCRIBER), made, UUID(kay), "[Ossie]")
    propose(study, made)
    reader = second_reviewer(study, made, "ann")

    with pytest.raises(Refused) as no:
        deidentification_reading.review(reader, made)

    assert no.value.reason == "H-3"


# -- decisions -----------------------------------------------------------------------------


def all_but_helen(study, made):
    """Everything is decided, and looked at once more, but one name. Returns its marks."""
    while fresh := [
        each for each in accepted(look(study, made).marks) if "elen" not in each.surface
    ]:
        send(study, made, *fresh)
    return [each for each in look(study, made).marks if each.is_open]


def test_a_suggestion_that_a_page_takes_away_comes_back_before_the_text_is_handed_in(
    begun_study,
):
    study, made = begun_study
    send(study, made, removed=[each.id for each in all_but_helen(study, made)])

    with pytest.raises(Refused) as no:
        propose(study, made)

    assert no.value.reason == "undecided"
    assert mark_of(look(study, made), "Helen Marsh").is_open


def test_a_suggestion_that_a_page_moves_away_comes_back(begun_study):
    study, made = begun_study
    start = look(study, made).text.index("people ring")
    moved = [
        replace(
            each, start=start + number, end=start + number + 1, state="reject", note="other"
        )
        for number, each in enumerate(all_but_helen(study, made))
    ]
    send(study, made, *moved)

    with pytest.raises(Refused):
        propose(study, made)


@pytest.mark.parametrize("first", ["reject", "accept"])
def test_a_name_is_not_left_without_a_reason_under_a_wider_mark_of_another_kind(
    begun_study, first
):
    study, made = begun_study
    bench = look(study, made)
    wide = hand_mark(bench.text, "Helen Marsh was there too", "OTHER_QUASI")
    if first == "accept":
        send(study, made, wide)

    with pytest.raises(Invalid) as wrong:
        send(study, made, replace(wide, state="reject"))

    assert "note" in wrong.value.problems


def test_a_name_is_not_left_without_a_reason_by_calling_it_something_else(begun_study):
    study, made = begun_study
    helen = replace(mark_of(look(study, made), "Helen Marsh"), category="OTHER_QUASI")
    send(study, made, replace(helen, state="accept"))

    with pytest.raises(Invalid) as wrong:
        send(study, made, replace(helen, state="reject"))

    assert "note" in wrong.value.problems


@pytest.mark.parametrize("words", ["[Helan]", "[Adeyemy]", "[H. Mercer]", "[Name 1]"])
def test_the_words_of_one_place_are_no_name_of_the_study_nor_those_of_another(
    begun_study, words
):
    study, made = begun_study
    decide_all(study, made)
    helen = mark_of(look(study, made), "Helen Marsh")

    with pytest.raises(Invalid):
        send(study, made, replace(helen, state="edit", words=words))


@pytest.mark.parametrize("words", ["[a\tb]", "[a\u2028b]", "[Na\u200bme 1]", "[Hel\u2062en]"])
def test_a_replacement_holds_nothing_that_nobody_sees_or_that_stops_every_text(
    begun_study, words
):
    study, made = begun_study
    decide_all(study, made)
    kay = mark_of(look(study, made), "Kay Denise").entity

    with pytest.raises(Invalid):
        deidentification_names.name(study.tess, made, UUID(kay), words)


# -- the leak gate -------------------------------------------------------------------------

HIDDEN = {
    "after an arrow": "at 10:30 --> 11:30 Rebecca Thornbury",
    "in a tag": "<c.rebecca.thornbury",
    "in a small tag": "<rebecca>",
    "by a mark of direction": "Rebec\u200eca",
    "by a sign for nothing": "Rebec\u2062ca",
    "by a joiner": "Rebec\u034fca",
    "by a choice of form": "Rebec\ufe0fca",
    "by a filler": "Rebec\u3164ca",
    "by strokes": "R\u0335e\u0335b\u0335e\u0335c\u0335c\u0335a\u0335",
    "by letters of another script": "R\u0435b\u0435\u0441\u0441\u0430 went",
}


@pytest.mark.parametrize("words", HIDDEN.values(), ids=HIDDEN.keys())
def test_a_name_is_not_hidden_from_the_leak_gate(words):
    body = f"Participant: I met {words} there.\n"

    found = leaks({"body": body}, redaction_worlds.register())

    assert "becca" in "".join(_shown(body[each.start : each.end]) for each in found)


def _shown(words):
    """The letters that somebody reads there."""
    latin = str.maketrans("\u0435\u0441\u0430", "eca")
    return "".join(sign for sign in words.lower().translate(latin) if sign in "abcer")


def test_a_name_inside_a_detail_that_may_be_overruled_still_blocks():
    body = "Participant: It was the one Rebecca Thornbury ran.\n"
    detail = Surface("the one Rebecca Thornbury ran", "OTHER_QUASI")

    found = leaks({"body": body}, redaction_worlds.register(), [detail])

    assert not passes(found, overruled=found)


def test_who_decided_in_a_text_overrules_nothing_in_it(begun_study):
    study, made = begun_study
    handed_in(study, made)
    invite_and_grant(study, "tess", Role.PI)

    with pytest.raises(Refused) as no:
        deidentification_gate.overrule(
            study.desk("tess", Role.PI), made, where="body", start=0, end=1, reason="quality"
        )

    assert no.value.reason == "H-3"


# -- what outlives ---------------------------------------------------------------------------


def test_who_interviewed_stops_with_the_exception_that_let_them_go_on(begun_study):
    study, made = begun_study
    wish = accounts_exceptions.Wish("S-1", study.user_id("ivan"), "A small team.", LATER)
    exception = accounts_exceptions.declare(study.petra, wish)
    to = invite_and_grant(study, "ivan", Role.TRANSCRIBER)
    assignments.give(study.petra, Gift("transcript", made, to, ("deidentify",)))
    ivan = study.desk("ivan", Role.TRANSCRIBER)
    bench = look(study, made, ivan)

    accounts_exceptions.end_early(study.petra, exception)

    with pytest.raises(Refused) as no:
        send(study, made, *accepted(bench.marks), rev=bench.rev, desk=ivan)
    assert no.value.reason == "S-1"


def test_inv_65_a_hold_stops_the_sound_that_is_being_sent(small_study, approved, monkeypatch):
    monkeypatch.setattr(playback, "ASKED_EVERY", 0.0)
    study, sound = small_study, BytesIO()
    with wave.open(sound, "wb") as written:
        written.setparams((1, 2, 48_000, 0, "NONE", ""))
        written.writeframes(bytes(200_000))
    recording = sent(study, interviewed(study), sound.getvalue(), "audio/wav")
    sitting = bytes(32)
    by = playback.Listening(playback.listen(study.ivan, recording, sitting), sitting)
    found = playback.find(study.ivan, recording, by)

    with playback.open_sound(study.ivan, found, by) as reader:
        pieces = playback.stream(study.ivan, found, by, reader, (0, reader.length))
        next(pieces)
        held(study, row_of(study, Recording, recording).interview_id)
        with pytest.raises(Held):
            list(pieces)


def test_a_clock_of_the_year_one_is_refused_before_any_byte_is_sent():
    when = b64encode(b"0001-01-01T00:00:00+14:00").decode()

    with pytest.raises(Invalid):
        upload_metadata.read(f"{said_of(uuid4())},recorded_at {when}")


def test_inv_51_no_file_name_comes_in_as_a_parameter_of_the_kind_of_file(small_study, approved):
    named = said_of(interviewed(small_study), "audio/mpeg; name=Helen Marsh.mp3")

    with pytest.raises(WrongKind):
        uploads.start(small_study.ivan, upload_metadata.read(named), 1000)


def test_the_pi_writes_no_words_of_their_own_into_the_record_as_a_reason(begun_study):
    study, made = begun_study

    for reason in ("", "Because Helen Marsh asked"):
        with pytest.raises(Invalid):
            register.read_register(study.petra, person_of(study, made), reason=reason)


def person_of(study, made):
    with study.hub.sessions.reading.begin() as session:
        return texts_kept.participant_of(session, session.get_one(Transcript, made))


def test_the_holder_of_a_link_cannot_ask_to_be_called_without_end(small_study, approved):
    times = tuple(small_study.clock() + timedelta(days=each) for each in (2, 3))
    planned(small_study, starts_at=None, slots=times)
    path = f"/l/{token_in(letter_body(small_study, 'appointment')['text'])}/interview"
    client = app_over(small_study.hub).test_client()
    token = TOKEN.search(client.get(path).text)[1]
    asked = {"csrf_token": token, "slot": "none"}

    statuses = [client.post(path, data=asked).status_code for _ in range(25)]

    assert statuses[:15] == [302] * 15
    assert statuses[-1] == 429


# -- reports -------------------------------------------------------------------------------


def test_inv_65_nobody_reads_the_reported_place_of_somebody_who_withdrew(begun_study):
    study, made = begun_study
    handed_in(study, made)
    passed(study, made)
    label = releases.make(study.ravi, made)
    analysis_reading.report(study.ann, label, Seen(3, "ring"))
    (report,) = [each.id for each in rows_of(study, Proposal) if each.outcome is None]
    assert releases_reports.look(study.ravi, report).words == "ring"
    releases_reports.hold(study.ravi, report)
    assert releases_reports.look(study.ravi, report).words == "ring"
    withdrawn(study, made)

    with pytest.raises(Held):
        releases_reports.look(study.ravi, report)


def withdrawn(study, made):
    with study.hub.sessions.reading.begin() as session:
        interview_id = session.get_one(Transcript, made).interview_id
    held(study, interview_id)


def held(study, interview_id):
    """The person withdrew everything."""
    with study.hub.sessions.writing.begin() as session:
        person = session.get_one(Interview, interview_id).participant_id
        told = {"scope": "all", "cause": "withdrawal", "opened_at": study.clock()}
        session.add(Hold(id=uuid4(), participant_id=person, **told))
