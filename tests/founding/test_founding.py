"""The founding study from its approval to the analyst's desk, as one play on both engines.

Before the real server, under a clock that the test holds, with a real mail server. By browser:
everything that happens with the first person, from the invitation to the release, with the
approval, one document and the settings before; the paper of the sixth; the analyst. The other
participants send what a browser would send (interest, questions, forms, recordings); their
staff do the same acts in this process. Ten times a second somebody looks for what was planted.
"""

from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Browser

from tests.founding import (
    analysis,
    consent,
    ethics,
    interviews,
    recruitment,
    secrecy,
    texts,
    workbench,
)
from tests.founding.people import BRIGID, CLIVE, LIZ, Person, canaries
from tests.founding.stage import Scene, on_stage
from tests.web.watching import watched

pytestmark = pytest.mark.xdist_group("founding")


@dataclass
class Made:
    """What came of it so far."""

    people: dict[Person, UUID] = field(default_factory=dict)
    interviews: dict[Person, UUID] = field(default_factory=dict)
    labels: dict[Person, str] = field(default_factory=dict)


def test_the_founding_study(chromium: Browser, engine_kind: str, tmp_path: Path) -> None:
    made = Made()
    with (
        on_stage(chromium, engine_kind, tmp_path / "instance") as scene,
        watched(scene.server, *canaries()),
    ):
        the_committee_approves(scene)
        nine_are_invited_and_six_consent(scene, made)
        six_are_interviewed(scene, made)
        a_seventh_is_recorded_and_waits(scene, made)
        six_texts_are_released(scene, made)
        the_analyst_reads_them(scene, made)

        secrecy.assert_the_record_is_whole(scene, tmp_path / "record")
        secrecy.assert_nothing_in_clear(scene)
        assert scene.complaints() == []
        assert scene.cookies_of_participants == []


def the_committee_approves(scene: Scene) -> None:
    ethics.the_sample_is_planned(scene)
    approval_id = ethics.the_committee_approves(scene)
    ethics.the_team_writes_its_documents(scene, approval_id)


def nine_are_invited_and_six_consent(scene: Scene, made: Made) -> None:
    """Five by their link; one on paper, which a second person verifies."""
    made.people = recruitment.nine_are_invited(scene)
    recruitment.six_are_interested(scene)
    recruitment.six_are_informed(scene, made.people)
    recruitment.they_read_and_ask(scene)
    recruitment.the_questions_are_answered(scene)
    consent.five_sign_by_link(scene)
    consent.one_signs_on_paper(scene, made.people[BRIGID])
    consent.assert_consents(scene, made.people)


def six_are_interviewed(scene: Scene, made: Made) -> None:
    """Five by telephone and one face to face, each after the consent."""
    made.interviews = interviews.they_are_interviewed(scene, made.people)
    interviews.the_recordings_are_sent(scene, made.interviews)
    interviews.assert_interviews(scene, made.interviews)


def a_seventh_is_recorded_and_waits(scene: Scene, made: Made) -> None:
    """On a paper that nobody verified: in quarantine, and heard by nobody."""
    recruitment.a_seventh_rings_up(scene, made.people[CLIVE])
    consent.a_paper_that_nobody_verifies(scene, made.people[CLIVE])
    interviews.the_seventh_stays_quarantined(scene, made.people[CLIVE])


def six_texts_are_released(scene: Scene, made: Made) -> None:
    """By somebody else than who took the names out, under labels drawn by chance."""
    workbench.the_transcriber_listens_and_types(scene)
    workbench.the_investigator_gives_it_to_two(scene)
    decided = workbench.the_transcriber_takes_names_out(scene)
    label = workbench.the_second_reader_releases_it(scene)
    analysis.the_copy_is_what_was_decided(scene, label, workbench.as_released(decided, label))
    made.labels[LIZ] = label
    texts.the_others_are_released(scene.study, made.interviews, made.labels)
    analysis.assert_labels(made.labels)


def the_analyst_reads_them(scene: Scene, made: Made) -> None:
    """Six releases and nothing else."""
    codes = {consent.code_of(scene, each) for each in made.people.values()}
    analysis.the_analyst_sees_six_releases(scene, made.labels)
    analysis.the_analyst_sees_nothing_else(scene, made.labels, codes)
