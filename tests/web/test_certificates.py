"""Certificates: listed for the team, kept and checked by anybody, one's own by one's link."""

import json

import pytest
from playwright.sync_api import expect

from studyhub.vault.certificates import check_certificate
from studyhub.workflows import erasing
from tests import makers
from tests.makers import SLUG
from tests.web.browser import complaints, let_in, open_page, serve
from tests.web.pages import at_browser, fits_everywhere, words
from tests.workflows.withdrawing import row

pytestmark = pytest.mark.usefixtures("approved")
PAGES = f"/s/{SLUG}/certificates"


@pytest.fixture
def erased(small_study):
    """Somebody withdrew their name and address, and it was carried out. Gives the number."""
    person = makers.agreed(small_study)
    token = makers.own_token(small_study, person)
    made = makers.decided(small_study, ("identity",), person)
    erasing.run(small_study.hub)
    return row(small_study, made).reference, token


def test_the_auditor_finds_a_certificate_and_takes_all_that_checks_it(app, small_study, erased):
    reference, _ = erased
    ada = at_browser(app, small_study, "ada")

    listed, page = ada.get(PAGES), ada.get(f"{PAGES}/{reference}")
    files = {
        name: ada.get(f"{PAGES}/{reference}/{name}").data
        for name in (f"certificate-{reference}.json", "pub.txt", "verify_certificate.py")
    }

    assert reference in words(listed)
    assert "It names nobody" in words(page)
    certificate, key, script = files.values()
    told = check_certificate(certificate, bytes.fromhex(key.decode()))
    assert told["withdrawal"]["reference"] == reference
    assert b"import studyhub" not in script


def test_a_person_keeps_their_own_certificate_and_nobody_elses(app, small_study, erased):
    reference, token = erased
    stranger = makers.own_token(small_study, makers.agreed(small_study))
    visit = at_browser(app, small_study, "nina")

    page = visit.get(f"/l/{token}/withdraw")
    mine = visit.get(f"/l/{token}/certificate/{reference}")

    assert "Keep the proof as a file" in words(page)
    assert json.loads(mine.data)["certificate"]["withdrawal"]["reference"] == reference
    assert visit.get(f"/l/{stranger}/certificate/{reference}").status_code == 404


@pytest.mark.parametrize("login", ["ann", "tess", "rita", "nina"])
def test_who_has_no_part_in_it_sees_no_certificate(app, small_study, erased, login):
    visit = at_browser(app, small_study, login)

    assert {visit.get(PAGES).status_code, visit.get(f"{PAGES}/{erased[0]}").status_code} <= {
        *(403, 404)
    }


def test_both_pages_fit_and_read_well(app, small_study, erased, chromium):
    with serve(app) as address, open_page(chromium, 1280) as page:
        visit = at_browser(app, small_study, "petra")
        let_in(page, visit.cookie)
        for path in (PAGES, f"{PAGES}/{erased[0]}"):
            page.goto(address + path)
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            fits_everywhere(page)
        assert complaints(page) == []
