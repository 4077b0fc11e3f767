"""Lines of the record in words: roles, subjects, outcomes and facts, as people read them."""

import re
from collections.abc import Mapping

from studyhub.domain.acts import ACT_WORDS
from studyhub.domain.duties import DUTY_NAMES
from studyhub.domain.roles import ROLE_NAMES
from studyhub.domain.vocabulary import Role

ROLES = {
    **ROLE_NAMES,
    Role.OPERATOR: "Operator",
    Role.PARTICIPANT: "Participant",
    Role.SYSTEM: "StudyHub itself",
    Role.PUBLIC: "In no role yet",
}
# Subjects that there is one of, or whose name is a table's.
KINDS = {"chain": "the record", "trail": "the record", "softexception": "an exception"}
OUTCOMES = {"done": "Done", "refused": "Refused", "failed": "Failed"}
# Facts whose name, or whose value, is not the word that people use.
FACT_NAMES = {"count": "number", "kind": "what", "skew": "seconds the clock went back"}
FACT_VALUES: dict[str, Mapping[str, str]] = {
    "role": {role: name.lower() for role, name in ROLES.items()},
    "duty": {str(duty): words for duty, words in DUTY_NAMES.items()},
    "kind": {act: words.lower() for act, words in ACT_WORDS.items()},
}
LONG = re.compile("[0-9a-f-]{32,}")  # digests and ids


def fact(name: str, value: object) -> str:
    """A fact as it is read; of a digest or an id the beginning is enough."""
    if name == "demonstration":
        return "a demonstration"
    text = str(value)
    short = f"{text[:8]}…" if LONG.fullmatch(text) else text.replace("_", " ")
    return f"{FACT_NAMES.get(name, name)}: {FACT_VALUES.get(name, {}).get(text, short)}"
