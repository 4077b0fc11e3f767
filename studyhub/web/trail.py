"""The record for those who check it: whether it is whole, its lines, and a copy of it."""

from dataclasses import dataclass
from datetime import UTC
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectField

from studyhub.domain.acts import ACT_WORDS
from studyhub.domain.policy import POLICY
from studyhub.domain.separation import LIFTED
from studyhub.domain.vocabulary import Act, Role
from studyhub.web import flow_words, guard, times, withdrawal_waits
from studyhub.web.forms import StudyForm, as_choices
from studyhub.web.frame import Link, Waiting
from studyhub.web.trail_words import KINDS, OUTCOMES, ROLES, fact
from studyhub.workflows import accounts_team_view, flow, trail
from studyhub.workflows.accounts_team_view import TeamView
from studyhub.workflows.kernel import Desk
from studyhub.workflows.trail import Health, TrailLine

bp = Blueprint("trail", __name__, url_prefix="/s/<slug>/trail")

FOLDER = "export"
WORLD = ZoneInfo("UTC")
# The largest number that both databases take.
LONGEST = 2**62
BY_WORDS = dict(sorted(ACT_WORDS.items(), key=lambda pair: pair[1]))


class FilterForm(StudyForm):
    """Which lines to show. It stays in the address."""

    outcome = SelectField("Outcome", choices=as_choices({"": "Any", **OUTCOMES}), default="")
    act = SelectField(
        "What was done",
        choices=as_choices({"": "Anything", **BY_WORDS}),
        default="",
    )


@dataclass(frozen=True)
class Verdict:
    """The answer to "is the record whole?", in words."""

    title: str
    text: str
    is_whole: bool = False


@dataclass(frozen=True)
class Check:
    """One thing that was looked at, how often, and what was wrong."""

    name: str
    looked_at: int
    wrong: int
    result: str
    kind: str


@dataclass(frozen=True)
class Row:
    """One line of the record as people read it."""

    seq: int
    when: str
    clock: str
    act: str
    name: str
    outcome: str
    outcome_words: str
    who: str
    role: str
    about: str
    facts: str
    digest: str


@bp.get("")
def show(slug: str) -> ResponseReturnValue:
    """Study health: is the record whole, and was every power given properly."""
    desk = guard.study_desk(slug)
    health, team = trail.check_health(desk), accounts_team_view.team(desk)
    return render_template(
        "trail/health.html",
        frame=guard.frame("trail"),
        slug=slug,
        health=health,
        verdict=_verdict(health),
        checks=_checks(health, team),
        exceptions=team.exceptions,
        waiting=_waiting(slug, team) if _may_decide(desk) else [],
        late=withdrawal_waits.late(desk, slug),
        lifted=LIFTED,
        head_facts=_head_facts(health),
        steps=flow_words.steps(flow.read(desk)),
        flow_link=Link("Diagram and table", url_for("flow.show", slug=slug)),
        refused_words=_refused(health.refused),
        refused_link=_refused_link(slug, health.refused),
        team_link=Link("Team", url_for("team.show", slug=slug)),
        may_export=desk.actor.role in POLICY[Act.AUDIT_EXPORT].roles,
        folder=FOLDER,
        now=guard.hub().now(),
    )


@bp.get("/lines")
def lines(slug: str) -> ResponseReturnValue:
    """The lines of the record, newest first. Reading them is a line of its own."""
    desk = guard.study_desk(slug)
    form = FilterForm(request.args)
    sent = form.data.items()
    chosen = {name: value for name, value in sent if value and form[name].validate(form)}
    page = trail.read_lines(desk, before=_before(), **chosen)
    older = {**chosen, "before": page.older}
    return render_template(
        "trail/lines.html",
        frame=guard.frame("trail"),
        slug=slug,
        form=form,
        now=guard.hub().now(),
        is_filtered=bool(chosen),
        rows=[_row(line) for line in page.lines],
        start=url_for(".lines", slug=slug, **chosen) if "before" in request.args else "",
        next=url_for(".lines", slug=slug, **older) if page.older is not None else "",
    )


@bp.post("/export")
def export(slug: str) -> ResponseReturnValue:
    """A copy of the record with the script that checks it, in one archive made in memory."""
    desk = guard.study_desk(slug)
    made = trail.export(desk)
    packed = BytesIO()
    at = guard.hub().now().timetuple()[:6]
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        for name, content in made.files.items():
            archive.writestr(ZipInfo(f"{FOLDER}/{name}", at), content, ZIP_DEFLATED)
    packed.seek(0)
    name = f"{slug}-record-{made.size}.zip"
    return send_file(packed, "application/zip", as_attachment=True, download_name=name)


def _before() -> int | None:
    """The number of a line in the address; anything else starts at the newest."""
    number = request.args.get("before", type=int)
    return number if number is not None and 0 <= number < LONGEST else None


def _verdict(health: Health) -> Verdict:
    zone = guard.zone()
    first, last = times.day(health.first_at, zone), times.day(health.last_at, zone)
    span = f"on {first}" if first == last else f"from {first} to {last}"
    lines = f"{_number(health.size)} lines {span}"
    if health.head is None:
        return Verdict(
            "The record was not signed yet",
            f"{lines}. Nothing proves its order before its first signed head. The worker "
            "signs one by itself; ask your operator whether it runs.",
        )
    if health.ok:
        unsigned = (
            "The newest signed head covers all of them."
            if health.unsigned == 0
            else f"The newest signed head covers all but the last {_number(health.unsigned)}; "
            "the next one will cover those."
        )
        text = f"{lines} were read just now and follow one another without a gap. {unsigned}"
        return Verdict("The record is whole", text, is_whole=True)
    where = "" if health.first_bad is None else f" The first bad line is {health.first_bad}."
    return Verdict(
        "The record is not whole",
        f"{lines} were read just now: {health.problem}.{where} Compare the heads in your "
        "letters, take a copy, and tell your operator and the ethics committee.",
    )


def _head_facts(health: Health) -> list[tuple[str, str]]:
    if health.head is None:
        return []
    return [
        ("Lines", _number(health.head.size)),
        ("Signed", times.moment(health.head.at, guard.zone())),
    ]


def _refused(count: int) -> str:
    if count == 0:
        return "Nobody tried what they may not do."
    return "Tries that the rules stopped. Nothing was opened or changed by them."


def _refused_link(slug: str, count: int) -> Link | None:
    href = url_for(".lines", slug=slug, outcome="refused")
    return Link("Read them", href) if count else None


def _number(number: int) -> str:
    """Write 4812 as 4 812, with a blank that does not break."""
    return f"{number:,}".replace(",", "\N{NO-BREAK SPACE}")


def _checks(health: Health, team: TeamView) -> list[Check]:
    papers, lifted = team.papers, len(team.exceptions)
    apart = sum(
        member.standing == "holds" and bool(member.kept_apart) for member in team.members
    )
    found = [
        _check("Every line follows from the one before", health.size, int(not health.ok)),
        _check("Duties are kept apart, or an exception is declared", len(team.people), apart),
        _check(
            "Every certificate of a member leads to the root of the study",
            *(papers.certificates, papers.bad_certificates),
        ),
        _check(
            "Every key and every grant carries a signature that holds",
            *(papers.signatures, papers.bad_signatures),
        ),
    ]
    if lifted and not apart:
        words = f"{lifted} exception{'' if lifted == 1 else 's'}"
        found[1] = Check(found[1].name, len(team.people), 0, words, "warn")
    return found


def _check(name: str, looked_at: int, wrong: int) -> Check:
    result, kind = ("Does not hold", "stop") if wrong else ("Holds", "ok")
    return Check(name, looked_at, wrong, result, kind)


def _may_decide(desk: Desk) -> bool:
    """An auditor sees proposals in the record and decides none of them."""
    return desk.actor.role in POLICY[Act.PROPOSAL_DECIDE].roles


def _waiting(slug: str, team: TeamView) -> list[Waiting]:
    """Proposals that the reader may decide."""
    return [
        Waiting(
            icon="scale",
            what=proposal.what,
            href=url_for("exceptions.decide", slug=slug, proposal_id=proposal.id),
            why=proposal.reason,
            since=times.since(proposal.since, guard.zone(), guard.hub().now()),
        )
        for proposal in team.proposals
        if not proposal.is_own
    ]


def _row(line: TrailLine) -> Row:
    kind, _, key = line.subject.partition(":")
    role = ROLES[Role(line.role)]
    return Row(
        seq=line.seq,
        when=f"{times.short_day(line.at, WORLD)} {line.at.year}",
        clock=f"{line.at.astimezone(UTC):%H:%M:%S}",
        act=ACT_WORDS.get(line.act, line.act),
        name=line.act,
        outcome=line.outcome,
        outcome_words=OUTCOMES[line.outcome],
        who=line.actor or role,
        role=role if line.actor else "",
        about=line.about or KINDS.get(kind) or f"{kind} {key[:8]}".strip(),
        facts=", ".join(fact(name, value) for name, value in line.facts.items()),
        digest=line.digest,
    )
