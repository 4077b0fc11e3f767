"""Who brings recordings in, decides about them, listens to them and gives out work."""

from studyhub.domain.rules import Rule
from studyhub.domain.vocabulary import Act

RECORDINGS: dict[Act, Rule] = {}
