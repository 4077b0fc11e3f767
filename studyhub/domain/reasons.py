"""The closed list of reasons: their names for people, and the check that one was chosen."""

from studyhub.domain.errors import Invalid
from studyhub.domain.words import REASON_CODES

REASONS = {code: code.replace("_", " ").capitalize() for code in REASON_CODES}


def need_reason(code: str, says: str = "Choose a reason") -> str:
    """The code, if it is one of the list: the record keeps codes and nobody's words."""
    if code not in REASON_CODES:
        raise Invalid({"reason": says})
    return code
