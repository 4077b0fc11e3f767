"""The leak gate: search what would leave, and let the PI allow what names nobody by itself."""

from dataclasses import dataclass, replace
from uuid import UUID

from studyhub.domain.errors import NotFound, Refused, WrongState
from studyhub.domain.reasons import need_reason
from studyhub.domain.vocabulary import Act, Role
from studyhub.store.transcripts import Transcript
from studyhub.workflows import texts_kept
from studyhub.workflows.kernel import Work, action
from studyhub.workflows.leak_search import (
    FoundLeak,
    LeakSearch,
    document_parts,
    key_of,
    search_kept,
)
from studyhub.workflows.marks_kept import (
    Kept,
    ReleasedText,
    deciders_of,
    decisions_of,
    keep_marks,
    open_both,
    passed_reading,
    written_out,
)


@dataclass(frozen=True)
class Gate:
    """What was found in one text, and whether a second reader has passed it."""

    code: str
    state: str
    found: LeakSearch
    is_read: bool
    digest: str


@action(Act.TRANSCRIPT_CHECK_LEAKS)
def check(work: Work, transcript_id: UUID) -> Gate:
    """Search the text as it would leave now. A PI sees places and kinds, and no words."""
    row = work.load(Transcript, transcript_id)
    _kept, released, found = _searched(work, row)
    if work.actor.role is Role.PI:
        found = replace(found, leaks=tuple(_without_words(each) for each in found.leaks))
    work.note(count=len(found.leaks), answer="yes" if found.passes else "no")
    code = texts_kept.code_of(work.session, row)
    is_read = passed_reading(work, row, released) is not None
    return Gate(code, row.state, found, is_read, released.digest)


def _searched(work: Work, row: Transcript) -> tuple[Kept, ReleasedText, LeakSearch]:
    """Search a text that was handed in, for somebody who decided nothing in it."""
    if row.state != "submitted":
        raise WrongState("this text was not handed in for release")
    kept, vocabulary = open_both(work, row)
    if work.actor.user_id in deciders_of(work, kept):
        raise Refused("who took identifiers out of a text does not let it pass", "H-3")
    released = written_out(kept, decisions_of(kept, vocabulary))
    return kept, released, search_kept(work, kept, vocabulary, document_parts(released))


def _without_words(found: FoundLeak) -> FoundLeak:
    return replace(found, before="", words="", after="")


@action(Act.TRANSCRIPT_OVERRULE)
def overrule(
    work: Work, transcript_id: UUID, *, where: str, start: int, end: int, reason: str
) -> None:
    """Allow one place that names nobody by itself, in exactly this text, with a reason.

    Refused for a name, an address, a number or a link: those must go (invariant 10).
    """
    row = work.load(Transcript, transcript_id)
    need_reason(reason)
    kept, released, found = _searched(work, row)
    place = (where, start, end)
    leaks = [each.leak for each in found.leaks]
    leak = next((one for one in leaks if (one.where, one.start, one.end) == place), None)
    if leak is None:
        raise NotFound("leak")
    if leak.direct:
        raise Refused("a name, an address, a number or a link must go", "direct")
    by = str(texts_kept.author(work))
    allowed = {**key_of(leak, released), "by": by, "at": work.now.isoformat(), "reason": reason}
    keep_marks(work, replace(kept, overruled=(*kept.overruled, allowed)))
    work.note(reason=reason, kind=leak.category)
