"""Which roles one person should not hold together in one study.

Hard rules are never lifted. Soft rules are lifted for a named person by a declared exception.
"""

from collections.abc import Iterable

from studyhub.domain.vocabulary import Role

AUDITOR_ALONE = "H-6"
HARD = frozenset({AUDITOR_ALONE})

# Pairs that are refused unless an exception of that name is declared for the person.
SOFT: dict[str, frozenset[str]] = {
    "S-2": frozenset({Role.RECRUITER, Role.ANALYST}),
    "S-3": frozenset({Role.TRANSCRIBER, Role.RECRUITER}),
    "S-4": frozenset({Role.PI, Role.RECRUITER}),
}

SAYS = {
    "S-1": "Who interviewed a person does not de-identify, review or code what they said.",
    "S-2": "A recruiter does not analyse.",
    "S-3": "A transcriber does not recruit.",
    "S-4": "The principal investigator does not recruit.",
    "H-6": "An auditor holds no other role in the study.",
    "H-7": "The operator holds no role in a study.",
    "H-9": "Seeing which person a label stands for needs two people.",
}

# The same rules as what happens where one is lifted.
LIFTED = {
    "S-1": "Interviewer also works on what was said",
    "S-2": "Recruiter also analyses",
    "S-3": "Transcriber also recruits",
    "S-4": "Principal investigator also recruits",
    "H-7": "Operator holds a role",
    "H-9": "One person sees whom a label stands for",
}


def broken_by(role: str, held: Iterable[str]) -> list[str]:
    """The rules that holding ``role`` beside the roles already ``held`` would break."""
    others = {other for other in held if other != role}
    if others and Role.AUDITOR in {role, *others}:
        return [AUDITOR_ALONE]
    return [
        name
        for name, pair in SOFT.items()
        if role in pair and any(other in pair for other in others)
    ]
