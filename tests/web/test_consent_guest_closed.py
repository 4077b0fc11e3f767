"""When the form cannot be opened, and the word that locks a copy."""

import re

from studyhub.domain.statements import STARTERS
from studyhub.workflows import consent_ethics, consent_versions
from tests import texts
from tests.makers import eligible, in_use, informed
from tests.web.informed import ready, small_study
from tests.web.pages import HOSTILE, words
from tests.web.signing import LASTING, agreed, form_of, link, person, sent, wordings
from tests.workflows.consenting import approval_of, asked, records, version_of

__all__ = ["link", "person", "ready", "small_study"]


def test_somebody_may_say_that_they_do_not_want_to_wait(app, person, small_study):
    """Invariant 36."""
    link = f"/l/{informed(small_study, eligible(small_study, 'Ruth Dale'), hours=1)}"

    refused = sent(person, link)
    assert refused.status_code == 422
    assert "Tick this if you do not want to wait" in words(refused)
    assert refused.text.count("checked") == len(STARTERS)
    assert records(small_study) == []

    assert sent(person, link, waive_wait="yes").status_code == 200
    assert records(small_study)[0][0].wait_waived


def test_an_open_question_keeps_the_form_shut_and_says_so(person, link, small_study):
    """Invariant 25."""
    _, hidden = form_of(person, link)
    asked(small_study, link.rpartition("/")[2], blocks=True)

    page = person.get(link + "/consent")
    assert "wait until it has been answered" in words(page)
    assert "<fieldset" not in page.text

    late = {**hidden, **agreed(), "typed_name": "Grace Adeyemi"}
    assert person.post(link + "/consent", data=late).status_code == 409
    assert records(small_study) == []


def test_each_reason_why_not_is_said_kindly_where_the_form_was_sent(person, link, small_study):
    """The page was opened before: retired version, re-consent, another sheet, suspension."""
    _, hidden = form_of(person, link)
    late = {**hidden, **agreed(), "typed_name": "Grace Adeyemi"}
    for happens, says in REASONS:
        happens(small_study)

        page = person.post(link + "/consent", data=late)

        assert page.status_code == 409
        assert says in words(page)
        assert "Nothing was kept" in words(page)
        assert "Leave this page" in page.text
        assert small_study.last_event().outcome == "refused"
    assert records(small_study) == []


def signs_again(study):
    """A new version of the form is in use, which everybody is asked to sign."""
    in_use(
        study,
        texts.FORM_DRAFT,
        approval_of(study),
        author="petra",
        approver="ravi",
        reconsent="all_active",
    )


def retired(study):
    consent_versions.retire(study.petra, version_of(study, "consent_form"), "quality")


def suspended(study):
    consent_ethics.change(study.petra, approval_of(study), consent_ethics.Outcome("suspended"))


REASONS = (
    (signs_again, "Please read it as it is now"),
    (retired, "There is no consent form in use"),
    (suspended, "no ethics approval at this time"),
)


def test_a_form_answered_differently_from_the_first_time_says_which_counts(
    person, link, small_study
):
    _, hidden = form_of(person, link)
    fields = {**hidden, **agreed(), "typed_name": "Grace Adeyemi"}
    person.post(link + "/consent", data=fields)

    page = person.post(link + "/consent", data={**fields, "statement:quotes": "decline"})

    assert page.status_code == 409
    assert "The first ones count" in words(page)
    assert "Open the form again" in words(page)
    assert len(records(small_study)) == 1


# -- the memorable word ----------------------------------------------------------------


def locked(person, link):
    """The lasting address of somebody who chose a word."""
    done = sent(person, link, word=" Blue heron ")
    assert "asks for your memorable word" in words(done)
    return LASTING.search(done.text)[1] + "/copy"


def tried(person, address, **fields):
    page = person.get(address)
    token = re.search(r'name="csrf_token" value="([^"]*)"', page.text)[1]
    return person.post(address, data={"csrf_token": token, **fields})


def test_a_copy_is_shown_once_and_then_asks_for_the_word(person, link, small_study):
    address = locked(person, link)
    small_study.clock.advance(days=1)

    once = person.get(address)
    small_study.clock.advance(hours=1)
    asks = person.get(address)
    opened = tried(person, address, word="blue HERON")
    file = tried(person, address, word="Blue heron", **{"as": "text"})

    assert "without your memorable word" in words(once)
    assert "Grace Adeyemi" in words(once)
    assert asks.status_code == 200
    assert "Grace" not in asks.text
    assert person.get(address + "?as=text").mimetype == "text/html"
    for wording in wordings(small_study):
        assert wording in words(opened)
    assert file.headers["Content-Disposition"] == "attachment; filename=copy.txt"
    assert "heron" not in opened.text.lower()


def test_a_wrong_word_is_said_kindly_and_guessing_has_to_wait(person, link, small_study):
    address = locked(person, link)
    small_study.clock.advance(days=1)
    person.get(address)
    small_study.clock.advance(hours=1)

    missing = tried(person, address, word="  ")
    pages = [tried(person, address, word=word) for word in list(HOSTILE.values())[:5]]
    late = tried(person, address, word="Blue heron")

    assert missing.status_code == 422
    assert "Write the word you chose" in words(missing)
    for page in pages:
        assert page.status_code == 422
        assert "not the word you chose" in words(page)
        assert "never need the word to stop taking part" in words(page)
        assert "<script>alert" not in page.text
    assert (late.status_code, late.headers["Retry-After"]) == (429, "30")
    assert "Try again in" in words(late)
    assert person.post(address, data={"word": "Blue heron"}).status_code == 400


def test_the_word_is_offered_never_needed_and_not_offered_twice(person, link, small_study):
    page, _ = form_of(person, link)
    assert "A memorable word (optional)" in words(page)
    locked(person, link)

    again, _ = form_of(person, link)

    assert 'name="word"' not in again.text
    assert "that you chose before stays" in words(again)


def test_unknown_links_look_the_same_everywhere(person, link):
    token = "A" * 43
    pages = {person.get(f"/l/{token}/{page}").data for page in ("consent", "copy")}
    pages |= {person.get(f"{link}/copy").data}

    assert len({re.sub(rb'nonce="[^"]*"', b"", page) for page in pages}) == 1
