"""Who may do what, what it lets them open, and whether it leaves a trace.

This table, with the tables of the stages that it takes in, is the only place where a
permission is expressed. Read them top to bottom and you know the access rules of the product.
"""

from typing import Protocol
from uuid import UUID

from studyhub.domain.errors import Hidden, NotPermitted
from studyhub.domain.facts import HIDDEN
from studyhub.domain.policy_consent import CONSENT
from studyhub.domain.policy_contacts import CONTACTS
from studyhub.domain.policy_deidentification import DEIDENTIFICATION
from studyhub.domain.policy_documents import DOCUMENTS
from studyhub.domain.policy_erasure import ERASURES
from studyhub.domain.policy_interest import INTEREST
from studyhub.domain.policy_interviews import INTERVIEWS
from studyhub.domain.policy_oversight import OVERSIGHT
from studyhub.domain.policy_recordings import RECORDINGS
from studyhub.domain.policy_releases import RELEASES
from studyhub.domain.policy_transcripts import TRANSCRIPTS
from studyhub.domain.policy_withdrawal import WITHDRAWALS
from studyhub.domain.rules import Rule, rule
from studyhub.domain.vocabulary import (
    STAFF,
    Act,
    Actor,
    Compartment,
    Role,
)


class OfPerson(Protocol):
    """A membership, a session: something that belongs to one team member."""

    @property
    def user_id(self) -> UUID: ...


class Proposed(Protocol):
    """Something that one member proposes and another decides."""

    @property
    def proposed_by(self) -> UUID: ...


class Identified(Protocol):
    """Whatever goes by an id: a team member, a membership, a proposal."""

    @property
    def id(self) -> UUID: ...


def is_self(actor: Actor, person: Identified) -> bool:
    """It is the actor's own account."""
    return actor.user_id is not None and person.id == actor.user_id


def is_own(actor: Actor, subject: OfPerson) -> bool:
    """It belongs to the actor."""
    return actor.user_id is not None and subject.user_id == actor.user_id


def is_somebody_elses(actor: Actor, subject: OfPerson) -> bool:
    """It belongs to another person: nobody grants anything to themselves."""
    return subject.user_id != actor.user_id


def was_proposed_by_another(actor: Actor, subject: Proposed) -> bool:
    """Whoever proposes does not decide."""
    return subject.proposed_by != actor.membership_id


ANYBODY_WITH_AN_ACCOUNT = (*STAFF, Role.PUBLIC)

POLICY: dict[Act, Rule] = {
    Act.CHAIN_OPEN: rule("The operator begins the record of a study.", Role.OPERATOR),
    Act.USER_ADD: rule("The operator makes an account and a link to join by.", Role.OPERATOR),
    Act.USER_DISABLE: rule("The operator closes an account.", Role.OPERATOR),
    Act.USER_JOIN: rule(
        "A new team member sets a password by the link sent to them.",
        Role.PUBLIC,
        only_if=(is_self,),
    ),
    Act.USER_SIGN_IN: rule(
        "A team member signs in with their password.", Role.PUBLIC, only_if=(is_self,)
    ),
    Act.USER_SIGN_OUT: rule(
        "A team member signs out.", *ANYBODY_WITH_AN_ACCOUNT, only_if=(is_self,)
    ),
    Act.USER_STEP_UP: rule(
        "A team member gives their password again before an act that asks for it.",
        *ANYBODY_WITH_AN_ACCOUNT,
        only_if=(is_self,),
    ),
    Act.USER_PASSWORD: rule(
        "A team member changes their own password.",
        *ANYBODY_WITH_AN_ACCOUNT,
        only_if=(is_self,),
    ),
    Act.USER_RECOVERY_CODE: rule(
        "A team member makes a new recovery code for themselves.",
        *ANYBODY_WITH_AN_ACCOUNT,
        only_if=(is_self,),
    ),
    Act.USER_RESET: rule(
        "The operator starts a reset of a password, and never chooses one.", Role.OPERATOR
    ),
    Act.USER_RECOVER: rule(
        "A team member sets a new password by the reset link sent to them.",
        Role.PUBLIC,
        only_if=(is_self,),
    ),
    Act.USER_READ: rule(
        "A team member sees their own account, roles and sessions.",
        *ANYBODY_WITH_AN_ACCOUNT,
        only_if=(is_self,),
        traced=False,
    ),
    Act.SESSION_END: rule(
        "A team member ends one of their own sessions.",
        *ANYBODY_WITH_AN_ACCOUNT,
        only_if=(is_self,),
    ),
    Act.STUDY_CREATE: rule(
        "The operator creates a study with its first principal investigator.", Role.OPERATOR
    ),
    Act.STUDY_PROVE_KIT: rule(
        "The PI, or the operator, types the recovery kit back; then the study opens.",
        Role.PI,
        Role.OPERATOR,
    ),
    Act.STUDY_RECOVER: rule(
        "The operator, holding the recovery kit, gives a PI the keys again.", Role.OPERATOR
    ),
    Act.MEMBER_INVITE: rule(
        "The PI invites a person to one role of the study; it opens nothing yet.",
        Role.PI,
        Role.OPERATOR,
        only_if=(is_somebody_elses,),
    ),
    Act.MEMBER_JOIN: rule(
        "An invited person makes the keys of their role with their own password.",
        *ANYBODY_WITH_AN_ACCOUNT,
        only_if=(is_own,),
    ),
    Act.MEMBER_SWITCH: rule(
        "A member takes up one of their own roles, with their password.",
        *ANYBODY_WITH_AN_ACCOUNT,
        only_if=(is_own,),
    ),
    Act.MEMBER_GRANT: rule(
        "The PI, having compared six words, gives another member the keys of their role.",
        Role.PI,
        only_if=(is_somebody_elses,),
        opens=tuple(Compartment),
        asks_password=True,
    ),
    Act.MEMBER_ACCEPT: rule(
        "The PI carries out, with their own keys, a further role that another member approved.",
        Role.PI,
        only_if=(is_own,),
        opens=tuple(Compartment),
        asks_password=True,
    ),
    Act.MEMBER_END: rule(
        "The PI ends a membership; its access ends with it.",
        Role.PI,
        asks_password=True,
    ),
    Act.MEMBER_LIST: rule(
        "The PI and the auditor see the team and what each password can open.",
        Role.PI,
        Role.AUDITOR,
        Role.OPERATOR,
        traced=False,
    ),
    Act.EXCEPTION_DECLARE: rule(
        "The PI lifts one soft rule for another member, with a reason and an end.",
        Role.PI,
        only_if=(is_somebody_elses,),
        asks_password=True,
    ),
    Act.EXCEPTION_END: rule("The PI ends a declared exception early.", Role.PI),
    Act.HOME_READ: rule(
        "Every member sees what waits for a second person, and what their password opens.",
        *STAFF,
        traced=False,
    ),
    Act.PROPOSAL_MAKE: rule(
        "The PI proposes a further role, or an exception, for themselves.",
        Role.PI,
    ),
    Act.PROPOSAL_DECIDE: rule(
        "Another active member, never an auditor, decides what a PI proposed for themselves.",
        *(role for role in STAFF if role is not Role.AUDITOR),
        only_if=(was_proposed_by_another,),
        asks_password=True,
    ),
    Act.TRAIL_LIST: rule(
        "The auditor, the PI and the operator see whether the record is whole.",
        Role.AUDITOR,
        Role.PI,
        Role.OPERATOR,
        traced=False,
    ),
    Act.TRAIL_READ: rule(
        "The auditor and the PI read the lines of the record.",
        Role.AUDITOR,
        Role.PI,
    ),
    Act.AUDIT_HEAD: rule(
        "The worker or the operator signs how long the record is and where it ends.",
        Role.SYSTEM,
        Role.OPERATOR,
    ),
    Act.AUDIT_EXPORT: rule(
        "The auditor or the operator takes a copy of the whole record.",
        Role.AUDITOR,
        Role.OPERATOR,
    ),
    Act.ATTEMPTS_COUNT: rule(
        "The worker records how often strangers tried to enter in an hour.", Role.SYSTEM
    ),
    Act.BACKUP_MAKE: rule(
        "The operator takes a backup, which only the backup key opens.", Role.OPERATOR
    ),
    Act.BACKUP_RESTORE: rule(
        "The operator restores a backup, and what was erased since stays erased.",
        Role.OPERATOR,
    ),
    **CONTACTS,
    **CONSENT,
    **DOCUMENTS,
    **INTEREST,
    **INTERVIEWS,
    **RECORDINGS,
    **TRANSCRIPTS,
    **DEIDENTIFICATION,
    **RELEASES,
    **ERASURES,
    **WITHDRAWALS,
    **OVERSIGHT,
}


def check_role(actor: Actor, act: Act) -> Rule:
    """Return the rule for this act, or refuse an actor who does not have its role."""
    found = POLICY[act]
    if actor.role in found.roles:
        return found
    knows = any(actor.role in POLICY[other].roles for other in POLICY if other.kind == act.kind)
    if actor.role is Role.PUBLIC or (act.kind in HIDDEN and not knows):
        raise Hidden(act)
    raise NotPermitted(act)


def allows(actor: Actor, act: Act, subject: object) -> bool:
    """Whether an act on a subject would be let through: pages offer nothing else."""
    found = POLICY[act]
    return actor.role in found.roles and all(test(actor, subject) for test in found.only_if)


def check_subject(actor: Actor, act: Act, subject: object) -> None:
    """Refuse an act on a subject that fails any of the rule's tests."""
    if not all(test(actor, subject) for test in POLICY[act].only_if):
        raise NotPermitted(act)
