"""Prompts, not masks: work and circumstances that may single a person out.

A role asks when it stands in the singular frame of one person's post ("the only …", "I'm the …
at …", "she was a … in …") or is rare in itself.
"""

import re
from collections.abc import Iterator

from studyhub.domain.redaction.spans import Span
from studyhub.domain.redaction.words import Text

_POST = (
    r"(?:manager|director|head|headmaster|headmistress|headteacher|leader?|lead|chair|chairman|chairwoman|"
    r"chief exec(?:utive)?|chief|founder|co-founder|trustee|president|secretary|treasurer|coordinator|"
    r"co-ordinator|commissioner|consultant|registrar|matron|nurse|midwife|officer|worker|"
    r"therapist|psychologist|psychiatrist|surgeon|paramedic|pharmacist|governor|magistrate|"
    r"councillor|mayor|mp|vicar|bishop|rector|archdeacon|chaplain|imam|rabbi|headteacher|teacher|lecturer|"
    r"professor|dean|principal|inspector|sergeant|superintendent|detective|constable|"
    r"commander|captain|major|colonel|sergeant[ -]major|isva|idva|chisva|advocate|solicitor|barrister|judge|"
    r"coroner|registrar|warden|caretaker|cook|lady|driver|pilot|skipper|coxswain|keeper|engineer|"
    r"signalman|fireman|farmer|gamekeeper|shepherd|blacksmith|butcher|baker|postman|postmistress|"
    r"publican|landlord|landlady|builder|roofer|plumber|miner|fisherman|trawlerman|lifeguard|"
    r"assistant|receptionist|counsellor|supervisor|controller|conductor|organist|journalist|"
    r"editor|presenter|coach|referee|jockey|player|champion|apprentice|porter|technician|"
    r"radiographer|physio|dietitian|optician|dentist|vet|gp|clerk|analyst|adviser|advisor)"
)
_RARE = re.compile(
    r"\b(?:(?:retired|former|ex) )?(?:(?:[a-z]+'?s?|[A-Z]\w+) )?"
    r"(?:magistrate|coxswain|lighthouse keeper|air traffic controller|lollipop (?:lady|man)|"
    r"town crier|tug captain|harbour ?master|gamekeeper|beekeeper|bell[- ]ringer|undertaker|"
    r"coroner|high sheriff|lord lieutenant|regimental sergeant[ -]major|sergeant[ -]major|"
    r"headmaster|headmistress|bishop|archdeacon|mayor|mp|trawlerman|stuntman|"
    r"signalman|blacksmith|thatcher|farrier|postmistress|ferryman|falconer|auctioneer|"
    r"zookeeper|astronaut|acrobat|ventriloquist|steeplejack|bus driver|train driver|councillor|dinner lady)"
    r"(?: (?:of|at|in|for|on) (?:the )?[A-Z][\w'-]+(?: [A-Z][\w'-]+)*)?\b(?!s\b)"
)
_MODIFIERS = r"(?:[a-z][a-z'-]+ ){0,3}?"
_TAIL = (
    r"(?: (?:of|at|in|for|on|with) (?:the |a |an |our |this )?(?:[A-Za-z][\w'-]*)"
    r"(?: (?!and\b|but\b|so\b|when\b|who\b|um\b|for\b|which\b|because\b|then\b|that\b|we\b|i\b)[A-Za-z][\w'-]*){0,4}?"
    r"(?=[,.;:?!\n]| and| but| so| when| who| um\b| for| which| because| then| that| we| i\b|$))"
)
_MINE = re.compile(
    rf"\b(?:I'm|I am|I was|I've been|im|i was|I became|I work as|i work as) (?:also |now |actually )?"
    rf"(?:the |a |an |as a |as the )?(?P<role>{_MODIFIERS}{_POST}{_TAIL}?)(?![\w-])"
)
_SOMEBODYS = re.compile(
    rf"\b(?:he's|she's|hes|shes|he was|she was|who's|who was|he'd been|she'd been|had been|"
    rf"been|as|theres|there's|with|to|wrote to) (?:the |a |an )(?P<role>{_MODIFIERS}{_POST}{_TAIL})",
    re.IGNORECASE,
)
_ONLY = re.compile(
    r"\bthe (?P<role>(?:only|first|youngest|oldest|last|longest[- ]serving|tallest) "
    r"(?!time|thing|one\b|few|two|three|question|bit|part|week|day|month|year|person who|people|way|"
    r"reason|place|step|call|appointment|session|visit|half|word|minute|night|morning|couple|"
    r"ten|five|six|four|port|point|to\b|of\b|came|place)"
    r"(?:[\w'-]+ ){1,6}?(?:ever \w+|in the [\w']+|on the [\w']+|here|in [A-Z]\w+|at [A-Z]\w+))"
)


def find_roles(text: Text) -> Iterator[Span]:
    """Posts and firsts, each to be looked at."""
    for rule, score, says in (
        (_MINE, 0.6, "What this person does: with the rest it may single them out."),
        (_SOMEBODYS, 0.45, "A post that one person holds."),
    ):
        for found in rule.finditer(text.plain):
            yield Span(*found.span("role"), "ROLE", score, "roles", says, ask=True)
    for found in _RARE.finditer(text.plain):
        yield Span(*found.span(), "ROLE", 0.5, "roles", "Few people do this.", ask=True)
    for found in _ONLY.finditer(text.plain):
        start, end = found.span("role")
        yield Span(start, end, "OTHER_QUASI", 0.5, "roles", "A first or an only.", ask=True)
