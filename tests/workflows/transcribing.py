"""What tests of transcripts ask of the tables, type, and stop."""

from dataclasses import replace

from sqlalchemy import select

from studyhub.domain import turns
from studyhub.domain.saving import Save
from studyhub.domain.vocabulary import Role
from studyhub.store.consent import Participant
from studyhub.store.keys import DataKeyGrant
from studyhub.store.transcripts import Assignment
from studyhub.store.withdrawals import Hold
from studyhub.workflows import (
    transcripts,
    transcripts_saving,
)
from tests.makers import (
    invite_and_grant,
)


def rows(study, table, **wanted):
    with study.hub.sessions.reading.begin() as session:
        found = session.scalars(select(table).filter_by(**wanted)).all()
        session.expunge_all()
        return found


def grants_of(study, login, role=None):
    return rows(study, DataKeyGrant, grantee_id=study.membership_id(login, role))


def given(study, transcript_id, duty="transcribe"):
    found = rows(study, Assignment, transcript_id=transcript_id, duty=duty, ended_at=None)
    return found[0].id


def typed(study, transcript_id, words, *, base_rev, seq, client="page-1", desk=None):
    """Tess types these words into the first turn."""
    body = turns.read(transcripts.read(desk or study.tess, transcript_id).text)
    first = replace(body.turns[0], text=words)
    text = turns.write(replace(body, turns=(first, *body.turns[1:])))
    sent = Save(base_rev, text, client, seq)
    return transcripts_saving.save(desk or study.tess, transcript_id, sent)


def hold(study, scope="transcript"):
    """A withdrawal that was received: the acts of it are another stage's."""
    with study.hub.sessions.writing.begin() as session:
        person = session.scalars(select(Participant.id)).first()
        session.add(
            Hold(participant_id=person, scope=scope, cause="legal", opened_at=study.clock())
        )


def second_transcriber(study):
    """Nina joins as a transcriber, and is given nothing."""
    invite_and_grant(study, "nina", Role.TRANSCRIBER)
    return study.desk("nina", Role.TRANSCRIBER)
