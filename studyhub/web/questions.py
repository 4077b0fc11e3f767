"""Questions on the side of the team: which wait, one of them, its answer, noted from a call."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from studyhub.domain.lifecycle_course import QUESTION_WAITS
from studyhub.domain.policy import POLICY
from studyhub.domain.vocabulary import Act
from studyhub.web import guard, people_words, waits
from studyhub.web.filled import plain_text, taken
from studyhub.web.forms import StudyForm, as_choices, one_of, pick_from
from studyhub.web.frame import Status, Waiting
from studyhub.workflows import recruitment_questions
from studyhub.workflows.kernel import Desk, need_role
from studyhub.workflows.recruitment_questions import HEARD, Asked, QuestionView

bp = Blueprint("questions", __name__, url_prefix="/s/<slug>/recruitment")

TOPICS = {name: words[0].upper() + words[1:] for name, words in people_words.TOPICS.items()}
_KINDS = {"open": "warn", "assigned": "warn", "answered": "ok", "closed": "quiet"}
STATES = {name: (words, _KINDS[name]) for name, words in people_words.QUESTION_STATES.items()}
CHANNELS = {
    "link": "By their own link",
    "telephone": "By telephone",
    "in_person": "Face to face",
    "email": "By e-mail",
    "post": "By post",
}
GIVEN = {
    "email": "By letter, and on their page",
    "telephone": "I told them by phone",
    "in_person": "I told them face to face",
}
DONE = {
    "noted": Status("Noted.", "The question waits below with the others."),
    "sent": Status("Answered.", "The answer stands on their page, and the letter is queued."),
    "answered": Status("Answered.", "The answer stands on their page."),
    "assigned": Status("Passed on."),
    "closed": Status("Closed."),
}


class AnswerForm(StudyForm):
    """An answer, and the way in which it is given."""

    answer = TextAreaField(
        "Your answer",
        [DataRequired("Write the answer"), Length(max=8000), plain_text],
        render_kw={"rows": 6},
    )
    channel = one_of("How do you give it?", GIVEN, needed="Choose how you give the answer")


class AssignForm(StudyForm):
    """Who answers."""

    to = pick_from("Pass it on to", {}, empty="Choose a person", needed="Choose a person")


class NoteQuestionForm(StudyForm):
    """A question that somebody asked by telephone, or in any way but their link."""

    channel = one_of(
        "How did they ask?",
        {name: words for name, words in CHANNELS.items() if name in HEARD},
        needed="Choose how they asked",
    )
    question = TextAreaField(
        "What they want to know",
        [DataRequired("Write the question"), Length(max=4000), plain_text],
        description="In their words. Leave out the names of other people.",
        render_kw={"rows": 4},
    )
    topic = pick_from("What it is about", TOPICS, empty="Choose", needed="Choose what it is")
    blocks = one_of(
        "Do they want the answer before they decide?",
        {"yes": "Yes, they wait for it", "no": "No"},
        needed="Choose whether they wait for the answer",
    )


@bp.get("/questions")
def inbox(slug: str) -> ResponseReturnValue:
    """Questions that wait for an answer, longest first."""
    desk = guard.study_desk(slug)
    found = recruitment_questions.waiting(
        desk, done=waits.is_done(), after=request.args.get("after", "")
    )
    here = url_for(".inbox", slug=slug)
    inbox = waits.inbox(found, lambda each: _line(slug, each), here, "Answered")
    return _page("questions.html", slug, inbox=inbox)


def _page(template: str, slug: str, **values: object) -> str:
    return render_template(
        f"triage/{template}",
        frame=guard.frame("questions"),
        status=DONE.get(request.args.get("done", "")),
        slug=slug,
        states=STATES,
        topics=TOPICS,
        channels=CHANNELS,
        **values,
    )


def _line(slug: str, view: QuestionView) -> Waiting:
    holds = "Waits for the answer before deciding." if view.blocks else "Holds up nothing."
    given = f" {view.assigned_name} answers." if view.assigned_name else ""
    return waits.line(
        "quest",
        f"{view.code}: {_short(view.question)}",
        url_for(".show", slug=slug, question_id=view.id),
        f"{TOPICS[view.topic]}. {holds}{given}",
        waits.Began(view.asked_at, view.state in QUESTION_WAITS),
    )


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 80 else line[:79] + "…"  # noqa: PLR2004 - one line of a list


@bp.get("/questions/<uuid:question_id>")
def show(slug: str, question_id: UUID) -> ResponseReturnValue:
    """One question, its answer, and who answers it."""
    return _one(guard.study_desk(slug), slug, question_id)


def _one(
    desk: Desk,
    slug: str,
    question_id: UUID,
    *,
    answering: AnswerForm | None = None,
    assigning: AssignForm | None = None,
) -> str:
    view = recruitment_questions.read(desk, question_id)
    answering, assigning = answering or _answer_form(desk), assigning or AssignForm()
    assigning.to.choices = as_choices(
        {"": "Choose a person", **recruitment_questions.who_may_answer(desk)}
    )
    return _page(
        "question.html",
        slug,
        view=view,
        due=waits.answer_due(view.asked_at, is_open=view.state in QUESTION_WAITS),
        answering=answering,
        assigning=assigning,
        may_pass_on=_may(desk, Act.QUESTION_ASSIGN),
        may_close=_may(desk, Act.QUESTION_CLOSE),
        may_open=_may(desk, Act.CONTACT_READ),
    )


def _may(desk: Desk, act: Act) -> bool:
    return desk.actor.role in POLICY[act].roles


def _answer_form(desk: Desk) -> AnswerForm:
    """The form with the ways in which this member may answer."""
    form = AnswerForm(request.form)
    ways = recruitment_questions.ways_to_answer(desk.actor)
    form.channel.choices = as_choices({name: GIVEN[name] for name in ways})
    return form


def _to(slug: str, question_id: UUID, done: str) -> ResponseReturnValue:
    return redirect(url_for(".show", slug=slug, question_id=question_id, done=done))


@bp.post("/questions/<uuid:question_id>/answer")
def answer(slug: str, question_id: UUID) -> ResponseReturnValue:
    """Answer, by letter or as told."""
    desk = guard.study_desk(slug)
    form = _answer_form(desk)
    words, channel = form.answer.data or "", form.channel.data
    if taken(
        form,
        lambda: recruitment_questions.answer(desk, question_id, words, channel=channel),
    ):
        return _to(slug, question_id, "sent" if channel == "email" else "answered")
    return _one(desk, slug, question_id, answering=form), 422


@bp.post("/questions/<uuid:question_id>/assign")
def assign(slug: str, question_id: UUID) -> ResponseReturnValue:
    """Say who answers."""
    desk = guard.study_desk(slug)
    form = AssignForm(request.form)
    form.to.choices = as_choices(recruitment_questions.who_may_answer(desk))
    if taken(form, lambda: recruitment_questions.assign(desk, question_id, UUID(form.to.data))):
        return _to(slug, question_id, "assigned")
    return _one(desk, slug, question_id, assigning=form), 422


@bp.post("/questions/<uuid:question_id>/close")
def close(slug: str, question_id: UUID) -> ResponseReturnValue:
    """Close a question that was answered."""
    recruitment_questions.close(guard.study_desk(slug), question_id)
    return _to(slug, question_id, "closed")


@bp.route("/<uuid:participant_id>/questions/new", methods=["GET", "POST"])
def note(slug: str, participant_id: UUID) -> ResponseReturnValue:
    """Note what somebody asked by telephone, face to face or in a letter."""
    desk = guard.study_desk(slug)
    form = NoteQuestionForm(request.form)

    def ask() -> None:
        asked = Asked(form.question.data or "", form.blocks.data == "yes", form.topic.data)
        recruitment_questions.ask(desk, asked, participant_id, form.channel.data)

    if taken(form, ask):
        return redirect(url_for(".inbox", slug=slug, done="noted"))
    need_role(desk, Act.QUESTION_ASK)
    page = _page("note_question.html", slug, form=form, participant_id=participant_id)
    return page, 422 if request.method == "POST" else 200
