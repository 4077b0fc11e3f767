"""What the committee approved, and which version of each document is in use."""

from collections.abc import Mapping
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from studyhub.domain import letter_texts
from studyhub.domain.document_names import (
    AMENDMENT_KINDS,
    APPROVAL_NAMES,
    KIND_NAMES,
    RECONSENT_NAMES,
    STATE_NAMES,
)
from studyhub.domain.letter_texts import Written
from studyhub.domain.policy import POLICY
from studyhub.domain.vocabulary import Act
from studyhub.web import guard
from studyhub.web.document_words import KINDS
from studyhub.web.filled import one_line, plain_text, taken
from studyhub.web.forms import StudyForm, as_choices, one_of
from studyhub.web.frame import Status
from studyhub.workflows import consent_documents_view, consent_ethics
from studyhub.workflows.documents_list import ApprovalView, EthicsView
from studyhub.workflows.kernel import Desk, need_role

bp = Blueprint("ethics", __name__, url_prefix="/s/<slug>/ethics")

DONE = {
    "recorded": Status("Recorded.", "Say here what the committee decides, as soon as it does."),
    "changed": Status("Recorded.", "It holds from now on."),
    "attached": Status("The letter is kept.", "The team can read it here."),
    "retired": Status("Retired.", "Nobody is given this version any more."),
    "used": Status("In use.", "From now on this version is given, sent and signed."),
    "planned": Status("Planned.", "Until then the version before is in use."),
    "sent_back": Status("Sent back.", "Its author can write on."),
}
SOON_DAYS = 60
# The letters that only answer: what stands open in all of them, and the forms of three.
_OPEN = {"name": "{{name}}", "study": "{{study}}"}
_ANSWERS = {"After a question": "{{answer}}", "After a question, if others read the mail": ""}
_RECEIPTS = {
    "After an answer on the consent form": False,
    "After an answer on the consent form, with a memorable word": True,
}
_STOPS = {"After all letters were stopped": False, "After they were stopped everywhere": True}


class ApprovalForm(StudyForm):
    """What is put before a committee."""

    committee = StringField(
        "Committee",
        [DataRequired("Write the name of the committee"), Length(max=200), one_line],
        description="As it stands on its letters.",
        render_kw={"autocomplete": "off"},
    )
    reference = StringField(
        "Reference",
        [DataRequired("Write the reference the committee gave it"), Length(max=100), one_line],
        description="Participants are shown it.",
        render_kw={"autocomplete": "off", "spellcheck": False},
    )


class AmendmentForm(ApprovalForm):
    """What changes, which versions it brings, and who signs again."""

    kind = one_of("Kind of amendment", AMENDMENT_KINDS, needed="Choose what kind it is")
    versions = SelectMultipleField(
        "Versions it brings",
        choices=[],
        validate_choice=False,
        description="Each can be approved and used once this amendment is implemented.",
    )
    reconsent = one_of(
        "Who must sign again?", RECONSENT_NAMES, needed="Choose who must sign again"
    )
    reason = TextAreaField(
        "What changes, and why",
        [DataRequired("Say what changes"), Length(max=2000), plain_text],
        description="Also why people must, or need not, sign again. Name no participant.",
        render_kw={"rows": 4},
    )


# -- the page ------------------------------------------------------------------------


@bp.get("")
def show(slug: str) -> ResponseReturnValue:
    """The approval, the amendments, and every version of every document."""
    desk = guard.study_desk(slug)
    view = consent_documents_view.ethics(desk)
    first = view.first
    return _page(
        "show.html",
        desk,
        view=view,
        first=first,
        left=_days_left(first),
        soon=SOON_DAYS,
        may_write=_may(desk, Act.DOCUMENT_DRAFT),
    )


def _days_left(approval: ApprovalView | None) -> int | None:
    if approval is None or approval.ends_at is None:
        return None
    return (approval.ends_at - guard.hub().now()).days


def _may(desk: Desk, act: Act) -> bool:
    return desk.actor.role in POLICY[act].roles


def _page(template: str, desk: Desk, **values: object) -> str:
    return render_template(
        f"ethics/{template}",
        frame=guard.frame("ethics"),
        slug=guard.place().slug,
        now=guard.hub().now(),
        status=DONE.get(request.args.get("done", "")),
        kinds=KINDS,
        kind_names=KIND_NAMES,
        state_names=STATE_NAMES,
        approval_names=APPROVAL_NAMES,
        amendment_kinds=AMENDMENT_KINDS,
        may_record=_may(desk, Act.APPROVAL_RECORD),
        **values,
    )


@bp.get("/fixed-letters")
def fixed(slug: str) -> ResponseReturnValue:
    """The letters that only answer: their words are the program's, so here they can be read."""
    desk = guard.study_desk(slug)
    hours = consent_documents_view.ethics(desk).consider_hours
    return _page("fixed.html", desk, letters=_fixed(hours))


def _fixed(hours: int) -> list[tuple[str, Written]]:
    """Every letter that has no version, with when it is sent."""
    information = letter_texts.InformationLetter(
        **_OPEN,
        sender="{{recruiter}}",
        address="{{link}}",
        sheet="{{version}}",
        consider_hours=hours,
        until="{{day}}",
        approval="{{committee}}",
    )
    acknowledged = letter_texts.acknowledgement(**_OPEN, stop="{{stop_link}}")
    return [
        ("After somebody said they are interested", acknowledged),
        ("With the sheet and the consent form", letter_texts.information(information)),
        *((when, _answer(words)) for when, words in _ANSWERS.items()),
        *((when, _receipt(locked=locked)) for when, locked in _RECEIPTS.items()),
        *((when, _stopped(everywhere=all_)) for when, all_ in _STOPS.items()),
    ]


def _answer(words: str) -> Written:
    question, sender = "{{question}}", "{{recruiter}}"
    return letter_texts.answer(**_OPEN, sender=sender, question=question, words=words)


def _receipt(*, locked: bool) -> Written:
    return letter_texts.receipt(**_OPEN, address="{{link}}", locked=locked)


def _stopped(*, everywhere: bool) -> Written:
    return letter_texts.stopped(**_OPEN, everywhere=everywhere)


# -- approvals and amendments ------------------------------------------------------------


@bp.route("/approvals/add", methods=["GET", "POST"])
def record(slug: str) -> ResponseReturnValue:
    """Record what is, or was, put before the committee."""
    desk = guard.study_desk(slug)
    form = ApprovalForm(request.form)

    def keep() -> None:
        asked = consent_ethics.Request(form.committee.data or "", form.reference.data or "")
        consent_ethics.record(desk, asked)

    if taken(form, keep):
        return redirect(url_for(".show", slug=slug, done="recorded"))
    return _form_page(desk, "record.html", form, consent_documents_view.ethics(desk))


@bp.route("/amendments/add", methods=["GET", "POST"])
def amend(slug: str) -> ResponseReturnValue:
    """Record an amendment: which versions it brings, and who signs again."""
    desk = guard.study_desk(slug)
    view = consent_documents_view.ethics(desk)
    form = AmendmentForm(request.form)
    listed = _can_be_listed(view)
    form.versions.choices = as_choices(listed)
    first = view.first
    if request.method == "GET" and first is not None:
        form.committee.data, form.reference.data = first.committee, first.reference

    def keep() -> None:
        chosen = [one for one in form.versions.data or [] if one in listed]
        asked = consent_ethics.Request(
            form.committee.data or "",
            form.reference.data or "",
            kind=form.kind.data,
            amends_id=first.id if first else None,
            reason=form.reason.data or "",
            reconsent=form.reconsent.data,
            versions=tuple(map(UUID, chosen)),
        )
        consent_ethics.record(desk, asked)

    if taken(form, keep):
        return redirect(url_for(".show", slug=slug, done="recorded"))
    return _form_page(desk, "amend.html", form, view)


def _can_be_listed(view: EthicsView) -> Mapping[str, str]:
    return {
        str(row.id): f"{KIND_NAMES[row.kind]} {row.number}"
        for row in view.versions
        if row.state in {"draft", "submitted", "approved"} and row.approval_id is None
    }


def _form_page(
    desk: Desk, template: str, form: StudyForm, view: EthicsView
) -> ResponseReturnValue:
    need_role(desk, Act.APPROVAL_RECORD)
    return _page(template, desk, form=form, view=view), 422 if form.errors else 200
