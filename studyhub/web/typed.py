"""Carry what somebody typed past a sign-in, a step-up or a change of role, so nothing is lost.

It travels as hidden fields of the page that asks for the password and is never stored. Nothing
is sent again by itself: a person looks at it and presses a button.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from flask import current_app, request
from werkzeug.exceptions import HTTPException

from studyhub.domain.duties import DUTY_NAMES
from studyhub.domain.roles import ROLE_NAMES
from studyhub.domain.separation import SAYS
from studyhub.web import guard
from studyhub.web.entries import PUBLIC
from studyhub.web.guard import FORM
from studyhub.workflows import naming

_PATH = "typed_path"
_FIELD = "typed:"
# Secrets are asked for again, and the forgery token belongs to the session that ended.
_NEVER = frozenset(
    {"csrf_token", "password", "old_password", "repeat", "recovery_code", "kit", "next"}
)
# What pages carry along by themselves. An id of a row is read as what it stands for.
_UNTYPED = frozenset({"words", "session", "base", "rev", "thing", "thing_id"})
_ID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Pages whose fields alone do not say what is sent.
WHAT = {
    "team.add": "Invite a member",
    "member.show": "Give access to a member",
    "member.accept": "Take up your further role",
    "member.end": "End a role of a member",
    "exceptions.declare": "Declare an exception",
    "exceptions.decide": "Decide what a member asks for",
    "questions.assign": "Pass a question on",
    "questions.answer": "Answer a question",
    "questions.close": "Close a question",
    "questions.note": "Note a question",
    "triage.triage": "Say who wrote",
    "triage.decide": "Decide what comes of an expression of interest",
    "triage.acknowledge": "Note that somebody was told by telephone",
    "triage.inform": "Send the sheet and the consent link",
    "triage.hand_over": "Make a link to hand over",
    "recruitment.open_person": "Open a contact",
    "consent.countersign": "Countersign a consent",
    "consent.verify": "Verify a consent",
    "consent.query": "Ask a question about a consent",
    "consent.resolve": "Answer a question about a consent",
    "consent.invalidate": "Declare a consent void",
    "documents.submit": "Hand a document in for approval",
    "documents.use": "Put a document into use",
    "documents.retire": "Retire a document",
    "interview_plan.plan": "Plan an interview",
    "interview_plan.change": "Change an interview",
    "interview_plan.cancel": "Cancel an interview",
    "interview_plan.choose": "Note which time they chose",
    "interview_plan.give": "Send a document before the interview",
    "interview_room.confirm": "Confirm an interview",
    "interview_room.start": "Start the interview",
    "interview_room.end": "End the interview",
    "interview_room.note": "Keep a note of an interview",
    "interview_room.no_show": "Note that nobody came",
    "interview_room.call_sheet": "Open the call sheet",
    "incidents.report": "Report an incident",
    "incidents.one": "Decide about an incident",
    "recordings.accept": "Ask the gate again about a recording",
    "recordings.check": "Say that sound and text agree",
    "recordings.extend": "Keep a recording in quarantine for longer",
    "recordings.reject": "Destroy a recording",
    "playback.listen": "Open the sound of a recording",
    "assignments.give": "Give work to a member",
    "assignments.end": "Take work back",
    "transcript_plain.save": "Save a transcript",
    "transcript_import.paste": "Import a transcript",
    "transcript_versions.keep": "Keep a version",
    "transcript_versions.restore": "Bring a version back",
    "transcription.finish": "Say that a text is finished",
    "workbench.begin": "Begin to de-identify a text",
    "workbench.propose": "Hand a text to a second reader",
    "workbench.names": "Open the names that the study knows",
    "second_reader.finish": "Finish the second reading",
    "leak_gate.allow": "Allow a place that the leak gate found",
    "releases.release": "Release a text to analysts",
    "releases.one": "Take a release back",
    "releases.hold": "Keep a release on hold",
    "releases.lift": "Lift the hold on a release",
    "reading.copy": "Take a copy of a release",
    "reading.report": "Report a place that may name somebody",
    "analysis.search": "Search releases",
    "analysis.deleted": "Say that a copy is deleted",
    "withdrawal.record": "Record a withdrawal",
    "withdrawal.one": "Decide about a withdrawal",
    "withdrawal.second": "Look as a second person at what cannot be done",
    "withdrawal.carry_out": "Have a withdrawal carried out",
    "withdrawal.acknowledge": "Tell somebody that their withdrawal arrived",
    "study_settings.change": "Change how the study works",
}
# Answers whose value is not what was read beside them.
LABELS: dict[tuple[str, str], str] = {
    **{("role", role): words for role, words in ROLE_NAMES.items()},
    **{("duties", duty): f"May {words}" for duty, words in DUTY_NAMES.items()},
    **{("rule", rule): f"{words} ({rule})" for rule, words in SAYS.items()},
    ("duties", "transcribe"): "Type it",
    ("duties", "deidentify"): "De-identify it",
    ("duties", "review"): "Read it a second time",
    **{("answer", answer): answer.title() for answer in ("approve", "refuse")},
    ("same", "y"): "Yes",
}
_MOST = 200  # fields; none of our forms has more, and a stranger gets no large page for it
_ABOUT_SIGNING_IN = frozenset({"accounts", "account", "roles"})


@dataclass(frozen=True)
class Typed:
    """Where something was to be sent, and its fields in their order."""

    path: str
    fields: tuple[tuple[str, str], ...]

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """The fields under the names by which they travel."""
        return [(_PATH, self.path), *((_FIELD + name, text) for name, text in self.fields)]

    @property
    def shown(self) -> list[tuple[str, str]]:
        """The fields that a person typed or chose, as they read them."""
        endpoint, _ = current_app.url_map.bind("").match(self.path.partition("?")[0], "POST")
        what = [("What", WHAT[endpoint])] if endpoint in WHAT else []
        names = _names(self)
        read = [
            (_in_words(name), LABELS.get((name, text)) or _ID.sub(names, text))
            for name, text in self.fields
            if name not in _UNTYPED
        ]
        return what + [(name, text) for name, text in read if text.strip()]


def from_this_request() -> Typed | None:
    """What this request would have sent; nothing for forms that are about signing in itself."""
    if request.mimetype != FORM or request.blueprint in _ABOUT_SIGNING_IN:
        return None
    return _typed(request.path, list(request.form.items(multi=True)))


def carried() -> Typed | None:
    """What an earlier request wanted to send and the form of this one brought along."""
    path = request.form.get(_PATH, "")
    sent = [
        (name.removeprefix(_FIELD), text)
        for name, text in request.form.items(multi=True)
        if name.startswith(_FIELD)
    ]
    return _typed(path, sent)


def is_ours(path: str, method: str = "POST") -> bool:
    """Whether a path is an address of ours that is closed to strangers."""
    if not path.startswith("/") or path.startswith("//") or not path.isprintable():
        return False
    try:
        endpoint, _ = current_app.url_map.bind("").match(path.partition("?")[0], method)
    except HTTPException:
        return False
    return endpoint not in PUBLIC


def _typed(path: str, sent: list[tuple[str, str]]) -> Typed | None:
    if len(sent) > _MOST or not is_ours(path):
        return None
    return Typed(path, tuple((name, text) for name, text in sent if name not in _NEVER))


def _names(sent: Typed) -> Callable[[re.Match[str]], str]:
    """What ids among the fields stand for; nothing for those that this role does not meet."""
    ids = {UUID(found[0]) for _, text in sent.fields for found in _ID.finditer(text)}
    place = guard.visitor().place if guard.is_signed_in() else None
    known = place is not None and sent.path.startswith(f"/s/{place.slug}/")
    if place is None or not known or not 0 < len(ids) <= _MOST:
        return lambda _found: ""
    words = naming.words_of(guard.study_desk(place.slug), ids)
    return lambda found: words.get(UUID(found[0]), "")


def _in_words(name: str) -> str:
    words = name.replace("_", " ").replace(":", ": ")
    return words[:1].upper() + words[1:]
