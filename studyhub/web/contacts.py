"""Forms about one contact: add, change, what came of a call, and stop."""

from datetime import date, datetime, time
from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from studyhub.domain.vocabulary import Act
from studyhub.web import guard
from studyhub.web.filled import one_line, plain_text, taken, whole_address
from studyhub.web.forms import StudyForm, as_choices, one_of
from studyhub.web.recruitment_words import MODE_WORDS, SOURCES
from studyhub.workflows import recruitment_contacts, recruitment_opt_out
from studyhub.workflows.contact_checks import Wanted
from studyhub.workflows.kernel import need_role
from studyhub.workflows.people import Card
from studyhub.workflows.recruitment_contacts import ContactView

bp = Blueprint("contacts", __name__, url_prefix="/s/<slug>/recruitment")

OUTCOMES = {
    "replied": "They answered, and it stays open",
    "declined": "They do not want to take part",
    "no_reply": "Nobody answered",
}
CHANNELS = {"telephone": "By telephone", "in_person": "Face to face", "post": "By post"}
TOLD_BY = {"email": "By e-mail", "web": "By our form", "link": "By their own link", **CHANNELS}


class ContactForm(StudyForm):
    """Who somebody is and how to reach them without harm."""

    name = StringField(
        "Name",
        [
            DataRequired("Write a name, or what they wish to be called"),
            Length(max=200),
            one_line,
        ],
        description="As they wish to be greeted.",
        render_kw={"autocomplete": "off"},
    )
    email = EmailField(
        "E-mail address",
        [Optional(), Length(max=254), whole_address],
        description="One address, best a private one.",
        render_kw={"autocomplete": "off"},
    )
    by_email = BooleanField("Letters may go to this address")
    mailbox_private = BooleanField(
        "Nobody else reads this mailbox",
        description="Otherwise no invitation, link, reminder or attachment is sent there.",
    )
    phone = TelField(
        "Telephone number",
        [Optional(), Length(max=40), one_line],
        render_kw={"autocomplete": "off"},
    )
    by_telephone = BooleanField("We may call this number")
    by_post = BooleanField("Letters on paper are welcome")
    safe_contact = TextAreaField(
        "Safe contact",
        [Length(max=1000), plain_text],
        description="When and where, what to say, and what never. In their own words.",
        render_kw={"rows": 3},
    )
    safe_from = TimeField(
        "Letters may arrive from",
        [Optional()],
        description="Every day, from one hour until a later one. Empty: at any hour.",
    )
    safe_until = TimeField("Until", [Optional()])
    preference = SelectField(
        "How they would rather talk", choices=as_choices(MODE_WORDS), default=""
    )
    note = TextAreaField("Note", [Length(max=1000), plain_text], render_kw={"rows": 2})


class NewContactForm(ContactForm):
    """A new contact also says where it came from."""

    source_kind = one_of(
        "Where does this contact come from?",
        SOURCES,
        needed="Choose where this contact comes from",
    )
    source_label = StringField(
        "Which one",
        [Length(max=200), one_line],
        description="For example the name of the list or network. It is sealed.",
        render_kw={"autocomplete": "off"},
    )


class ChangeForm(ContactForm):
    """What somebody told us anew, and how."""

    channel = one_of("How did they tell you?", TOLD_BY, needed="Choose how they told you")


class CallForm(StudyForm):
    """What came of speaking with somebody."""

    channel = one_of("How did you speak?", CHANNELS, needed="Choose how you spoke")
    outcome = one_of("What came of it?", OUTCOMES, needed="Choose what came of it")


class AgainForm(StudyForm):
    """Somebody who had stopped all letters asked for them again."""

    channel = one_of("How did they tell you?", TOLD_BY, needed="Choose how they told you")
    told_on = DateField("On which day?", [InputRequired("Enter the day")])
    told_at = TimeField("At what time?", [InputRequired("Enter the time")])


class StopForm(StudyForm):
    """Somebody asked not to be written to."""

    channel = one_of("How did they tell you?", TOLD_BY, needed="Choose how they told you")
    everywhere = BooleanField("In every study of this organisation, as they asked")


@bp.route("/add", methods=["GET", "POST"])
def add(slug: str) -> ResponseReturnValue:
    """A new contact. A known address is refused with the code of who has it."""
    desk = guard.study_desk(slug)
    need_role(desk, Act.CONTACT_ADD)
    form, made = NewContactForm(request.form), []
    if request.method == "GET":
        form.by_email.data = form.mailbox_private.data = False

    def act() -> None:
        kind, label = form.source_kind.data or "", form.source_label.data or ""
        made.append(recruitment_contacts.add(desk, _wanted(form, "en", kind, label)))

    if taken(form, act):
        where = url_for("recruitment.person", slug=slug, participant_id=made[0], done="added")
        return redirect(where)
    return _page("add.html", form, slug)


@bp.route("/people/<uuid:participant_id>/change", methods=["GET", "POST"])
def change(slug: str, participant_id: UUID) -> ResponseReturnValue:
    """What somebody told us anew: a number, an address, safe times."""
    desk = guard.study_desk(slug)
    need_role(desk, Act.CONTACT_CHANGE)
    view = recruitment_contacts.read(desk, participant_id)
    form = ChangeForm(request.form if request.method == "POST" else _typed_before(view))

    def act() -> None:
        wanted = _wanted(form, view.opened.language, "", "", view.opened.card.attributes)
        channel = form.channel.data or ""
        recruitment_contacts.change(desk, participant_id, wanted, channel=channel)

    if taken(form, act):
        return _back(slug, participant_id, "changed")
    return _page("change.html", form, slug, name=view.opened.card.name, about=participant_id)


@bp.route("/people/<uuid:participant_id>/call", methods=["GET", "POST"])
def call(slug: str, participant_id: UUID) -> ResponseReturnValue:
    """What came of a call or a meeting."""
    desk = guard.study_desk(slug)
    need_role(desk, Act.CONTACT_CALL)
    form = CallForm(request.form)

    def act() -> None:
        told = {"outcome": form.outcome.data or "", "channel": form.channel.data or ""}
        recruitment_contacts.note_call(desk, participant_id, **told)

    if taken(form, act):
        return _back(slug, participant_id, "noted")
    return _page("call.html", form, slug, about=participant_id)


@bp.route("/people/<uuid:participant_id>/stop", methods=["GET", "POST"])
def stop(slug: str, participant_id: UUID) -> ResponseReturnValue:
    """Somebody said that they want no more letters."""
    desk = guard.study_desk(slug)
    need_role(desk, Act.CONTACT_OPT_OUT)
    form = StopForm(request.form)

    def act() -> None:
        everywhere, channel = bool(form.everywhere.data), form.channel.data or ""
        recruitment_opt_out.opt_out(
            desk,
            "staff",
            participant_id=participant_id,
            everywhere=everywhere,
            channel=channel,
        )

    if taken(form, act):
        return _back(slug, participant_id, "stopped")
    return _page("stop_staff.html", form, slug, about=participant_id)


@bp.route("/people/<uuid:participant_id>/again", methods=["GET", "POST"])
def again(slug: str, participant_id: UUID) -> ResponseReturnValue:
    """Somebody who had stopped all letters wrote again."""
    desk = guard.study_desk(slug)
    need_role(desk, Act.CONTACT_REOPEN)
    form = AgainForm(request.form)

    def act() -> None:
        told = datetime.combine(
            form.told_on.data or date.max, form.told_at.data or time(), guard.zone()
        )
        recruitment_opt_out.reopen(
            desk, participant_id, channel=form.channel.data or "", told_at=told
        )

    if taken(form, act):
        return _back(slug, participant_id, "reopened")
    return _page("again.html", form, slug, about=participant_id)


def _wanted(
    form: ContactForm,
    language: str,
    kind: str,
    label: str,
    attributes: dict[str, str] | None = None,
) -> Wanted:
    card = Card(
        name=form.name.data or "",
        email=form.email.data or "",
        phone=form.phone.data or "",
        safe_contact=form.safe_contact.data or "",
        safe_from=_hour(form.safe_from.data),
        safe_until=_hour(form.safe_until.data),
        by_telephone=bool(form.by_telephone.data),
        by_post=bool(form.by_post.data),
        preference=form.preference.data or "",
        note=form.note.data or "",
        attributes=attributes or {},
    )
    by_email, private = bool(form.by_email.data), bool(form.mailbox_private.data)
    return Wanted(card, by_email, private, language, kind, label)


def _hour(typed: time | None) -> str:
    return typed.strftime("%H:%M") if typed else ""


def _typed_before(view: ContactView) -> MultiDict[str, str]:
    card, wishes = view.opened.card, view.opened.wishes
    ticks = {
        "by_email": wishes.by_email,
        "mailbox_private": wishes.mailbox_private,
        "by_telephone": card.by_telephone,
        "by_post": card.by_post,
    }
    texts = (
        *("name", "email", "phone", "safe_contact", "safe_from", "safe_until"),
        *("preference", "note"),
    )
    typed = {name: getattr(card, name) for name in texts}
    return MultiDict(typed | {name: "y" for name, ticked in ticks.items() if ticked})


def _back(slug: str, participant_id: UUID, done: str) -> ResponseReturnValue:
    person = url_for("recruitment.person", slug=slug, participant_id=participant_id, done=done)
    return redirect(person)


def _page(
    template: str, form: StudyForm, slug: str, *, name: str = "", about: UUID | None = None
) -> ResponseReturnValue:
    back = url_for("recruitment.show", slug=slug)
    if about is not None:
        back = url_for("recruitment.person", slug=slug, participant_id=about)
    page = render_template(
        f"recruitment/{template}",
        frame=guard.frame("recruitment"),
        form=form,
        slug=slug,
        name=name,
        back=back,
        back_words="Back to this person" if about else "All participants",
    )
    sent = request.method == "POST"
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if sent else HTTPStatus.OK
