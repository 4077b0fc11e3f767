"""What tests of documents ask of a version."""

from dataclasses import replace

from studyhub.store.consent import DocumentVersion
from studyhub.workflows import (
    protocol_periods,
)
from tests import texts


def row(study, version_id):
    with study.hub.sessions.reading.begin() as session:
        found = session.get_one(DocumentVersion, version_id)
        session.expunge(found)
        return found


def state(study, version_id):
    return row(study, version_id).state


def effective(study, kind):
    with study.hub.sessions.reading.begin() as session:
        found = protocol_periods.in_use_at(session, study.id, kind, "en", study.clock())
        return found.id if found else None


def changed(draft, old, new):
    return replace(draft, body=draft.body.replace(old, new))


NEW_INVITATION = changed(texts.INVITATION_DRAFT, "about an hour", "about 45 minutes")
