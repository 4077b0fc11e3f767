"""The part of every erasure: wrapped keys, grants, capsules and letters under destroyed keys.

What they opened is unreadable already. The rows go, or stay empty where others refer to them;
rows of files stay with their roots, as the proof of what was destroyed.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import delete, exists, select, update

from studyhub.domain.lifecycle import advance
from studyhub.domain.lifecycle_material import UPLOAD
from studyhub.domain.vocabulary import Act
from studyhub.store.db import Base
from studyhub.store.interviews import Recording, Rendition, Upload
from studyhub.store.keys import DataKey, DataKeyGrant, SealedObject
from studyhub.store.outbox import Letter
from studyhub.store.people import Link
from studyhub.workflows.kernel import Work
from studyhub.workflows.sound_files import KIND, PEAKS


@dataclass
class Emptied:
    """What was emptied: the data keys that go, and how many of each class."""

    keys: set[UUID] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)

    def took(self, class_: str, keys: Sequence[UUID | None], count: int | None = None) -> None:
        """Remember the keys of a class, and how many things it had."""
        found = {key for key in keys if key is not None}
        self.keys |= found
        self.counts[class_] += len(found) if count is None else count


def forget(work: Work, done: Emptied, shred_ids: Sequence[UUID]) -> list[str]:
    """Empty every key, grant, capsule and letter. Returns the roots of the files that go."""
    under = select(DataKey.id).where(DataKey.shred_id.in_(shred_ids))
    keys = done.keys | set(work.session.scalars(under))
    roots = _let_files_go(work, keys)
    work.session.execute(delete(DataKeyGrant).where(DataKeyGrant.data_key_id.in_(keys)))
    work.session.execute(update(DataKey).where(DataKey.id.in_(keys)).values(wrapped=b""))
    work.session.execute(
        update(Link).where(Link.shred_id.in_(shred_ids)).values(capsule_sealed=None)
    )
    work.session.execute(
        update(Letter).where(Letter.shred_id.in_(shred_ids)).values(body_sealed=None)
    )
    work.session.flush()
    _delete_unused(work, keys)
    return roots


def _let_files_go(work: Work, keys: set[UUID]) -> list[str]:
    """Say of every file of a recording under these keys that it is gone, and by which root."""
    rows = work.session.scalars(
        select(SealedObject).where(
            SealedObject.data_key_id.in_(keys), SealedObject.kind.in_([KIND, PEAKS])
        )
    ).all()
    for row in rows:
        row.gone_at = row.gone_at or work.now
    ids = [row.id for row in rows]
    for upload in work.session.scalars(select(Upload).where(Upload.object_id.in_(ids))):
        upload.metadata_given = ""
        if (upload.state, str(Act.ERASURE_EMPTY)) in UPLOAD:
            upload.state = advance(upload.state, Act.ERASURE_EMPTY, UPLOAD)
    work.session.execute(delete(Rendition).where(Rendition.object_id.in_(ids)))
    work.session.execute(
        update(Recording).where(Recording.object_id.in_(ids)).values(object_id=None)
    )
    return sorted(row.root.hex() for row in rows if row.root)


def _delete_unused(work: Work, keys: set[UUID]) -> None:
    """Delete the rows of keys that nothing refers to any more."""
    columns = [
        column
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if any(each.target_fullname == "data_keys.id" for each in column.foreign_keys)
    ]
    unused = [~exists().where(column == DataKey.id) for column in columns]
    work.session.execute(delete(DataKey).where(DataKey.id.in_(keys), *unused))
