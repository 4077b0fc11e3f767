"""What happens to a release once it is out: read, taken out, reported, held, recalled."""

import zipfile
from hashlib import sha256
from io import BytesIO

import pytest
from sqlalchemy import select

from studyhub.domain.errors import Held, Invalid, NotFound, NotPermitted, WrongState
from studyhub.store.analysis import Cell, Coding, Export, ExportItem, Memo
from studyhub.store.releases import Case
from studyhub.store.users import Proposal
from studyhub.store.withdrawals import Hold
from studyhub.workflows import (
    analysis,
    analysis_reading,
    releases,
    releases_list,
    releases_reports,
)
from studyhub.workflows.analysis_reading import Copy, Seen
from tests.makers import consented, eligible
from tests.store.rows import add
from tests.workflows.releasing import body_of, planted, release_row, rows_of

pytestmark = pytest.mark.usefixtures("approved")

WORD = Copy("release_docx", "coding")
PLACE = Seen(4, "since Hallowmere", "The only town of that name.")


@pytest.fixture
def person(small_study):
    made = eligible(small_study)
    consented(small_study, made)
    return made


@pytest.fixture
def release(small_study, person):
    return planted(small_study, person)


def labels(study):
    return [each.label for each in analysis.list_releases(study.ann).releases]


# -- reading and searching ---------------------------------------------------------------


def test_what_is_read_is_what_was_released(small_study, release):
    reading = analysis_reading.read(small_study.ann, "P3")

    assert (reading.label, reading.number, reading.body) == ("P3", 1, body_of("P3"))
    assert small_study.last_event().subject == f"release:{release}"


def test_a_search_finds_the_words_in_any_case_and_the_record_does_not_hold_them(
    small_study, release
):
    found = analysis_reading.search(small_study.ann, "HALLOWMERE.  that is")

    (hit,) = found.hits
    assert (hit.label, hit.turn, hit.words) == ("P3", 4, "Hallowmere. That is")
    assert b"allowmere" not in small_study.last_event().line.lower()


def test_only_what_may_be_read_is_searched(small_study, person):
    planted(small_study, person, "P1", held=True)
    planted(small_study, person, "P2", state="recalled")
    planted(small_study, person, "P4", use_until=small_study.clock())

    assert analysis_reading.search(small_study.ann, "Hallowmere").releases == 0
    for label in ("P1", "P4"):
        with pytest.raises(Held):
            analysis_reading.read(small_study.ann, label)
    with pytest.raises(NotFound):
        analysis_reading.read(small_study.ann, "P2")


# -- copies -------------------------------------------------------------------------------


def test_a_copy_is_kept_with_its_digest_and_names_nobody(small_study, release):
    file = analysis_reading.download(small_study.ann, "P3", WORD)

    (export,) = rows_of(small_study, Export)
    (item,) = rows_of(small_study, ExportItem)
    assert file.name == "P3.docx"
    assert export.sha256 == sha256(file.content).digest()
    assert export.by_id == small_study.ann.actor.membership_id
    assert item.release_id == release
    line = small_study.last_event().line.decode()
    assert sha256(file.content).hexdigest() in line
    assert '"purpose":"coding"' in line
    assert "P3" not in line


def test_the_same_release_gives_the_same_bytes_and_a_neutral_document(small_study, release):
    file = analysis_reading.download(small_study.ann, "P3", WORD)
    small_study.clock.advance(days=3)

    assert analysis_reading.download(small_study.ann, "P3", WORD) == file
    with zipfile.ZipFile(BytesIO(file.content)) as package:
        assert {each.date_time[0] for each in package.infolist()} == {1980}
        properties = package.read("docProps/core.xml").decode()
        document = package.read("word/document.xml").decode()
    assert "<dc:creator></dc:creator>" in properties
    assert "Ann" not in properties + document
    assert '<w:t xml:space="preserve">P3: I answer the line' in document


def test_a_plain_copy_begins_each_paragraph_with_the_speaker(small_study, release):
    file = analysis_reading.download(small_study.ann, "P3", Copy("release_txt", "reading"))

    assert file.name == "P3.txt"
    said = file.content.decode().split("\n\n")
    assert [each.partition(":")[0] for each in said] == ["Interviewer", "P3"] * 2


def test_a_copy_needs_a_reason_and_an_analyst(small_study, release):
    with pytest.raises(Invalid):
        analysis_reading.download(small_study.ann, "P3", Copy("release_txt", "curiosity"))
    for login in ("ravi", "petra", "tess"):
        with pytest.raises(NotPermitted):
            analysis_reading.download(small_study.desk(login), "P3", WORD)
    assert rows_of(small_study, Export) == []


# -- "I noticed an identifier" --------------------------------------------------------------


def reported(study):
    analysis_reading.report(study.ann, "P3", PLACE)
    (proposal,) = [each for each in rows_of(study, Proposal) if each.act == "release.report"]
    return proposal.id


def test_a_report_holds_the_release_at_once_and_is_sealed(small_study, release):
    reported(small_study)

    assert release_row(small_study, release).held
    with pytest.raises(Held):
        analysis_reading.read(small_study.ann, "P3")
    (memo,) = rows_of(small_study, Memo)
    assert b"allowmere" not in memo.body_sealed
    assert b"allowmere" not in small_study.last_event().line
    (row,) = releases_list.oversee(small_study.petra)
    assert row.open_report is not None


def test_a_report_needs_words_that_stand_there(small_study, release):
    with pytest.raises(Invalid):
        analysis_reading.report(small_study.ann, "P3", Seen(1, "Hallowmere"))
    with pytest.raises(Invalid):
        analysis_reading.report(small_study.ann, "P3", Seen(9, "Hallowmere"))
    assert not release_row(small_study, release).held


def test_a_reviewer_sees_the_place_and_why(small_study, release):
    view = releases_reports.look(small_study.ravi, reported(small_study))

    assert (view.label, view.turn, view.words) == ("P3", 4, "since Hallowmere")
    assert view.before.endswith("each other, ")
    assert view.note == PLACE.note


def test_a_report_that_is_lifted_ends_and_a_new_consent_does_not_end_an_open_one(
    small_study, person, release
):
    report = reported(small_study)
    with small_study.hub.sessions.reading.begin() as session:
        assert session.scalars(select(Hold)).all() == []
    consented(small_study, eligible(small_study, "Amina Yusuf"))
    releases.refresh_due(small_study.hub)
    assert release_row(small_study, release).held

    releases_reports.lift(small_study.petra, report)

    assert not release_row(small_study, release).held
    with pytest.raises(WrongState):
        releases_reports.lift(small_study.petra, report)


def test_a_report_that_is_taken_up_holds_the_person_and_a_recall_ends_that(
    small_study, person, release
):
    report = reported(small_study)

    releases_reports.hold(small_study.ravi, report)

    (hold,) = rows_of(small_study, Hold)
    assert (hold.participant_id, hold.scope, hold.cause) == (
        person,
        "transcript",
        "identifier_reported",
    )
    assert hold.cause_id is None
    assert str(person) not in small_study.last_event().line.decode()
    releases.recall(small_study.ravi, "P3", "quality")
    assert [each.closed_at is None for each in rows_of(small_study, Hold)] == [False]


# -- recall ---------------------------------------------------------------------------------


def test_inv_62_a_recalled_release_is_gone_at_once_and_its_copies_are_asked_back(
    small_study, release
):
    analysis_reading.download(small_study.ann, "P3", WORD)

    assert releases.recall(small_study.petra, "P3", "quality") == 1

    assert labels(small_study) == []
    for ask in (
        lambda: analysis_reading.read(small_study.ann, "P3"),
        lambda: analysis_reading.download(small_study.ann, "P3", WORD),
        lambda: releases.recall(small_study.petra, "P3", "quality"),
    ):
        with pytest.raises(NotFound):
            ask()
    (copy,) = analysis.list_releases(small_study.ann).to_delete
    (row,) = releases_list.oversee(small_study.ravi)
    assert (row.state, row.downloads[0].by) == ("recalled", "Ann Lister")
    assert row.downloads[0].recall_state == "asked"

    analysis.confirm_deleted(small_study.ann, copy.id)

    assert analysis.list_releases(small_study.ann).to_delete == []
    (row,) = releases_list.oversee(small_study.ravi)
    assert row.downloads[0].recall_state == "acknowledged"


def test_inv_62_codings_and_cells_of_a_recalled_release_are_marked(small_study, release):
    with small_study.hub.sessions.writing.begin() as session:
        case = session.scalars(select(Case)).one()
        add(session, "codings", release_id=release, state="active")
        add(session, "cells", case_id=case.id, status="agreed")

    releases.recall(small_study.petra, "P3", "quality")

    assert [each.state for each in rows_of(small_study, Coding)] == ["unanchored"]
    assert [each.status for each in rows_of(small_study, Cell)] == ["draft"]


def test_a_recall_needs_a_reason_of_the_list_and_leaves_no_label_on_the_record(
    small_study, release
):
    with pytest.raises(Invalid):
        releases.recall(small_study.petra, "P3", "because")

    releases.recall(small_study.petra, "P3", "quality")

    assert b"P3" not in small_study.last_event().line


def test_nobody_confirms_for_another(small_study, release):
    analysis_reading.download(small_study.ann, "P3", WORD)
    releases.recall(small_study.petra, "P3", "quality")
    (export,) = rows_of(small_study, Export)

    with pytest.raises(NotPermitted):
        analysis.confirm_deleted(small_study.ravi, export.id)
