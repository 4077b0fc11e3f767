"""Open and seal with the rows of the keys: the second lock of every act.

A locker belongs to one act. It opens what the act's rule lends *and* the session's own keys
reach, and nothing else. A key found in the tables is used only with a signature that chains to
the study's root in the instance's configuration.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from studyhub.domain.errors import (
    Corrupt,
    Erased,
    HouseRuleBroken,
    NotFound,
    NotPermitted,
    WrongState,
)
from studyhub.domain.vocabulary import Compartment, Lock, Service, Side, StudyKey
from studyhub.store.keys import CompartmentKey, DataKey, DataKeyGrant, KeyGrant
from studyhub.store.keys import StudyKey as StudyKeyRow
from studyhub.vault import places
from studyhub.vault.grants import Certificate, Trust, open_grant
from studyhub.vault.keys import MembershipKeys
from studyhub.vault.places import Place
from studyhub.vault.primitives import unwrap, wrap
from studyhub.vault.prints import suppression_tag
from studyhub.vault.seal import open_field, seal_field
from studyhub.workflows.keyring import Keyring, OpenKey, Posted, Room, draw
from studyhub.workflows.proofs import (
    Signer,
    data_key_row,
    grant_of,
    grant_row,
    public_key_of,
    trust_under,
)


class Locker:
    """Everything one act may open or seal."""

    def __init__(
        self,
        session: Session,
        room: Room,
        study: UUID,
        keyring: Keyring,
        *,
        lent: frozenset[Lock],
    ) -> None:
        self._session = session
        self._room = room
        self._study = study
        self._keyring = keyring
        self._lent = lent
        # Opened and proved once for an act: a list of people opens hundreds of data keys.
        self._opened: dict[UUID, bytes] = {}

    def trust(self) -> Trust:
        """The study's root and the certificates under it. Corrupt if we know no root."""
        root = self._room.root_of(self._study)
        if root is None:
            raise Corrupt("the configuration names no root for this study")
        return trust_under(root, self._session)

    # -- public keys and compartments ----------------------------------------

    def public_key(self, name: Lock) -> CompartmentKey:
        """The current public key of a compartment or service, its signature checked."""
        row = self._session.scalar(
            select(CompartmentKey).where(
                CompartmentKey.study_id == self._study,
                CompartmentKey.compartment == name,
                CompartmentKey.state == "current",
            )
        )
        if row is None:
            raise NotFound("no public key of that name")
        self.trust().public_key(public_key_of(row))
        return row

    def compartment(self, row: CompartmentKey) -> bytes:
        """The private half of a compartment, by this session's own grant."""
        self._refuse_unlent(row)
        if row.id not in self._opened:
            self._opened[row.id] = self._open_compartment(row)
        return self._opened[row.id]

    def _open_compartment(self, row: CompartmentKey) -> bytes:
        grant = self._session.scalar(
            select(KeyGrant).where(
                KeyGrant.compartment_key_id == row.id,
                KeyGrant.membership_id == self._keyring.membership_id,
                KeyGrant.to_recovery.is_(False),
            )
        )
        if grant is None or self._keyring.membership_id is None:
            raise NotPermitted(f"this membership has no key to {row.compartment}")
        signed = self.trust().grant(grant_of(grant, row))
        self.trust().public_key(public_key_of(row))
        return open_grant(
            signed, opening_private=self.member_keys.opening, compartment_public=row.public_key
        )

    def _refuse_unlent(self, row: CompartmentKey) -> None:
        if row.study_id != self._study:
            raise NotFound("key")
        if row.compartment not in self._lent:
            raise NotPermitted(f"this act does not open {row.compartment}")

    @property
    def member_keys(self) -> MembershipKeys:
        """The private halves of the acting membership: one opens, one signs."""
        if self._keyring.member is None:
            raise NotPermitted("this session carries no keys")
        return self._keyring.member

    @property
    def signer(self) -> Signer:
        """The acting membership as one that signs."""
        return Signer(self.member_keys.signing, self._keyring.membership_id)

    def grant_compartment(self, name: Compartment, to: Certificate, now: datetime) -> None:
        """Give a certified membership the key of a compartment, signed by this member."""
        row = self.public_key(name)
        self.trust().member(to)
        self._session.add(grant_row(row, self.compartment(row), to, self.signer, now))

    # -- data keys -----------------------------------------------------------

    def new_shred(self, side: Side, today: date) -> UUID:
        """A shred key that belongs to no participant, kept before what it covers."""
        return self._room.keystore.make(side, today)

    def new_data_key(self, compartment: Compartment, shred_id: UUID) -> OpenKey:
        """Make a data key sealed to a compartment. Anybody can: it needs a public key only."""
        return self.keep_data_key(compartment, draw(shred_id))

    def keep_data_key(self, compartment: Compartment, opened: OpenKey) -> OpenKey:
        """Seal a data key that was drawn earlier, for a file that had to be written first."""
        under = self.public_key(compartment)
        shred = self._room.keystore.key(opened.shred_id)
        self._session.add(data_key_row(under, opened, shred))
        self._session.flush()
        return opened

    def data_key(self, data_key_id: UUID) -> OpenKey:
        """Open a data key by this membership's own grant to it, or by the compartment's."""
        row = self._session.get(DataKey, data_key_id)
        if row is None:
            raise NotFound("data key")
        lies_in = self._session.get_one(CompartmentKey, row.compartment_key_id)
        self._refuse_unlent(lies_in)
        if not row.wrapped:
            raise Erased("the key of this was destroyed")
        shred = self._room.keystore.key(row.shred_id)
        single = self._own_grant(row.id)
        if single is not None:
            info = places.dek_grant_info(
                self._study, row.id, row.shred_id, single.grantee_kind, single.grantee_id
            )
            key = unwrap(shred, self._keyring.opening, single.wrapped, info)
        else:
            info = places.dek_info(
                self._study, lies_in.compartment, lies_in.epoch, row.id, row.shred_id
            )
            key = unwrap(shred, self.compartment(lies_in), row.wrapped, info)
        return OpenKey(row.id, row.shred_id, key)

    def _own_grant(self, data_key_id: UUID) -> DataKeyGrant | None:
        """The grant to this membership or link, while it lasts: its row goes only later."""
        kind, grantee = self._keyring.grantee
        return self._session.scalar(
            select(DataKeyGrant).where(
                DataKeyGrant.data_key_id == data_key_id,
                DataKeyGrant.grantee_kind == kind,
                DataKeyGrant.grantee_id == grantee,
                or_(DataKeyGrant.ends_at.is_(None), DataKeyGrant.ends_at > self._room.now()),
            )
        )

    def study_key(self, purpose: StudyKey) -> OpenKey:
        """Open one of the study's own data keys."""
        found = self._session.scalar(
            select(StudyKeyRow.data_key_id).where(
                StudyKeyRow.study_id == self._study, StudyKeyRow.purpose == purpose
            )
        )
        if found is None:
            raise NotFound("study key")
        return self.data_key(found)

    def grant_data_key(
        self, opened: OpenKey, to: Certificate, ends_at: datetime | None = None
    ) -> None:
        """Give a certified membership one data key, until ``ends_at`` or for good."""
        self.trust().member(to)
        self._grant(opened, "membership", to.membership_id, to.opening_public, ends_at)

    def grant_to_link(self, opened: OpenKey, link_id: UUID, public: bytes) -> None:
        """Give a participant's link one data key: what its pages show."""
        self._grant(opened, "link", link_id, public, None)

    def _grant(
        self,
        opened: OpenKey,
        kind: str,
        grantee: UUID,
        public: bytes,
        ends_at: datetime | None,
    ) -> None:
        info = places.dek_grant_info(self._study, opened.id, opened.shred_id, kind, grantee)
        shred = self._room.keystore.key(opened.shred_id)
        self._session.add(
            DataKeyGrant(
                data_key_id=opened.id,
                grantee_kind=kind,
                grantee_id=grantee,
                wrapped=wrap(shred, public, opened.key, info),
                ends_at=ends_at,
            )
        )

    # -- values --------------------------------------------------------------

    def seal(self, opened: OpenKey, place: Place, text: str) -> bytes:
        """Encrypt a value so that it opens only at its place."""
        self._same_study(place)
        return seal_field(opened.key, place, text.encode())

    def open(self, opened: OpenKey, place: Place, sealed: bytes) -> str:
        """Decrypt a value at its place."""
        self._same_study(place)
        return open_field(opened.key, place, sealed).decode()

    def _same_study(self, place: Place) -> None:
        if place.study != self._study:
            raise HouseRuleBroken("a place of another study")

    # -- letters -------------------------------------------------------------

    def seal_letter(self, letter: Posted, text: bytes) -> bytes:
        """Seal a finished letter to the mailer, under the letter's shred key."""
        public = self._room.mailer_public
        if letter.study_id is not None:
            public = self.public_key(Service.MAILER).public_key
        info = places.letter_info(letter.study_id, letter.id)
        return wrap(self._room.keystore.key(letter.shred_id), public, text, info)

    def open_letter(self, letter: Posted) -> bytes:
        """Open a waiting letter: the mailer alone, and one letter at a time."""
        if self._keyring.mailer is None or Service.MAILER not in self._lent:
            raise NotPermitted("only the mailer opens letters")
        if letter.body_sealed is None:
            raise WrongState("this letter was emptied")
        info = places.letter_info(letter.study_id, letter.id)
        shred = self._room.keystore.key(letter.shred_id)
        return unwrap(shred, self._keyring.mailer.mailer, letter.body_sealed, info)

    def suppression_tag(self, study: UUID | None, address: str) -> bytes:
        """The tag by which an address that wants no letters is known: the mailer alone."""
        if self._keyring.mailer is None or Service.MAILER not in self._lent:
            raise NotPermitted("only the mailer knows who wants no letters")
        return suppression_tag(self._keyring.mailer.suppression, study, address)

    # -- links ---------------------------------------------------------------

    def seal_capsule(self, link_id: UUID, shred_id: UUID, public: bytes, data: bytes) -> bytes:
        """Seal name and address for receipts to a participant's link."""
        info = places.capsule_info(self._study, link_id)
        return wrap(self._room.keystore.key(shred_id), public, data, info)

    def open_capsule(self, shred_id: UUID, sealed: bytes) -> bytes:
        """Open the capsule of the link that this request came with."""
        if self._keyring.link is None or self._keyring.link_id is None:
            raise NotPermitted("only the holder of a link opens its capsule")
        info = places.capsule_info(self._study, self._keyring.link_id)
        shred = self._room.keystore.key(shred_id)
        return unwrap(shred, self._keyring.link.pair.private, sealed, info)
