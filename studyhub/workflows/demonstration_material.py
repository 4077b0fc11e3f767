"""What the fictional interviews left: sound, text, and a release under a label.

Rows only, no events: an act replaces each of these functions when its stage is built.
"""

import io
import math
import secrets
import struct
import wave
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import select

from studyhub.domain import turns
from studyhub.domain.turns import Body, Speaker, Turn
from studyhub.domain.vocabulary import Compartment, Role, Side, StudyKey
from studyhub.store.consent import (
    GateAnswer,
)
from studyhub.store.interviews import Recording
from studyhub.store.keys import SealedObject
from studyhub.store.releases import Case, Release
from studyhub.store.transcripts import (
    Assignment,
    Entity,
    RegisterEntry,
    Transcript,
    TranscriptVersion,
    WorkingCopy,
)
from studyhub.vault.stream_format import Context
from studyhub.workflows.demonstration_hand import Person, Team, finish_object, plant_note

SAID = (
    "Interviewer: What does a usual week look like for you?\n"
    "{name}: I answer the line on three evenings. On the other days I am with {employer}.\n"
    "Interviewer: And who looks after you?\n"
    "{name}: We look after each other. That is the honest answer."
)


# -- sound and text -------------------------------------------------------------------


def plant_recording(team: Team, person: Person) -> None:
    """The depositor seals the sound and keeps an own grant until it is accepted for a week."""
    with team.hand(Role.INTERVIEWER) as hand:
        key = hand.key(Compartment.RECORDING, Side.RECORDING, person.id)
        hand.grant(key, Role.INTERVIEWER, until=hand.now + timedelta(days=7))
        sound = hand.begin_object(key, "recording")
    place = Context(team.study, person.recording, Compartment.RECORDING, "recording", 1)
    finish_object(team, sound, key, place, a_tone())
    with team.hand(Role.INTERVIEWER) as hand:
        gate = GateAnswer(
            id=uuid4(),
            participant_id=person.id,
            statement_code="audio_recording",
            at=hand.now,
            known_at=hand.now,
            answer="yes",
            consent_id=person.consent,
            reason_code="in_force",
        )
        recording = Recording(
            id=person.recording,
            interview_id=person.interview,
            object_id=sound,
            state="checked" if person.assigned else "accepted",
            media_type="audio/wav",
            duration_s=6,
            deposited_by=hand.by,
            deposited_at=hand.now,
            gate_id=gate.id,
        )
        hand.add(gate, recording)
        plant_note(hand, person, Compartment.TRANSCRIPT, "field_note", "Quiet room, no pauses.")


def a_tone() -> bytes:
    """Six seconds of a quiet tone as a WAV file: three segments of a sealed object."""
    rate, file = 16_000, io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        wanted = (int(6000 * math.sin(2 * math.pi * 440 * n / rate)) for n in range(6 * rate))
        sound.writeframes(b"".join(struct.pack("<h", value) for value in wanted))
    return file.getvalue()


def plant_transcript(team: Team, person: Person) -> UUID:
    """The text as it came, under the transcript's one data key."""
    with team.hand(Role.PI) as hand:
        key = hand.key(Compartment.TRANSCRIPT, Side.TRANSCRIPT, person.id)
        transcript = Transcript(
            id=uuid4(),
            interview_id=person.interview,
            recording_id=person.recording,
            state="released" if person.assigned else "raw_draft",
            data_key_id=key.id,
        )
        version = TranscriptVersion(
            id=uuid4(),
            transcript_id=transcript.id,
            kind="imported",
            author_id=hand.by,
            made_at=hand.now,
        )
        said = SAID.format(name=person.name, employer=person.employer)
        hand.seal(key, version, "body_sealed", person.id, text=_in_turns(said, person.name))
        hand.add(transcript, version)
        return transcript.id


def plant_assign(team: Team, person: Person, transcript: UUID) -> None:
    """The PI gives sound, text and register values of one person to those who work on them."""
    with team.hand(Role.PI) as hand:
        keys = [
            hand.session.scalars(
                select(SealedObject.data_key_id)
                .join(Recording, Recording.object_id == SealedObject.id)
                .where(Recording.id == person.recording)
            ).one(),
            hand.session.get_one(Transcript, transcript).data_key_id,
            hand.session.scalars(
                select(RegisterEntry.data_key_id).where(
                    RegisterEntry.participant_id == person.id
                )
            ).one(),
        ]
        for data_key_id in keys:
            if data_key_id is not None:
                opened = hand.vault.data_key(data_key_id)
                hand.grant(opened, Role.TRANSCRIBER, Role.REVIEWER)
        for role, duty in ((Role.TRANSCRIBER, "deidentify"), (Role.REVIEWER, "review")):
            hand.add(
                Assignment(
                    id=uuid4(),
                    study_id=team.study,
                    transcript_id=transcript,
                    membership_id=team.member(role),
                    duty=duty,
                    given_by=hand.by,
                )
            )


def plant_work_on_text(team: Team, person: Person, transcript: UUID) -> None:
    """The transcriber keeps a working copy and names what stands for the person."""
    with team.hand(Role.TRANSCRIBER) as hand:
        row = hand.session.get_one(Transcript, transcript)
        row.deidentified_by = hand.by
        if row.data_key_id is None:
            return
        key = hand.vault.data_key(row.data_key_id)
        copy = WorkingCopy(
            transcript_id=transcript,
            client_id="demonstration",
            client_seq=1,
            saved_by=hand.by,
            saved_at=hand.now,
        )
        said = SAID.format(name=person.name, employer=person.employer)
        hand.seal(key, copy, "body_sealed", person.id, text=_in_turns(said, person.name))
        hand.seal(key, copy, "spans_sealed", person.id, spans=[])
        hand.add(copy)
        entity = hand.session.get_one(Entity, person.entity)
        vocabulary = hand.vault.study_key(StudyKey.VOCABULARY)
        hand.seal(vocabulary, entity, "replacement_sealed", team.study, text="the participant")


def plant_release(team: Team, person: Person) -> None:
    """The reviewer seals the de-identified text to analysis, under a label drawn by chance."""
    with team.hand(Role.REVIEWER) as hand:
        label = f"P{secrets.randbelow(6) + 1}"
        key = hand.key(Compartment.RELEASE, Side.RELEASE, person.id)
        common = {"study_id": team.study, "label": label, "data_key_id": key.id}
        release = Release(
            id=uuid4(),
            number=1,
            released_on=hand.now.date(),
            held=False,
            quotes_ok=True,
            sharing_ok=False,
            **common,
        )
        said = SAID.format(name=label, employer="[an organisation]")
        hand.seal(key, release, "body_sealed", label, text=_in_turns(said, label))
        case = Case(id=uuid4(), **common)
        hand.seal(key, case, "attributes_sealed", label, work="support", years="5 to 10")
        hand.add(release, case)


def _in_turns(said: str, who: str) -> str:
    """What was said, line by line, in the form in which texts are kept."""
    speakers = (
        Speaker("i", "interviewer", "Interviewer"),
        Speaker("p", "participant", who),
    )
    lines = [line.partition(": ") for line in said.splitlines()]
    return turns.write(
        Body(
            speakers,
            tuple(
                Turn(f"t{number}", "p" if first == who else "i", None, None, text)
                for number, (first, _, text) in enumerate(lines, 1)
            ),
        )
    )
