"""What tests of consent share: somebody who was informed, a form filled in, and who signed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from hashlib import sha256
from pathlib import Path

from sqlalchemy import select

from studyhub.store.consent import (
    Approval,
    Consent,
    Decision,
    Document,
    DocumentVersion,
    Evidence,
    Participant,
    Statement,
)
from studyhub.store.db import Sessions, make_sessions
from studyhub.store.keys import SealedObject
from studyhub.store.people import Expression
from studyhub.workflows import consent_ethics, consent_form, consent_signing
from studyhub.workflows.links import guest
from tests import engines
from tests.makers import Clock, Study, approved_study, enrolled, informed, new_instance
from tests.staged import Staged, copied, staged_as
from tests.store.rows import add

WORD = "Blue heron"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


@contextmanager
def informed_on(kind: str, clock: Clock) -> Iterator[tuple[Study, str]]:
    """An approved study, and the link of somebody who was informed a day ago."""
    stage = _staged_informed(kind)
    made, token = stage.made
    with copied(stage, clock) as hub:
        clock.at = made.clock.at
        yield replace(made, hub=hub, clock=clock), token


@contextmanager
def informed_where_many_write(kind: str, clock: Clock) -> Iterator[tuple[Study, str]]:
    """The same where several write at once: on SQLite in a file, each with a connection."""
    if kind != "sqlite":
        with informed_on(kind, clock) as made:
            yield made
        return
    image = _staged_informed(kind).database
    assert isinstance(image, bytes)
    with (
        informed_on(kind, clock) as (study, token),
        engines._file(image) as url,
        engines.ended(make_sessions(url)) as sessions,
    ):
        yield replace(study, hub=replace(study.hub, sessions=sessions)), token


@cache
def _staged_informed(kind: str) -> Staged[tuple[Study, str]]:
    """Made once: it takes longer than most tests of it."""
    return staged_as("informed", kind, _informed)


def _informed(sessions: Sessions, folder: Path) -> tuple[Study, str]:
    clock = Clock()
    study = enrolled(new_instance(sessions, folder, clock), clock)
    approved_study(study)
    return study, informed(study)


def at(study, token):
    """The desk of whoever holds a link."""
    return guest(study.hub, token).desk


def opened(study, token):
    return consent_form.open_form(at(study, token))


def filled(study, token, *, but=(), **more):
    """Every statement agreed to but some, and a name."""
    view = opened(study, token)
    codes = [each.code for each in view.ground.form.statements] if view.ground.form else []
    values = {
        "seq": view.ground.next_seq,
        "text_hash": view.ground.text_hash,
        "sheet_id": view.ground.facts.given and view.ground.sheet_id,
        "answers": {code: "decline" if code in but else "agree" for code in codes},
        "name": "Grace Adeyemi",
    }
    return consent_signing.Filled(**{**values, **more})


def sign(study, token, **more):
    return consent_signing.sign(at(study, token), filled(study, token, **more))


def records(study):
    """Every consent with its answers, in order."""
    with study.hub.sessions.reading.begin() as session:
        rows = session.scalars(select(Consent).order_by(Consent.seq)).all()
        found = [(row, answers_of(session, row.id)) for row in rows]
        session.expunge_all()
        return found


def answers_of(session, consent_id):
    rows = session.execute(
        select(Statement.code, Decision.answer)
        .join(Statement, Statement.id == Decision.statement_id)
        .where(Decision.consent_id == consent_id)
    )
    return dict(rows.all())


def person_of(study, token):
    return guest(study.hub, token).participant_id


def code_of(study, participant_id):
    with study.hub.sessions.reading.begin() as session:
        return session.get_one(Participant, participant_id).code


def evidence_of(study, consent_id):
    """Kind, root and file of everything that proves a consent."""
    with study.hub.sessions.reading.begin() as session:
        rows = session.execute(
            select(Evidence.kind, SealedObject.root, SealedObject.store_name)
            .join(SealedObject, SealedObject.id == Evidence.object_id)
            .where(Evidence.consent_id == consent_id)
        ).all()
    return {kind: (root, file_of(study, name)) for kind, root, name in rows}


def file_of(study, store_name):
    return study.hub.settings.objects / store_name[:2] / f"{store_name}.sho"


def joined(*roots):
    return sha256(b"".join(roots)).digest()


def asked(study, token, **values):
    with study.hub.sessions.writing.begin() as session:
        row = add(
            session,
            "questions",
            participant_id=person_of(study, token),
            data_key_id=session.scalars(select(Expression.data_key_id)).first(),
            **{"state": "open", "blocks": False, **values},
        )
        return row.id


def version_of(study, kind):
    with study.hub.sessions.reading.begin() as session:
        return session.scalars(
            select(DocumentVersion.id)
            .join(Document, Document.id == DocumentVersion.document_id)
            .where(Document.kind == kind, DocumentVersion.state == "effective")
        ).one()


def approval_of(study):
    with study.hub.sessions.reading.begin() as session:
        return session.scalars(select(Approval.id)).one()


def suspended(study):
    consent_ethics.change(study.petra, approval_of(study), consent_ethics.Outcome("suspended"))
