"""Letters: seen before they are sent, taken back until they leave, and what became of each."""

import re
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectField

from studyhub.domain.recruitment import may_take_back
from studyhub.domain.vocabulary import Act, Role
from studyhub.web import guard, people_words
from studyhub.web.forms import StudyForm, as_choices
from studyhub.web.frame import Status
from studyhub.workflows import mailroom, recruitment_letters, recruitment_list
from studyhub.workflows.kernel import need_role
from studyhub.workflows.letters import GONE
from studyhub.workflows.recruitment_letters import KINDS, OWN_LINK, OWN_STOP_LINK, Preview
from studyhub.workflows.recruitment_list import LetterLine

bp = Blueprint("letters", __name__, url_prefix="/s/<slug>/recruitment/letters")

MOST_AT_ONCE = 50
STATES = {
    "": "All",
    "queued": "Waiting to leave",
    "sending": "In doubt or on its way",
    "deferred": "Trying again",
    "relay_accepted": "Taken",
    "bounced": "Came back",
    "cancelled": "Not sent",
    "suppressed": "Not sent: wants none",
}
_MERGED = (OWN_LINK, OWN_STOP_LINK)
# What to do about a letter that came back, by the beginning of its code (RFC 3463, RFC 5321).
_BACK = (
    (("5.1", "550", "551", "553"), "There is no such mailbox. Ask for another address."),
    (("5.2", "552"), "The mailbox is full or closed. Call, or ask for another address."),
    (("5.7", "554"), "The other server takes no letters of ours. Tell your operator."),
    (("4.", "given_up"), "Tried for days in vain. Call, or ask for another address."),
    (("invalid",), "It could not be written as mail. Look at the name and the address."),
    (("",), "The other server refused it. Check the address."),
)


class FilterForm(StudyForm):
    """Which letters to show. It stays in the address."""

    state = SelectField("State", choices=as_choices(STATES), default="")


@dataclass(frozen=True)
class Row:
    """One letter as it is shown."""

    line: LetterLine
    who: str
    what: str
    words: str
    kind: str
    news: str
    href: str
    may_take_back: bool
    in_doubt: bool
    correct: str


@bp.get("")
def show(slug: str) -> ResponseReturnValue:
    """What became of each letter, newest first."""
    desk = guard.study_desk(slug)
    state = request.args.get("state", "")
    state = state if state in STATES else ""
    sent = _ids(request.args.getlist("letter"))
    page = recruitment_list.letters(desk, state, after=request.args.get("after", ""), only=sent)
    may_change = desk.actor.role is Role.RECRUITER
    rows = [_row(slug, line, may_change=may_change) for line in page.lines]
    waiting = [row.line.id for row in rows if row.may_take_back]
    return render_template(
        "recruitment/letters.html",
        frame=guard.frame("letters"),
        status=_status(len(waiting)) if sent else None,
        slug=slug,
        form=FilterForm(request.args),
        rows=rows,
        batch=[line.id for line in page.lines] if sent else [],
        left=[code for code in request.args.getlist("left") if re.fullmatch(r"\w{4}", code)],
        waiting=waiting if sent else [],
        is_filtered=bool(state) or bool(sent),
        start=url_for(".show", slug=slug, state=state) if "after" in request.args else "",
        next=(
            url_for(".show", slug=slug, state=state, after=page.next_after)
            if page.next_after
            else ""
        ),
    )


@bp.post("/preview")
def preview(slug: str) -> ResponseReturnValue:
    """Each letter as it will be, its checks, and who is left out and why."""
    desk = guard.study_desk(slug)
    need_role(desk, Act.LETTER_PREVIEW)
    kind, picked = _kind(), _picked()
    if not picked:
        return redirect(url_for("recruitment.show", slug=slug))
    found = recruitment_letters.preview(desk, kind, picked)
    ready = [each for each in found if not each.refused]
    shown = ready[min(_number("show"), len(ready) - 1)] if ready else None
    return render_template(
        "recruitment/preview.html",
        frame=guard.frame("letters"),
        slug=slug,
        kind=kind,
        found=found,
        ready=ready,
        shown=shown,
        at=ready.index(shown) if shown else 0,
        parts=_parts(shown) if shown else [],
        sender=guard.hub().settings.mail_from,
        writer=guard.visitor().name,
    )


@bp.post("/send")
def send(slug: str) -> ResponseReturnValue:
    """Queue the letters; each leaves in ten minutes unless it is taken back."""
    desk = guard.study_desk(slug)
    act = Act.INVITATION_SEND if _kind() == "invitation" else Act.REMINDER_SEND
    need_role(desk, act)
    told = recruitment_letters.send_each(desk, _kind(), _picked())
    sent = [each.letter_id for each in told if each.letter_id]
    if not sent:
        first = next((each.refused for each in told), "Nobody was picked")
        return _nothing_sent(slug, first)
    return redirect(url_for(".show", slug=slug, letter=sent, left=_codes(told)))


@bp.post("/take-back")
def take_back(slug: str) -> ResponseReturnValue:
    """Take back the letters that have not left."""
    desk = guard.study_desk(slug)
    need_role(desk, Act.LETTER_CANCEL)
    letters = _ids(request.form.getlist("letter"))
    recruitment_letters.take_back_each(desk, letters)
    shown = _ids(request.form.getlist("batch")) or letters
    return redirect(url_for(".show", slug=slug, letter=shown))


@bp.post("/<uuid:letter_id>/decide")
def decide(slug: str, letter_id: UUID) -> ResponseReturnValue:
    """A person decides about a letter of which nobody knows whether it was taken."""
    desk = guard.study_desk(slug)
    match request.form.get("decision"):
        case "taken":
            mailroom.confirm(desk, letter_id)
        case "again":
            mailroom.defer(desk, letter_id)
        case _:
            abort(400)
    return redirect(url_for(".show", slug=slug, letter=[letter_id]))


def _nothing_sent(slug: str, why: str) -> ResponseReturnValue:
    page = render_template(
        "recruitment/nothing_sent.html", frame=guard.frame("letters"), slug=slug, why=why
    )
    return page, 409


def _codes(told: list[recruitment_letters.Sent]) -> list[str]:
    return [each.code for each in told if each.refused and each.code]


def _status(waiting: int) -> Status | None:
    if not waiting:
        return None
    letters = f"{waiting} letter{'' if waiting == 1 else 's'}"
    leave = "waits" if waiting == 1 else "wait"
    return Status(
        f"{letters} {leave} to leave.",
        "You have 10 minutes to take back what you sent.",
        "info",
    )


def _kind() -> str:
    kind = request.form.get("kind", "")
    return kind if kind in KINDS else abort(400)


def _picked() -> list[UUID]:
    return _ids(request.form.getlist("pick"))


def _ids(texts: list[str]) -> list[UUID]:
    """Ids as a page sends them; 400 for anything else."""
    if len(texts) > MOST_AT_ONCE:
        abort(413)
    try:
        return [UUID(text) for text in texts]
    except ValueError:
        abort(400)


def _number(name: str) -> int:
    number = request.form.get(name, type=int)
    return number if number is not None and 0 <= number < MOST_AT_ONCE else 0


def _parts(shown: Preview) -> list[tuple[str, bool]]:
    """The text in pieces, each with whether it is this person's own."""
    own = "|".join(re.escape(text) for text in (*_MERGED, shown.name) if text)
    return [
        ("their own link" if piece in _MERGED else piece, bool(number % 2))
        for number, piece in enumerate(re.split(f"({own})", shown.text))
    ]


def _row(slug: str, line: LetterLine, *, may_change: bool) -> Row:
    words, kind = people_words.LETTER_STATES[line.state]
    what = people_words.PURPOSES.get(line.purpose, line.purpose)
    who, href = _whom(slug, line)
    return Row(
        line,
        who,
        f"{what} {line.version}".strip(),
        words,
        kind,
        _news(line),
        href,
        may_change and line.state in ("queued", "deferred") and may_take_back(line.purpose),
        line.in_doubt,
        _correct(slug, line)
        if may_change and line.is_outstanding and line.participant_id
        else "",
    )


def _whom(slug: str, line: LetterLine) -> tuple[str, str]:
    """Who a letter goes to, and their page; of who is no participant yet, what they wrote."""
    if line.participant_id:
        href = url_for("recruitment.person", slug=slug, participant_id=line.participant_id)
        return line.name or line.code, href
    if line.expression_id:
        href = url_for("triage.show", slug=slug, expression_id=line.expression_id)
        return "Somebody who wrote", href
    return "Somebody who wants no letters", ""


def _news(line: LetterLine) -> str:
    """What is known of a letter; of one that came back, what to do."""
    if line.state not in GONE:
        return people_words.of_letter(line, guard.hub().now())
    if line.state == "complained":
        return "Their mail program reported it as unwanted. We write to them no more."
    if not line.is_outstanding:
        return "It came back, and nothing is left to do."
    code = line.code_of_report
    return next(words for starts, words in _BACK if code.startswith(starts))


def _correct(slug: str, line: LetterLine) -> str:
    """Where an address is corrected; who is no participant yet has no card to correct."""
    if not line.participant_id:
        return ""
    return url_for("contacts.change", slug=slug, participant_id=line.participant_id)
