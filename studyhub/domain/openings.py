"""What roles and keys open, in words for the people who hold them."""

from collections.abc import Iterable, Mapping, Sequence

from studyhub.domain.vocabulary import Compartment, Role

HOLDS: dict[Compartment, str] = {
    Compartment.CONTACT: "names, addresses and letters",
    Compartment.CONSENT: "signed consents",
    Compartment.RECORDING: "recordings",
    Compartment.TRANSCRIPT: "transcripts",
    Compartment.RELEASE: "released transcripts",
}

# What a role is meant to open, for whoever chooses one.
ROLE_HINTS: dict[Role, str] = {
    Role.PI: "Opens everything. Decides, approves and gives access.",
    Role.RECRUITER: "Opens names, addresses and letters, and nothing that was said.",
    Role.INTERVIEWER: "Opens what belongs to their own interviews.",
    Role.TRANSCRIBER: "Opens the recordings and transcripts assigned to them, by code.",
    Role.REVIEWER: "Opens released transcripts, and what is assigned to them, by code.",
    Role.ANALYST: "Opens released transcripts and nothing else.",
    Role.AUDITOR: "Opens no content: versions, times, roles and hashes. Holds no other role.",
}


# How a membership stands, for whoever looks at the team.
STANDING_WORDS: dict[str, str] = {
    "holds": "Active",
    "waits": "Waits for the six words",
    "invited": "Invited, has not joined",
    "lapsed": "Last day is over",
    "stopped": "Stopped",
    "ended": "Ended",
}


def in_words(marks: Mapping[Compartment, str], roles: Iterable[Role]) -> str:
    """What somebody opens, by the marks of the compartments: ``open``, ``own`` or ``shut``."""
    whole = [name for name in Compartment if marks[name] == "open"]
    own = [name for name in Compartment if marks[name] == "own"]
    if len(whole) == len(Compartment):
        return "Everything. What is opened is recorded"
    if not whole and not own:
        if Role.AUDITOR in roles:
            return "No content: versions, times, roles and hashes"
        return "Nothing yet: each thing is given by name when it is assigned"
    said = []
    if whole:
        said.append("all " + listed([HOLDS[name] for name in whole]))
    if own:
        said.append("own or assigned " + listed([HOLDS[name] for name in own]))
    text = "; ".join(said) + ("" if own else ", and nothing else")
    return text[0].upper() + text[1:]


def listed(words: Sequence[str]) -> str:
    """Write a list as people say it: recruiter, reviewer and analyst."""
    if len(words) < 2:  # noqa: PLR2004 - two are needed for an "and"
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"
