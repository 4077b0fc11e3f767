"""What waits about releases, for lists and first screens: reports first, then texts."""

from flask import url_for

from studyhub.domain.policy import POLICY
from studyhub.domain.vocabulary import Act
from studyhub.web import guard, times, waits
from studyhub.web.frame import Waiting
from studyhub.workflows import releases_list
from studyhub.workflows.kernel import Desk
from studyhub.workflows.releases_list import ReleaseRow, TextView


def report_waits(slug: str, rows: list[ReleaseRow], *, named: bool = True) -> list[Waiting]:
    """Reports that nobody has taken up, longest first."""
    found = [
        (report.at, row.label, report)
        for row in rows
        if row.state == "current" and (report := row.open_report)
    ]
    return [
        waits.line(
            "alert",
            f"Somebody may be named in {label if named else 'a release'}",
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


def of_desk(desk: Desk, slug: str) -> list[Waiting]:
    """What waits on the first screen of whoever looks after releases.

    Codes stand there too, so a report does not say which label it is about.
    """
    if desk.actor.role not in POLICY[Act.RELEASE_OVERSEE].roles:
        return []
    reports = report_waits(slug, releases_list.oversee(desk), named=False)
    return reports + text_waits(slug, releases_list.queue(desk))
