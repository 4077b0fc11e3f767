"""Who may express interest, sort expressions, send information, ask and answer."""

from typing import Protocol
from uuid import UUID

from studyhub.domain.rules import Rule, rule
from studyhub.domain.vocabulary import Act, Actor, Compartment, Role


class Asked(Protocol):
    """A question, which may have been passed on to somebody."""

    @property
    def assigned_to(self) -> UUID | None: ...


def is_passed_on_to_interviewer(actor: Actor, question: Asked) -> bool:
    """An interviewer meets only the questions that were passed on to them."""
    is_own = actor.membership_id is not None and question.assigned_to == actor.membership_id
    return actor.role is not Role.INTERVIEWER or is_own


INTEREST: dict[Act, Rule] = {
    Act.EXPRESSION_RECEIVE: rule(
        "Anybody says they might take part; a recruiter notes it for those who call.",
        Role.PUBLIC,
        Role.PARTICIPANT,
        Role.RECRUITER,
    ),
    Act.EXPRESSION_LIST: rule(
        "The recruiter and the PI open the expressions of interest that wait.",
        Role.RECRUITER,
        Role.PI,
        opens=(Compartment.CONTACT,),
    ),
    Act.EXPRESSION_READ: rule(
        "The recruiter and the PI open one expression, with the contacts of that address.",
        Role.RECRUITER,
        Role.PI,
        opens=(Compartment.CONTACT,),
    ),
    Act.EXPRESSION_ACKNOWLEDGE: rule(
        "The recruiter notes that somebody without an address was told by telephone.",
        Role.RECRUITER,
    ),
    Act.EXPRESSION_TRIAGE: rule(
        "The recruiter says whether an expression is from a contact already known or not.",
        Role.RECRUITER,
        opens=(Compartment.CONTACT,),
    ),
    Act.EXPRESSION_DECIDE: rule(
        "The recruiter records who is eligible and who is not; people decline themselves.",
        Role.RECRUITER,
        Role.PARTICIPANT,
        opens=(Compartment.CONTACT,),
    ),
    Act.INFORMATION_SEND: rule(
        "The recruiter sends one eligible person the sheet and the form, under an approval.",
        Role.RECRUITER,
        opens=(Compartment.CONTACT,),
    ),
    Act.LINK_READ: rule(
        "A person sees, by their own link, what they can do and what they were given.",
        Role.PARTICIPANT,
        opens=(Compartment.CONTACT,),
        traced=False,
    ),
    Act.LINK_MAKE: rule(
        "The recruiter makes a link to hand over in person or to read out.",
        Role.RECRUITER,
        opens=(Compartment.CONTACT,),
    ),
    Act.LINK_REVOKE: rule("The recruiter makes a link useless.", Role.RECRUITER),
    Act.QUESTION_ASK: rule(
        "A person asks by their own link; a recruiter notes what was asked by telephone.",
        Role.PARTICIPANT,
        Role.RECRUITER,
        opens=(Compartment.CONTACT,),
    ),
    Act.QUESTION_LIST: rule(
        "The recruiter and the PI see the questions that wait; interviewers those passed on.",
        Role.RECRUITER,
        Role.PI,
        Role.INTERVIEWER,
        opens=(Compartment.CONTACT,),
    ),
    Act.QUESTION_READ: rule(
        "The recruiter and the PI open one question; an interviewer one passed on to them.",
        Role.RECRUITER,
        Role.PI,
        Role.INTERVIEWER,
        only_if=(is_passed_on_to_interviewer,),
        opens=(Compartment.CONTACT,),
    ),
    Act.QUESTION_ASSIGN: rule(
        "The recruiter or the PI says who answers, and gives an interviewer this one question.",
        Role.RECRUITER,
        Role.PI,
        opens=(Compartment.CONTACT,),
    ),
    Act.QUESTION_ANSWER: rule(
        "The recruiter or the PI answers; so does an interviewer to whom it was passed on.",
        Role.RECRUITER,
        Role.PI,
        Role.INTERVIEWER,
        only_if=(is_passed_on_to_interviewer,),
        opens=(Compartment.CONTACT,),
    ),
    Act.QUESTION_CLOSE: rule(
        "The recruiter or the PI closes a question that was answered.", Role.RECRUITER, Role.PI
    ),
}
