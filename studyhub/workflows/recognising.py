"""Recognise what the register knows without listing it; open the entries one was given."""

from collections.abc import Iterable, Iterator, Mapping
from uuid import UUID

from sqlalchemy import select

from studyhub.domain.errors import NotPermitted, Refused
from studyhub.domain.redaction.spans import Entry, Hit, Known
from studyhub.domain.vocabulary import StudyKey
from studyhub.store.transcripts import RegisterEntry, RegisterPrint
from studyhub.vault.prints import printer
from studyhub.workflows.kernel import Work
from studyhub.workflows.keyring import OpenKey
from studyhub.workflows.sealing import open_with

NOT_GIVEN = "the register of this participant was not given to you: the PI has to give it"


def recogniser(work: Work, merged: Mapping[UUID, UUID], without: Iterable[UUID] = ()) -> Known:
    """Look plain values up among the study's prints, with the study key ``print``.

    ``merged`` leads from an entity to the one it became. What several entities share (a first
    name) is known, but nobody's. Entries of ``without`` are passed over.
    """
    of = printer(work.vault.study_key(StudyKey.PRINT).key)
    passed = set(without)
    hits: dict[tuple[str, bytes], Hit] = {}
    rows = work.session.execute(
        select(RegisterPrint, RegisterEntry.entity_id, RegisterEntry.category)
        .join(RegisterEntry, RegisterEntry.id == RegisterPrint.entry_id)
        .where(RegisterEntry.study_id == work.study)
    )
    for row, entity_id, category in rows:
        if row.entry_id in passed:
            continue
        hit = Hit(str(merged.get(entity_id, entity_id)), category)
        first = hits.setdefault((row.kind, row.print), hit)
        if first.entity != hit.entity:
            hits[(row.kind, row.print)] = Hit("", first.category)
    return lambda kind, value: hits.get((kind, of(kind, value))) if value else None


def own_entries(
    work: Work, participant_id: UUID, merged: Mapping[UUID, UUID]
) -> list[tuple[RegisterEntry, Entry]]:
    """The entries of one participant in clear, for whoever was given their register."""
    return [
        (row, Entry(str(merged.get(row.entity_id, row.entity_id)), row.category, value))
        for row, value in opened(work, entries_of(work, participant_id))
    ]


def entries_of(work: Work, participant_id: UUID | None) -> list[RegisterEntry]:
    return list(
        work.session.scalars(
            select(RegisterEntry)
            .where(
                RegisterEntry.study_id == work.study,
                RegisterEntry.participant_id == participant_id,
            )
            .order_by(RegisterEntry.made_at, RegisterEntry.id)
        )
    )


def opened(work: Work, rows: Iterable[RegisterEntry]) -> Iterator[tuple[RegisterEntry, str]]:
    """Each entry with its value. Refused where its key was not given to this member."""
    keys: dict[UUID, OpenKey] = {}
    for row in rows:
        try:
            key = keys.get(row.data_key_id) or work.vault.data_key(row.data_key_id)
        except NotPermitted:
            raise Refused(NOT_GIVEN, "register") from None
        keys[row.data_key_id] = key
        owner = row.participant_id or work.study
        yield row, str(open_with(work, key, row, "body_sealed", owner)["value"])
