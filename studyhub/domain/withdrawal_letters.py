"""Letters about a withdrawal: that it arrived, and what was done. They name no subject.

A person reads them who wanted less to do with us: short, nothing asked, nothing to be done.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from studyhub.domain.letter_texts import Written, greeting, item, paragraphs
from studyhub.domain.withdrawals import CANNOT, ERASE, Item

RECEIVED = "We have your message"
CONFIRMED = "What you asked us to do"

# A class of things, as it is called to the person whose it is.
THINGS = {
    "recording": "the recording",
    "transcript": "the text of what you said",
    "notes": "our notes on the conversation",
    "register": "the list of names by which we recognised you",
    "release": "the text from which your name was taken out",
    "coding": "what was marked in that text",
    "quote": "quotations",
    "contact": "your name and your address",
    "letter": "our letters to you",
    "question": "your questions and our answers",
    "interview": "the appointment",
    "export": "copies that had been taken out",
}

# Why something could not be done, to the same person.
WHY = {
    "already_anonymised_irreversibly": "nobody can tell any more that it was yours",
    "already_published": "it is in print already",
    "legal_retention": "a law asks us to keep it",
    "not_found": "there is nothing of it",
}

# What is not erased but no longer used, so called for its own kind.
_STOPPED = {
    "contact": "we do not write or call",
    "letter": "we send no more letters",
    "interview": "the appointment is called off",
    "export": "asked back: copies that had been taken out",
    "quote": "you are not quoted",
}

EVIDENCE = (
    "your signed consent form, without any use of what you said, because we must be able to "
    "show that we asked you; it is destroyed when the period for keeping it ends"
)


@dataclass(frozen=True)
class About:
    """To whom, for which study, about which withdrawal."""

    name: str
    study: str
    reference: str


def received(about: About, *, until: str) -> Written:
    """That it arrived, was held at once, and until when it is decided."""
    return Written(
        RECEIVED,
        paragraphs(
            greeting(about.name),
            "We have your message, and it counts from the moment you sent it: what you named "
            "is no longer used, and nobody can open it.",
            f"By {until} the person responsible decides how each thing is dealt with. We then "
            "write to you once, saying what was erased and what is kept, and why.",
            f"Your number for this is {about.reference}. You need do nothing more, and you "
            "need not say why.",
            f"With kind regards,\n{about.study}",
        ),
    )


def confirmed(about: About, *, on: str, items: Sequence[Item], phone: str) -> Written:
    """What was erased, what is no longer used, and what is kept, and why."""
    done = [*erased_words(items), *stopped_words(items)]
    kept = [*kept_words(items), EVIDENCE]
    on_phone = f" on {phone}" if phone else ""
    parts = ["This is done:", *map(_point, done)] if done else []
    return Written(
        CONFIRMED,
        paragraphs(
            greeting(about.name),
            f"On {on} you asked us to stop. From that moment nobody has been able to open what "
            f"you named. Your number for this is {about.reference}.",
            *parts,
            "This is kept, and why:",
            *map(_point, kept),
            "Copies that we keep against loss cannot be read: their keys no longer exist.",
            "You did not have to give a reason, and there is nothing more you need to do. If "
            f"this is not what you expected, please call us{on_phone}.",
            f"With kind regards,\n{about.study}",
        ),
    )


def erased_words(items: Collection[Item]) -> list[str]:
    """What was erased, each in a few words."""
    return [f"erased: {THINGS[each.class_]}" for each in items if each.decision == ERASE]


def stopped_words(items: Collection[Item]) -> list[str]:
    """What is no longer used."""
    return [
        _STOPPED.get(each.class_, f"no longer used: {THINGS[each.class_]}")
        for each in items
        if each.decision not in (None, ERASE, CANNOT)
    ]


def kept_words(items: Collection[Item]) -> list[str]:
    """What could not be done, and why."""
    return [
        f"{THINGS[each.class_]}, because {WHY[each.reason_code or '']}"
        for each in items
        if each.decision == CANNOT
    ]


def _point(text: str) -> str:
    return item(f"- {text}")
