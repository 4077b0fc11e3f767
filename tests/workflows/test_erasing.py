"""Erasures carried out by the worker: keys, rows, files, proof, and nothing of anybody else."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest
from sqlalchemy import select

from studyhub.domain.errors import Corrupt, Erased, NotFound, NotPermitted, WrongState
from studyhub.domain.vocabulary import Side
from studyhub.store.analysis import Export, ExportItem
from studyhub.store.audit import Event
from studyhub.store.consent import Consent, Participant
from studyhub.store.interviews import Recording
from studyhub.store.keys import SealedObject
from studyhub.store.people import Contact, Link, Question
from studyhub.store.releases import Release
from studyhub.store.transcripts import RegisterEntry, Transcript, TranscriptVersion
from studyhub.store.withdrawals import Hold, WithdrawalItem
from studyhub.vault.certificates import check_certificate
from studyhub.vault.ledger import read_ledger
from studyhub.vault.threads import shreds_of
from studyhub.workflows import (
    analysis_reading,
    certificates,
    erasing,
    inspect_database,
    recruitment_contacts,
    releases_list,
    trail,
    transcripts_list,
    withdrawal_deciding,
)
from studyhub.workflows.findings import Wrong
from studyhub.workflows.stored_files import blobs
from studyhub.workflows.withdrawal_deciding import Decision
from tests import makers
from tests.staged import copied
from tests.workflows import erasing_worlds as worlds
from tests.workflows.withdrawing import items, row, rows, steps


@pytest.fixture
def made(engine_kind, clock):
    stage = worlds.everything(engine_kind)
    with copied(stage, clock) as hub:
        clock.at = stage.made.study.clock.at
        yield _over(stage.made, hub, clock)


def _over(found, hub, clock):
    return replace(found, study=replace(found.study, hub=hub, clock=clock))


def test_everything_of_one_person_goes_and_everything_of_the_other_stays(made):
    study, gone = made.study, made.leaves
    withdrawal_id = makers.decided(study, ("all",), gone.id)

    assert erasing.run(study.hub) == 1

    assert steps(study, withdrawal_id)[-1] == "completed"
    (contact,) = rows(study, Contact, Contact.participant_id == gone.id)
    assert contact.details_sealed == b""
    assert contact.email_index is None
    assert rows(study, Participant, Participant.id == gone.id)[0].emptied_at is not None
    (recording,) = rows(study, Recording, Recording.id == gone.recording_id)
    assert recording.state == "disposed"
    assert recording.object_id is None
    (text,) = rows(study, Transcript, Transcript.id == gone.transcript_id)
    assert text.data_key_id is None
    assert rows(study, RegisterEntry, RegisterEntry.participant_id == gone.id) == []
    (release,) = rows(study, Release, Release.label == gone.label)
    assert release.state == "erased"
    assert release.body_sealed is release.data_key_id is None
    with pytest.raises(NotFound):
        analysis_reading.read(study.ann, gone.label)
    assert analysis_reading.read(study.ann, made.stays.label)
    (listed,) = [each.id for each in transcripts_list.listed(study.petra)]
    assert listed == made.stays.transcript_id
    assert releases_list.queue(study.ravi) == []
    assert study.hub.keystore.keys(shreds_of(study.hub.keystore, made.stays.id).values())


def test_inv_78_the_consent_and_its_evidence_outlive_what_they_allowed(made):
    study, gone = made.study, made.leaves
    makers.decided(study, ("all",), gone.id)

    erasing.run(study.hub)

    assert rows(study, Consent, Consent.participant_id == gone.id)
    kept = study.hub.keystore
    assert kept.key(shreds_of(kept, gone.id)[Side.CONSENT])
    files = rows(study, SealedObject, SealedObject.kind == "evidence")
    assert files
    assert all(file.gone_at is None for file in files)
    assert all(blobs(study.hub).root_of(file.store_name) == file.root for file in files)


def test_each_item_has_its_proof_in_a_certificate_that_names_nobody(made):
    study, gone = made.study, made.leaves
    hidden = private_of(made)
    withdrawal_id = makers.decided(study, ("all",), gone.id)
    erasing.run(study.hub)
    (erasure,) = worlds.erasures(study.hub)

    kept = certificates.read(study.ada, str(erasure.id))

    told = check_certificate(kept.content, study.hub.key_files.log_public)
    proofs = {each["class"]: each["proof"] for each in told["withdrawal"]["items"]}
    assert proofs == {name: each.proof for name, each in items(study, withdrawal_id).items()}
    assert all(each.done_at for each in items(study, withdrawal_id).values())
    digest = told["ledger"]["digest"]
    assert proofs["recording"] == proofs["release"] == proofs["contact"] == f"key:{digest}"
    assert proofs["export"] == "recalled:1"
    assert told["files"] == erasure.roots
    assert len(erasure.roots) == 1
    assert told["withdrawal"]["reference"] == row(study, withdrawal_id).reference
    assert [word for word in hidden if word in kept.content.decode()] == []


def private_of(made):
    """Everything about the person that no certificate and no line of an erasure may say."""
    study, gone = made.study, made.leaves
    (person,) = rows(study, Participant, Participant.id == gone.id)
    (release,) = rows(study, Release, Release.label == gone.label)
    (copy,) = [each for each in rows(study, Export) if each.id in exports_of(study, release)]
    shred = shreds_of(study.hub.keystore, gone.id)[Side.RELEASE]
    ids = (gone.id, release.id, copy.id, shred, release.data_key_id)
    words = [str(each) for each in ids]
    return [*words, f'"{person.code}"', f'"{gone.label}"', copy.sha256.hex()]


def exports_of(study, release):
    return {
        each.export_id for each in rows(study, ExportItem, ExportItem.release_id == release.id)
    }


def test_nothing_that_an_erasure_writes_joins_the_person_to_the_label(made):
    study, gone = made.study, made.leaves
    hidden, before = private_of(made), study.events()
    withdrawal_id = makers.decided(study, ("all",), gone.id)
    asked = study.events()
    erasing.run(study.hub)

    lines = [each.line.decode() for each in rows(study, Event, Event.chain == study.id)]

    about = [each for each in lines[asked:] if '"act":"erasure.' in each]
    assert len(about) == 4
    assert [word for line in about for word in hidden if word in line] == []
    named = [word for word in hidden if not word.startswith(str(gone.id))][1:]
    assert [word for line in lines[before:asked] for word in named[:3] if word in line] == []
    (erasure,) = worlds.erasures(study.hub)
    written = {*erasure.shred_ids, *erasure.roots, str(withdrawal_id)}
    assert not written & set(hidden)
    assert shreds_of(study.hub.keystore, gone.id).get(Side.RELEASE) is None


def test_inv_73_the_record_is_whole_before_and_after_an_erasure(made):
    study = made.study
    trail.sign_head(study.worker)
    makers.decided(study, ("all",), made.leaves.id)
    erasing.run(study.hub)
    trail.sign_head(study.worker)

    assert trail.check_health(study.ada).ok
    kinds = [each.act for each in rows(study, Event, Event.act.like("erasure.%"))]
    assert kinds == [
        *("erasure.request", "erasure.destroy", "erasure.empty"),
        *("erasure.remove", "erasure.finish"),
    ]


def test_inv_74_sound_that_is_taken_back_leaves_the_release(made):
    study, gone = made.study, made.leaves
    withdrawal_id = makers.decided(study, ("audio",), gone.id)

    erasing.run(study.hub)

    assert items(study, withdrawal_id)["recording"].proof.startswith("key:")
    assert rows(study, Recording, Recording.id == gone.recording_id)[0].state == "disposed"
    assert analysis_reading.read(study.ann, gone.label)
    assert recruitment_contacts.read(study.rita, gone.id)
    assert rows(study, Hold, Hold.closed_at.is_(None)) == []


def test_a_key_that_covers_what_is_kept_stays_and_the_rows_go(made):
    study, gone = made.study, made.leaves
    withdrawal_id = makers.withdrawn(study, ("transcript",), gone.id)
    chosen = {name: Decision("erase") for name in items(study, withdrawal_id)}
    chosen |= {"export": Decision("stop_use"), "coding": Decision("stop_use")}
    chosen |= {"release": Decision("stop_use")}
    known = items(study, withdrawal_id)
    withdrawal_deciding.decide(
        study.petra, withdrawal_id, {name: chosen[name] for name in known}
    )
    withdrawal_deciding.request(study.petra, withdrawal_id)

    erasing.run(study.hub)

    assert items(study, withdrawal_id)["release"].proof == "unused:1"
    (release,) = rows(study, Release, Release.label == gone.label)
    assert release.state == "recalled"
    assert release.body_sealed
    assert release.held
    versions = rows(study, TranscriptVersion)
    mine = [each for each in versions if each.transcript_id == gone.transcript_id]
    assert mine
    assert all(each.body_sealed is None for each in mine)
    assert [each.scope for each in rows(study, Hold, Hold.closed_at.is_(None))] == [
        "transcript"
    ]
    assert {each.recall_state for each in rows(study, Export)} == {"asked", "none"}


def test_a_person_who_took_identity_back_is_nobody_and_the_text_stays(made):
    study, gone = made.study, made.leaves
    token = makers.own_token(study, gone.id)
    makers.decided(study, ("identity",), gone.id)

    erasing.run(study.hub)

    with pytest.raises(Erased):
        recruitment_contacts.read(study.rita, gone.id)
    assert all(each.text_sealed == b"" for each in rows(study, Question) if mine(each, gone))
    links = [each for each in rows(study, Link) if mine(each, gone)]
    assert all(each.capsule_sealed is None for each in links)
    assert [each for each in links if each.revoked_at is None and token]
    assert analysis_reading.read(study.ann, gone.label)
    assert shreds_of(study.hub.keystore, gone.id)[Side.RELEASE]  # the text can still be stopped


def mine(found, person):
    return found.participant_id == person.id


def test_inv_70_nothing_is_completed_while_an_item_has_no_outcome(made):
    study, gone = made.study, made.leaves
    withdrawal_id = makers.decided(study, ("audio",), gone.id)
    (erasure,) = worlds.erasures(study.hub)
    with study.hub.sessions.writing.begin() as session:
        for each in session.scalars(select(WithdrawalItem)):
            each.decision = None

    assert erasing.run(study.hub) == 0

    assert worlds.erasures(study.hub)[0].state == "files"
    assert steps(study, withdrawal_id)[-1] == "executing"
    with pytest.raises(NotFound):
        certificates.read(study.petra, str(erasure.id))
    with pytest.raises(WrongState):
        erasing._finish(study.worker, erasure.id)


def test_nobody_but_the_worker_carries_an_erasure_out(made):
    study = made.study
    makers.decided(study, ("audio",), made.leaves.id)
    (erasure,) = worlds.erasures(study.hub)

    for step in (erasing._destroyed, erasing._empty_rows, erasing._removed, erasing._finish):
        with pytest.raises(NotPermitted):
            step(study.petra, erasure.id)
    for nobody in (study.ann, study.tess, study.nina):
        with pytest.raises(NotPermitted):
            certificates.read(nobody, str(erasure.id))
    with pytest.raises(NotFound):
        certificates.read(makers.own_link(study, made.stays.id), str(erasure.id))


def test_the_ledger_names_every_key_and_the_contact_last(made):
    study = made.study
    contact = shreds_of(study.hub.keystore, made.leaves.id)[Side.CONTACT]
    known = set(shreds_of(study.hub.keystore, made.leaves.id).values())
    makers.decided(study, ("all",), made.leaves.id)

    erasing.run(study.hub)

    listed = [each.shred_id for each in read_ledger(study.hub.settings.erasure_ledger)]
    assert listed[-1] == contact
    assert not study.hub.keystore.keys(known - {consent_key(study, made.leaves)})


def consent_key(study, person):
    return shreds_of(study.hub.keystore, person.id)[Side.CONSENT]


def test_a_changed_certificate_and_one_of_another_instance_are_refused(made, tmp_path):
    study = made.study
    makers.decided(study, ("audio",), made.leaves.id)
    erasing.run(study.hub)
    kept = certificates.read(study.petra, str(worlds.erasures(study.hub)[0].id))
    changed = json.loads(kept.content)
    changed["certificate"]["files"] = []

    with pytest.raises(Corrupt):
        check_certificate(json.dumps(changed).encode(), study.hub.key_files.log_public)
    with pytest.raises(Corrupt):
        check_certificate(kept.content, bytes(32))
    for bad in (b"", b"[]", b'{"certificate":1,"key":"","signature":""}'):
        with pytest.raises(Corrupt):
            check_certificate(bad, study.hub.key_files.log_public)
    answers = [checked_alone(tmp_path, kept, each) for each in (kept.content, b"{}")]
    assert answers == [0, 1]


def checked_alone(folder, kept, content):
    """By the script that is given away, with nothing else of ours."""
    files = {"certificate.json": content, "pub.txt": kept.public_key, "verify.py": kept.script}
    for name, each in files.items():
        (folder / name).write_bytes(each)
    command = [sys.executable, "-I", "verify.py", "certificate.json", "pub.txt"]
    return subprocess.run(  # noqa: S603 - our own script
        command, cwd=folder, capture_output=True, check=False
    ).returncode


def test_doctor_says_how_a_half_done_erasure_is_finished(made):
    study = made.study
    makers.decided(study, ("audio",), made.leaves.id)
    (erasure,) = worlds.erasures(study.hub)
    arrows = erasing.steps(study.hub, erasure.id)
    assert [next(arrows), next(arrows)] == ["destroy_keys", "destroyed"]
    assert inspect_database.erasures(study.hub) == "0 finished, 1 under way"

    study.clock.advance(hours=2)

    with pytest.raises(Wrong, match=f"worker --once. {erasure.id} stands behind keys"):
        inspect_database.erasures(study.hub)
    erasing.run(study.hub)
    assert inspect_database.erasures(study.hub) == "1 finished, 0 under way"
