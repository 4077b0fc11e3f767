"""What waits to be verified, for the list of consents and the first screen of who verifies."""

from flask import url_for

from studyhub.domain.policy import POLICY
from studyhub.domain.vocabulary import Act, Duty
from studyhub.web import guard, times
from studyhub.web.consent_words import MODES
from studyhub.web.frame import Due, Waiting
from studyhub.workflows import consent_list
from studyhub.workflows.consent_list import ConsentRow
from studyhub.workflows.kernel import Desk


def of_desk(desk: Desk, slug: str) -> list[Waiting]:
    """Consents that this member may compare with their evidence, longest first."""
    if not _checks(desk):
        return []
    return [line(desk, slug, row) for row in consent_list.look(desk).waiting.page.rows]


def line(desk: Desk, slug: str, row: ConsentRow) -> Waiting:
    """One consent that nobody has verified yet."""
    late = row.due <= guard.hub().now()
    stands = "queried" if row.state == "queried" else "not verified yet"
    return Waiting(
        icon="shield",
        what=f"{'Verify the consent' if _checks(desk) else 'Consent'} of {row.code}",
        href=url_for("consent.one", slug=slug, consent_id=row.id),
        why=f"{MODES[row.mode]}, {stands}.",
        since=times.since(row.entered_at, guard.zone(), guard.hub().now()),
        due=Due(f"due {times.short_day(row.due, guard.zone())}", "late" if late else ""),
    )


def _checks(desk: Desk) -> bool:
    roles = POLICY[Act.CONSENT_VERIFY].roles
    return desk.actor.role in roles and Duty.VERIFY in desk.actor.duties
