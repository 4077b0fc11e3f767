"""The pages of somebody who must sign again, on both sides."""

import pytest
from sqlalchemy import select

from studyhub.store.people import Expression
from tests import texts
from tests.makers import SLUG, approved_study, consented, eligible, in_use, token_in
from tests.web.pages import at_browser, words

HERE = f"/s/{SLUG}/recruitment"


@pytest.fixture
def person(small_study):
    """Somebody who signed a form that has changed since for everybody."""
    approval_id = approved_study(small_study)
    made = eligible(small_study)
    consented(small_study, made)
    small_study.clock.advance(days=1)
    in_use(small_study, texts.FORM_DRAFT, approval_id, reconsent="all_active")
    return made


def test_the_way_from_the_day_to_the_new_form_is_one_page_after_the_other(
    app, small_study, person
):
    rita = at_browser(app, small_study, "rita")
    with small_study.hub.sessions.reading.begin() as session:
        expression_id = session.scalars(select(Expression.id)).one()
    assert f'href="{HERE}/people/{person}"' in rita.get("/home").text
    page = rita.get(f"{HERE}/people/{person}")
    assert "Next: Ask them to sign again" in words(page)
    one = f"{HERE}/interest/{expression_id}"
    assert f'href="{one}"' in page.text

    sent = rita.post(f"{one}/information")
    assert "are in the queue" in words(rita.get(sent.location))
    made = rita.post(f"{one}/link", channel="in_person")

    token = token_in(words(made))
    own = app.test_client().get(f"/l/{token}")
    assert "The form has changed since you answered it." in words(own)
    assert f'href="/l/{token}/consent"' in own.text
