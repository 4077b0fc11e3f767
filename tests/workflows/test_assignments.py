"""A recording or a text is given to somebody with its keys, and taken from them again."""

from datetime import timedelta

import pytest

from studyhub.domain import turns
from studyhub.domain.errors import (
    Hidden,
    Invalid,
    NotPermitted,
    Refused,
    WrongState,
)
from studyhub.domain.vocabulary import Role
from studyhub.store.interviews import Recording
from studyhub.store.transcripts import Assignment, Transcript
from studyhub.workflows import (
    accounts_admin,
    accounts_exceptions,
    accounts_own,
    accounts_team,
    assignments,
    transcripts,
)
from studyhub.workflows.assignments import Gift
from tests.makers import (
    assigned,
    grant,
    interviewed,
    invite_and_grant,
    recorded,
)
from tests.workflows.transcribing import (
    given,
    grants_of,
    rows,
    second_transcriber,
)

pytestmark = pytest.mark.usefixtures("approved")


def test_somebody_can_type_what_they_were_given(study):
    transcript_id = assigned(study)

    opened = transcripts.read(study.tess, transcript_id)

    assert opened.rev == 0
    assert turns.read(opened.text).labels == {"s1": "Interviewer", "s2": "Participant"}
    assert study.last_event().act == "transcript.read"


def test_nobody_else_opens_it(study):
    transcript_id = assigned(study)

    for login in ("rita", "ivan", "ann", "ada", "nina"):
        with pytest.raises(Hidden):
            transcripts.read(study.desk(login), transcript_id)
    for desk in (study.petra, study.ravi, second_transcriber(study)):
        with pytest.raises(NotPermitted):
            transcripts.read(desk, transcript_id)
    assert study.last_event().outcome == "refused"


def test_the_pi_gives_the_sound_the_text_and_what_the_register_holds(study):
    recording_id = recorded(study)
    interview_id = rows(study, Recording)[0].interview_id
    before = len(grants_of(study, "tess"))

    gift = Gift("recording", recording_id, study.membership_id("tess"))
    assignments.give(study.petra, gift)

    assert {row.duty for row in rows(study, Assignment)} == {"transcribe"}
    assert rows(study, Transcript)[0].interview_id == interview_id
    assert rows(study, Transcript)[0].recording_id == recording_id
    # The recording, the transcript, and the one key of the participant's register.
    assert len(grants_of(study, "tess")) - before == 3


def test_a_depositor_gives_their_own_recording_to_be_typed_and_no_register(study):
    recording_id = recorded(study)
    before = len(grants_of(study, "tess"))

    gift = Gift("recording", recording_id, study.membership_id("tess"))
    assignments.give(study.ivan, gift)

    assert len(grants_of(study, "tess")) - before == 2
    transcripts.read(study.tess, rows(study, Transcript)[0].id)


def test_a_depositor_gives_nothing_else(study):
    interview_id = interviewed(study)
    to = study.membership_id("tess")

    with pytest.raises(NotPermitted):
        assignments.give(study.ivan, Gift("interview", interview_id, to))


def test_work_goes_only_to_a_role_that_does_it(study):
    transcript_id = assigned(study)

    for login, duty in (("ann", "review"), ("tess", "review"), ("ravi", "transcribe")):
        to = study.membership_id(login)
        with pytest.raises(Invalid):
            assignments.give(study.petra, Gift("transcript", transcript_id, to, (duty,)))


def test_who_interviewed_a_person_does_not_review_unless_it_was_declared(study):
    transcript_id = assigned(study)
    invite_and_grant(study, "ivan", Role.REVIEWER)
    gift = Gift(
        "transcript", transcript_id, study.membership_id("ivan", Role.REVIEWER), ("review",)
    )

    with pytest.raises(Refused):
        assignments.give(study.petra, gift)
    assert b'"reason":"S-1"' in study.last_event().line

    ends = study.clock() + timedelta(days=30)
    wish = accounts_exceptions.Wish("S-1", study.user_id("ivan"), "A team of four.", ends)
    accounts_exceptions.declare(study.petra, wish)
    assignments.give(study.petra, gift)

    transcripts.read(study.desk("ivan", Role.REVIEWER), transcript_id)


def test_taking_work_back_takes_its_keys_and_leaves_those_of_other_work(study):
    transcript_id = assigned(study)
    before = len(grants_of(study, "tess"))

    assignments.end(study.petra, given(study, transcript_id, "deidentify"))
    assert len(grants_of(study, "tess")) == before
    assignments.end(study.petra, given(study, transcript_id))

    assert len(grants_of(study, "tess")) == before - 2
    with pytest.raises(NotPermitted):
        transcripts.read(study.tess, transcript_id)
    ended = rows(study, Assignment, transcript_id=transcript_id)[0].id
    with pytest.raises(WrongState):
        assignments.end(study.petra, ended)


def test_a_member_with_new_keys_gets_those_of_their_open_work_again(study):
    assigned(study)
    address = accounts_admin.start_reset(study.operator, study.user_id("tess"))
    new = "an entirely different set of herons"
    accounts_own.recover(study.hub, address.rpartition("/")[2], new, new, "")
    member = study.membership_id("tess")
    assert grants_of(study, "tess") == []

    grant(study, member)

    assert len(grants_of(study, "tess")) == 4  # print, vocabulary, the text, the register


def test_work_ends_with_the_membership(study):
    transcript_id = assigned(study)

    accounts_team.end(study.petra, study.membership_id("tess"))

    assert rows(study, Assignment, transcript_id=transcript_id, ended_at=None) == []
