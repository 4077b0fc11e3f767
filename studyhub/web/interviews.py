"""All interviews of a study by code; an interviewer's own only."""

from dataclasses import dataclass

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from studyhub.web import guard, interview_words, waits
from studyhub.web.frame import Due
from studyhub.workflows import interviews_list
from studyhub.workflows.interviews_list import InterviewLine

bp = Blueprint("interviews", __name__, url_prefix="/s/<slug>/interviews")

_AHEAD = ("proposed", "scheduled", "confirmed", "in_progress")


@dataclass(frozen=True)
class Row:
    """One line of the list."""

    line: InterviewLine
    href: str
    when: str
    mode: str
    state: str
    kind: str
    due: Due | None
    missing: str


@bp.get("")
def show(slug: str) -> ResponseReturnValue:
    """Those ahead by their time, and those that are over, newest first."""
    found = interviews_list.interviews(guard.study_desk(slug))
    return render_template(
        "interviews/list.html",
        frame=guard.frame("interviews"),
        slug=slug,
        ahead=[_row(slug, each) for each in found if each.state in _AHEAD],
        over=[_row(slug, each) for each in found if each.state not in _AHEAD],
        lights=interview_words.LIGHTS,
    )


def _row(slug: str, line: InterviewLine) -> Row:
    state, kind = interview_words.STATES[line.state]
    missing = [
        words
        for words, is_missing in (
            ("log", line.needs_log),
            ("recording", line.needs_recording),
        )
        if is_missing
    ]
    return Row(
        line,
        url_for("interview_room.show", slug=slug, interview_id=line.id),
        interview_words.when(line.planned_at),
        interview_words.MODES[line.mode],
        state,
        kind,
        waits.due_on(line.planned_at) if line.state in _AHEAD else None,
        ", ".join(missing).capitalize(),
    )
