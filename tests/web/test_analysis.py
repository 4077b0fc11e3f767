"""The list of releases: labels, and nothing that leads to a person."""

import pytest

from studyhub.store.releases import Release
from tests.makers import CAST
from tests.web.pages import ANALYSIS, at_browser, words

MAY = {"petra", "ravi", "ann"}


def released(study, label, **more):
    """A release as a row: the acts that lead there are not built yet."""
    day = study.clock().date()
    with study.hub.sessions.writing.begin() as session:
        session.add(
            Release(
                study_id=study.id,
                label=label,
                number=1,
                released_on=day,
                held=more.pop("held", False),
                quotes_ok=True,
                sharing_ok=False,
                **more,
            )
        )


@pytest.mark.parametrize("login", CAST)
def test_releases_are_for_those_who_read_them(app, small_study, login):
    wanted = 200 if login in MAY else 404 if login == "nina" else 403
    page = at_browser(app, small_study, login).get(ANALYSIS)

    assert page.status_code == wanted
    if wanted != 200:
        assert small_study.last_event().outcome == "refused"


def test_an_empty_list_says_how_something_comes_into_it(app, small_study):
    said = words(at_browser(app, small_study, "ann").get(ANALYSIS))

    assert "Nothing is released yet." in said
    assert "once a reviewer has checked that it names nobody" in said


def test_labels_stand_in_their_order_without_dates(app, small_study):
    for label in ("P10", "P2", "P1"):
        released(small_study, label, held=label == "P2")
    released(small_study, "P3", state="recalled")

    page = at_browser(app, small_study, "ann").get(ANALYSIS)

    assert "P1 1 Released P2 1 On hold P10 1 Released" in words(page)
    for hidden in ("P3", "2026", "Mar"):
        assert hidden not in words(page)
