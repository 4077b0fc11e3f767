"""Who types, imports and reads transcripts."""

from studyhub.domain.rules import Rule
from studyhub.domain.vocabulary import Act

TRANSCRIPTS: dict[Act, Rule] = {}
