"""Prompts, not masks: work and circumstances that may single a person out.

A role asks when it stands in the frame of one person's post ("I'm the … at …", "the … of …",
"the …, Anna,") or is rare in itself.
"""

import re
from collections.abc import Iterator

from studyhub.domain.redaction.spans import Span
from studyhub.domain.redaction.words import Text

_POST = (
    r"(?:manager|director|head|headmaster|headmistress|head ?teacher|leader|lead|chair|chair(?:man|woman|person)|"
    r"chief exec(?:utive)?|founder|co-founder|trustee|president|secretary|treasurer|co-?ordinator|"
    r"commissioner|consultant|registrar|matron|nurse|midwife|officer|worker|"
    r"therapist|psychologist|psychiatrist|surgeon|paramedic|pharmacist|governor|magistrate|"
    r"councillor|mayor|mp|vicar|bishop|rector|archdeacon|chaplain|imam|rabbi|teacher|lecturer|"
    r"professor|dean|principal|inspector|sergeant|superintendent|detective|constable|"
    r"commander|captain|colonel|sergeant[ -]major|isva|idva|chisva|advocate|solicitor|barrister|judge|"
    r"coroner|warden|caretaker|cook|lady|driver|pilot|skipper|coxswain|keeper|engineer|"
    r"signalman|fireman|firefighter|gamekeeper|shepherd|blacksmith|butcher|baker|postman|postmistress|"
    r"publican|landlord|landlady|fisherman|trawlerman|lifeguard|operator|"
    r"assistant|receptionist|counsellor|supervisor|controller|conductor|organist|journalist|"
    r"editor|presenter|coach|referee|jockey|player|champion|apprentice|porter|technician|"
    r"radiographer|physio|physiotherapist|dietitian|optician|dentist|vet|clerk|analyst|advis[eo]r)"
)
_STOPS = (
    r"(?:and|but|so|when|who|um|er|erm|which|because|cos|then|that|we|i|he|she|they|the|a|an|our|my|"
    r"if|not|just|really|very|always|never|had|has|have|was|is|been|to|for|with|in|on|at|of|from)\b"
)
_STOP = rf"(?!{_STOPS})"
_WORDS = rf"(?:{_STOP}[\w'’-]+ ){{0,3}}"
_ROLE = rf"{_WORDS}{_POST}(?: {_POST})?\b"
_TAIL = (
    rf"(?: (?:of|at|in|for|on) (?:the |a |an |our )?(?:{_STOP}[\w'-]+)(?: {_STOP}[\w'-]+){{0,3}}"
    rf"(?=[,.;:?!\n]| {_STOPS}|$))"
)
_SOME = r"(?:the |a |an |as a |as the |our )"
_RARE_POST = (
    r"(?:magistrate|coxswain|lighthouse keeper|air traffic controller|lollipop (?:lady|man)|"
    r"town crier|harbour ?master|gamekeeper|beekeeper|coroner|high sheriff|"
    r"lord lieutenant|(?:regimental )?sergeant[ -]major|headmaster|headmistress|bishop|archdeacon|"
    r"trawlerman|stuntman|signalman|blacksmith|thatcher|farrier|postmistress|"
    r"ferryman|falconer|auctioneer|zookeeper|astronaut|steeplejack|(?:bus|train|tram) driver|"
    r"councillor|dinner lady|tug captain|ice cream man|rag and bone man|prison officer)"
)
_RULES = tuple(
    (score, says, re.compile(rule, re.IGNORECASE))
    for score, says, rule in (
        (
            *(0.6, "What this person does: with the rest it may single them out."),
            rf"\b(?:I'm|I am|I was|I've been|im|I became|I work as|you're|so you're|youre)(?: also| now| actually)? "
            rf"{_SOME}?(?P<role>{_ROLE}{_TAIL}?)(?![\w'-])",
        ),
        (
            *(0.45, "A post that one person holds."),
            rf"\b(?:he's|she's|hes|shes|he was|she was|who's|who was|been|theres|there's|wrote to|"
            rf"called|she became|he became|works as|worked as|said to|showed it to|married to) {_SOME}"
            rf"(?P<role>{_ROLE}{_TAIL})",
        ),
        (
            *(0.45, "A post that one person holds."),
            rf"\b(?:the|our) (?P<role>{_WORDS}{_POST} of (?:the |a |an )?(?:{_STOP}[\w'-]+)(?: {_STOP}[\w'-]+){{0,3}})(?![\w'-])",
        ),
        (
            0.5,
            "Few people do this.",
            rf"\b(?P<role>(?:(?:retired|former|ex) )?{_RARE_POST}{_TAIL}?)(?![\w'-])",
        ),
    )
)
# The name beside it begins with a capital: these are read as they are written.
_NAMED = re.compile(rf"\b(?:[Tt]he|[Oo]ur) (?P<role>{_ROLE}), (?=[A-Z][\w'-]+[,.])")
_ONLY = re.compile(
    r"\b(?P<role>(?:only|first|youngest|oldest|longest[- ]serving) "
    r"(?!time|thing|one\b|few|two|three|question|bit|part|week|day|month|year|way|reason|place|step|"
    r"person who|people who|call|appointment|session|visit|half|word|minute|night|morning|couple|"
    r"point|to\b|of\b|came|come|in\b|because|when|if\b|a\b|the\b)"
    r"(?:[\w'-]+ ){1,6}?(?:ever [\w' ]*here|ever \w+|(?:in|on) the (?:\w+ )?[\w']+|here|in [A-Z]\w+|at [A-Z]\w+))"
)


def find_roles(text: Text) -> Iterator[Span]:
    """Posts, firsts and onlies, each to be looked at."""
    for score, says, rule in _RULES:
        for found in rule.finditer(text.plain):
            yield Span(*found.span("role"), "ROLE", score, "roles", says, ask=True)
    for found in _NAMED.finditer(text.plain):
        says = "A post, and the name of who holds it."
        yield Span(*found.span("role"), "ROLE", 0.55, "roles", says, ask=True)
    for found in _ONLY.finditer(text.plain):
        says = "A first or an only."
        yield Span(*found.span("role"), "OTHER_QUASI", 0.5, "roles", says, ask=True)
