"""Take in what a page saves: once, never an older text over a newer, never over another's.

A page gives itself an id and numbers its saves; each carries the whole text and the revision it
was typed on. Answers get lost, requests arrive twice or in the wrong order: the revision kept
here says what to do, and the same request always gets the same answer (recordings.md 2.3).
"""

from dataclasses import dataclass
from enum import StrEnum

PAGES_REMEMBERED = 8


@dataclass(frozen=True)
class Save:
    """One request of a page: the text as typed, and the revision the page last heard of."""

    base_rev: int
    text: str
    client_id: str
    seq: int


@dataclass(frozen=True)
class Working:
    """The text as it is kept, and which page saved it last.

    ``run_from`` is the revision on which that page began to save without anybody in between.
    Since then every revision is its own, so it may go on even if it missed an answer.
    ``earlier`` holds the pages that saved before it, each with the number of its last save.
    """

    rev: int
    text: str
    client_id: str = ""
    client_seq: int = 0
    run_from: int = 0
    earlier: tuple[tuple[str, int], ...] = ()

    def last_taken(self, client_id: str) -> int:
        """The number of the last save taken from a page; 0 if none is remembered.

        Sent along with STALE: the page merges from what it sent under that number, not from
        the last text it had an answer for, and so never meets its own words as another's.
        """
        return dict((*self.earlier, (self.client_id, self.client_seq))).get(client_id, 0)


class Answer(StrEnum):
    """What became of a save."""

    TAKEN = "taken"
    DONE_BEFORE = "done_before"
    STALE = "stale"


def receive(working: Working, save: Save) -> tuple[Working, Answer]:
    """The working text after a save, and the answer.

    DONE_BEFORE: this text, or a later one of the same page, is kept already; answer as if it
    had just been taken. STALE: somebody else saved since; nothing changes, the page merges.
    """
    same_page = save.client_id == working.client_id != ""
    if same_page and save.seq <= working.client_seq:
        return working, Answer.DONE_BEFORE
    own_run = same_page and working.run_from <= save.base_rev <= working.rev
    if save.base_rev != working.rev and not own_run:
        return working, Answer.STALE
    run_from = working.run_from if same_page else working.rev
    taken = Working(
        working.rev + 1, save.text, save.client_id, save.seq, run_from, _earlier(working, save)
    )
    return taken, Answer.TAKEN


def _earlier(working: Working, save: Save) -> tuple[tuple[str, int], ...]:
    pages = (*working.earlier, (working.client_id, working.client_seq))
    others = {client_id: seq for client_id, seq in pages if client_id != save.client_id}
    return tuple(others.items())[-PAGES_REMEMBERED:]
