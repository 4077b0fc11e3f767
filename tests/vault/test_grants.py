"""Only what leads to the root is trusted."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from studyhub.domain.errors import Corrupt
from studyhub.domain.vocabulary import Role
from studyhub.vault.grants import (
    MAX_STEPS,
    Certificate,
    Grant,
    PublicKey,
    Trust,
    issue_certificate,
    make_grant,
    open_grant,
    sign_grant,
    sign_public_key,
)
from studyhub.vault.keys import new_membership_keys
from studyhub.vault.primitives import new_pair, new_signing_pair

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "vault.json").read_text("utf-8"))
SIGNING = bytes.fromhex(VECTORS["signing_private"])
OPENING_PUBLIC = bytes.fromhex(VECTORS["opening_public"])
STUDY = UUID(int=1)
AT = datetime(2026, 11, 23, 8, 20, 19, 123456, tzinfo=UTC)

PUBLISHED = {
    "certificate": Certificate(
        study=STUDY,
        membership_id=UUID(int=5),
        user_id=UUID(int=6),
        role=Role.PI,
        opening_public=OPENING_PUBLIC,
        signing_public=bytes.fromhex(VECTORS["signing_public"]),
        certified_at=AT,
        certified_by=None,
    ),
    "public_key": PublicKey(
        study=STUDY, name="contact", epoch=1, public=OPENING_PUBLIC, signed_by=UUID(int=5)
    ),
    "grant": Grant(
        study=STUDY,
        compartment="contact",
        epoch=1,
        compartment_key_id=UUID(int=7),
        membership_id=UUID(int=5),
        granted_by=UUID(int=5),
        wrapped=b"wrapped",
    ),
}


class Team:
    """A study's root and the members certified under it."""

    def __init__(self, study):
        self.study = study
        self.root = new_signing_pair()
        self.certificates = {}
        self.keys = {}
        self.trust = Trust(self.root.public, self.certificates.get)

    def admit(self, role, by=None):
        """Certify a new member, by the root if by nobody."""
        keys, membership_id = new_membership_keys(), uuid4()
        signer = self.keys[by].signing if by else self.root.private
        self.keys[membership_id] = keys
        self.certificates[membership_id] = issue_certificate(
            signer,
            Certificate(
                study=self.study,
                membership_id=membership_id,
                user_id=uuid4(),
                role=role,
                opening_public=keys.opening_public,
                signing_public=keys.signing_public,
                certified_at=AT,
                certified_by=by,
            ),
        )
        return membership_id

    def key(self, by=None, name="contact", **changes):
        """Sign a public key."""
        signer = self.keys[by].signing if by else self.root.private
        key = PublicKey(
            study=self.study, name=name, epoch=1, public=new_pair().public, signed_by=by
        )
        return sign_public_key(signer, replace(key, **changes))

    def grant(self, by, to=None):
        """Grant a compartment to a member, or to a recovery key."""
        signer = self.keys[by].signing if by else self.root.private
        pair, recovery = new_pair(), new_pair()
        grant = Grant(
            study=self.study,
            compartment="contact",
            epoch=1,
            compartment_key_id=uuid4(),
            membership_id=to,
            granted_by=by,
        )
        return make_grant(
            signer,
            grant,
            compartment_private=pair.private,
            to_public=self.keys[to].opening_public if to else recovery.public,
        ), (pair, recovery)


@pytest.fixture
def team():
    return Team(STUDY)


@pytest.mark.parametrize("name", PUBLISHED)
def test_what_is_signed_is_as_published(name):
    assert PUBLISHED[name].message.hex() == VECTORS[name]["message"]


def test_published_signatures_are_the_ones_made():
    made = {
        "certificate": issue_certificate(SIGNING, PUBLISHED["certificate"]),
        "public_key": sign_public_key(SIGNING, PUBLISHED["public_key"]),
        "grant": sign_grant(SIGNING, PUBLISHED["grant"]),
    }

    for name, signed in made.items():
        assert signed.signature.hex() == VECTORS[name]["signature"]


def test_an_instant_is_the_same_in_every_time_zone():
    elsewhere = replace(
        PUBLISHED["certificate"], certified_at=AT.astimezone(_zone(hours=5, minutes=30))
    )

    assert elsewhere.message == PUBLISHED["certificate"].message


def _zone(**offset):
    return timezone(timedelta(**offset))


def test_members_certified_by_the_root_or_a_pi_are_trusted(team):
    petra = team.admit(Role.PI)
    second = team.admit(Role.PI, by=petra)
    ann = team.admit(Role.ANALYST, by=second)

    for member in (petra, second, ann):
        certificate = team.certificates[member]
        assert team.trust.member(certificate) is certificate


@pytest.mark.parametrize(
    "changed",
    [
        {"study": uuid4()},
        {"membership_id": uuid4()},
        {"user_id": uuid4()},
        {"role": Role.PI},
        {"opening_public": new_pair().public},
        {"signing_public": new_signing_pair().public},
        {"certified_at": AT + timedelta(microseconds=1)},
        {"certified_at": datetime(1960, 1, 1, tzinfo=UTC)},
        {"certified_by": None},
        {"certified_by": uuid4()},
        {"signature": b""},
        {"signature": bytes(64)},
    ],
)
def test_a_changed_certificate_is_refused(team, changed):
    petra = team.admit(Role.PI)
    ann = team.certificates[team.admit(Role.ANALYST, by=petra)]

    with pytest.raises(Corrupt):
        team.trust.member(replace(ann, **changed))


@pytest.mark.parametrize("role", [role for role in Role if role != Role.PI])
def test_whoever_is_no_pi_certifies_nobody(team, role):
    ann = team.admit(role, by=team.admit(Role.PI))
    friend = team.admit(Role.ANALYST, by=ann)

    with pytest.raises(Corrupt, match="no PI"):
        team.trust.member(team.certificates[friend])


def test_eight_steps_to_the_root_are_trusted_and_nine_are_not(team):
    last = None
    for _ in range(MAX_STEPS):
        last = team.admit(Role.PI, by=last)
    one_more = team.admit(Role.PI, by=last)

    team.trust.member(team.certificates[last])
    with pytest.raises(Corrupt, match="does not end"):
        team.trust.member(team.certificates[one_more])


def test_a_chain_that_loops_is_refused(team):
    one, two = team.admit(Role.PI), team.admit(Role.PI)
    for member, by in ((one, two), (two, one)):
        certificate = replace(team.certificates[member], certified_by=by)
        team.certificates[member] = issue_certificate(team.keys[by].signing, certificate)

    with pytest.raises(Corrupt, match="does not end"):
        team.trust.member(team.certificates[one])


def test_a_certificate_under_another_root_is_refused(team):
    stranger = Team(STUDY)
    petra = stranger.admit(Role.PI)

    with pytest.raises(Corrupt):
        team.trust.member(stranger.certificates[petra])


def test_a_pi_of_another_study_certifies_nobody_here(team):
    elsewhere = team.admit(Role.PI)
    moved = replace(team.certificates[elsewhere], study=UUID(int=2))
    team.certificates[elsewhere] = issue_certificate(team.root.private, moved)
    ann = team.admit(Role.ANALYST, by=elsewhere)

    with pytest.raises(Corrupt, match="another study"):
        team.trust.member(team.certificates[ann])


def test_a_certificate_found_for_another_membership_is_refused(team):
    petra = team.admit(Role.PI)
    ann = team.admit(Role.ANALYST, by=petra)
    team.certificates[petra] = team.certificates[team.admit(Role.PI)]

    with pytest.raises(Corrupt, match="nobody known"):
        team.trust.member(team.certificates[ann])


def test_public_keys_signed_by_the_root_or_a_pi_are_trusted(team):
    petra = team.admit(Role.PI)

    for key in (team.key(), team.key(by=petra), team.key(by=petra, name="mailer")):
        assert team.trust.public_key(key) is key


@pytest.mark.parametrize(
    "changed",
    [
        {"public": new_pair().public},
        {"public": b""},
        {"name": "release"},
        {"epoch": 2},
        {"epoch": -1},
        {"suite": 2},
        {"study": UUID(int=2)},
        {"signed_by": None},
        {"signed_by": uuid4()},
        {"signature": b""},
        {"signature": bytes(64)},
    ],
)
def test_a_swapped_or_unsigned_public_key_is_refused(team, changed):
    key = team.key(by=team.admit(Role.PI))

    with pytest.raises(Corrupt):
        team.trust.public_key(replace(key, **changed))


def test_a_public_key_signed_by_an_analyst_is_refused(team):
    ann = team.admit(Role.ANALYST, by=team.admit(Role.PI))

    with pytest.raises(Corrupt, match="no PI"):
        team.trust.public_key(team.key(by=ann))


def test_a_public_key_for_another_study_is_refused(team):
    petra = team.admit(Role.PI)

    with pytest.raises(Corrupt, match="another study"):
        team.trust.public_key(team.key(by=petra, study=UUID(int=2)))


def test_a_public_key_signed_by_a_forged_pi_is_refused(team):
    petra = team.admit(Role.PI)
    key = team.key(by=petra)
    team.certificates[petra] = replace(team.certificates[petra], signature=bytes(64))

    with pytest.raises(Corrupt):
        team.trust.public_key(key)


def test_a_granted_compartment_opens_for_the_member_it_was_granted_to(team):
    petra, rita = team.admit(Role.PI), team.admit(Role.RECRUITER)
    grant, (pair, _) = team.grant(by=petra, to=rita)

    opened = open_grant(
        team.trust.grant(grant),
        opening_private=team.keys[rita].opening,
        compartment_public=pair.public,
    )

    assert opened == pair.private
    assert len(grant.wrapped) == 81
    assert len(grant.signature) == 64
    with pytest.raises(Corrupt):
        open_grant(
            grant, opening_private=team.keys[petra].opening, compartment_public=pair.public
        )


def test_a_compartment_granted_by_the_root_opens_with_the_kit(team):
    grant, (pair, recovery) = team.grant(by=None)

    opened = open_grant(
        team.trust.grant(grant),
        opening_private=recovery.private,
        compartment_public=pair.public,
    )

    assert opened == pair.private


def test_a_grant_that_holds_another_key_is_refused(team):
    petra = team.admit(Role.PI)
    grant, _ = team.grant(by=petra, to=petra)

    with pytest.raises(Corrupt, match="another compartment"):
        open_grant(
            grant,
            opening_private=team.keys[petra].opening,
            compartment_public=new_pair().public,
        )


@pytest.mark.parametrize(
    "changed",
    [
        {"study": UUID(int=2)},
        {"compartment": "release"},
        {"epoch": 2},
        {"compartment_key_id": uuid4()},
        {"membership_id": uuid4()},
        {"membership_id": None},
        {"granted_by": None},
        {"granted_by": uuid4()},
        {"wrapped": bytes(81)},
        {"signature": bytes(64)},
        {"signature": b""},
    ],
)
def test_a_changed_grant_is_refused(team, changed):
    petra = team.admit(Role.PI)
    grant, _ = team.grant(by=petra, to=petra)

    with pytest.raises(Corrupt):
        team.trust.grant(replace(grant, **changed))


def test_a_grant_by_an_interviewer_is_refused(team):
    ivan = team.admit(Role.INTERVIEWER, by=team.admit(Role.PI))
    grant, _ = team.grant(by=ivan, to=ivan)

    with pytest.raises(Corrupt, match="no PI"):
        team.trust.grant(grant)


def test_showing_a_grant_does_not_show_what_is_wrapped(team):
    grant, _ = team.grant(by=None)

    assert "wrapped" not in repr(grant)
