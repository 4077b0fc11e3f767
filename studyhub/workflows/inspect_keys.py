"""Look at the keys: shred keys known, and every signature leading to its study's root."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from studyhub.domain.errors import Corrupt
from studyhub.domain.vocabulary import Service
from studyhub.store.keys import CompartmentKey, DataKey, KeyGrant
from studyhub.store.users import Membership, Study
from studyhub.vault.grants import Trust
from studyhub.workflows.findings import Wrong, some
from studyhub.workflows.kernel import Hub
from studyhub.workflows.proofs import certificate_of, grant_of, public_key_of, trust_under


def shred_keys(hub: Hub) -> str:
    """The keystore can be read, and knows the shred key of every data key."""
    with hub.sessions.reading.begin() as session:
        wanted = set(session.scalars(select(DataKey.shred_id).distinct()))
    unknown = wanted - hub.keystore.sides(wanted).keys()
    if unknown:
        raise Wrong(f"the keystore does not know: {some(sorted(map(str, unknown)))}")
    return f"{len(wanted)} known"


def signatures(hub: Hub) -> str:
    """Certificates, public keys and grants of every study lead to its root."""
    told = 0
    with hub.sessions.reading.begin() as session:
        for study in session.scalars(select(Study).order_by(Study.slug)):
            try:
                told += _check_study(hub, session, study)
            except Corrupt as found:
                raise Wrong(f"study {study.slug}: {found}") from None
    return f"{told} hold"


def _check_study(hub: Hub, session: Session, study: Study) -> int:
    root = hub.settings.root_of(study.id)
    if root is None or root != study.root_public_key:
        raise Corrupt("its root in the database is not the one of the configuration")
    trust = trust_under(root, session)
    return _members(session, trust, study.id) + _keys(hub, session, trust, study.id)


def _members(session: Session, trust: Trust, study_id: UUID) -> int:
    found = 0
    for member in session.scalars(select(Membership).where(Membership.study_id == study_id)):
        certificate = certificate_of(member)
        if certificate:
            trust.member(certificate)
            found += 1
        elif member.state == "active":
            raise Corrupt(f"membership {member.id} is active without a certificate")
    return found


def _keys(hub: Hub, session: Session, trust: Trust, study_id: UUID) -> int:
    rows = session.scalars(
        select(CompartmentKey).where(CompartmentKey.study_id == study_id)
    ).all()
    for row in rows:
        trust.public_key(public_key_of(row))
        is_mailer = (row.compartment, row.state) == (Service.MAILER, "current")
        if is_mailer and row.public_key != hub.key_files.mailer_public:
            raise Corrupt("its letters are sealed to another mailer than this one")
    by_id = {row.id: row for row in rows}
    grants = session.scalars(
        select(KeyGrant).where(KeyGrant.compartment_key_id.in_(by_id))
    ).all()
    for grant in grants:
        trust.grant(grant_of(grant, by_id[grant.compartment_key_id]))
    return len(rows) + len(grants)
