"""What waits about releases, for lists and first screens: reports first, then texts."""

from flask import url_for

from studyhub.web import guard, times, waits
from studyhub.web.frame import Waiting
from studyhub.workflows.releases_list import ReleaseRow, TextView


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
