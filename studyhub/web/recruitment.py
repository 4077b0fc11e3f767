"""Everybody approached, by stage and by what waits; and one person with all that happened."""

import re
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from wtforms import SearchField, SelectField
from wtforms.validators import Length

from studyhub.domain.policy import allows
from studyhub.domain.vocabulary import Act, Role
from studyhub.web import guard, people_words, waits
from studyhub.web.filled import one_line, taken
from studyhub.web.forms import StudyForm, as_choices, one_of
from studyhub.web.frame import Due, Link, NavEntry, Status
from studyhub.web.recruitment_words import SOURCES
from studyhub.workflows import recruitment_contacts, recruitment_people
from studyhub.workflows.contact_story import Happened
from studyhub.workflows.kernel import Desk, need_role
from studyhub.workflows.people import code_of
from studyhub.workflows.recruitment_contacts import READ_REASONS, ContactView
from studyhub.workflows.recruitment_people import ORDERS, TABS, PersonLine, Wish

bp = Blueprint("recruitment", __name__, url_prefix="/s/<slug>/recruitment")

TAB_WORDS = {
    "all": "All",
    "listed": "Not written to",
    "approached": "Approached",
    "interested": "Interested",
    "informed": "Considering",
    "consented": "Consented",
    "interviewed": "Interviewed",
    "again": "Must sign again",
    "hold": "On hold",
    "left": "Left the study",
}
_LETTERS = {"listed": "invitation", "approached": "reminder"}
RARE = ("again", "hold")
ORDER_WORDS = {"waiting": "Longest waiting", "newest": "Newest", "name": "Name"}
REASON_WORDS = {
    "person_asked": "The person asked for it",
    "protocol": "The protocol asks for it",
    "committee": "The ethics committee asks for it",
    "law": "The law asks for it",
    "quality": "To check how contacts are kept",
    "other": "Another reason",
}
DONE = {
    "added": Status("Added.", "Nothing was sent. The invitation is one step further."),
    "changed": Status("Saved.", "Letters that broke the new wishes were taken back."),
    "noted": Status("Recorded.", "Letters that no longer fit were taken back."),
    "stopped": Status("Done. It is stopped.", "One short letter confirms it."),
    "reopened": Status("Recorded.", "Letters of this study may go to them again."),
}


class FilterForm(StudyForm):
    """Which people to show. All of it stays in the address but names and addresses."""

    text = SearchField(
        "Name, code or address", [Length(max=200), one_line], render_kw={"autocomplete": "off"}
    )
    waiting = SelectField(
        "Waiting for",
        choices=as_choices({"": "Anyone", **people_words.WAITS_FOR}),
        default="",
    )
    order = SelectField("Order", choices=as_choices(ORDER_WORDS), default="waiting")


class ReasonForm(StudyForm):
    """Why a principal investigator opens a contact."""

    reason = one_of(
        "Why do you open this contact?",
        {reason: REASON_WORDS[reason] for reason in READ_REASONS},
        hint="The reason stays in the record, with your name.",
        needed="Choose why you open this contact",
    )


@dataclass(frozen=True)
class Row:
    """One line of the list."""

    line: PersonLine
    href: str
    state: str
    kind: str
    due: Due | None


# Part of a code, and nothing that could be a name or a number.
_CODE = re.compile("(?=.*[A-Za-z])(?=.*[0-9])[0-9A-Za-z]{2,4}")


# -- the list ----------------------------------------------------------------------


@bp.get("")
def show(slug: str) -> ResponseReturnValue:
    """Everybody, by stage. Looking at a page of names is a line of the record."""
    asked = {name: request.args.get(name, "") for name in ("tab", "code", "waiting", "order")}
    form = FilterForm(
        MultiDict({"text": asked["code"], "waiting": asked["waiting"], "order": asked["order"]})
    )
    wish = Wish(
        tab=asked["tab"] if asked["tab"] in TABS else "all",
        code=asked["code"] if _CODE.fullmatch(asked["code"]) else "",
        waits_for=asked["waiting"] if asked["waiting"] in people_words.WAITS_FOR else "",
        order=asked["order"] if asked["order"] in ORDERS else "waiting",
        after=request.args.get("after", ""),
    )
    return _list(slug, form, wish)


@bp.post("")
def find(slug: str) -> ResponseReturnValue:
    """Find by name or address, which never stand in an address; other filters go there."""
    desk = guard.study_desk(slug)
    need_role(desk, Act.CONTACT_LIST)
    form, tab = FilterForm(request.form), request.form.get("tab", "")
    wish = Wish(
        tab=tab if tab in TABS else "all",
        waits_for=form.waiting.data or "",
        order=form.order.data or "waiting",
    )
    if not form.validate():
        return _list(slug, form, Wish()), HTTPStatus.UNPROCESSABLE_ENTITY
    text = (form.text.data or "").strip()
    if not text or _CODE.fullmatch(text):
        return redirect(_address(slug, replace(wish, code=text)))
    return _list(slug, form, replace(wish, search=text))


def _list(slug: str, form: FilterForm, wish: Wish) -> str:
    desk = guard.study_desk(slug)
    people = recruitment_people.people(desk, wish)
    page = people.page
    following = _address(slug, replace(wish, after=page.next_after)) if page.next_after else ""
    return render_template(
        "recruitment/people.html",
        frame=guard.frame("recruitment"),
        status=DONE.get(request.args.get("done", "")),
        slug=slug,
        form=form,
        tab=wish.tab,
        tabs=_tabs(slug, wish, people.counts),
        rows=[_row(slug, line) for line in page.rows],
        shown=_shown(wish, len(page.rows), people.shown_of),
        start=_address(slug, replace(wish, after="")) if wish.after else "",
        next="" if wish.search else following,
        is_filtered=wish != Wish(),
        may_change=desk.actor.role is Role.RECRUITER,
    )


def _shown(wish: Wish, here: int, fitting: int) -> str:
    if wish.search and here < fitting:
        return f"{here} of {fitting} found. Write more of the name to see the others"
    return f"{here} of {fitting} shown, {ORDER_WORDS[wish.order].lower()} first"


def _address(slug: str, wish: Wish) -> str:
    """The address of a list: what differs from the list of everybody, and never a name."""
    asked = {
        "tab": "" if wish.tab == "all" else wish.tab,
        "code": wish.code,
        "waiting": wish.waits_for,
        "order": "" if wish.order == "waiting" else wish.order,
        "after": wish.after,
    }
    sent: dict[str, Any] = {name: value for name, value in asked.items() if value}
    return url_for(".show", slug=slug, **sent)


def _tabs(slug: str, wish: Wish, counts: dict[str, int]) -> list[NavEntry]:
    """Every tab; those of what is rare only where somebody is in it."""
    return [
        NavEntry(
            words,
            _address(slug, replace(wish, tab=tab, after="", search="")),
            tab == wish.tab,
            counts[tab],
        )
        for tab, words in TAB_WORDS.items()
        if counts[tab] or tab not in RARE or tab == wish.tab
    ]


def _row(slug: str, line: PersonLine) -> Row:
    state, kind = people_words.STAGES[line.stage.name]
    return Row(
        line,
        url_for(".person", slug=slug, participant_id=line.participant_id),
        state,
        kind,
        waits.due_on(line.next.due),
    )


# -- one person --------------------------------------------------------------------


@bp.get("/people/<uuid:participant_id>")
def person(slug: str, participant_id: UUID) -> ResponseReturnValue:
    """One person. Opening the page is a recorded read; a PI is asked why first."""
    desk = guard.study_desk(slug)
    if desk.actor.role is Role.PI:
        return _ask(desk, slug, participant_id, ReasonForm())
    view = recruitment_contacts.read(desk, participant_id)
    return _person(desk, slug, view)


@bp.post("/people/<uuid:participant_id>")
def open_person(slug: str, participant_id: UUID) -> ResponseReturnValue:
    """A principal investigator opens a contact for a reason, with the password again."""
    desk = guard.study_desk(slug)
    if desk.actor.role is not Role.PI:
        return redirect(url_for(".person", slug=slug, participant_id=participant_id))
    form, found = ReasonForm(request.form), []

    def read() -> None:
        reason = form.reason.data or ""
        found.append(recruitment_contacts.read(desk, participant_id, reason=reason))

    if taken(form, read):
        return _person(desk, slug, found[0])
    return _ask(desk, slug, participant_id, form), HTTPStatus.UNPROCESSABLE_ENTITY


def _ask(desk: Desk, slug: str, participant_id: UUID, form: ReasonForm) -> str:
    code, frame = code_of(desk, participant_id), guard.frame("recruitment")
    asked = {"form": form, "slug": slug, "code": code}
    return render_template("recruitment/reason.html", frame=frame, **asked)


def _person(desk: Desk, slug: str, view: ContactView) -> str:
    state, kind = people_words.STAGES[view.where.stage.name]
    return render_template(
        "recruitment/person.html",
        frame=guard.frame("recruitment"),
        status=DONE.get(request.args.get("done", "")),
        slug=slug,
        view=view,
        card=view.opened.card,
        wishes=view.opened.wishes,
        state=state,
        kind=kind,
        due=waits.due_on(view.where.next.due),
        story=[
            (each, *people_words.of_happening(each), _leads(slug, each)) for each in view.story
        ],
        todo=_todo(slug, view),
        interview=_interview(slug, view),
        purposes=people_words.PURPOSES,
        source=SOURCES.get(view.source_kind, ""),
        may_change=desk.actor.role is Role.RECRUITER,
        may_enter=allows(desk.actor, Act.CONSENT_ENTER, None),
        letter=_LETTERS.get(view.where.stage.name, ""),
    )


def _leads(slug: str, each: Happened) -> str:
    """The page of a thing that happened, if it has one."""
    if each.kind == "question":
        return url_for("questions.show", slug=slug, question_id=each.row_id)
    if each.kind == "expression":
        return url_for("triage.show", slug=slug, expression_id=each.row_id)
    return ""


def _interview(slug: str, view: ContactView) -> Link | None:
    """Where an interview is planned with somebody who consents, or the one that stands."""
    if view.where.interview_id is not None:
        href = url_for("interview_room.show", slug=slug, interview_id=view.where.interview_id)
        return Link("Open the interview", href)
    if view.where.stage.name != "consented" or view.where.must_sign_again:
        return None
    who: dict[str, Any] = {"slug": slug, "participant_id": view.opened.participant_id}
    return Link("Plan an interview", url_for("interview_plan.plan", **who))


def _todo(slug: str, view: ContactView) -> Link | None:
    """The page where the next step is taken, if it is one that waits for the team."""
    asked = [each for each in view.story if each.kind == "question" and each.is_open]
    if asked:
        return Link("Open the question", _leads(slug, asked[-1]))
    wrote = [each for each in view.story if each.kind == "expression"]
    early = view.where.stage.name in ("interested", "informed")
    if wrote and (early or view.where.must_sign_again):
        return Link("Open their expression", _leads(slug, wrote[0]))
    return None
