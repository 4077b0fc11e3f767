"""Small lists, written for this project, of words around names: titles, heads, prepositions."""

from studyhub.domain.redaction.lexicon import cue_words

TITLES = cue_words("cues titles")
# After these in lower case a name follows nearly always.
FIRM_TITLES = cue_words("cues firm titles")
CALLED = cue_words("cues called")
KIN = cue_words("cues kin")
SAYS = cue_words("cues says")

ORG_HEADS = cue_words("cues org heads")
STREET_HEADS = cue_words("cues street heads")
PLACE_BEFORE = cue_words("cues place before")
PLACE_FIRM = cue_words("cues place firm")
COUNTED = cue_words("cues counted")

COMPASS = cue_words("cues compass")
# Town names that are words, and still towns after a preposition even in lower case.
TOWNS_LIKE_WORDS = cue_words("cues towns like words")

MONTHS = cue_words("cues months")
CALENDAR = MONTHS | cue_words("cues calendar")

COUNTRIES = cue_words("cues countries")
BROAD_PEOPLES = cue_words("cues broad peoples")
PEOPLES = cue_words("cues peoples")
