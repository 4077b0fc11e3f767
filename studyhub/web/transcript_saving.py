"""What the workspace asks of the server: the text, saves, branches, merges, the lock.

Every answer is JSON. A save that cannot be taken is no error of this module: 409 carries the
text that is kept, so that the page merges, and 423 who is typing.
"""

from dataclasses import asdict
from uuid import UUID

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from studyhub.domain import merging, turns
from studyhub.domain.merging import Clash, Merged
from studyhub.domain.saving import Save
from studyhub.domain.turns import Turn
from studyhub.web import guard, times
from studyhub.web.sent_json import sent_json
from studyhub.workflows import transcripts, transcripts_list, transcripts_saving
from studyhub.workflows.kernel import Desk
from studyhub.workflows.transcripts_saving import Outcome

bp = Blueprint("transcript_saving", __name__, url_prefix="/transcripts/<uuid:transcript_id>")

STATUS = {Outcome.SAVED: 200, Outcome.STALE: 409, Outcome.LOCKED: 423}


def _desk() -> Desk:
    return guard.study_desk(guard.place().slug)


@bp.get("/working")
def working(transcript_id: UUID) -> ResponseReturnValue:
    """The text as it is now. Opening it is on the record."""
    found = transcripts.read(_desk(), transcript_id)
    return jsonify(
        id=str(found.id),
        rev=found.rev,
        title=found.code,
        text=found.text,
        saved_by=found.saved_by,
        saved_at=times.clock(found.saved_at, guard.zone()),
        # After signing in again in the page, what it sends needs the token of that session.
        csrf=guard.csrf_token(),
    )


@bp.patch("/working")
def save(transcript_id: UUID) -> ResponseReturnValue:
    """Take what was typed: 200 with its revision, 409 with the text of somebody else, 423."""
    sent = sent_json()
    typed = Save(
        *(sent.number("base_rev"), sent.words("text")),
        *(sent.words("client_id"), sent.number("seq")),
    )
    found = transcripts_saving.save(_desk(), transcript_id, typed)
    answer: dict[str, object] = {"rev": found.rev}
    if found.outcome is not Outcome.SAVED:
        at = times.clock(found.at, guard.zone())
        answer |= {"saved_by": found.by, "saved_at": at, "last_seq": found.last_seq}
    if found.outcome is Outcome.STALE:
        answer["text"] = found.text
    return jsonify(answer), STATUS[found.outcome]


@bp.post("/branches")
def branch(transcript_id: UUID) -> ResponseReturnValue:
    """Keep somebody's own text before it is merged, whatever becomes of the merge."""
    text = sent_json().words("text")
    made = transcripts.keep(_desk(), transcript_id, note="Mine before a merge", text=text)
    return jsonify(branch=str(made)), 201


@bp.post("/lock")
def lock(transcript_id: UUID) -> ResponseReturnValue:
    """Say that this page is still open; ``take`` where somebody else's is."""
    found = transcripts_saving.lock(_desk(), transcript_id, take=sent_json().flag("take"))
    return jsonify(mine=found.is_mine, by=found.by)


@bp.post("/merge")
def merge(transcript_id: UUID) -> ResponseReturnValue:
    """Bring two texts together that began as one. Nothing is opened and nothing is kept."""
    transcripts_list.show(_desk(), transcript_id)
    sent = sent_json()
    base, mine, theirs = (turns.read(sent.words(name)) for name in ("base", "mine", "theirs"))
    return jsonify(_as_json(merging.merge(base, mine, theirs)))


def _as_json(found: Merged) -> dict[str, object]:
    return {
        "parts": [_part(part) for part in found.parts],
        "speakers": [asdict(one) for one in found.speakers],
        "leaving": sorted(found.leaving),
        "clashes": len(found.clashes),
    }


def _part(part: Turn | Clash) -> dict[str, object]:
    if isinstance(part, Turn):
        return {"turn": asdict(part)}
    sides = {"base": part.base, "mine": part.mine, "theirs": part.theirs}
    return {"clash": {name: [asdict(turn) for turn in side] for name, side in sides.items()}}
