"""Begin a membership: which role and duties a person may be given beside what they hold."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from studyhub.domain.duties import DUTY_NAMES, MAY_HOLD
from studyhub.domain.errors import Invalid
from studyhub.domain.separation import SAYS
from studyhub.domain.vocabulary import STAFF, Act, Duty, Role
from studyhub.domain.words import WORDS
from studyhub.store.users import Membership, Proposal
from studyhub.workflows.kernel import Work
from studyhub.workflows.standing import roles_among, rules_broken


@dataclass(frozen=True)
class Wanted:
    """Who is to have which role of which study, with which duties, until when."""

    study: UUID
    user_id: UUID
    role: str
    duties: Sequence[str] = ()
    until: datetime | None = None


def check_person(name: str, email: str) -> None:
    """Refuse a name or address that could write more than one line of a letter."""
    if not name.strip() or not name.isprintable():
        raise Invalid({"name": "Write the person's name, on one line"})
    if not email.isprintable() or " " in email or not all(email.partition("@")):
        raise Invalid({"email": "Write an e-mail address, like name@example.org"})


def new_membership(work: Work, wanted: Wanted) -> Membership:
    """An invited membership, added to the act's session. Invalid where it cannot be."""
    member = checked_membership(work, wanted)
    work.session.add(member)
    work.session.flush()
    return member


def checked_membership(work: Work, wanted: Wanted) -> Membership:
    """The membership as it would begin now, not added yet. Invalid where it cannot be."""
    if wanted.role not in STAFF:
        raise Invalid({"role": "Choose a role"})
    if not set(wanted.duties) <= set(Duty):
        raise Invalid({"duties": "Choose duties from the list"})
    member = Membership(
        id=uuid4(),
        study_id=wanted.study,
        user_id=wanted.user_id,
        role=wanted.role,
        duties=sorted(set(wanted.duties)),
        state="invited",
        valid_from=work.now,
        valid_to=wanted.until,
    )
    _check(work, member)
    return member


def _check(work: Work, member: Membership) -> None:
    """Refuse a role that cannot be held beside the others, and duties the role cannot have."""
    if member.valid_to is not None and member.valid_to <= work.now:
        raise Invalid({"until": "Choose a day after today, or leave it empty"})
    wrong = set(member.duties) - MAY_HOLD[Role(member.role)]
    if wrong:
        names = ", ".join(sorted(DUTY_NAMES[Duty(duty)] for duty in wrong))
        raise Invalid({"duties": f"This role cannot have the duty to {names}"})
    held = roles_held(work.session, member.study_id, member.user_id, work.now)
    if member.role in held:
        raise Invalid({"role": "This person holds, or is invited to, that role already"})
    if _lapsed_unended(work.session, member):
        raise Invalid(
            {"role": "This role ended by its last day. End it on the team page first"}
        )
    broken = rules_broken(work.session, member, held, work.now)
    if broken:
        said = " ".join(f"{SAYS[rule]} ({rule})" for rule in broken)
        if all(rule in WORDS["exceptions.rule"] for rule in broken):
            raise Invalid({"role": f"{said} A declared exception is needed first"})
        raise Invalid({"role": f"{said} Nobody can lift this"})


def _lapsed_unended(session: Session, member: Membership) -> bool:
    """Whether the same role lapsed by its date and nobody ended it: one may live."""
    return bool(
        session.scalar(
            select(Membership.id).where(
                Membership.study_id == member.study_id,
                Membership.user_id == member.user_id,
                Membership.role == member.role,
                Membership.state != "ended",
            )
        )
    )


def roles_held(session: Session, study: UUID, user: UUID, now: datetime) -> set[str]:
    """The roles a person holds or is invited to in a study."""
    rows = session.scalars(
        select(Membership).where(Membership.study_id == study, Membership.user_id == user)
    )
    return roles_among(rows, now)


def agreements(session: Session, study: UUID) -> Sequence[Proposal]:
    """Every proposal of a further role that another person approved."""
    return session.scalars(
        select(Proposal).where(
            Proposal.study_id == study,
            Proposal.act == Act.MEMBER_INVITE,
            Proposal.outcome == "approved",
        )
    ).all()


def agreed(member: Membership, among: Iterable[Proposal]) -> bool:
    """Whether a membership came by a proposal of its holder that another person approved."""
    came = (f"user:{member.user_id}", member.valid_from, member.role)
    return any((one.subject, one.decided_at, one.payload["role"]) == came for one in among)
