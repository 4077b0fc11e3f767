"""What the de-identification workbench asks of the server: the marks, decisions, names.

Offsets count code points of the text; the page counts UTF-16 units and converts.
"""

from dataclasses import asdict
from uuid import UUID

from flask import Blueprint, abort, jsonify
from flask.typing import ResponseReturnValue

from studyhub.domain.errors import Invalid
from studyhub.domain.redaction.marks import Change, Mark
from studyhub.domain.redaction.spans import DIRECT
from studyhub.web import guard
from studyhub.web.sent_json import SentJson, sent_json
from studyhub.workflows import deidentification_marks, deidentification_names
from studyhub.workflows.deidentification_marks import Sent
from studyhub.workflows.deidentification_names import Renamed
from studyhub.workflows.entity_views import EntityView
from studyhub.workflows.kernel import Desk

bp = Blueprint("workbench_saving", __name__, url_prefix="/transcripts/<uuid:transcript_id>")

_SHOWN = (
    *("id", "start", "end", "category", "entity", "state", "note", "words", "reason", "ask"),
)
_TEXTS = ("id", "category", "entity", "state")
_LONGEST = 200
_END = 2**31


def _desk() -> Desk:
    return guard.study_desk(guard.place().slug)


@bp.get("/marks")
def marks(transcript_id: UUID) -> ResponseReturnValue:
    """The text with its marks and entities. Opening it is on the record."""
    found = deidentification_marks.consider(_desk(), transcript_id)
    return jsonify(
        code=found.code,
        state=found.state,
        rev=found.rev,
        text=found.text,
        marks=[_mark(mark) for mark in found.marks],
        entities=[_entity(entity) for entity in found.entities],
        lost=found.lost,
        returned=[asdict(place) for place in found.returned],
        csrf=guard.csrf_token(),
    )


def _mark(mark: Mark) -> dict[str, object]:
    told: dict[str, object] = {name: getattr(mark, name) for name in _SHOWN}
    return {**told, "kind": "direct" if mark.category in DIRECT else "quasi"}


def _entity(entity: EntityView) -> dict[str, object]:
    return {
        "id": entity.id,
        "category": entity.category,
        "name": entity.aliases[0],
        "aliases": list(entity.aliases),
        "replacement": entity.replacement,
        "general": entity.general,
        "own": entity.is_own,
        "named": entity.is_named,
    }


@bp.patch("/marks")
def decide(transcript_id: UUID) -> ResponseReturnValue:
    """Take decisions: 200 with the revision, 409 where somebody else decided, 422."""
    sent = sent_json()
    change = Change(
        tuple(_read_mark(each) for each in sent.parts("decisions")),
        frozenset(sent.texts("removed")),
    )
    offered = {
        each.words("id", most=_LONGEST): each.words("replacement", most=_LONGEST)
        for each in sent.parts("entities")
    }
    base_rev, seq = sent.number("base_rev", _END), sent.number("seq", _END)
    message = Sent(base_rev, sent.words("client_id", most=_LONGEST), seq, change, offered)
    try:
        found = deidentification_marks.decide(_desk(), transcript_id, message)
    except Invalid as wrong:
        return jsonify(problems=wrong.problems), 422
    entities = [_entity(entity) for entity in found.entities]
    answer = jsonify(rev=found.rev, entities=entities, moved=dict(found.moved))
    return answer, 200 if found.taken else 409


def _read_mark(sent: SentJson) -> Mark:
    mark_id, category, entity, state = (sent.words(name, most=_LONGEST) for name in _TEXTS)
    return Mark(
        *(mark_id, sent.number("start", _END), sent.number("end", _END)),
        *(category, entity, state),
        note=sent.words("note", "", _LONGEST),
        words=sent.words("words", "", _LONGEST),
        reason="Marked by hand.",
    )


@bp.post("/entities")
def entities(transcript_id: UUID) -> ResponseReturnValue:
    """Choose what stands for a name, or say that it is the same as another one."""
    sent = sent_json()
    entity = _id(sent.words("id", most=_LONGEST))
    into = sent.words("into", "", _LONGEST)
    try:
        found = (
            deidentification_names.merge(_desk(), transcript_id, entity, _id(into))
            if into
            else deidentification_names.name(
                *(_desk(), transcript_id, entity),
                sent.words("replacement", most=_LONGEST),
            )
        )
    except Invalid as wrong:
        return jsonify(problems=wrong.problems), 422
    return jsonify(_renamed(found))


def _renamed(found: Renamed) -> dict[str, object]:
    told = [_entity(entity) for entity in found.entities]
    return {"entities": told, "released": list(found.released)}


def _id(written: str) -> UUID:
    try:
        return UUID(written)
    except ValueError:
        abort(400)
