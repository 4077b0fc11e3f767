"""The label of a person in analysis: drawn by chance, so it follows nothing (invariant 60).

The numbers reach to the planned sample or, if that is larger, to the interviews completed. A
label that was ever given is never given again, not even after an erasure (datamodel.md 8).
"""

import secrets
from collections.abc import Collection


def labels_up_to(planned: int, completed: int, given: int = 0) -> list[str]:
    """P1 … PN; never fewer than one more than were given already."""
    return [f"P{number}" for number in range(1, max(planned, completed, given + 1) + 1)]


def draw_label(given: Collection[str], *, planned: int, completed: int) -> str:
    """One of the labels nobody was given, each as likely as the other."""
    known = set(given)
    return secrets.choice(
        [label for label in labels_up_to(planned, completed, len(known)) if label not in known]
    )
