"""Sealed files of every kind: the folders they lie in, and the row each of them has."""

from uuid import UUID

from studyhub.store.keys import SealedObject
from studyhub.vault.blobs import Blobs
from studyhub.workflows.kernel import Hub, Work

VERSION = 1  # only deep rotation raises it (vault.md 4.5)


def blobs(hub: Hub) -> Blobs:
    """The folders of sealed objects."""
    settings = hub.settings
    return Blobs(settings.objects, settings.tmp, settings.free_space_floor)


def keep_row(
    work: Work,
    object_id: UUID,
    data_key_id: UUID,
    *,
    kind: str,
    store_name: str,
    size: int,
    root: bytes | None = None,
) -> None:
    """Write the row of a file; without ``root`` of one that is still on its way."""
    work.session.add(
        SealedObject(
            id=object_id,
            study_id=work.study,
            data_key_id=data_key_id,
            kind=kind,
            version=VERSION,
            store_name=store_name,
            size=size,
            root=root,
            made_on=work.now.date(),
        )
    )
    work.session.flush()
