"""An invented study: who is in its register, and a transcript of one of them."""

from studyhub.domain.redaction.register import Register
from studyhub.domain.redaction.spans import Decision, Entry, Hit, Span
from studyhub.domain.redaction.variants import forms_of

OWN = (
    Entry("e-petronella", "PERSON", "Petronella Quayle-Osei"),
    Entry("e-mail", "CONTACT", "petronella@tidewater.example"),
    Entry("e-phone", "CONTACT", "+44 7700 900123"),
    Entry("e-employer", "ORG", "Tidewater Advice Centre"),
)
OTHERS = (
    Entry("e-rebecca", "PERSON", "Rebecca Thornbury"),
    Entry("e-siobhan", "PERSON", "Siobhan Mallory"),
    Entry("e-town", "PLACE", "Otterhaven"),
)
TEXT = """INT: Could you say who you are?

P1: I'm Petronella, I manage things at Tidewater Advice Centre in Otterhaven. [laughs] Bex works
with me. She had PTSD, and sertraline helped.

INT: How do I reach you?

P1: It's oh double seven double oh nine hundred one two three, or petronella at tidewater dot
example. Kay Denise rang on 4 May 2019.
"""


def known_of(entries=(*OWN, *OTHERS)):
    """What the study's fingerprints would answer, here in clear."""
    forms = {
        form: Hit(entry.entity, entry.category)
        for entry in entries
        for form in forms_of(entry.category, entry.value)
    }
    return lambda kind, value: forms.get((kind, value))


def register():
    return Register(known_of(), OWN)


def decided(text, words, replacement="[Name 1]", act="accept", nth=0, **more):
    """A decision on the nth place where these words stand."""
    start = -1
    for _ in range(nth + 1):
        start = text.index(words, start + 1)
    return Decision(
        start,
        start + len(words),
        more.pop("category", "PERSON"),
        act,
        words,
        replacement="" if act == "reject" else replacement,
        **more,
    )


def words_of(text, spans: list[Span]):
    return [text[span.start : span.end] for span in spans]
