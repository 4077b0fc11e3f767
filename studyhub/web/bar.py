"""The bar of each role: which pages stand in it, and which of them one click below."""

from collections.abc import Container
from dataclasses import dataclass

from studyhub.domain.vocabulary import Role
from studyhub.web.frame import NavEntry
from studyhub.workflows.visitors import Place

_PI, _RECRUITER, _INTERVIEWER = Role.PI, Role.RECRUITER, Role.INTERVIEWER
_TRANSCRIBER, _REVIEWER, _AUDITOR = Role.TRANSCRIBER, Role.REVIEWER, Role.AUDITOR
# Name for ``frame(current)``, words, the rule that must exist, and who has the page.
NAV: tuple[tuple[str, str, str, frozenset[Role]], ...] = (
    ("trail", "Study health", "/s/<slug>/trail", frozenset({_AUDITOR})),
    ("oversight", "Consent trails", "/s/<slug>/trail/codes", frozenset({_AUDITOR})),
    ("recruitment", "Participants", "/s/<slug>/recruitment", frozenset({_RECRUITER, _PI})),
    ("interest", "Interest", "/s/<slug>/recruitment/interest", frozenset({_RECRUITER, _PI})),
    ("letters", "Letters", "/s/<slug>/recruitment/letters", frozenset({_RECRUITER, _PI})),
    (
        *("questions", "Questions", "/s/<slug>/recruitment/questions"),
        frozenset({_RECRUITER, _PI, _INTERVIEWER}),
    ),
    (
        *("interviews", "Interviews", "/s/<slug>/interviews"),
        frozenset({_PI, _RECRUITER, _INTERVIEWER, _AUDITOR}),
    ),
    (
        *("recordings", "Recordings", "/s/<slug>/recordings"),
        frozenset({_PI, _INTERVIEWER, _TRANSCRIBER, _REVIEWER, _AUDITOR}),
    ),
    ("incidents", "Incidents", "/s/<slug>/incidents", frozenset({_PI, _AUDITOR})),
    (
        *("transcription", "Transcripts", "/s/<slug>/transcription"),
        frozenset({_PI, _TRANSCRIBER, _REVIEWER}),
    ),
    (
        *("deidentification", "De-identification", "/s/<slug>/deidentification"),
        frozenset({_PI, _TRANSCRIBER, _REVIEWER}),
    ),
    ("releases", "Releases", "/s/<slug>/analysis", frozenset({Role.ANALYST})),
    ("releases", "Releases", "/s/<slug>/releases", frozenset({_PI, _REVIEWER})),
    (
        *("consent", "Consent", "/s/<slug>/consent"),
        frozenset({_PI, _RECRUITER, _INTERVIEWER, _REVIEWER, _AUDITOR}),
    ),
    (
        *("ethics", "Ethics", "/s/<slug>/ethics"),
        frozenset({_PI, _RECRUITER, _INTERVIEWER, _REVIEWER, _AUDITOR}),
    ),
    (
        *("withdrawals", "Withdrawals", "/s/<slug>/withdrawals"),
        frozenset({_PI, _RECRUITER, _INTERVIEWER, _TRANSCRIBER, _REVIEWER, _AUDITOR}),
    ),
    ("trail", "Trail", "/s/<slug>/trail", frozenset({_PI})),
    ("flow", "Flow", "/s/<slug>/flow", frozenset({_PI, _AUDITOR})),
    ("team", "Team", "/s/<slug>/team", frozenset({_PI, _AUDITOR})),
)
# In one row there is room for eight. Who has more finds lists of one kind under one entry.
GROUPED = frozenset({_PI, _RECRUITER, _AUDITOR})
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "Participants",
        ("recruitment", "interest", "letters", "questions", "withdrawals", "flow"),
    ),
    ("Interviews", ("interviews", "recordings", "incidents")),
    ("Texts", ("transcription", "deidentification", "releases")),
)


@dataclass(frozen=True)
class Bar:
    """The entries of the bar; below it those that belong to the one that is open."""

    entries: list[NavEntry]
    within: list[NavEntry]


def bar_of(place: Place, current: str, known: Container[str]) -> Bar:
    """The bar of a role, with the page marked that is open."""
    pages = {
        name: NavEntry(words, rule.replace("<slug>", place.slug), current == name)
        for name, words, rule, roles in NAV
        if place.role in roles and rule in known
    }
    first = _first(place.role, current)
    if place.role not in GROUPED:
        return Bar([*first, *pages.values()], [])
    open_here: list[NavEntry] = []
    for words, names in GROUPS:
        found = [pages[name] for name in names if name in pages]
        if not found[1:]:  # one page needs no other above it
            continue
        is_open = current in names
        open_here = found if is_open else open_here
        _fold(pages, names, NavEntry(words, found[0].href, is_open))
    return Bar([*first, *pages.values()], open_here)


def _first(role: Role, current: str) -> list[NavEntry]:
    if role is Role.AUDITOR:  # whose first screen is Study health
        return []
    words = "Decisions" if role is Role.PI else "Today"
    return [NavEntry(words, "/home", current == "home")]


def _fold(pages: dict[str, NavEntry], names: tuple[str, ...], entry: NavEntry) -> None:
    """Let one entry stand for several, where the first of them stood."""
    first, *others = [name for name in names if name in pages]
    pages[first] = entry
    for name in others:
        del pages[name]
