"""An analyst who was told that somebody stops passes it on, and writes nothing down."""

from sqlalchemy import func, select

from studyhub.store.outbox import Letter
from studyhub.store.withdrawals import Withdrawal
from studyhub.workflows import forwarding
from tests.makers import SLUG
from tests.web.pages import at_browser, words

TOLD = f"/s/{SLUG}/analysis/told"


def count(study, table):
    with study.hub.sessions.reading.begin() as session:
        return session.scalar(select(func.count()).select_from(table))


def test_whoever_decides_is_written_to_once_and_nothing_of_anybody_is_kept(app, small_study):
    ann, before = at_browser(app, small_study, "ann"), count(small_study, Letter)
    assert f'href="{TOLD}"' in ann.get("/home").text
    assert "Do not write down here who it is" in words(ann.get(TOLD))

    sent = ann.post(TOLD)

    assert "They ask you who it was" in words(ann.get(sent.location))
    assert small_study.last_event().act == "withdrawal.forward"
    assert count(small_study, Letter) == before
    assert forwarding.call_deciders(small_study.hub) == 1
    assert small_study.last_event().act == "withdrawal.call"
    assert forwarding.call_deciders(small_study.hub) == 0
    assert count(small_study, Letter) == before + 1  # one person decides here
    assert count(small_study, Withdrawal) == 0


def test_nobody_else_is_offered_it(app, small_study):
    for login, status in {"rita": 403, "ada": 403, "nina": 404}.items():
        visit = at_browser(app, small_study, login)
        assert [visit.get(TOLD).status_code, visit.post(TOLD).status_code] == [status] * 2
