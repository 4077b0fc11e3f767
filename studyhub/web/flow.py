"""The flow of participants on any past date: a drawing, and a table of the same numbers."""

from datetime import date, datetime

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from studyhub.domain.deadlines import end_of_day
from studyhub.domain.flow import Box, is_balanced
from studyhub.web import flow_words, guard, times
from studyhub.workflows import flow

FIRST = date(1970, 1, 1)  # before every study, and in every time zone
bp = Blueprint("flow", __name__, url_prefix="/s/<slug>/flow")


@bp.get("")
def show(slug: str) -> ResponseReturnValue:
    """The diagram and its table; without a date, as it is now."""
    day = _asked()
    boxes = _boxes(slug, day)
    return render_template(
        "trail/flow.html",
        frame=guard.frame("flow"),
        slug=slug,
        day=times.day(_instant(day), guard.zone()),
        chosen=day.isoformat(),
        latest=_today().isoformat(),
        drawing=flow_words.drawing(boxes),
        balanced=is_balanced(boxes),
        sums=_sums(boxes),
        file=url_for(".picture", slug=slug, at=day.isoformat()),
        now=guard.hub().now(),
    )


@bp.get("/flow.svg")
def picture(slug: str) -> ResponseReturnValue:
    """The diagram as a file of its own, for a report."""
    day = _asked()
    drawn = flow_words.drawing(_boxes(slug, day))
    words = times.day(_instant(day), guard.zone())
    text = render_template("trail/flow.svg", drawing=drawn, day=words)
    answer = Response(text, mimetype="image/svg+xml")
    name = f"flow-{slug}-{day.isoformat()}.svg"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _asked() -> date:
    """The day that was asked for; today for none, and for one still to come."""
    day = request.args.get("at", type=date.fromisoformat) or _today()
    return max(min(day, _today()), FIRST)


def _today() -> date:
    return guard.hub().now().astimezone(guard.zone()).date()


def _instant(day: date) -> datetime:
    return min(end_of_day(day, guard.zone().key), guard.hub().now())


def _boxes(slug: str, day: date) -> list[Box]:
    return flow.read(guard.study_desk(slug), _instant(day))


def _sums(boxes: list[Box]) -> str:
    """The whole equation in one line: who left or waits, who arrived, who began."""
    on_the_way = sum(sum(box.exits.values()) for box in boxes[:-1])
    first, last = boxes[0].n, boxes[-1].n
    return f"{on_the_way} on the way or gone, {last} released, {first} approached"
