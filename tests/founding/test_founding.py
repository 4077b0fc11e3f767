"""The founding study from its approval to the auditor's desk, as one play on both engines.

Before the real server, under a clock that the test holds, with a real mail server. By browser:
all that happens with the first person, from the invitation to the release and back again;
before that the settings, the approval and one document; the paper of the sixth; the analyst and
the auditor. What the other participants send goes to the same server without a browser
(interest, questions, forms, recordings, a withdrawal). The staff of the others, the worker, the
backup and the restore work in this process by the same acts: a browser would add nothing.

Nine are invited and six of them are interested; the seventh who is interviewed is one of the
other three and rings up later. All the time somebody looks, ten times a second, whether what
was planted lies anywhere in clear.
"""

from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from playwright.sync_api import Browser

from tests.founding import (
    analysis,
    audit,
    coming_back,
    consent,
    ethics,
    interviews,
    recruitment,
    secrecy,
    texts,
    withdrawals,
    workbench,
)
from tests.founding.people import BRIGID, CLIVE, HELEN, LIZ, SIX, Person, canaries
from tests.founding.stage import Scene, on_stage
from tests.web.watching import watched


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
        coming_back.a_backup_is_taken(scene, tmp_path / "backup")
        the_first_takes_the_transcript_back(scene, made)
        with coming_back.restored(scene, tmp_path / "backup", tmp_path / "again") as study:
            coming_back.it_does_not_come_back(study, made.labels, LIZ)
        the_second_takes_everything_back(scene, made)
        the_auditor_looks(scene, made, tmp_path / "record")

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
    analysis.the_analyst_sees_six_releases(scene, made.labels)
    codes = codes_of(scene, made, *made.people)
    analysis.the_analyst_sees_nothing_else(scene, made.labels, codes)


def the_first_takes_the_transcript_back(scene: Scene, made: Made) -> None:
    """By link; decided and carried out. Exactly one release disappears, with a proof."""
    withdrawals.the_transcript_is_taken_back(scene, LIZ, made.labels[LIZ])
    withdrawals.it_is_decided_and_carried_out(scene, LIZ)
    withdrawals.exactly_one_release_disappeared(scene, made.labels, LIZ)
    withdrawals.the_certificate_says_so(scene)


def the_second_takes_everything_back(scene: Scene, made: Made) -> None:
    """By link; afterwards nobody finds anything of them."""
    withdrawals.everything_is_taken_back(scene, HELEN, made.people[HELEN])
    withdrawals.nothing_of_them_is_found(scene, HELEN)


def the_auditor_looks(scene: Scene, made: Made, folder: Path) -> None:
    """Verifies the record away from here, and has seen codes and no name."""
    audit.the_auditor_verifies_the_record(scene, folder)
    audit.every_act_was_covered(scene, consent.code_of(scene, made.people[BRIGID]))
    codes = codes_of(scene, made, *SIX, CLIVE)
    audit.the_auditor_has_seen_no_name(scene, codes, set(made.labels.values()))


def codes_of(scene: Scene, made: Made, *people: Person) -> set[str]:
    """The codes by which the team knows these people."""
    return {consent.code_of(scene, made.people[each]) for each in people}
