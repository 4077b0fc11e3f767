"""What tests of releases share: a text of turns, and a release of it under a label."""

from uuid import uuid4

from sqlalchemy import select

from studyhub.domain import turns
from studyhub.domain.turns import Body, Speaker, Turn
from studyhub.domain.vocabulary import Compartment, Side
from studyhub.store.releases import Case, Release
from studyhub.vault.seal import pack
from studyhub.vault.threads import shred_for
from studyhub.workflows.sealed_places import place_of

SAID = (
    ("a", "What does a usual week look like for you?"),
    ("b", "I answer the line on three evenings. On the other days I am at [a charity]."),
    ("a", "And who looks after you?"),
    ("b", "We look after each other, since Hallowmere. That is the honest answer."),
)


def body_of(label):
    """A short conversation as it is released."""
    speakers = (Speaker("a", "interviewer", "Interviewer"), Speaker("b", "participant", label))
    return Body(
        speakers,
        tuple(
            Turn(f"t{number}", who, None, None, text)
            for number, (who, text) in enumerate(SAID, 1)
        ),
    )


def planted(study, participant_id, label="P3", number=1, **more):
    """A release as rows, sealed as the act of releasing seals it. Returns its id."""
    today = study.clock().date()
    with study.hub.sessions.writing.begin() as session:
        vault = study.ravi.locker(session, frozenset(Compartment))
        shred = shred_for(study.hub.keystore, participant_id, Side.RELEASE, today)
        key = vault.new_data_key(Compartment.RELEASE, shred)
        common = {"study_id": study.id, "label": label, "data_key_id": key.id}
        row = Release(
            id=uuid4(),
            number=number,
            released_on=today,
            **{"held": False, "quotes_ok": True, "sharing_ok": True, **more},
            **common,
        )
        text = turns.write(body_of(label))
        place = place_of(row, "body_sealed", study.id, label)
        row.body_sealed = vault.seal(key, place, pack({"text": text}).decode())
        session.add(row)
        if number == 1:
            session.add(Case(id=uuid4(), **common))
        return row.id


def release_row(study, release_id):
    """A release as it stands."""
    with study.hub.sessions.reading.begin() as session:
        row = session.get_one(Release, release_id)
        session.expunge(row)
        return row


def rows_of(study, table):
    """Every row of a table."""
    with study.hub.sessions.reading.begin() as session:
        found = session.scalars(select(table)).all()
        session.expunge_all()
        return found
