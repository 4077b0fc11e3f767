"""What people see before they decide: the public form, their own page, sheet and questions.

Everything works without a cookie, without script and without anybody of the team signed in. A
GET changes nothing; what somebody wrote is never shown again, except their own questions.
"""

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import (
    EmailField,
    RadioField,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, Optional

from studyhub.web import guard, guest
from studyhub.web.filled import one_line, phone_number, plain_text, taken, whole_address
from studyhub.web.forms import ParticipantForm, as_choices, one_of
from studyhub.web.frame import Status
from studyhub.workflows import (
    recruitment_guest,
    recruitment_interest,
    recruitment_questions,
    recruitment_triage,
)
from studyhub.workflows.expressions import Told
from studyhub.workflows.links import Guest
from studyhub.workflows.recruitment_questions import Asked

bp = Blueprint("interest", __name__)

TITLE = "Your invitation"
PREFERENCES = {
    "": "I do not mind",
    "telephone": "By phone",
    "video": "By video call",
    "in_person": "Face to face",
}
DONE = {
    "interested": Status(
        "Thank you. We have your message.",
        "A person of the team answers within two working days. You are bound to nothing.",
    ),
    "declined": Status("Thank you for telling us.", "We do not remind you. You owe nothing."),
    "asked": Status("We have your question.", "The answer will stand on this page."),
}


class InterestForm(ParticipantForm):
    """Who somebody is and how they may be reached. Nothing is chosen for them."""

    name = StringField(
        "What may we call you?",
        [DataRequired("Write your name, or what we may call you"), Length(max=200), one_line],
        render_kw={"autocomplete": "name"},
    )
    channel = one_of(
        "How may we reach you?",
        {"email": "By e-mail", "telephone": "By phone"},
        needed="Choose how we may reach you",
    )
    email = EmailField(
        "E-mail address",
        [Optional(), Length(max=254), whole_address],
        description="If we may write to you. Choose one that nobody else reads.",
        render_kw={"autocomplete": "email"},
    )
    phone = TelField(
        "Phone number",
        [Optional(), Length(max=40), phone_number],
        description="If we may call you.",
        render_kw={"autocomplete": "tel"},
    )
    safe_contact = TextAreaField(
        "Is there anything we should avoid? (optional)",
        [Length(max=2000), plain_text],
        description="For example: no calls at work, no voicemail.",
        render_kw={"rows": 2},
    )
    note = TextAreaField(
        "Anything you want to tell us (optional)",
        [Length(max=2000), plain_text],
        description="Please leave out the names of other people.",
        render_kw={"rows": 3},
    )
    preference = SelectField(
        "How would you like to talk? (optional)",
        default="",
        choices=as_choices(PREFERENCES),
    )
    # People do not see this. Who fills it in is a machine, and is told the same as everybody.
    website = StringField(
        "Leave this empty", render_kw={"autocomplete": "off", "tabindex": "-1"}
    )

    def told(self) -> Told:
        """What was written, as the act takes it."""
        names = ("name", "channel", "email", "phone", "safe_contact", "note", "preference")
        return Told(**{name: (self[name].data or "").strip() for name in names})


class InvitedForm(InterestForm):
    """The same for somebody whom our letter reached."""

    name = StringField(
        "What may we call you? (optional)",
        [Length(max=200), one_line],
        render_kw={"autocomplete": "name"},
    )
    channel = one_of(
        "How may we write to you?",
        {
            "link": "By e-mail, to the address our letter came to",
            "email": "By e-mail, to another address",
            "telephone": "By phone",
        },
        needed="Choose how we may write to you",
    )


class QuestionForm(ParticipantForm):
    """One question, and whether the answer is needed first."""

    question = TextAreaField(
        "Your question",
        [DataRequired("Write your question"), Length(max=4000), plain_text],
        description="Please leave out the names of other people.",
        render_kw={"rows": 5},
    )
    blocks: RadioField = one_of(
        "Do you want the answer before you decide?",
        {"yes": "Yes, I will wait for it", "no": "No, I can decide without it"},
        needed="Choose whether you will wait for the answer",
    )


# -- anybody ---------------------------------------------------------------------------


@bp.route("/interest/<slug>", methods=["GET", "POST"])
def public(slug: str) -> ResponseReturnValue:
    """Say that one might take part. What is sent here can only be read by the recruiters."""
    study = recruitment_interest.public_study(guard.hub(), slug)
    guest.stand_in(study)
    form = InterestForm(request.form)
    sent = redirect(url_for(".public", slug=slug, done="interested"))
    if request.method == "POST" and form.website.data:
        return sent

    def express() -> None:
        recruitment_interest.slow_down(guard.hub(), guard.source())
        recruitment_interest.receive(study.desk, form.told())

    if taken(form, express):
        return sent
    page = render_template(
        "guest/interest.html",
        frame=guest.neutral_frame(study),
        title=TITLE,
        who=study.neutral_name,
        form=form,
        status=_status(),
    )
    return page, 422 if request.method == "POST" else 200


# -- by a personal link ----------------------------------------------------------------


@bp.get("/l/<token>")
def home(token: str) -> ResponseReturnValue:
    """What this person can do now."""
    who = guest.of(token)
    seen = recruitment_guest.see(who.desk)
    if "interest" in who.purposes and not seen.state:
        return _invitation(who, token, InvitedForm())
    return render_template(
        "guest/home.html",
        frame=guest.frame(who, "decline"),
        title=TITLE,
        seen=seen,
        now=guard.hub().now(),
        can=_can(who, token),
        decline_url=url_for(".decline", token=token),
        status=_status(),
    )


def _can(who: Guest, token: str) -> dict[str, str]:
    """The address of each page that this link opens."""
    known = current_app.extensions["studyhub.rules"]
    return {
        purpose: f"/l/{token}/{purpose}"
        for purpose in sorted(who.purposes)
        if f"/l/<token>/{purpose}" in known
    }


def _status() -> Status | None:
    return DONE.get(request.args.get("done", ""))


def _invitation(who: Guest, token: str, form: InvitedForm) -> str:
    return render_template(
        "guest/invited.html",
        frame=guest.frame(who, "interest"),
        title=TITLE,
        who=who.neutral_name,
        form=form,
        can=_can(who, token),
        decline_url=url_for(".decline", token=token),
        decline_token=guest.token(who, "decline"),
    )


@bp.route("/l/<token>/interest", methods=["GET", "POST"])
def invited(token: str) -> ResponseReturnValue:
    """Say by one's own link that one might take part."""
    who = guest.of(token, "interest")
    form = InvitedForm(request.form)
    if request.method == "POST":
        guest.check(who, "interest")
    done = redirect(url_for(".home", token=token, done="interested"))
    if request.method == "POST" and form.website.data:
        return done

    def express() -> None:
        recruitment_interest.slow_down(guard.hub(), str(who.link_id))
        recruitment_interest.receive(who.desk, form.told())

    if taken(form, express):
        return done
    return _invitation(who, token, form), 422 if request.method == "POST" else 200


@bp.post("/l/<token>/decline")
def decline(token: str) -> ResponseReturnValue:
    """Say that one does not want to take part. Nobody is asked why."""
    who = guest.of(token)
    guest.check(who, "decline")
    recruitment_triage.decide(who.desk, None, "declined")
    return redirect(url_for(".home", token=token, done="declined"))


@bp.get("/l/<token>/sheet")
def sheet(token: str) -> ResponseReturnValue:
    """Read the information sheet. Nobody learns that it was opened."""
    who = guest.of(token, "sheet")
    seen = recruitment_guest.see(who.desk)
    return render_template(
        "guest/sheet.html",
        frame=guest.frame(who),
        title=TITLE,
        sheet=seen.sheet,
        words=guest.document(seen.sheet.body) if seen.sheet else "",
        can=_can(who, token),
        home_url=url_for(".home", token=token),
    )


@bp.route("/l/<token>/questions", methods=["GET", "POST"])
def questions(token: str) -> ResponseReturnValue:
    """Ask, and read what was answered."""
    who = guest.of(token, "questions")
    form = QuestionForm(request.form)
    if request.method == "POST":
        guest.check(who, "questions")

    def ask() -> None:
        recruitment_interest.slow_down(guard.hub(), str(who.link_id))
        asked = Asked(form.question.data or "", form.blocks.data == "yes")
        recruitment_questions.ask(who.desk, asked)

    if taken(form, ask):
        return redirect(url_for(".questions", token=token, done="asked"))
    page = render_template(
        "guest/questions.html",
        frame=guest.frame(who, "questions"),
        title=TITLE,
        form=form,
        earlier=recruitment_guest.see(who.desk, questions=True).questions,
        home_url=url_for(".home", token=token),
        status=_status(),
    )
    return page, 422 if request.method == "POST" else 200
