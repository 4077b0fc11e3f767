"""Recordings come in sealed, cut and resumed; the gate decides what becomes of them."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from studyhub.domain.errors import (
    Erased,
    Held,
    NoSpace,
    NotFound,
    NotPermitted,
    Refused,
    Stale,
    WrongKind,
    WrongState,
)
from studyhub.domain.upload_metadata import read
from studyhub.store.interviews import Interview, Recording, Upload
from studyhub.store.keys import DataKey, DataKeyGrant, SealedObject
from studyhub.workflows import consent_check, consent_ethics, deposits, uploads
from tests.makers import (
    SOUND,
    agreed,
    agreed_on_paper,
    interviewed,
    quarantined,
    recorded,
    said_of,
    sent,
)
from tests.staged import study_on
from tests.store.rows import add

SPEECH = SOUND.read_bytes()


@pytest.fixture
def study(clock):
    with study_on("sqlite", clock, approved=True) as made:
        yield made


def row_of(study, table, key):
    with study.hub.sessions.reading.begin() as session:
        found = session.get_one(table, key)
        session.expunge(found)
        return found


def begun(study, interview_id, length=len(SPEECH)):
    given = read(said_of(interview_id))
    upload_id, _ = uploads.start(study.ivan, given, length)
    return upload_id


def test_a(study):
    recording = recorded(study)
    row = row_of(study, Recording, recording)
    assert row.state == "accepted"
    print(row.__dict__, study.last_event().line)


def test_b(study):
    recording = quarantined(study)
    row = row_of(study, Recording, recording)
    assert row.state == "quarantined"
    print(row.__dict__, study.last_event().line)
