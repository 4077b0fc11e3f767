"""Who plans, holds and tells about interviews, and reports what went wrong."""

from typing import Protocol
from uuid import UUID

from studyhub.domain.rules import Rule, rule
from studyhub.domain.vocabulary import STAFF, Act, Actor, Compartment, Role


class Held(Protocol):
    """An interview, with the membership that holds it."""

    @property
    def interviewer_id(self) -> UUID | None: ...


class Reported(Protocol):
    """An incident, with the membership that told of it."""

    @property
    def reported_by(self) -> UUID: ...


def holds_it(actor: Actor, interview: Held) -> bool:
    """The interview was given to the actor."""
    return actor.membership_id is not None and interview.interviewer_id == actor.membership_id


def plans_or_holds_it(actor: Actor, interview: Held) -> bool:
    """An interviewer meets only the interviews that were given to them."""
    return actor.role is not Role.INTERVIEWER or holds_it(actor, interview)


def told_of_it_or_is_pi(actor: Actor, incident: Reported) -> bool:
    """The PI, and whoever reported it."""
    return actor.role is Role.PI or incident.reported_by == actor.membership_id


_WHO_SEES = (Role.PI, Role.RECRUITER, Role.INTERVIEWER, Role.AUDITOR)
_REPORTERS = tuple(role for role in STAFF if role not in (Role.AUDITOR, Role.ANALYST))

INTERVIEWS: dict[Act, Rule] = {
    Act.INTERVIEW_LIST: rule(
        "The team sees by code which interviews are planned and held; interviewers their own.",
        *_WHO_SEES,
        traced=False,
    ),
    Act.INTERVIEW_SHOW: rule(
        "The team sees by code one interview and what consent allows now.",
        *_WHO_SEES,
        only_if=(plans_or_holds_it,),
        traced=False,
    ),
    Act.INTERVIEW_PLAN: rule(
        "The recruiter agrees a time with somebody who consents, or offers several.",
        Role.RECRUITER,
        opens=(Compartment.CONTACT,),
    ),
    Act.INTERVIEW_CHOOSE: rule(
        "A person chooses a time by their own link; a recruiter notes what they said by phone.",
        Role.PARTICIPANT,
        Role.RECRUITER,
        opens=(Compartment.CONTACT,),
    ),
    Act.INTERVIEW_CONFIRM: rule(
        "The interviewer accepts an appointment and says whether they know the person.",
        Role.INTERVIEWER,
        only_if=(holds_it,),
    ),
    Act.INTERVIEW_CHANGE: rule(
        "The recruiter, or the interviewer of it, moves an appointment and tells the person.",
        Role.RECRUITER,
        Role.INTERVIEWER,
        only_if=(plans_or_holds_it,),
        opens=(Compartment.CONTACT,),
    ),
    Act.INTERVIEW_CANCEL: rule(
        "The recruiter, or the interviewer of it, calls an appointment off.",
        Role.RECRUITER,
        Role.INTERVIEWER,
        only_if=(plans_or_holds_it,),
        opens=(Compartment.CONTACT,),
    ),
    Act.INTERVIEW_NO_SHOW: rule(
        "The recruiter, or the interviewer of it, records that the person did not come.",
        Role.RECRUITER,
        Role.INTERVIEWER,
        only_if=(plans_or_holds_it,),
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
    Act.INTERVIEW_GIVE: rule(
        "The recruiter sends a person a document of the study before the interview.",
        Role.RECRUITER,
        opens=(Compartment.CONTACT,),
    ),
    Act.INTERVIEW_LOG: rule(
        "The interviewer keeps log and field notes of an interview, sealed, for themselves.",
        Role.INTERVIEWER,
        only_if=(holds_it,),
    ),
    Act.INTERVIEW_READ: rule(
        "The interviewer reads their own log and field notes of one interview.",
        Role.INTERVIEWER,
        only_if=(holds_it,),
        opens=(Compartment.TRANSCRIPT,),
    ),
    Act.CALL_SHEET_READ: rule(
        "The interviewer opens how to reach a person, around the time of the appointment only.",
        Role.INTERVIEWER,
        only_if=(holds_it,),
        opens=(Compartment.CONTACT,),
    ),
    Act.INCIDENT_LIST: rule(
        "The PI and the auditor see by code and kind what was reported to have gone wrong.",
        Role.PI,
        Role.AUDITOR,
        traced=False,
    ),
    Act.INCIDENT_READ: rule(
        "The PI, or whoever reported it, reads what was written about an incident.",
        *_REPORTERS,
        only_if=(told_of_it_or_is_pi,),
        opens=(Compartment.CONSENT,),
    ),
    Act.INCIDENT_REPORT: rule(
        "A member of the team reports at once that something went wrong; the PI is told.",
        *_REPORTERS,
    ),
    Act.INCIDENT_DECIDE: rule(
        "The PI decides what is done about an incident, and when it is closed.",
        Role.PI,
        opens=(Compartment.CONSENT,),
    ),
}
