"""Releases, their copies and reports in words, and what waits about them on first screens."""

from flask import url_for

from studyhub.web import guard, times, waits
from studyhub.web.frame import Kind, Waiting
from studyhub.workflows.releases_list import ReleaseRow, TextView

STATES: dict[str, tuple[str, str]] = {
    "current": ("In use", "ok"),
    "held": ("On hold", "hold"),
    "recalled": ("Recalled", "stop"),
    "superseded": ("Replaced by a newer one", "quiet"),
    "erased": ("Erased", "quiet"),
}
COPIES = {"release_docx": "Word", "release_txt": "Plain text"}
ASKED_BACK = {
    "none": ("Out", "info"),
    "asked": ("Asked to delete it", "warn"),
    "acknowledged": ("Deleted, they say", "ok"),
}
STANDINGS: dict[str, tuple[str, Kind | str]] = {
    "waits": ("Ready to be released", "info"),
    "own": ("You decided it, so another releases it", "quiet"),
    "held": ("On hold", "hold"),
    "taken_back": ("Taken back, needs work", "warn"),
}
OUTCOMES = {None: "Waits", "approved": "Taken up", "refused": "Named nobody"}


def state_of(row: ReleaseRow) -> tuple[str, str]:
    """How a release stands: a hold lies beside its state."""
    return STATES["held" if row.state == "current" and row.held else row.state]


def report_waits(slug: str, rows: list[ReleaseRow]) -> list[Waiting]:
    """Reports that nobody has taken up, longest first."""
    found = [
        (report.at, row.label, report)
        for row in rows
        if row.state == "current" and (report := row.open_report)
    ]
    return [
        waits.line(
            "alert",
            f"Somebody may be named in {label}",
            url_for("releases.report", slug=slug, proposal_id=report.id),
            f"Reported by {report.by}. Nobody can read it until you have looked.",
            waits.Began(report.at, is_open=True),
        )
        for _, label, report in sorted(found, key=lambda each: each[:2])
    ]


def text_waits(slug: str, texts: list[TextView]) -> list[Waiting]:
    """Texts that a second reader passed and that this member may release."""
    return [
        Waiting(
            "doc",
            f"Release the text of {each.code}",
            url_for("releases.release", slug=slug, transcript_id=each.id),
            "It passed its second reading.",
            times.since(each.since, guard.zone(), guard.hub().now()) if each.since else "",
        )
        for each in texts
        if each.standing == "waits" and each.is_mine
    ]
