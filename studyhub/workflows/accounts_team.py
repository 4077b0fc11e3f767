"""Who is in the team: invite, compare six words and grant, accept a further role, end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import func, or_, select

from studyhub.domain.errors import Invalid, NotPermitted, Stale, WrongState
from studyhub.domain.lifecycle import MEMBERSHIP, advance
from studyhub.domain.roles import ROLE_NAMES, ROLE_OPENS, ROLE_STUDY_KEYS
from studyhub.domain.separation import SAYS
from studyhub.domain.vocabulary import Act, Role
from studyhub.store.users import Membership, Study, User
from studyhub.workflows import post
from studyhub.workflows.assigning import end_all
from studyhub.workflows.consent_evidence import give_to_checker
from studyhub.workflows.invitations import (
    Wanted,
    agreed,
    agreements,
    check_person,
    new_membership,
    roles_held,
)
from studyhub.workflows.kernel import Desk, Work, action
from studyhub.workflows.proofs import certify
from studyhub.workflows.role_keys import fingerprint_of, take_keys_away
from studyhub.workflows.standing import is_current, rules_broken
from studyhub.workflows.work_keys import renew

OWN_ADDRESS = "This is your own address. Propose a further role for yourself instead"


@dataclass(frozen=True)
class Invitation:
    """Who is asked to join, in which role, with which duties, until when."""

    name: str
    email: str
    role: str
    duties: Sequence[str] = ()
    until: datetime | None = None
    login: str | None = None


@action(Act.MEMBER_INVITE)
def invite(work: Work, study_id: UUID, invitation: Invitation) -> UUID:
    """Invite a person to one role. It opens nothing: keys come with the grant.

    Raises Invalid where role or duty cannot be given, WrongState before the kit is proved.
    """
    study = work.session.get_one(Study, study_id, with_for_update=True)
    if study.state != "open":
        raise WrongState("nobody can be invited until the recovery kit was typed back")
    person, is_new = _person(work, invitation)
    if invitation.login is None and person.id == work.actor.user_id:
        raise Invalid({"email": OWN_ADDRESS})
    member = new_membership(
        work,
        Wanted(study.id, person.id, invitation.role, invitation.duties, invitation.until),
    )
    work.claim(member)
    work.note(role=invitation.role)
    role = ROLE_NAMES[Role(invitation.role)]
    if is_new or person.state == "invited":
        post.ask_to_join(work, person, study.title)
    else:
        text = _INVITED.format(role, study.title)
        post.to_staff(work, person, "staff_notice", "You are invited to a new role", text)
    return member.id


_INVITED = """You are invited to work as {} in {}.

Sign in once more: the keys of that role are made with your password. A principal investigator
then compares six words with you and grants access.
"""


def _person(work: Work, invitation: Invitation) -> tuple[User, bool]:
    """The account with this login or address, or a new one in state ``invited``."""
    if invitation.login is not None:
        found = work.session.scalar(select(User).where(User.login == invitation.login))
        if found is None:
            raise Invalid({"login": f"Nobody has the login {invitation.login}"})
        return found, False
    email = invitation.email.strip()
    check_person(invitation.name, email)
    same = or_(func.lower(User.email) == email.lower(), User.login == email.lower())
    known = work.session.scalars(select(User).where(same).limit(2)).all()
    if len(known) > 1:
        raise Invalid({"email": "Two accounts go by this address: ask your operator"})
    if known:
        return known[0], False
    person = User(
        id=uuid4(),
        login=email.lower(),
        name=invitation.name.strip(),
        email=email,
        state="invited",
        created_at=work.now,
    )
    work.session.add(person)
    work.session.flush()
    return person, True


@action(Act.MEMBER_GRANT)
def grant(work: Work, membership_id: UUID, *, words: Sequence[str]) -> None:
    """Give a member the keys of their role, after comparing six words with them.

    ``words`` are the six that the PI compared: if the member's keys changed since, Stale.
    """
    member = work.load(Membership, membership_id)
    if not fingerprint_of(member):
        raise WrongState("this member has not made their keys yet")
    if list(words) != fingerprint_of(member):
        raise Stale("the keys of this member have changed since the words were compared")
    _give_keys(work, member, Act.MEMBER_GRANT)


@action(Act.MEMBER_ACCEPT)
def accept(work: Work, membership_id: UUID) -> None:
    """Give oneself the keys of a further role that another member approved."""
    member = work.load(Membership, membership_id)
    if not agreed(member, agreements(work.session, member.study_id)):
        raise NotPermitted("no other member approved this role")
    _give_keys(work, member, Act.MEMBER_ACCEPT)


def _give_keys(work: Work, member: Membership, act: Act) -> None:
    """Certify a membership and give it the keys of its role; everybody is told."""
    held = roles_held(work.session, member.study_id, member.user_id, work.now)
    broken = rules_broken(work.session, member, held - {member.role}, work.now)
    if broken:
        raise WrongState(" ".join(SAYS[rule] for rule in broken))
    member.state = advance(member.state, act, MEMBERSHIP)
    certificate = work.vault.trust().member(certify(member, work.vault.signer, work.now))
    for compartment in ROLE_OPENS[Role(member.role)]:
        work.vault.grant_compartment(compartment, certificate, work.now)
    for purpose in ROLE_STUDY_KEYS.get(Role(member.role), ()):
        work.vault.grant_data_key(work.vault.study_key(purpose), certificate)
    given = give_to_checker(work, member) + renew(work, member)
    work.note(role=member.role, **({"count": given} if given else {}))
    _tell_everybody(work, member)


def _tell_everybody(work: Work, member: Membership) -> None:
    """Every grant is announced to all members of the study."""
    study = work.session.get_one(Study, member.study_id)
    granted = work.session.get_one(User, member.user_id)
    role = ROLE_NAMES[Role(member.role)]
    text = f"{granted.name} now works as {role} in {study.title}.\n"
    post.to_everybody(work, study.id, "Somebody joined the team", text)


def end(desk: Desk, membership_id: UUID) -> None:
    """End a membership: its keys go, and then the sessions that carried copies of them."""
    _end(desk, membership_id)
    desk.hub.sittings.end_membership(membership_id)


@action(Act.MEMBER_END)
def _end(work: Work, membership_id: UUID) -> None:
    """Take the keys of a membership away; what it did stays attributed to it."""
    member = work.load(Membership, membership_id)
    if member.role == Role.PI and not _another_pi(work, member):
        raise WrongState("a study needs a principal investigator: invite another one first")
    member.state = advance(member.state, Act.MEMBER_END, MEMBERSHIP)
    member.valid_to = work.now
    take_keys_away(work.session, member)
    end_all(work, member.id)
    work.note(role=member.role)


def _another_pi(work: Work, member: Membership) -> bool:
    # Locked and read anew: two PIs who end each other at once must not both be gone.
    others = work.session.scalars(
        select(Membership)
        .join(User, User.id == Membership.user_id)
        .where(
            Membership.study_id == member.study_id,
            Membership.role == Role.PI,
            Membership.id != member.id,
            User.state == "active",
        )
        .with_for_update(of=Membership)
        .execution_options(populate_existing=True)
    )
    return any(is_current(other, work.now) for other in others)
