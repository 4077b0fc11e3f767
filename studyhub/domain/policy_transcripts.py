"""Who gives out work, and who types, imports and reads transcripts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from studyhub.domain.rules import Rule, rule
from studyhub.domain.vocabulary import Act, Actor, Compartment, Role

TYPING = frozenset({"transcribe", "deidentify"})
# Before anybody takes identifiers out.
RAW = frozenset({"raw_draft", "raw_verified"})


class Given(Protocol):
    """One piece of work given to one member."""

    @property
    def membership_id(self) -> UUID: ...
    @property
    def duty(self) -> str: ...
    @property
    def ended_at(self) -> datetime | None: ...


class GivenOut(Protocol):
    """A transcript, with the work on it that was ever given to somebody."""

    @property
    def assignments(self) -> Sequence[Given]: ...
    @property
    def state(self) -> str: ...


class GivenBy(Protocol):
    """A piece of work, and who gave it."""

    @property
    def given_by(self) -> UUID: ...


def duties_on(actor: Actor, text: GivenOut) -> frozenset[str]:
    """What the actor was given to do on a text and still has."""
    if actor.membership_id is None:
        return frozenset()
    return frozenset(
        each.duty
        for each in text.assignments
        if each.membership_id == actor.membership_id and each.ended_at is None
    )


def is_given_to_me(actor: Actor, text: GivenOut) -> bool:
    """Somebody gave this transcript to the actor, for whatever work."""
    return bool(duties_on(actor, text))


def is_typist_or_before_identifiers_go(actor: Actor, text: GivenOut) -> bool:
    """A second reader reads blind: the words that were typed close as identifiers go."""
    return actor.role is Role.TRANSCRIBER or text.state in RAW


def is_given_to_type(actor: Actor, text: GivenOut) -> bool:
    """Somebody gave this transcript to the actor to type or to de-identify."""
    return bool(TYPING & duties_on(actor, text))


def is_of_pi_or_own_deposit(actor: Actor, thing: object) -> bool:
    """A PI gives out anything; an interviewer only a recording that they deposited."""
    own = getattr(thing, "deposited_by", None)
    return actor.role is Role.PI or (own is not None and own == actor.membership_id)


def is_of_pi_or_own_gift(actor: Actor, given: GivenBy) -> bool:
    """A PI takes back anything; an interviewer what they gave out themselves."""
    return actor.role is Role.PI or given.given_by == actor.membership_id


TRANSCRIPTS: dict[Act, Rule] = {
    Act.ASSIGNMENT_GIVE: rule(
        "The PI gives a recording or transcript to a member; a depositor their own recording.",
        Role.PI,
        Role.INTERVIEWER,
        only_if=(is_of_pi_or_own_deposit,),
        opens=(Compartment.RECORDING, Compartment.TRANSCRIPT),
    ),
    Act.ASSIGNMENT_END: rule(
        "The PI, or who gave it, takes work back; the keys to it go with it.",
        Role.PI,
        Role.INTERVIEWER,
        only_if=(is_of_pi_or_own_gift,),
    ),
    Act.ASSIGNMENT_LIST: rule(
        "Who gives out work sees to whom it can be given, and who has it.",
        Role.PI,
        Role.INTERVIEWER,
        traced=False,
    ),
    Act.TRANSCRIPT_LIST: rule(
        "Transcribers and reviewers see what was given to them, the PI how far each one is.",
        Role.PI,
        Role.TRANSCRIBER,
        Role.REVIEWER,
        traced=False,
    ),
    Act.TRANSCRIPT_SHOW: rule(
        "Whoever was given a transcript sees its state and its versions, without their text.",
        Role.TRANSCRIBER,
        Role.REVIEWER,
        only_if=(is_given_to_me,),
        traced=False,
    ),
    Act.TRANSCRIPT_READ: rule(
        "Transcribers open a transcript given to them; reviewers until identifiers go.",
        Role.TRANSCRIBER,
        Role.REVIEWER,
        only_if=(is_given_to_me, is_typist_or_before_identifiers_go),
        opens=(Compartment.TRANSCRIPT,),
    ),
    Act.TRANSCRIPT_SAVE: rule(
        "What a transcriber types in a transcript of theirs is kept as it is typed.",
        Role.TRANSCRIBER,
        only_if=(is_given_to_type,),
        opens=(Compartment.TRANSCRIPT,),
        traced=False,
        keeps=True,
    ),
    Act.TRANSCRIPT_LOCK: rule(
        "An open transcript says who is typing in it, so that two people do not at once.",
        Role.TRANSCRIBER,
        only_if=(is_given_to_type,),
        traced=False,
        keeps=True,
    ),
    Act.TRANSCRIPT_KEEP: rule(
        "The transcriber keeps the text as it is now as a version of its own.",
        Role.TRANSCRIBER,
        only_if=(is_given_to_type,),
        opens=(Compartment.TRANSCRIPT,),
    ),
    Act.TRANSCRIPT_COMPARE: rule(
        "Transcribers compare versions of a text given to them; reviewers while it is raw.",
        Role.TRANSCRIBER,
        Role.REVIEWER,
        only_if=(is_given_to_me, is_typist_or_before_identifiers_go),
        opens=(Compartment.TRANSCRIPT,),
    ),
    Act.TRANSCRIPT_RESTORE: rule(
        "The transcriber goes on from an earlier version; what it replaces is kept too.",
        Role.TRANSCRIBER,
        only_if=(is_given_to_type,),
        opens=(Compartment.TRANSCRIPT,),
    ),
    Act.TRANSCRIPT_PREVIEW: rule(
        "The transcriber sees what would be imported from a document; nothing is kept.",
        Role.TRANSCRIBER,
        only_if=(is_given_to_type,),
        traced=False,
    ),
    Act.TRANSCRIPT_IMPORT: rule(
        "The transcriber imports a document as the text of a transcript given to them.",
        Role.TRANSCRIBER,
        only_if=(is_given_to_type,),
        opens=(Compartment.TRANSCRIPT,),
    ),
    Act.TRANSCRIPT_VERIFY: rule(
        "The transcriber says that the text was checked against the sound and is finished.",
        Role.TRANSCRIBER,
        only_if=(is_given_to_type,),
        opens=(Compartment.TRANSCRIPT,),
    ),
}
