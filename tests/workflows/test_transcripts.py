"""A transcript is typed without loss, kept in versions, imported, and finished."""

import pytest

from studyhub.domain import turns
from studyhub.domain.errors import (
    Corrupt,
    Erased,
    Held,
    Invalid,
    NotFound,
    NotPermitted,
    Stale,
    WrongState,
)
from studyhub.domain.saving import Save
from studyhub.domain.vocabulary import Role, Side
from studyhub.store.consent import Participant
from studyhub.store.interviews import Recording
from studyhub.store.transcripts import Transcript, TranscriptVersion
from studyhub.vault.threads import shreds_of
from studyhub.workflows import (
    assignments,
    deidentification,
    transcripts,
    transcripts_import,
    transcripts_list,
    transcripts_saving,
)
from studyhub.workflows.assignments import Gift
from studyhub.workflows.transcripts_import import Document, Voice
from studyhub.workflows.transcripts_saving import Outcome
from tests.makers import (
    INTERVIEW,
    assigned,
    give_to_read,
    recorded,
    transcribed,
)
from tests.workflows.transcribing import (
    hold,
    rows,
    second_transcriber,
    typed,
)

pytestmark = pytest.mark.usefixtures("approved")


# -- saving ----------------------------------------------------------------------------


def test_a_save_that_is_sent_twice_is_taken_once(study):
    transcript_id = assigned(study)

    first = typed(study, transcript_id, "one", base_rev=0, seq=1)
    again = typed(study, transcript_id, "one", base_rev=0, seq=1)

    assert (first.outcome, first.rev) == (again.outcome, again.rev) == (Outcome.SAVED, 1)


def test_a_save_over_what_somebody_else_saved_changes_nothing(study):
    transcript_id = assigned(study)
    typed(study, transcript_id, "theirs", base_rev=0, seq=1, client="page-2")

    found = typed(study, transcript_id, "mine", base_rev=0, seq=1)

    assert (found.outcome, found.rev, found.by) == (Outcome.STALE, 1, "Tess Bowen")
    assert "theirs" in found.text
    assert "mine" not in transcripts.read(study.tess, transcript_id).text


def test_what_no_page_sends_is_refused(study):
    transcript_id = assigned(study)

    for text in ("no kept form", "t1\ts9\t\t\tnobody", "#\ts1\tother\tA\nt1\ts1\t\t\ta\x0bb"):
        with pytest.raises(Invalid):
            transcripts_saving.save(study.tess, transcript_id, Save(0, text, "page-1", 1))
    with pytest.raises(Invalid):
        transcripts_saving.save(study.tess, transcript_id, Save(0, "", "x" * 65, 1))


def test_saving_leaves_no_line_and_opening_does(study):
    transcript_id = assigned(study)
    opened = transcripts.read(study.tess, transcript_id)
    before = study.events()

    transcripts_saving.save(study.tess, transcript_id, Save(0, opened.text, "page-1", 1))

    assert study.events() == before


def test_the_text_keeps_itself_every_five_minutes_and_when_it_changes_hands(study):
    transcript_id = assigned(study)
    nina = second_transcriber(study)
    gift = Gift("transcript", transcript_id, study.membership_id("nina", Role.TRANSCRIBER))
    assignments.give(study.petra, gift)

    for seq, (words, minutes) in enumerate([("a", 0), ("b", 1), ("c", 1), ("d", 4)], 1):
        study.clock.advance(minutes=minutes)
        typed(study, transcript_id, words, base_rev=seq - 1, seq=seq)
    # "a" was kept when "b" came; then five minutes passed with "d".
    assert len(rows(study, TranscriptVersion)) == 2
    study.clock.advance(minutes=2, seconds=1)
    typed(study, transcript_id, "e", base_rev=4, seq=1, client="page-2", desk=nina)

    kept = sorted(rows(study, TranscriptVersion), key=lambda row: row.made_at)
    assert [row.kept_for_good for row in kept] == [False, False, False]
    assert kept[-1].author_id == study.membership_id("tess")


def test_one_person_types_at_a_time_until_the_other_takes_over(study):
    transcript_id = assigned(study)
    nina = second_transcriber(study)
    gift = Gift("transcript", transcript_id, study.membership_id("nina", Role.TRANSCRIBER))
    assignments.give(study.petra, gift)
    assert transcripts_saving.lock(study.tess, transcript_id).is_mine

    waits = transcripts_saving.lock(nina, transcript_id)
    refused = typed(study, transcript_id, "x", base_rev=0, seq=1, client="page-2", desk=nina)
    taken = transcripts_saving.lock(nina, transcript_id, take=True)

    assert (waits.is_mine, waits.by) == (False, "Tess Bowen")
    assert (refused.outcome, refused.by) == (Outcome.LOCKED, "Tess Bowen")
    assert taken.is_mine
    assert not transcripts_saving.lock(study.tess, transcript_id).is_mine
    study.clock.advance(minutes=2, seconds=1)
    assert transcripts_saving.lock(study.tess, transcript_id).is_mine


# -- versions --------------------------------------------------------------------------


def test_bringing_back_a_version_makes_a_new_one_and_loses_nothing(study):
    transcript_id = assigned(study)
    typed(study, transcript_id, "first", base_rev=0, seq=1)
    kept = transcripts.keep(study.tess, transcript_id, note="first pass")
    typed(study, transcript_id, "second", base_rev=1, seq=2)

    transcripts.restore(study.tess, transcript_id, kept, rev=2)

    opened = transcripts.read(study.tess, transcript_id)
    assert (opened.rev, turns.read(opened.text).turns[0].text) == (3, "first")
    view = transcripts_list.show(study.tess, transcript_id)
    shown = [
        transcripts.compare(study.tess, transcript_id, line.id, None) for line in view.versions
    ]
    assert {found.rows[0].older.text for found in shown} == {"first", "second"}
    assert "first pass" in {found.older_note for found in shown}
    with pytest.raises(Stale):
        transcripts.restore(study.tess, transcript_id, kept, rev=2)
    late = typed(study, transcript_id, "late", base_rev=2, seq=3)
    assert late.outcome is Outcome.STALE


def test_a_second_reader_opens_a_text_only_until_identifiers_are_taken_out(study):
    transcript_id = transcribed(study)
    give_to_read(study, transcript_id)
    assert transcripts.read(study.ravi, transcript_id).text
    assert transcripts_list.show(study.ravi, transcript_id).may_compare
    deidentification.deidentify(study.tess, transcript_id)

    for opens in (
        lambda: transcripts.read(study.ravi, transcript_id),
        lambda: transcripts.compare(study.ravi, transcript_id, None, None),
    ):
        with pytest.raises(NotPermitted):
            opens()
    view = transcripts_list.show(study.ravi, transcript_id)
    assert view.versions
    assert not view.may_compare
    assert transcripts.read(study.tess, transcript_id).text


def test_a_version_of_another_transcript_is_not_found(study):
    own, other = assigned(study), assigned(study)
    kept = transcripts.keep(study.tess, other)

    with pytest.raises(NotFound):
        transcripts.compare(study.tess, own, kept, None)


def test_a_version_moved_to_another_transcript_does_not_open(study):
    own, other = assigned(study), assigned(study)
    kept = transcripts.keep(study.tess, other)
    with study.hub.sessions.writing.begin() as session:
        session.get_one(TranscriptVersion, kept).transcript_id = own

    with pytest.raises(Corrupt):
        transcripts.compare(study.tess, own, kept, None)


# -- import ----------------------------------------------------------------------------

BOTH = {
    "Interviewer": Voice("Interviewer", "interviewer"),
    "Participant": Voice("Participant", "participant"),
}


def test_an_import_is_looked_at_first_and_keeps_what_stood_there(study):
    transcript_id = assigned(study)
    typed(study, transcript_id, "typed before", base_rev=0, seq=1)
    before = len(rows(study, TranscriptVersion))

    found = transcripts_import.preview(study.tess, transcript_id, Document(INTERVIEW))
    assert len(rows(study, TranscriptVersion)) == before
    transcripts_import.take_in(study.tess, transcript_id, Document(INTERVIEW), BOTH, rev=1)

    body = turns.read(transcripts.read(study.tess, transcript_id).text)
    assert body.turns == found.body.turns
    kinds = [row.kind for row in rows(study, TranscriptVersion)]
    assert sorted(kinds) == ["imported", "verbatim"]
    with pytest.raises(Stale):
        transcripts_import.take_in(study.tess, transcript_id, Document(INTERVIEW), BOTH, rev=1)


def test_two_names_of_one_person_become_one_speaker(study):
    transcript_id = assigned(study)
    data = b"Helen: 1\n\nH. Marsh: 2\n\nInt: 3\n\nHelen: 4\n\nH. Marsh: 5\n\nInt: 6"
    person = Voice("Participant", "participant")
    voices = {"Helen": person, "H. Marsh": person, "Int": Voice("Interviewer", "interviewer")}

    transcripts_import.take_in(study.tess, transcript_id, Document(data), voices, rev=0)

    body = turns.read(transcripts.read(study.tess, transcript_id).text)
    assert [one.label for one in body.speakers] == ["Participant", "Interviewer"]
    assert len(body.turns) == 6


# -- finishing -------------------------------------------------------------------------


def test_a_finished_transcript_is_checked_and_kept(study):
    recording_id = recorded(study)
    gift = Gift("recording", recording_id, study.membership_id("tess"))
    assignments.give(study.petra, gift)
    transcript_id = rows(study, Transcript)[0].id

    transcribed(study, transcript_id)

    assert rows(study, Transcript)[0].state == "raw_verified"
    assert rows(study, Recording)[0].state == "transcribed"
    kinds = [row.kind for row in rows(study, TranscriptVersion, transcript_id=transcript_id)]
    assert sorted(kinds) == ["imported", "verbatim"]
    with pytest.raises(WrongState):
        transcripts_import.preview(study.tess, transcript_id, Document(INTERVIEW))


def test_an_empty_text_is_not_finished(study):
    with pytest.raises(WrongState):
        transcripts.verify(study.tess, assigned(study), rev=0)


def test_a_text_that_was_handed_in_is_no_longer_typed_in(study):
    transcript_id = transcribed(study)
    with study.hub.sessions.writing.begin() as session:
        session.get_one(Transcript, transcript_id).state = "submitted"

    with pytest.raises(WrongState):
        typed(study, transcript_id, "late", base_rev=1, seq=1)
    with pytest.raises(WrongState):
        transcripts_saving.lock(study.tess, transcript_id)


def test_inv_65_what_is_on_hold_is_neither_opened_nor_typed_nor_given(study):
    transcript_id = assigned(study)
    text = transcripts.read(study.tess, transcript_id).text
    hold(study)

    with pytest.raises(Held):
        transcripts.read(study.tess, transcript_id)
    with pytest.raises(Held):
        transcripts_saving.save(study.tess, transcript_id, Save(0, text, "page-1", 1))
    to = study.membership_id("ravi")
    with pytest.raises(Held):
        assignments.give(study.petra, Gift("transcript", transcript_id, to, ("review",)))
    assert transcripts_list.listed(study.tess)[0].is_held


def test_what_was_erased_opens_for_nobody(study):
    transcript_id = assigned(study)
    person = rows(study, Participant)[0].id
    shred = shreds_of(study.hub.keystore, person)[Side.TRANSCRIPT]
    ledger = study.hub.settings.erasure_ledger
    study.hub.keystore.destroy([shred], study.clock(), ledger)
    to = study.membership_id("ravi")

    with pytest.raises(Erased):
        transcripts.read(study.tess, transcript_id)
    with pytest.raises(Erased):
        assignments.give(study.petra, Gift("transcript", transcript_id, to, ("review",)))


def test_lists_show_codes_and_no_names(study):
    assigned(study)

    own, all_ = transcripts_list.listed(study.tess), transcripts_list.listed(study.petra)

    code = rows(study, Participant)[0].code
    assert [row.code for row in own] == [row.code for row in all_] == [code]
    assert all_[0].people == ("Tess Bowen",)
    assert "Grace" not in repr(own + all_)
    assert transcripts_list.listed(study.ravi) == []
