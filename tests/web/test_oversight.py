"""The auditor's desk and the flow as pages: codes, roles and times, never a name or a label."""

import re

from studyhub.workflows import cover
from tests.makers import SLUG, released
from tests.web.pages import at_browser, words

STAFF = ("Petra Holt", "Rita Osei", "Ivan Malik", "Tess Bowen", "Ravi Nair", "Ann Lister")


def test_the_auditor_reads_a_trail_without_a_name_or_a_label(app, small_study, approved):
    study = small_study
    released(study)
    (person,) = cover.look(study.ada).people
    ada = at_browser(app, study, "ada")

    codes = words(ada.get(f"/s/{SLUG}/trail/codes"))
    one = words(ada.get(f"/s/{SLUG}/trail/{person.code}"))
    then = words(ada.get(f"/s/{SLUG}/trail/{person.code}?at=2026-03-01T00:00"))

    assert "0 not covered" in re.sub(r"not covered 0", "0 not covered", codes)
    assert "Text released Covered Reviewer" in one
    assert "unchanged since signing" in one
    assert "audio_recording agreed" in one
    assert ada.get(f"/s/{SLUG}/trail/K%00Q4").status_code == 404
    assert (
        ada.get(f"/s/{SLUG}/trail/{person.code}?at=0001-01-01T00:00%2B14:00").status_code == 200
    )
    assert "In force then" in then
    for page in (codes, one):
        assert not [name for name in (*STAFF, "Grace", "Adeyemi") if name in page]
        assert not re.search(r"\bP[1-9]\b", page)


def test_the_flow_of_a_past_date_and_its_picture(app, small_study, approved):
    study = small_study
    released(study)
    petra = at_browser(app, study, "petra")

    today = words(petra.get(f"/s/{SLUG}/flow"))
    before = words(petra.get(f"/s/{SLUG}/flow?at=2026-01-01"))
    nonsense = [petra.get(f"/s/{SLUG}/flow?at={at}") for at in ("yesterday", "0001-01-01")]
    picture = petra.get(f"/s/{SLUG}/flow/flow.svg")

    assert "Released 1 open to analysts 1 Balanced" in today
    assert "Approached 0 Interested 0" in before
    assert [answer.status_code for answer in nonsense] == [200, 200]
    assert picture.mimetype == "image/svg+xml"
    assert "1 consented" in picture.text


def test_a_recruiter_finds_neither_trail_nor_flow(app, small_study):
    rita = at_browser(app, small_study, "rita")

    assert rita.get(f"/s/{SLUG}/trail/codes").status_code == 403
    assert rita.get(f"/s/{SLUG}/trail/K7Q4").status_code == 403
    assert rita.get(f"/s/{SLUG}/flow").status_code == 403
