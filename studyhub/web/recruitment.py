"""Everybody approached, by stage and by what waits; and one person with all that happened."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import SearchField, SelectField

from studyhub.domain.policy import allows
from studyhub.domain.vocabulary import Act, Role
from studyhub.web import guard, people_words
from studyhub.web.filled import taken
from studyhub.web.forms import StudyForm, as_choices, one_of
from studyhub.web.frame import Due, NavEntry, Status
from studyhub.web.recruitment_words import SOURCES
from studyhub.workflows import recruitment_contacts, recruitment_list
from studyhub.workflows.kernel import Desk
from studyhub.workflows.recruitment_contacts import READ_REASONS, ContactView
from studyhub.workflows.recruitment_list import ORDERS, TABS, PersonLine, Wish

bp = Blueprint("recruitment", __name__, url_prefix="/s/<slug>/recruitment")

TAB_WORDS = {
    "all": "All",
    "listed": "Not written to",
    "approached": "Approached",
    "interested": "Interested",
    "informed": "Considering",
    "consented": "Consented",
    "interviewed": "Interviewed",
    "left": "Left the study",
}
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
}


class FilterForm(StudyForm):
    """Which people to show. It stays in the address."""

    q = SearchField("Name, code or address", render_kw={"autocomplete": "off"})
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


# -- the list ----------------------------------------------------------------------


@bp.get("")
def show(slug: str) -> ResponseReturnValue:
    """Everybody, by stage. Looking at a page of names is a line of the record."""
    desk = guard.study_desk(slug)
    form = FilterForm(request.args)
    wish = _wish(form)
    people = recruitment_list.people(desk, wish)
    kept = _kept(wish)
    following: dict[str, Any] = {**kept, "tab": wish.tab, "after": people.next_after}
    return render_template(
        "recruitment/people.html",
        frame=guard.frame("recruitment"),
        status=DONE.get(request.args.get("done", "")),
        slug=slug,
        form=form,
        tab=wish.tab,
        tabs=_tabs(slug, wish, people.counts),
        rows=[_row(slug, line) for line in people.lines],
        shown=f"{len(people.lines)} of {people.shown_of} shown",
        start=url_for(".show", slug=slug, tab=wish.tab, **kept) if wish.after else "",
        next=url_for(".show", slug=slug, **following) if people.next_after else "",
        is_filtered=bool(kept) or wish.tab != "all",
        may_change=desk.actor.role is Role.RECRUITER,
    )


def _wish(form: FilterForm) -> Wish:
    asked = {name: request.args.get(name, "") for name in ("tab", "waiting", "order")}
    return Wish(
        tab=asked["tab"] if asked["tab"] in TABS else "all",
        search=(form.q.data or "")[:200],
        waits_for=asked["waiting"] if asked["waiting"] in people_words.WAITS_FOR else "",
        order=asked["order"] if asked["order"] in ORDERS else "waiting",
        after=request.args.get("after", "")[:8],
    )


def _kept(wish: Wish) -> dict[str, Any]:
    """The filters that differ from what holds without any."""
    order = "" if wish.order == "waiting" else wish.order
    sent = {"q": wish.search, "waiting": wish.waits_for, "order": order}
    return {name: value for name, value in sent.items() if value}


def _tabs(slug: str, wish: Wish, counts: dict[str, int]) -> list[NavEntry]:
    return [
        NavEntry(
            words,
            url_for(".show", slug=slug, tab=tab, **_kept(wish)),
            tab == wish.tab,
            counts[tab],
        )
        for tab, words in TAB_WORDS.items()
    ]


def _row(slug: str, line: PersonLine) -> Row:
    state, kind = people_words.STAGES[line.stage.name]
    return Row(
        line,
        url_for(".person", slug=slug, participant_id=line.participant_id),
        state,
        kind,
        people_words.due_of(line.next, guard.hub().now()),
    )


# -- one person --------------------------------------------------------------------


@bp.get("/people/<uuid:participant_id>")
def person(slug: str, participant_id: UUID) -> ResponseReturnValue:
    """One person. Opening the page is a recorded read; a PI is asked why first."""
    desk = guard.study_desk(slug)
    if desk.actor.role is Role.PI:
        return _ask(ReasonForm(), slug)
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
    return _ask(form, slug), HTTPStatus.UNPROCESSABLE_ENTITY


def _ask(form: ReasonForm, slug: str) -> str:
    return render_template(
        "recruitment/reason.html", frame=guard.frame("recruitment"), form=form, slug=slug
    )


def _person(desk: Desk, slug: str, view: ContactView) -> str:
    state, kind = people_words.STAGES[view.where.stage.name]
    now = guard.hub().now()
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
        due=people_words.due_of(view.where.next, now),
        story=[(each, *people_words.of_happening(each)) for each in view.story],
        purposes=people_words.PURPOSES,
        source=SOURCES.get(view.source_kind, ""),
        may_change=desk.actor.role is Role.RECRUITER,
        may_enter=allows(desk.actor, Act.CONSENT_ENTER, None),
        letter=_letter_for(view),
    )


def _letter_for(view: ContactView) -> str:
    """The letter that is next for somebody, if it is one of recruitment."""
    if view.where.stage.name == "listed":
        return "invitation"
    return "reminder" if view.where.stage.name == "approached" else ""
