"""Open, read and keep the texts of a transcript: its versions and its working copy.

All of them lie under the transcript's one data key, about the participant of its interview. A
text is kept in the form of ``domain.turns``, one line for each speaker and turn.
"""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from studyhub.domain import turns
from studyhub.domain.errors import Erased, HouseRuleBroken, NotFound, WrongState
from studyhub.domain.turns import Body, Speaker, Turn
from studyhub.domain.vocabulary import Compartment, Side
from studyhub.store.consent import Participant
from studyhub.store.interviews import Interview
from studyhub.store.transcripts import Transcript, TranscriptVersion, WorkingCopy
from studyhub.store.users import Membership, User
from studyhub.workflows.holding import refuse_held
from studyhub.workflows.kernel import Work
from studyhub.workflows.keyring import OpenKey
from studyhub.workflows.people import side_of
from studyhub.workflows.sealing import open_with, seal_column

# Until a person is named by a label, in the act of releasing.
PARTICIPANT = "Participant"
INTERVIEWER = "Interviewer"
# In these states a text may still be typed in; afterwards it is somebody else's to judge.
IN_WORK = frozenset({"raw_draft", "raw_verified", "anonymising", "returned"})

EMPTY = Body(
    (
        Speaker("s1", "interviewer", INTERVIEWER),
        Speaker("s2", "participant", PARTICIPANT),
    ),
    (Turn("t0001", "s1", None, None, ""),),
)


@dataclass(frozen=True)
class OpenText:
    """A transcript in the memory of one act, with the key of all its texts."""

    row: Transcript
    participant_id: UUID
    key: OpenKey = field(repr=False)


@dataclass(frozen=True)
class KeptVersion:
    """One version as it was kept, and what was noted with it."""

    row: TranscriptVersion
    text: str
    note: str


def participant_of(session: Session, transcript: Transcript) -> UUID:
    """Whose interview a transcript is the text of."""
    return session.get_one(Interview, transcript.interview_id).participant_id


def code_of(session: Session, transcript: Transcript) -> str:
    """The code of the person whose transcript it is: all that its pages call them by."""
    return session.get_one(Participant, participant_of(session, transcript)).code


def refuse_finished(transcript: Transcript) -> None:
    """WrongState once a text was handed in: from then on it is read, and not typed in."""
    if transcript.state not in IN_WORK:
        raise WrongState("this transcript was handed in, so its text can no longer be changed")


def open_text(work: Work, transcript: Transcript) -> OpenText:
    """Open the key of a transcript. Held while a hold lies on it; Erased when it is gone."""
    participant_id = participant_of(work.session, transcript)
    refuse_held(work.session, participant_id, "transcript")
    if transcript.data_key_id is None:
        raise Erased("this transcript was erased")
    return OpenText(transcript, participant_id, work.vault.data_key(transcript.data_key_id))


def begin(work: Work, interview: Interview, recording_id: UUID | None = None) -> OpenText:
    """Make the transcript of an interview, its key, and an empty text to type in."""
    person = interview.participant_id
    refuse_held(work.session, person, "transcript")
    shred = side_of(work, person, Side.TRANSCRIPT)
    key = work.vault.new_data_key(Compartment.TRANSCRIPT, shred)
    row = Transcript(
        id=uuid4(), interview_id=interview.id, recording_id=recording_id, data_key_id=key.id
    )
    work.session.add(row)
    work.session.flush()
    copy = WorkingCopy(
        transcript_id=row.id,
        client_id="",
        client_seq=0,
        earlier={},
        marks_by={},
        saved_by=author(work),
        saved_at=work.now,
    )
    opened = OpenText(row, person, key)
    seal_column(work, key, copy, "body_sealed", person, text=turns.write(EMPTY))
    seal_column(work, key, copy, "spans_sealed", person)
    work.session.add(copy)
    work.session.flush()
    return opened


def name_of(session: Session, membership_id: UUID) -> str:
    """The name of the team member behind a membership."""
    member = session.get_one(Membership, membership_id)
    return session.get_one(User, member.user_id).name


def author(work: Work) -> UUID:
    """The membership that types, gives or keeps something."""
    if work.actor.membership_id is None:
        raise HouseRuleBroken("only a member works on a text")
    return work.actor.membership_id


# -- the working copy ------------------------------------------------------------------


def working_copy(work: Work, transcript_id: UUID) -> WorkingCopy:
    """The row of the text being typed, locked for this act."""
    copy = work.session.get(
        WorkingCopy, transcript_id, with_for_update=True, populate_existing=True
    )
    if copy is None:
        raise NotFound("working copy")
    return copy


def read_working(work: Work, opened: OpenText, copy: WorkingCopy) -> str:
    """The text being typed, in its kept form."""
    kept = open_with(work, opened.key, copy, "body_sealed", opened.participant_id)
    return str(kept["text"])


def write_working(work: Work, opened: OpenText, copy: WorkingCopy, text: str) -> None:
    """Seal a text in place of the one before. Raises Invalid where it is no kept form."""
    turns.read(text)
    seal_column(work, opened.key, copy, "body_sealed", opened.participant_id, text=text)
    copy.saved_by, copy.saved_at = author(work), work.now


# -- versions --------------------------------------------------------------------------


@dataclass(frozen=True)
class Keeping:
    """How a version is kept: its kind, by whom and when, from which, for good or not."""

    kind: str
    author_id: UUID
    made_at: datetime
    parent_id: UUID | None = None
    note: str = ""
    for_good: bool = True


def keep_version(work: Work, opened: OpenText, text: str, how: Keeping) -> UUID:
    """Keep a text as a version that nothing will change."""
    row = TranscriptVersion(
        id=uuid4(),
        transcript_id=opened.row.id,
        parent_id=how.parent_id or newest_version(work.session, opened.row.id),
        kind=how.kind,
        kept_for_good=how.for_good,
        author_id=how.author_id,
        made_at=how.made_at,
    )
    told = {"note": how.note} if how.note else {}
    key, owner = opened.key, opened.participant_id
    seal_column(work, key, row, "body_sealed", owner, text=text, **told)
    work.session.add(row)
    work.session.flush()
    return row.id


def newest_version(session: Session, transcript_id: UUID) -> UUID | None:
    """The newest version that is kept for good, from which the next one comes."""
    return session.scalar(
        select(TranscriptVersion.id)
        .where(
            TranscriptVersion.transcript_id == transcript_id,
            TranscriptVersion.kept_for_good.is_(True),
        )
        .order_by(TranscriptVersion.made_at.desc(), TranscriptVersion.id.desc())
        .limit(1)
    )


def read_version(work: Work, opened: OpenText, version_id: UUID) -> KeptVersion:
    """One version of this transcript. NotFound for one of another; Erased where it is empty."""
    row = work.session.get(TranscriptVersion, version_id)
    if row is None or row.transcript_id != opened.row.id:
        raise NotFound("version")
    if row.body_sealed is None:
        raise Erased("this version was erased")
    kept = open_with(work, opened.key, row, "body_sealed", opened.participant_id)
    return KeptVersion(row, str(kept["text"]), str(kept.get("note", "")))
