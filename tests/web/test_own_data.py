"""What the PI hands to somebody who asked what is held on them: a folder anybody can read."""

import json
from io import BytesIO
from zipfile import ZipFile

import pytest
from sqlalchemy import select

from studyhub.store.consent import Participant
from tests.makers import SLUG, agreed
from tests.web.pages import at_browser, words


@pytest.fixture
def path(small_study, approved):
    person = agreed(small_study)
    return f"/s/{SLUG}/recruitment/people/{person}"


def test_the_pi_takes_it_out_as_a_page_that_needs_nothing_but_a_browser(app, small_study, path):
    petra = at_browser(app, small_study, "petra")
    assert f"{path}/everything" in petra.get(path).text
    with small_study.hub.sessions.reading.begin() as session:
        (code,) = session.scalars(select(Participant.code))
    assert f"Everything held on {code}" in words(petra.get(f"{path}/everything"))

    answer = petra.post(f"{path}/everything")

    folder = ZipFile(BytesIO(answer.data))
    page = folder.read(f"{code}/what-we-hold.html").decode()
    assert "Grace Adeyemi" in page
    assert "<dt>By email</dt><dd>yes</dd>" in page
    assert "None" not in page
    assert json.loads(folder.read(f"{code}/what-we-hold.json"))["consents"]
    assert "Grace Adeyemi" in folder.read(f"{code}/consent-1-copy.txt").decode()
    assert code in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(("login", "status"), [("rita", 403), ("ann", 404), ("ada", 404)])
def test_nobody_else_is_offered_it(app, small_study, path, login, status):
    visit = at_browser(app, small_study, login)

    assert visit.get(f"{path}/everything").status_code == status
    assert visit.post(f"{path}/everything").status_code == status
