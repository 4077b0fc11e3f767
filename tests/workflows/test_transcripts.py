"""A transcript is given with its keys, typed without loss, kept in versions, and finished."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from studyhub.domain import turns
from studyhub.domain.errors import (
    Held,
    Hidden,
    Invalid,
    NotPermitted,
    Refused,
    Stale,
    WrongState,
)
from studyhub.domain.saving import Save
from studyhub.domain.vocabulary import Role
from studyhub.store.keys import DataKeyGrant
from studyhub.store.transcripts import Assignment, Transcript, TranscriptVersion
from studyhub.workflows import (
    accounts_exceptions,
    assignments,
    transcripts,
    transcripts_import,
    transcripts_list,
    transcripts_saving,
)
from studyhub.workflows.assignments import Gift
from studyhub.workflows.transcripts_import import Document, Voice
from studyhub.workflows.transcripts_saving import Outcome
from tests.makers import SLUG, assigned, interviewed, invite_and_grant, transcribed

pytestmark = pytest.mark.usefixtures("approved")


def rows(study, table, **wanted):
    with study.hub.sessions.reading.begin() as session:
        found = session.scalars(select(table).filter_by(**wanted)).all()
        session.expunge_all()
        return found


def grants_of(study, login):
    return rows(study, DataKeyGrant, grantee_id=study.membership_id(login))


def test_somebody_can_type_what_they_were_given(study):
    transcript_id = assigned(study)

    opened = transcripts.read(study.tess, transcript_id)

    assert opened.rev == 0
    assert turns.read(opened.text).labels == {"s1": "Interviewer", "s2": "Participant"}
    assert study.last_event().act == "transcript.read"


def test_a_finished_transcript_is_checked_and_kept(study):
    transcript_id = transcribed(study)

    assert rows(study, Transcript)[0].state == "raw_verified"
    kinds = [row.kind for row in rows(study, TranscriptVersion, transcript_id=transcript_id)]
    assert sorted(kinds) == ["imported", "verbatim"]
