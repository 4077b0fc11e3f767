"""Create a study with its keys, and prove its recovery kit.

Everything a study's keys hang on is made once, here: the kit's seed is in memory for the length
of one command, and afterwards on paper only.
"""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select

from studyhub.config import add_root
from studyhub.domain.errors import Invalid
from studyhub.domain.lifecycle import STUDY, advance
from studyhub.domain.settings import DEFAULTS
from studyhub.domain.vocabulary import (
    STUDY_KEY_LIES_IN,
    Act,
    Compartment,
    Lock,
    Role,
    Service,
    Side,
)
from studyhub.store.db import Base
from studyhub.store.keys import CompartmentKey
from studyhub.store.keys import StudyKey as StudyKeyRow
from studyhub.store.users import Membership, Study
from studyhub.vault import words
from studyhub.vault.grants import PublicKey, sign_public_key
from studyhub.vault.primitives import Pair, new_pair
from studyhub.workflows.chains import open_chain
from studyhub.workflows.entrance import Entered
from studyhub.workflows.kernel import Hub, Work, action, operator_desk
from studyhub.workflows.keyring import draw
from studyhub.workflows.proofs import Signer, certify, data_key_row, grant_row
from studyhub.workflows.role_keys import new_pairs


@dataclass(frozen=True)
class NewStudy:
    """What the operator is told once: six words of the root, and the kit to write on paper."""

    id: UUID
    slug: str
    state: str
    root_fingerprint: list[str]
    recovery_kit: list[str] = field(repr=False)


@dataclass(frozen=True)
class _Plan:
    """The rows of a new study, in the order in which they are written."""

    study: Study
    member: Membership
    keys: list[CompartmentKey]
    rest: list[Base]
    links: list[Base]


def create(
    hub: Hub, *, slug: str, title: str, pi: Entered, neutral_name: str = "", zone: str = "UTC"
) -> NewStudy:
    """Create a study with all its keys and its first principal investigator.

    The study stays ``setting_up`` until the kit was typed back. Raises Invalid for a bad or
    known slug. A crash in between leaves a root and an open chain of a study that never was.
    """
    _check_new(hub, slug, title)
    seed, study_id = words.new_seed(), uuid4()
    root = words.root_of(seed)
    plan = _plan(hub, study_id, seed, pi)
    plan.study.slug, plan.study.title = slug, title
    plan.study.neutral_name, plan.study.time_zone = neutral_name or "Interview study", zone
    add_root(hub.settings, study_id, root.public)
    open_chain(operator_desk(hub, study_id), demonstration=hub.settings.demonstration)
    _create(operator_desk(hub), plan)
    return NewStudy(
        study_id, slug, "setting_up", words.fingerprint_words(root.public), words.to_words(seed)
    )


def _check_new(hub: Hub, slug: str, title: str) -> None:
    plain = slug.replace("-", "")
    if not (plain.isascii() and plain.isalnum() and slug == slug.lower() and len(slug) <= 40):  # noqa: PLR2004 - as the message says
        raise Invalid({"slug": "Use small letters, digits and hyphens, at most 40"})
    if not title.strip():
        raise Invalid({"title": "Give the study a title"})
    with hub.sessions.reading.begin() as session:
        if session.scalar(select(Study.id).where(Study.slug == slug)):
            raise Invalid({"slug": f"There is a study called {slug} already"})


@action(Act.STUDY_CREATE)
def _create(work: Work, plan: _Plan) -> None:
    """Write a new study: its keys, its study keys and its first membership."""
    work.session.add(plan.study)
    work.claim(plan.study)
    for rows in ([plan.member], plan.keys, plan.rest, plan.links):
        work.session.add_all(rows)
        work.session.flush()
    work.note(membership=str(plan.member.id))


def _plan(hub: Hub, study_id: UUID, seed: bytes, pi: Entered) -> _Plan:
    now, root = hub.now(), words.root_of(seed)
    study = Study(id=study_id, settings=DEFAULTS, root_public_key=root.public, created_at=now)
    member, signer = _first_member(study_id, pi, now), Signer(root.private, None)
    certificate = certify(member, signer, now)
    pairs = {name: new_pair() for name in Compartment}
    public: dict[Lock, bytes] = {
        **{name: pair.public for name, pair in pairs.items()},
        Service.MAILER: hub.key_files.mailer_public,
        Service.RECOVERY: words.recovery_of(seed).public,
    }
    keys = {name: _signed_key(study_id, name, half, root) for name, half in public.items()}
    kit = public[Service.RECOVERY]
    rest: list[Base] = [
        grant_row(keys[name], pair.private, to, signer, now)
        for name, pair in pairs.items()
        for to in (certificate, kit)
    ]
    links: list[Base] = []
    for purpose, compartment in STUDY_KEY_LIES_IN.items():
        shred_id = hub.keystore.make(Side.STUDY, now.date())
        row = data_key_row(keys[compartment], draw(shred_id), hub.keystore.key(shred_id))
        rest.append(row)
        links.append(StudyKeyRow(study_id=study_id, purpose=purpose, data_key_id=row.id))
    return _Plan(study, member, list(keys.values()), rest, links)


def _first_member(study_id: UUID, pi: Entered, now: datetime) -> Membership:
    """The first PI's membership, with its keys."""
    member = Membership(
        id=uuid4(),
        study_id=study_id,
        user_id=pi.user_id,
        role=Role.PI,
        duties=[],
        state="active",
        valid_from=now,
    )
    new_pairs(member, pi.user_key)
    return member


def _signed_key(study_id: UUID, name: str, public: bytes, root: Pair) -> CompartmentKey:
    signed = sign_public_key(
        root.private,
        PublicKey(study=study_id, name=name, epoch=1, public=public, signed_by=None),
    )
    return CompartmentKey(
        id=uuid4(),
        study_id=study_id,
        compartment=name,
        epoch=1,
        suite=signed.suite,
        public_key=public,
        signature=signed.signature,
    )


@action(Act.STUDY_PROVE_KIT)
def prove_kit(work: Work, study_id: UUID, *, kit: str) -> str:
    """Show that the kit on paper is this study's; the study opens. Returns its state."""
    study = work.load(Study, study_id)
    words.seed_of(kit, work.hub.settings.root_of(study.id))
    study.state = advance(study.state, Act.STUDY_PROVE_KIT, STUDY)
    return study.state
