"""A principal investigator's day: the approval, versions, and who must sign again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import url_for

from studyhub.domain.document_names import APPROVAL_NAMES, KIND_NAMES
from studyhub.web import flow_words, guard, interview_words, times, waits, work_to_give
from studyhub.web.frame import Step, Waiting
from studyhub.web.material_words import quarantine_says
from studyhub.workflows import (
    consent_documents_view,
    flow,
    incidents,
    recordings_list,
    recruitment_waits,
    transcripts_list,
)
from studyhub.workflows.documents_list import ApprovalView, VersionRow
from studyhub.workflows.kernel import Desk
from studyhub.workflows.recordings_list import RecordingRow, Recordings
from studyhub.workflows.recruitment_waits import Waits

SOON_DAYS = 60
DECIDE_WITHIN = timedelta(days=7)


@dataclass(frozen=True)
class Banner:
    """The approval of the study in one line; ``state`` is "", "soon" or "ended"."""

    strong: str
    text: str
    state: str = ""


@dataclass(frozen=True)
class Day:
    """The approval, what to decide, what others owe, and where everybody stands."""

    banner: Banner | None
    to_decide: list[Waiting]
    owed: list[Waiting]
    steps: list[Step]


def day_of(desk: Desk, slug: str) -> Day:
    """Gather what waits, longest first."""
    view = consent_documents_view.ethics(desk)
    found = recruitment_waits.waits(desk)
    rows = sorted(view.versions, key=_waits_since)
    sounds = recordings_list.look(desk)
    own = [_with_others(slug, row) for row in rows if _is_handed_in(row) and row.is_own]
    return Day(
        _banner(view.first) if view.first else None,
        _incidents(slug, desk)
        + [_of_version(slug, row) for row in rows if _is_to_decide(row)]
        + _recordings(slug, sounds)
        + work_to_give.waiting(slug, sounds.rows, transcripts_list.listed(desk)),
        own + _sign_again(slug, found),
        flow_words.steps(flow.read(desk)),
    )


def _recordings(slug: str, found: Recordings) -> list[Waiting]:
    """What waited in quarantine as long as it may, and sound that has done its work."""
    due = [each for each in found.rows if each.due and each.due <= guard.hub().now()]
    return [_recording(slug, each) for each in due]


def _recording(slug: str, row: RecordingRow) -> Waiting:
    href = url_for("recordings.one", slug=slug, recording_id=row.id)
    since, due = _since(row.deposited_at), waits.due_on(row.due, "due ")
    if row.state == "checked":
        why = "Its text was compared with it. Two people with the duty decide."
        return Waiting("sound", f"Dispose of the sound of {row.code}", href, why, since, due)
    what = f"Decide about the recording of {row.code}"
    return Waiting("sound", what, href, quarantine_says(row), since, due)


def _incidents(slug: str, desk: Desk) -> list[Waiting]:
    """What somebody reported comes before everything else (invariant 55)."""
    return [
        Waiting(
            "alert",
            f"{interview_words.INCIDENTS[each.kind]}{f': {each.code}' if each.code else ''}",
            url_for("incidents.one", slug=slug, incident_id=each.id),
            f"{interview_words.INCIDENT_STATES[each.state][0]}. What was written is sealed.",
            _since(each.reported_at),
            waits.due_on(each.due, "due "),
        )
        for each in incidents.incidents(desk)
    ]


def _waits_since(row: VersionRow) -> datetime:
    told = row.approved_at if row.state == "approved" else row.handed_in
    return told or guard.hub().now()


def _is_handed_in(row: VersionRow) -> bool:
    return row.state == "submitted"


def _is_to_decide(row: VersionRow) -> bool:
    """What somebody else handed in, and what is approved and not planned yet."""
    if row.state == "approved":
        return row.use_from is None
    return _is_handed_in(row) and not row.is_own


def _banner(approval: ApprovalView) -> Banner:
    by = f"{approval.committee}, reference {approval.reference}."
    if not approval.in_force:
        name = "Ended" if approval.state == "approved" else APPROVAL_NAMES[approval.state]
        return Banner(name, f"{by} Nobody is invited and nobody signs.", "ended")
    if approval.ends_at is None:
        return Banner("Approved", f"by the {by} No end was set.")
    left = (approval.ends_at - guard.hub().now()).days
    days = f"{left} day{'' if left == 1 else 's'} left"
    until = times.day(approval.ends_at, guard.zone())
    state = "soon" if left < SOON_DAYS else ""
    return Banner("Approved", f"by the {by} In force until {until}, {days}.", state)


def _name(row: VersionRow) -> str:
    return f"{KIND_NAMES[row.kind].lower()} {row.number}"


def _since(at: datetime) -> str:
    return times.since(at, guard.zone(), guard.hub().now())


def _of_version(slug: str, row: VersionRow) -> Waiting:
    began = _waits_since(row)
    due = waits.due_on(began + DECIDE_WITHIN, "due ")
    if row.state == "approved":
        href = url_for("documents.show", slug=slug, version_id=row.id)
        why = f"Approved by {row.approver}. Nobody is given it before it is in use."
        return Waiting("doc", f"Put {_name(row)} into use", href, why, _since(began), due)
    href = url_for("decisions.decide", slug=slug, version_id=row.id)
    follows = f"It follows {row.older}." if row.older_id else "It is the first version."
    why = f"Written by {row.author}. {follows}"
    return Waiting("doc", f"Approve {_name(row)}", href, why, _since(began), due)


def _with_others(slug: str, row: VersionRow) -> Waiting:
    href, began = url_for("documents.show", slug=slug, version_id=row.id), _waits_since(row)
    due = waits.due_on(began + DECIDE_WITHIN, "due ")
    why = "You wrote it, so somebody else decides about it."
    return Waiting("doc", f"Approval of {_name(row)}", href, why, _since(began), due)


def _sign_again(slug: str, found: Waits) -> list[Waiting]:
    """Who signed a form that asks everybody to sign again: by code, on the list (9)."""
    again = [each for each in found.sign_again if each.sign_again_since]
    if not again:
        return []
    since = min(each.sign_again_since for each in again if each.sign_again_since)
    due = min((each.next.due for each in again if each.next.due), default=None)
    people = f"{len(again)} {'person' if len(again) == 1 else 'people'}"
    why = f"Their consent pauses until they sign: {', '.join(each.code for each in again)}."
    href = url_for("recruitment.show", slug=slug, tab="again")
    shown = waits.due_on(due, "due ")
    return [Waiting("people", f"{people} must sign again", href, why, _since(since), shown)]
