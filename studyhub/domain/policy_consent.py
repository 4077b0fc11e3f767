"""Who may give, take, check and see consent."""

from typing import Protocol
from uuid import UUID

from studyhub.domain.rules import Rule, rule
from studyhub.domain.vocabulary import Act, Actor, Compartment, Duty, Role


class Taken(Protocol):
    """A consent: the membership that took it, or nobody for one given by link."""

    @property
    def taken_by(self) -> UUID | None: ...


def takes_consent(actor: Actor, _subject: object) -> bool:
    """The actor has the duty to take consent."""
    return Duty.TAKE_CONSENT in actor.duties


def verifies(actor: Actor, _consent: object) -> bool:
    """The actor has the duty to verify consents."""
    return Duty.VERIFY in actor.duties


def took_it(actor: Actor, consent: Taken) -> bool:
    """The consent was given to the actor in person."""
    return consent.taken_by is not None and consent.taken_by == actor.membership_id


def did_not_take_it(actor: Actor, consent: Taken) -> bool:
    """Nobody verifies what they took, and no exception lifts this (H-2, invariant 39)."""
    return consent.taken_by != actor.membership_id


def took_or_checks_it(actor: Actor, consent: Taken) -> bool:
    """The PI, whoever took it, and whoever verifies it."""
    return actor.role is Role.PI or took_it(actor, consent) or verifies(actor, consent)


_TAKERS = (Role.RECRUITER, Role.INTERVIEWER)
_CHECKERS = (Role.PI, Role.REVIEWER)

CONSENT: dict[Act, Rule] = {
    Act.CONSENT_OPEN: rule(
        "A person opens the consent form by their own link; nothing is stored.",
        Role.PARTICIPANT,
        traced=False,
    ),
    Act.CONSENT_SIGN: rule(
        "A person agrees by their own link, having answered every statement.", Role.PARTICIPANT
    ),
    Act.CONSENT_REFUSE: rule(
        "A person refuses by their own link, and need not say why.", Role.PARTICIPANT
    ),
    Act.CONSENT_COPY: rule(
        "A person reads the copy of what they signed, by their own link.",
        Role.PARTICIPANT,
        opens=(Compartment.CONSENT,),
    ),
    Act.CONSENT_LIST: rule(
        "The team sees by code who agreed to what, and what waits to be verified.",
        *(Role.PI, Role.RECRUITER, Role.INTERVIEWER, Role.REVIEWER, Role.AUDITOR),
        traced=False,
    ),
    Act.CONSENT_SCAN: rule(
        "Whoever takes consent sends the scan of a paper or the sound of spoken consent; it is "
        "sealed as it arrives.",
        *_TAKERS,
        only_if=(takes_consent,),
    ),
    Act.CONSENT_DISCARD: rule(
        "The worker removes a scan or sound of a consent that nobody entered within a week.",
        Role.SYSTEM,
    ),
    Act.CONSENT_ENTER: rule(
        "Whoever took consent on paper or by word of mouth enters what was answered, with its "
        "evidence.",
        *_TAKERS,
        only_if=(takes_consent,),
        opens=(Compartment.CONSENT,),
    ),
    Act.CONSENT_COUNTERSIGN: rule(
        "Whoever took a consent countersigns it, where the study asks for that.",
        *_TAKERS,
        only_if=(takes_consent, took_it),
        asks_password=True,
    ),
    Act.CONSENT_VERIFY: rule(
        "Somebody who did not take a consent compares it with its evidence.",
        *_CHECKERS,
        only_if=(verifies, did_not_take_it),
        asks_password=(Role.PI,),
    ),
    Act.CONSENT_QUERY: rule(
        "Somebody who did not take a consent asks about something unclear in it.",
        *_CHECKERS,
        only_if=(verifies, did_not_take_it),
    ),
    Act.CONSENT_RESOLVE: rule(
        "Somebody who did not take a consent records that a query was settled.",
        *_CHECKERS,
        only_if=(verifies, did_not_take_it),
    ),
    Act.CONSENT_INVALIDATE: rule(
        "The PI and a second person, each by themselves, declare a consent void with a reason.",
        *_CHECKERS,
        asks_password=True,
    ),
    Act.CONSENT_READ: rule(
        "The PI, whoever took a consent and whoever verifies it open its evidence.",
        *(Role.PI, Role.RECRUITER, Role.INTERVIEWER, Role.REVIEWER),
        only_if=(took_or_checks_it,),
        opens=(Compartment.CONSENT,),
        asks_password=(Role.PI,),
    ),
    Act.CONSENT_PLAY: rule(
        "Parts of the sound of a spoken consent are sent to whoever opened it.",
        *(Role.PI, Role.RECRUITER, Role.INTERVIEWER, Role.REVIEWER),
        only_if=(took_or_checks_it,),
        opens=(Compartment.CONSENT,),
        traced=False,
    ),
}
