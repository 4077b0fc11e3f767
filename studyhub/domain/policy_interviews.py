"""Who plans, holds and tells about interviews, and reports what went wrong."""

from typing import Protocol
from uuid import UUID

from studyhub.domain.rules import Rule, rule
from studyhub.domain.vocabulary import Act, Actor, Compartment, Role


class Held(Protocol):
    """An interview, with the membership that holds it."""

    @property
    def interviewer_id(self) -> UUID | None: ...


def holds_it(actor: Actor, interview: Held) -> bool:
    """The interview was given to the actor."""
    return actor.membership_id is not None and interview.interviewer_id == actor.membership_id


INTERVIEWS: dict[Act, Rule] = {
    Act.INTERVIEW_PLAN: rule(
        "The recruiter agrees a time with somebody who consents, or offers several.",
        Role.RECRUITER,
        opens=(Compartment.CONTACT,),
    ),
    Act.INTERVIEW_CONFIRM: rule(
        "The interviewer accepts an appointment and says whether they know the person.",
        Role.INTERVIEWER,
        only_if=(holds_it,),
    ),
    Act.INTERVIEW_START: rule(
        "The interviewer starts, while consent is in force, and asks once more.",
        Role.INTERVIEWER,
        only_if=(holds_it,),
    ),
    Act.INTERVIEW_END: rule(
        "The interviewer records when and how an interview ended.",
        Role.INTERVIEWER,
        only_if=(holds_it,),
    ),
}
