"""Who takes a withdrawal in, decides about it, and has it carried out."""

from studyhub.domain.rules import Rule, rule
from studyhub.domain.vocabulary import Act, Compartment, Role

# Whoever may be told in person, or by telephone, that somebody stops. Analysts meet nobody.
_TOLD = (Role.PI, Role.RECRUITER, Role.INTERVIEWER, Role.TRANSCRIBER, Role.REVIEWER)

WITHDRAWALS: dict[Act, Rule] = {
    Act.WITHDRAWAL_RECEIVE: rule(
        "A person withdraws by their link, or tells a team member; all of it is held at once.",
        *_TOLD,
        Role.PARTICIPANT,
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
}
