"""The auditor's desk: every act by code with its cover, and who was given and signed what."""

from datetime import UTC, datetime

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from studyhub.domain.document_names import KIND_NAMES
from studyhub.domain.errors import NotFound
from studyhub.web import consent_words, guard, times
from studyhub.web.cover_words import ActRow, row_of
from studyhub.web.frame import Link
from studyhub.workflows import cover
from studyhub.workflows.acts_done import Done
from studyhub.workflows.cover import Cover, Signing, Trail

bp = Blueprint("oversight", __name__, url_prefix="/s/<slug>/trail")
AT_ONCE = 100
FIRST_YEAR = 1970  # before every study


@bp.get("/codes")
def show(slug: str) -> ResponseReturnValue:
    """All codes, acts without cover, versions with who was given and signed them, overdue."""
    desk = guard.study_desk(slug)
    found = cover.look(desk)
    after = request.args.get("after", "")
    people = [each for each in found.people if each.code > after]
    older = people[AT_ONCE - 1].code if len(people) > AT_ONCE else ""
    return render_template(
        "trail/codes.html",
        frame=guard.frame("oversight"),
        slug=slug,
        found=found,
        people=people[:AT_ONCE],
        uncovered=[row_of(each) for each in found.uncovered],
        kinds=KIND_NAMES,
        stats=_stats(found),
        next=url_for(".show", slug=slug, after=older) if older else "",
        now=guard.hub().now(),
    )


@bp.get("/<string(length=4):code>")
def one(slug: str, code: str) -> ResponseReturnValue:
    """The consent trail of one participant. Reading it is a line of the record."""
    desk = guard.study_desk(slug)
    if not code.isalnum():
        raise NotFound("no such code")
    told = cover.follow(desk, code, _at())
    return render_template(
        "trail/one.html",
        frame=guard.frame("oversight"),
        slug=slug,
        told=told,
        acts=[_row(each, told) for each in told.acts],
        lights=consent_words.lights(told.lights),
        kinds=KIND_NAMES,
        modes=consent_words.MODES,
        chosen=f"{told.at.astimezone(UTC):%Y-%m-%dT%H:%M}",
        is_now="at" not in request.args,
        back=Link("All codes", url_for(".show", slug=slug)),
        now=guard.hub().now(),
    )


def _at() -> datetime | None:
    """An instant of the address, in UTC; anything else is now."""
    found = request.args.get("at", type=datetime.fromisoformat)
    if found is None or found.year < FIRST_YEAR:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def _stats(found: Cover) -> list[tuple[str, int]]:
    people = found.people
    return [
        ("acts checked", found.checked),
        ("covered", sum(each.covered for each in people)),
        ("kept shut, opened by nobody", sum(each.kept_shut for each in people)),
        ("not covered", len(found.uncovered)),
    ]


def _row(done: Done, told: Trail) -> ActRow:
    signing = told.signings.get(done.cover.consent_id) if done.cover.consent_id else None
    is_signing = done.act in {"consent.sign", "consent.enter"}
    by = "" if signing is None or is_signing else _under(signing)
    version = next((each for each in told.versions if each.id == done.cover.version_id), None)
    if not by and version is not None:
        since = f" since {_day(version.use_from)}" if version.use_from else ""
        approval = f", approval {version.approval}" if version.approval else ""
        by = f"{KIND_NAMES[version.kind]} {version.number}, in use{since}{approval}"
    return row_of(done, by, signing if is_signing else None)


def _under(signing: Signing) -> str:
    approval = f", approval {signing.approval}" if signing.approval else ""
    return f"Consent form {signing.number}, signed {_day(signing.signed_at)}{approval}"


def _day(at: datetime) -> str:
    return times.day(at, guard.zone())
