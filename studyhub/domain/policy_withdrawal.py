"""Who takes a withdrawal in, decides about it, and has it carried out."""

from typing import Any

from studyhub.domain.rules import Rule, rule
from studyhub.domain.vocabulary import Act, Actor, Compartment, Duty, Role


def may_assess(actor: Actor, _subject: Any) -> bool:
    """The actor is a PI, or was given the duty to assess withdrawals."""
    return actor.role is Role.PI or Duty.ASSESS in actor.duties


# Whoever may be told in person, or by telephone, that somebody stops. Analysts meet nobody.
_TOLD = (Role.PI, Role.RECRUITER, Role.INTERVIEWER, Role.TRANSCRIBER, Role.REVIEWER)

WITHDRAWALS: dict[Act, Rule] = {
    Act.WITHDRAWAL_RECEIVE: rule(
        "A person withdraws by their link, or tells a team member; all of it is held at once.",
        *_TOLD,
        Role.PARTICIPANT,
    ),
    Act.WITHDRAWAL_FORWARD: rule(
        "An analyst who was told that somebody stops has whoever decides ask them who it is.",
        Role.ANALYST,
    ),
    Act.WITHDRAWAL_CALL: rule(
        "The worker writes to whoever decides which analysts they must ask.",
        Role.SYSTEM,
    ),
    Act.WITHDRAWAL_READ: rule(
        "A person sees by their link what became of what they withdrew.",
        Role.PARTICIPANT,
        traced=False,
    ),
    Act.WITHDRAWAL_LIST: rule(
        "Team, auditor and operator see withdrawals by code: scopes, steps, dates, decisions.",
        *_TOLD,
        Role.AUDITOR,
        Role.OPERATOR,
        traced=False,
    ),
    Act.WITHDRAWAL_ACKNOWLEDGE: rule(
        "A recruiter or the PI tells the person that what they said on the telephone arrived.",
        Role.RECRUITER,
        Role.PI,
        opens=(Compartment.CONTACT,),
    ),
    Act.WITHDRAWAL_RETRACT: rule(
        "A person takes a withdrawal back by their link, until it begins to be carried out.",
        Role.PARTICIPANT,
    ),
    Act.WITHDRAWAL_DECIDE: rule(
        "The PI, or a member with the duty, decides about each thing that was withdrawn.",
        *_TOLD,
        only_if=(may_assess,),
        asks_password=True,
    ),
    Act.WITHDRAWAL_SECOND: rule(
        "A second person with the duty looks at what is said to be impossible.",
        *_TOLD,
        only_if=(may_assess,),
        asks_password=True,
    ),
    Act.ERASURE_REQUEST: rule(
        "The PI has a withdrawal carried out; the letter about it is written before keys go.",
        Role.PI,
        opens=(Compartment.CONTACT,),
        asks_password=True,
    ),
    Act.WITHDRAWAL_CONFIRM: rule(
        "The worker lets the letter leave that says what was erased and what is kept.",
        Role.SYSTEM,
    ),
}
