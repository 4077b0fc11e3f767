"""Words that stay readable: health, law, services and things that everybody knows by name.

They are never suggested; a person may still mask one by hand (invariant 19).
"""

from functools import cache

from studyhub.domain.redaction.lexicon import cue_words


@cache
def protected_words() -> frozenset[str]:
    """Folded single words that are never suggested on their own."""
    return health_words() | cue_words("protect known by all")


@cache
def health_words() -> frozenset[str]:
    """Folded words of health and law, in no suggestion but a person's own name."""
    return cue_words("protect health")
