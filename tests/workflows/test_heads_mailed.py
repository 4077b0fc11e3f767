"""Signed heads leave the machine: once a day, to auditors and principal investigators."""

import pytest
from sqlalchemy import select

from studyhub.domain.errors import NotPermitted
from studyhub.domain.vocabulary import Service
from studyhub.store.outbox import Letter
from studyhub.store.users import User
from studyhub.vault.seal import unpack
from studyhub.vault.verify_audit import witness_heads
from studyhub.workflows import heads_mailed, trail, worker
from studyhub.workflows.kernel import worker_desk
from studyhub.workflows.locker import Locker
from tests.makers import contact


def letters(study):
    with study.hub.sessions.reading.begin() as session:
        rows = session.execute(
            select(User.login)
            .join(Letter, Letter.user_id == User.id)
            .where(Letter.purpose == "audit_head")
        )
        return sorted(rows.scalars())


def text_of_letter(study):
    with study.hub.sessions.reading.begin() as session:
        row = session.scalars(select(Letter).where(Letter.purpose == "audit_head")).first()
        lent = frozenset({Service.MAILER})
        keys = study.worker.keys
        locker = Locker(session, study.hub.room, study.id, keys, lent=lent)
        return unpack(locker.open_letter(row))["text"]


def test_the_head_goes_to_auditor_and_pi_and_to_nobody_else(small_study):
    study = small_study
    trail.sign_head(worker_desk(study.hub, study.id))

    assert heads_mailed.mail_heads(study.hub) == 1

    assert letters(study) == ["ada", "petra"]
    (head,) = witness_heads(text_of_letter(study), str(study.id))
    assert trail.check_health(study.ada).head.digest == head.digest


def test_one_letter_a_day_and_none_while_nothing_was_added(small_study):
    study = small_study
    trail.sign_head(worker_desk(study.hub, study.id))
    heads_mailed.mail_heads(study.hub)

    contact(study)
    worker.sign_heads(study.hub)
    assert heads_mailed.mail_heads(study.hub) == 0

    study.clock.advance(days=1)
    worker.sign_heads(study.hub)
    assert heads_mailed.mail_heads(study.hub) == 1
    study.clock.advance(days=1)
    worker.sign_heads(study.hub)
    assert heads_mailed.mail_heads(study.hub) == 0


def test_nobody_of_the_team_sends_heads(small_study):
    with pytest.raises(NotPermitted):
        heads_mailed.mail(small_study.petra)
