"""Withdrawals in words: to the person whose they are, and to the team."""

from collections.abc import Iterable

# What a person chooses from, in the order of the page; "everything" stands above them.
OWN: dict[str, tuple[str, str]] = {
    "all": ("Everything", "We erase what you said and stop writing to you."),
    "contact": ("Do not write or call any more", ""),
    "further_participation": ("No interview", ""),
    "audio": ("Erase the recording", ""),
    "transcript": ("Erase what I said, recording and text", ""),
    "quotes": ("Do not quote me", ""),
    "reuse": ("No use by other researchers", ""),
    "results_contact": ("Do not send me the results", ""),
    "identity": ("Erase my name and address", ""),
}

SCOPES = {
    "all": "everything",
    "contact": "letters and calls",
    "further_participation": "taking part further",
    "audio": "recording",
    "transcript": "recording and text",
    "quotes": "quotations",
    "reuse": "use by others",
    "results_contact": "the results",
    "identity": "name and address",
}

STATES = {
    "received": ("To acknowledge", "hold"),
    "acknowledged": ("To decide", "hold"),
    "assessed": ("To carry out", "hold"),
    "executing": ("Being carried out", "info"),
    "completed": ("Carried out", "ok"),
    "confirmed": ("Carried out, person told", "ok"),
    "retracted": ("Taken back by the person", "quiet"),
}

STEPS = {
    "received": "Received",
    "acknowledged": "Acknowledged",
    "assessed": "Decide each item",
    "executing": "Carry out",
    "confirmed": "Confirm",
}

CHANNELS = {
    "telephone": "By phone",
    "in_person": "In person",
    "email": "By e-mail",
    "post": "By post",
}

HOW = {
    **{name: words.lower() for name, words in CHANNELS.items()},
    "link": "by their own link",
    "web": "on a public page",
}

# A class of things: one, several, and what is said about it.
ITEMS = {
    "recording": ("Recording", "Its key is destroyed, so copies of backups stay shut too."),
    "transcript": ("Transcript and its versions", "Working text and the log of replacements."),
    "notes": ("Field notes and logs", "What interviewers wrote about the conversation."),
    "register": ("Names known of this person", "By which their name is recognised in texts."),
    "release": ("De-identified text", "It is taken from every analyst, and then erased."),
    "coding": ("Codings and matrix cells", "Their words go; an empty marker stays."),
    "quote": ("Quotations in drafts", "They are taken out where they are not in print."),
    "contact": ("Contact", "Name, addresses and wishes. A tag that names nobody is kept."),
    "letter": ("Letters", "Those that wait are taken back already."),
    "question": ("Questions and answers", "What they asked, and what we answered."),
    "interview": ("Appointment", "It is called off already."),
    "export": ("Copies taken out", "Whoever has one is asked to delete it and to confirm it."),
}

DECISIONS = {"erase": "Erase", "stop_use": "Stop using", "cannot": "Cannot"}
DECIDED = {"erase": "Erase", "stop_use": "Stop using", "cannot": "Cannot be done"}

REASONS = {
    "already_published": "It is published already",
    "not_found": "There is nothing of it",
    "already_anonymised_irreversibly": "Nobody can tell any more whose it was",
    "legal_retention": "A law asks us to keep it",
}


def scopes(names: Iterable[str]) -> str:
    """Scopes in a sentence."""
    chosen = set(names)
    if "transcript" in chosen:
        chosen.discard("audio")  # its words name the recording already
    return ", ".join(words for name, words in SCOPES.items() if name in chosen)


def own_scopes(names: Iterable[str]) -> list[str]:
    """The same as the person chose them."""
    return [OWN[name][0] for name in names]
