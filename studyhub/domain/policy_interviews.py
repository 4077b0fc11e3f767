"""Who plans, holds and tells about interviews, and reports what went wrong."""

from studyhub.domain.rules import Rule
from studyhub.domain.vocabulary import Act

INTERVIEWS: dict[Act, Rule] = {}
