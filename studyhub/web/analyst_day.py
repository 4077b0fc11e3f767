"""An analyst's day: what can be read, and copies to delete; no dates, no names, no codes."""

from studyhub.workflows import analysis
from studyhub.workflows.analysis import ReleasesView
from studyhub.workflows.kernel import Desk


def day_of(desk: Desk, _slug: str) -> ReleasesView:
    """What there is to read now, and what was taken back."""
    return analysis.list_releases(desk)
