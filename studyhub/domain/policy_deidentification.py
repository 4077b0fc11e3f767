"""Who takes identifiers out of a text, and who reads it a second time."""

from studyhub.domain.rules import Rule
from studyhub.domain.vocabulary import Act

DEIDENTIFICATION: dict[Act, Rule] = {}
