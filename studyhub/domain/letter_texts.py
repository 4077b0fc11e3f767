"""Letters of which no version is kept: written anew for one person, naming no subject.

A letter that recruits is a document of the study, approved with it; these only answer.
"""

from dataclasses import dataclass
from textwrap import fill

from studyhub.domain.rendering import WIDTH

# What stands in an inbox before a letter is opened: it must say nothing (invariant 19).
SUBJECTS = {
    "acknowledgement": "We have your message",
    "information": "The information you asked for",
    "answer": "The answer to your question",
    "receipt": "We have your answer",
    "stopped": "We will not write to you again",
}


@dataclass(frozen=True)
class Written:
    """Subject and plain text of a finished letter."""

    subject: str
    text: str


def acknowledgement(*, name: str, study: str, stop: str) -> Written:
    """What somebody gets who said they might take part."""
    return Written(
        SUBJECTS["acknowledgement"],
        paragraphs(
            greeting(name),
            "Thank you for writing to us. We have your message, and a person of the team reads "
            "it within two working days.",
            "Saying you are interested commits you to nothing. If this is for you, we send you "
            "the full information next. You decide after that, and you need not say why.",
            "If it was not you who wrote to us, or you want no more letters:",
            stop,
            f"With kind regards,\n{study}",
        ),
    )


@dataclass(frozen=True)
class InformationLetter:
    """What the letter with the sheet and the form names."""

    name: str
    study: str
    sender: str
    address: str
    sheet: str
    consider_hours: int
    until: str
    approval: str


def information(letter: InformationLetter) -> Written:
    """The information sheet and the consent form, by the person's own link."""
    return Written(
        SUBJECTS["information"],
        paragraphs(
            greeting(letter.name),
            "Thank you for your interest. Your own page has two things:",
            item(
                f"1. The information sheet (version {letter.sheet}). It says what we ask of "
                "you, what happens to what you tell us, and until when you can change your "
                "mind."
            ),
            item(
                "2. The consent form. Please leave it until you have read the sheet and have "
                f"no more questions. There is no hurry: the form opens {letter.consider_hours} "
                f"hours after this letter and stays open until {letter.until}."
            ),
            letter.address,
            "Please do not pass this link on: it is yours alone.",
            "You can ask anything on that page or by answering this letter. If you would "
            "rather have it on paper, or talk it through by phone, tell us and we will arrange "
            "it.",
            "If you decide not to take part, you need do nothing. You do not have to say why.",
            f"With kind regards,\n{letter.sender}, for {letter.study}",
            f"Approved by {letter.approval}",
        ),
    )


def answer(*, name: str, study: str, sender: str, question: str, words: str) -> Written:
    """The answer to a question; without ``words`` only that there is one."""
    told = (
        ["You asked:", _quoted(question), "Our answer:", words]
        if words
        else ["Our answer to your question is ready. Please call or write to us for it."]
    )
    return Written(
        SUBJECTS["answer"],
        paragraphs(
            greeting(name),
            *told,
            "You can ask again at any time. You need not decide anything now.",
            f"With kind regards,\n{sender}, for {study}",
        ),
    )


def receipt(*, name: str, study: str, address: str, locked: bool) -> Written:
    """What somebody keeps who signed; ``locked`` where they chose a word."""
    shows = (
        "It shows your copy once; after that we ask for the word you chose. To stop taking "
        "part, nobody asks for the word."
        if locked
        else "Whoever has it can see your copy, so keep it where only you can read it."
    )
    return Written(
        SUBJECTS["receipt"],
        paragraphs(
            greeting(name),
            "Thank you. We have your answer.",
            "Your copy is on your page. There you can also ask us something, and change your "
            "mind about all of it or a part:",
            address,
            f"The link works until the study ends. {shows}",
            study,
        ),
    )


def offer_of_times(
    *, name: str, study: str, sender: str, times: list[str], zone: str, address: str
) -> Written:
    """Several times for a conversation, to choose from by the person's own link."""
    return Written(
        "Choose a time to talk",
        paragraphs(
            greeting(name),
            "Thank you for agreeing to talk with us. Please choose how we talk, and one of "
            f"these times (they are times in {zone}):",
            "\n".join(f"  {each}" for each in times),
            address,
            "If none of them suits you, say so there, and we will call you.",
            "Please do not pass this link on: it is yours alone.",
            f"With kind regards,\n{sender}, for {study}",
        ),
    )


@dataclass(frozen=True)
class AppointmentLetter:
    """What a letter about an appointment names."""

    name: str
    study: str
    sender: str
    time: str
    mode: str


def appointment(letter: AppointmentLetter) -> Written:
    """When we talk, for somebody whose letters others may read: no link, no attachment."""
    return Written(
        "Your appointment",
        paragraphs(
            greeting(letter.name),
            f"We talk on {letter.time}, {letter.mode}.",
            "If you would like another time, or would rather not, please call or write to us.",
            f"With kind regards,\n{letter.sender}, for {letter.study}",
        ),
    )


def cancellation(letter: AppointmentLetter) -> Written:
    """An appointment that will not take place; nobody is asked why."""
    return Written(
        "Your appointment is cancelled",
        paragraphs(
            greeting(letter.name),
            f"The appointment on {letter.time} is cancelled. You need do nothing.",
            "If you have any question, please answer this letter.",
            f"With kind regards,\n{letter.sender}, for {letter.study}",
        ),
    )


def stopped(*, name: str, study: str, everywhere: bool) -> Written:
    """The one confirmation for somebody who wants no more letters (invariant 11)."""
    where = "in any study of this organisation" if everywhere else "about this study"
    return Written(
        SUBJECTS["stopped"],
        paragraphs(
            greeting(name),
            "You asked us not to write to you any more. We will not write to you again "
            f"{where}.",
            "This is the last letter. You need do nothing.",
            study,
        ),
    )


def greeting(name: str) -> str:
    """How a letter begins."""
    return f"Dear {name}," if name else "Good day,"


def item(text: str) -> str:
    """One point of a list, set in."""
    return fill(text, WIDTH, initial_indent="  ", subsequent_indent="     ")


def _quoted(text: str) -> str:
    return "\n".join(
        fill(line, WIDTH, initial_indent="> ", subsequent_indent="> ") or ">"
        for line in text.splitlines()
    )


def paragraphs(*parts: str) -> str:
    """Paragraphs of at most 72 columns; lines that were broken already stay as they are."""
    return "\n\n".join(map(_wrapped, parts)) + "\n"


def _wrapped(part: str) -> str:
    lines = part.splitlines()
    return "\n".join(
        line
        if len(line) <= WIDTH
        else fill(line, WIDTH, break_long_words=False, break_on_hyphens=False)
        for line in lines
    )
