"""Study health, the lines of the record, and the copy to take away."""

import io
import json
import subprocess
import sys
import zipfile

import pytest
from playwright.sync_api import expect
from sqlalchemy import delete, update

from studyhub.domain.vocabulary import Role
from studyhub.store.audit import Event, Head
from studyhub.store.keys import KeyGrant
from studyhub.workflows import accounts_exceptions
from studyhub.workflows.kernel import worker_desk
from studyhub.workflows.trail import PAGE, sign_head
from tests.makers import CAST, invite_and_grant
from tests.web.browser import let_in, open_page, serve
from tests.web.pages import HOSTILE, TRAIL, at_browser, words
from tests.web.team_page import exception

LINES = f"{TRAIL}/lines"


@pytest.fixture
def ada(app, small_study):
    return at_browser(app, small_study, "ada")


def change(study, *statements):
    """What somebody could do who writes the database behind our back."""
    with study.hub.sessions.writing.begin() as session:
        for statement in statements:
            session.execute(statement)


@pytest.mark.parametrize("login", CAST)
def test_the_record_is_for_the_auditor_and_the_pi(app, small_study, login):
    visit = at_browser(app, small_study, login)
    wanted = 200 if login in {"petra", "ada"} else 404 if login == "nina" else 403

    for path in (TRAIL, LINES):
        assert visit.get(path).status_code == wanted
        if wanted != 200:
            assert small_study.last_event().outcome == "refused"


def test_a_whole_record_is_called_whole(ada, small_study):
    said = words(ada.get(TRAIL))

    assert "The record is whole" in said
    assert "follow one another without a gap" in said
    head = sign_head(worker_desk(small_study.hub, small_study.id)).digest
    grouped = " ".join(head[start : start + 4] for start in range(0, 64, 4))
    assert grouped in words(ada.get(TRAIL))


def test_a_changed_line_is_found_and_named(ada, small_study):
    where = (Event.chain == small_study.id) & (Event.seq == 3)
    with small_study.hub.sessions.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER IF EXISTS events_no_update")
        for name in _triggers(connection):
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
    change(small_study, update(Event).where(where).values(line=b"{}"))

    page = ada.get(TRAIL)

    assert page.status_code == 200
    assert "The record is not whole" in words(page)
    assert "The first bad line is" in words(page)
    assert "sh-verdict--stop" in page.text


def _triggers(connection):
    wanted = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    return [row[0] for row in connection.exec_driver_sql(wanted)]


def test_a_record_without_a_signed_head_says_so(ada, small_study):
    with small_study.hub.sessions.engine.begin() as connection:
        for name in _triggers(connection):
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
    change(small_study, delete(Head))

    page = ada.get(TRAIL)

    assert "The record was not signed yet" in words(page)
    assert "Download the export" not in words(page)
    assert ada.post(f"{TRAIL}/export").status_code == 404


def test_a_grant_that_does_not_hold_is_counted(ada, small_study):
    mine = KeyGrant.membership_id == small_study.membership_id("ann")
    change(small_study, update(KeyGrant).where(mine).values(signature=b"\1" * 64))

    assert "carries a signature that holds 15 1 Does not hold" in words(ada.get(TRAIL))


def test_refused_acts_are_counted_and_can_be_read(ada, app, small_study):
    at_browser(app, small_study, "rita").get(TRAIL)

    assert "Refused acts 1 Read them" in words(ada.get(TRAIL))
    said = words(ada.get(f"{LINES}?outcome=refused"))
    assert "Record checked Refused trail.list Rita Osei Recruiter" in said
    assert "Signed in" not in said.partition("Show")[2]


def test_declared_exceptions_are_shown_with_member_reason_and_end(ada, small_study):
    assert "No rule is lifted for anybody." in words(ada.get(TRAIL))

    exception(small_study)

    said = words(ada.get(TRAIL))
    assert "Declared exceptions 1" in said
    assert "S-3 Tess Bowen one of us is on leave" in said


def test_the_auditor_decides_no_proposal_and_is_not_asked_to(ada, small_study):
    accounts_exceptions.propose(small_study.petra, "interviewer")

    assert "asks for a further role" not in words(ada.get(TRAIL))


def test_reading_lines_is_a_line_of_its_own(ada, small_study):
    before = small_study.events()

    ada.get(LINES)
    ada.get(TRAIL)

    assert small_study.events() == before + 1
    assert small_study.last_event().act == "trail.read"


def test_facts_and_actors_are_told_in_the_words_of_people(ada, small_study):
    accounts_exceptions.propose(small_study.petra, "interviewer")
    digest = sign_head(worker_desk(small_study.hub, small_study.id)).digest

    said = words(ada.get(LINES))

    assert "role: principal investigator" in said
    assert "what: invited to a role" in said
    assert f"digest: {digest[:8]}…" in said
    assert "role pi" not in said
    assert "StudyHub itself the record" in said
    assert "Operator" in words(ada.get(f"{LINES}?act=chain.open"))


def test_inv_82_the_auditor_is_shown_who_was_given_a_role_and_by_whom(ada, small_study):
    invite_and_grant(small_study, "nina", Role.RECRUITER)

    said = words(ada.get(f"{LINES}?act=member.grant"))

    assert "Petra Holt" in said
    assert "role: recruiter" in said


def test_lines_are_paged_from_the_newest_to_the_first(ada, small_study):
    while small_study.events() <= PAGE:
        ada.get(LINES)
    page, seen = ada.get(LINES), 1
    while 'href="' + LINES + "?before=" in page.text:
        path = page.text.partition(f'href="{LINES}?before=')[2].partition('"')[0]
        assert "Record begun" not in words(page).partition("Digest")[2]
        page, seen = ada.get(f"{LINES}?before={path}"), seen + 1

    assert seen > 1
    assert "Record begun" in words(page).partition("Digest")[2]
    assert "Back to start" in words(page)


@pytest.mark.parametrize("before", ["-1", "abc", "9" * 30, "1e5", "", "\u0663"])
def test_an_odd_number_in_the_address_breaks_nothing(ada, before):
    assert ada.get(LINES, query_string={"before": before}).status_code == 200


@pytest.mark.parametrize("name", ["outcome", "act"])
@pytest.mark.parametrize("kind", HOSTILE)
def test_odd_filters_break_nothing(ada, name, kind):
    page = ada.get(LINES, query_string={name: HOSTILE[kind][:500]})

    assert page.status_code == 200
    assert "<script>alert" not in page.text


def test_a_filter_that_finds_nothing_says_so(ada):
    assert "No such line." in words(ada.get(f"{LINES}?act=user.disable"))


def test_the_export_is_checked_by_its_own_script(ada, small_study, tmp_path):
    answer = ada.post(f"{TRAIL}/export")

    assert answer.mimetype == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        archive.extractall(tmp_path)
    assert {path.name for path in (tmp_path / "export").iterdir()} == {
        *("log.jsonl", "heads.jsonl", "witness.txt", "pub.txt", "verify_audit.py")
    }
    told = subprocess.run(
        [sys.executable, "export/verify_audit.py", "export/", "--json"],
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    assert json.loads(told.stdout)["ok"] is True
    assert small_study.last_event().act == "audit.export"


def test_only_the_auditor_takes_a_copy(app, small_study):
    for login, status in (("petra", 403), ("ann", 403), ("nina", 404)):
        visit = at_browser(app, small_study, login)
        assert visit.post(f"{TRAIL}/export").status_code == status
    assert "Download the export" not in words(at_browser(app, small_study, "petra").get(TRAIL))


def test_the_pages_of_the_record_fit_paper(chromium, app, small_study):
    at_browser(app, small_study, "rita").get(TRAIL)
    cookie = small_study.cookie("ada")
    with serve(app) as address, open_page(chromium, 1280) as page:
        let_in(page, cookie)
        for path in (TRAIL, LINES):
            page.goto(address + path)
            page.emulate_media(media="print")
            expect(page.locator(".sh-printhead")).to_be_visible()
            expect(page.locator(".sh-bar")).to_be_hidden()
            page.emulate_media(media="screen")
