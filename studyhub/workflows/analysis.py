"""What analysts work with: releases under their labels, and nothing about people."""

from dataclasses import dataclass

from sqlalchemy import func, select

from studyhub.domain.vocabulary import Act
from studyhub.store.releases import Release
from studyhub.workflows.kernel import Work, action


@dataclass(frozen=True)
class ReleaseView:
    """One released transcript as analysts know it: a label, and whether it may be read now."""

    label: str
    number: int
    held: bool


@action(Act.RELEASE_LIST)
def list_releases(work: Work) -> list[ReleaseView]:
    """The releases in use, by label. No dates, names or codes: they would lead to people."""
    work.claim_all("releases")
    rows = work.session.scalars(
        select(Release)
        .where(Release.study_id == work.study, Release.state == "current")
        .order_by(func.length(Release.label), Release.label)
    )
    return [ReleaseView(row.label, row.number, row.held) for row in rows]
