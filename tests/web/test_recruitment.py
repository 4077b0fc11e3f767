"""Participants, contacts, letters and the page that stops them, as people use them."""

import pytest
from sqlalchemy import func, select

from studyhub.domain.vocabulary import INSTANCE
from studyhub.store.audit import Event
from studyhub.store.outbox import Letter
from studyhub.store.people import Contact, Link
from studyhub.vault.keys import link_keys
from studyhub.vault.seal import pack
from studyhub.vault.words import new_token, token_hash
from studyhub.workflows.keyring import NOTHING
from studyhub.workflows.locker import Locker
from tests.makers import SLUG, contact, invited
from tests.web.pages import HOSTILE, at_browser, words

PEOPLE = f"/s/{SLUG}/recruitment"
LETTERS = f"{PEOPLE}/letters"
CARD = {
    "name": "Grace Adeyemi",
    "email": "grace@home.test",
    "by_email": "y",
    "mailbox_private": "y",
    "source_kind": "list",
    "source_label": "Regional managers",
}
ONE_CLICK = {"List-Unsubscribe": "One-Click"}

NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def rita(app, small_study):
    return at_browser(app, small_study, "rita")


def count(study, table):
    with study.hub.sessions.reading.begin() as session:
        return session.scalar(select(func.count()).select_from(table))


def rows(study, table):
    with study.hub.sessions.reading.begin() as session:
        found = list(session.scalars(select(table)))
        session.expunge_all()
        return found


def one_contact(study):
    (row,) = rows(study, Contact)
    return row.participant_id


def every_page(one):
    both, own = {"rita", "petra"}, {"rita"}
    return {
        PEOPLE: both,
        f"{PEOPLE}/people/{one}": both,
        f"{PEOPLE}/add": own,
        f"{PEOPLE}/people/{one}/change": own,
        f"{PEOPLE}/people/{one}/call": own,
        f"{PEOPLE}/people/{one}/stop": both,
        LETTERS: both,
    }


# -- who sees what -----------------------------------------------------------------


@pytest.mark.parametrize(
    "login", ["rita", "petra", "ivan", "tess", "ravi", "ann", "ada", "nina"]
)
def test_each_page_is_for_its_roles_only(app, small_study, login):
    made = contact(small_study)
    visit = at_browser(app, small_study, login)
    for path, who in every_page(made).items():
        page = visit.get(path)
        assert page.status_code == 200 if login in who else page.status_code in (403, 404), path
        if login != "rita":
            assert "Adeyemi" not in page.text, path
            assert "home.test" not in page.text, path


def test_a_stranger_is_asked_to_sign_in(visit, small_study):
    made = contact(small_study)
    for path in every_page(made):
        assert visit.get(path).status_code == 302


def test_the_pi_says_why_before_a_contact_is_opened(app, small_study):
    made = contact(small_study)
    petra = at_browser(app, small_study, "petra")
    here = f"{PEOPLE}/people/{made}"
    assert petra.post(here).status_code == 422
    opened = petra.post(here, reason="law")
    assert "Grace Adeyemi" in words(opened)
    assert petra.post(here, reason="gossip").status_code == 422
    assert petra.get(f"{here}/change").status_code == 403


# -- contacts ----------------------------------------------------------------------


def test_a_contact_is_added_found_and_changed(rita, small_study):
    made = rita.post(f"{PEOPLE}/add", **CARD)
    assert made.status_code == 302
    page = rita.get(made.headers["Location"])
    assert "Grace Adeyemi" in words(page)
    assert "Regional managers" in words(page)
    here = f"{PEOPLE}/people/{one_contact(small_study)}"
    told = {**CARD, "phone": "01632 960 001", "by_telephone": "y", "safe_contact": "After five"}
    told["channel"] = "telephone"
    assert rita.post(f"{here}/change", **told).status_code == 302
    assert "After five" in words(rita.get(here))
    assert "Grace" in words(rita.post(PEOPLE, text="960 0"))
    assert "Nobody is here" in words(rita.post(PEOPLE, text="nobody"))


def test_a_known_address_is_refused_with_its_code_and_what_was_typed_stays(rita, small_study):
    contact(small_study, email="grace@home.test")
    page = rita.post(f"{PEOPLE}/add", **{**CARD, "name": "G. Adeyemi"})
    assert page.status_code == 422
    assert "already known as" in words(page)
    assert 'value="G. Adeyemi"' in page.text
    assert count(small_study, Contact) == 1


def test_nothing_is_ticked_for_anybody(rita):
    page = rita.get(f"{PEOPLE}/add")
    assert "checked" not in page.text


@pytest.mark.parametrize(
    "field", ["name", "email", "phone", "safe_contact", "note", "source_label"]
)
@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_values_are_refused_or_kept_as_text(rita, small_study, kind, field):
    page = rita.post(f"{PEOPLE}/add", **{**CARD, field: HOSTILE[kind]})
    assert page.status_code in (302, 422)
    assert count(small_study, Contact) == (page.status_code == 302)
    shown = rita.get(page.headers["Location"]) if page.status_code == 302 else page
    assert "<script>alert" not in shown.text
    assert ">49<" not in shown.text


@pytest.mark.parametrize("address", ["a@home.test,b@home.test", "Ruth <r@home.test>", "x"])
def test_inv_22_an_address_field_takes_one_plain_address(rita, small_study, address):
    page = rita.post(f"{PEOPLE}/add", **{**CARD, "email": address})
    assert page.status_code == 422
    assert count(small_study, Contact) == 0


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("letters/preview", {"kind": "gossip", "pick": "x"}),
        ("letters/preview", {"kind": "invitation", "pick": "x"}),
        ("letters/send", {"kind": "invitation", "pick": ["1"] * 60}),
        ("letters/take-back", {"letter": "x"}),
        (f"letters/{NOBODY}/decide", {"decision": "maybe"}),
        (f"letters/{NOBODY}/decide", {"decision": "taken"}),
        ("letters/preview", {"kind": "invitation", "pick": NOBODY}),
        (f"people/{NOBODY}/call", {"channel": "telephone", "outcome": "declined"}),
    ],
)
def test_what_no_page_sends_is_refused(rita, small_study, path, fields):
    assert rita.post(f"{PEOPLE}/{path}", **fields).status_code in (400, 404, 413)
    assert not [letter for letter in rows(small_study, Letter) if letter.study_id]


# -- letters -----------------------------------------------------------------------


def test_letters_are_previewed_sent_and_taken_back(rita, small_study, approved):
    one = contact(small_study)
    other = contact(small_study, "Owen Price", wishes={"by_email": False})
    rita.sign_in("rita")  # those acts signed her in elsewhere, and three sessions are the most
    picked = {"kind": "invitation", "pick": [str(one), str(other)]}
    page = rita.post(f"{LETTERS}/preview", **picked)
    assert "1 of 2" in words(page)
    assert "<mark>Grace Adeyemi</mark>" in page.text
    sent = rita.post(f"{LETTERS}/send", **picked)
    result = rita.get(sent.headers["Location"])
    assert "1 letter waits to leave" in words(result)
    assert "Not sent" in words(result)
    assert "delivered" not in result.text.lower()
    (letter,) = [one for one in rows(small_study, Letter) if one.study_id]
    back = rita.post(f"{LETTERS}/take-back", letter=str(letter.id))
    assert "Taken back before it left" in words(rita.get(back.headers["Location"]))


def test_nothing_is_sent_without_an_approval_and_the_page_says_why(rita, small_study):
    made = contact(small_study)
    page = rita.post(f"{LETTERS}/send", kind="invitation", pick=str(made))
    assert page.status_code == 409
    assert "approval" in words(page)


def test_what_somebody_told_by_telephone_is_recorded(app, small_study, approved):
    here = f"{PEOPLE}/people/{invited(small_study)}"
    rita = at_browser(app, small_study, "rita")
    assert rita.post(f"{here}/call").status_code == 422
    told = rita.post(f"{here}/call", channel="telephone", outcome="declined")
    assert "Said no" in words(rita.get(told.headers["Location"]))
    assert "Declined" in words(rita.get(f"{PEOPLE}?tab=left"))
    rita.post(f"{here}/stop", channel="telephone")
    assert "Asked us to stop" in words(rita.get(here))


def test_the_first_page_counts_what_waits(rita, small_study):
    contact(small_study)
    assert "1 contact not written to" in words(rita.get("/home"))


# -- stopping ----------------------------------------------------------------------


@pytest.fixture
def stop_path(small_study, approved):
    """The address by which somebody who was invited stops all letters."""
    invited(small_study)
    return give_token(small_study, ["opt_out"])


def give_token(study, purposes):
    """Let the test hold a link: its token was sealed to the mailer and is known to nobody."""
    text, raw = new_token()
    with study.hub.sessions.writing.begin() as session:
        link = next(one for one in session.scalars(select(Link)) if one.purposes == purposes)
        keys = link_keys(raw)
        link.token_hash, link.public_key = token_hash(text), keys.pair.public
        locker = Locker(session, study.hub.room, study.id, NOTHING, lent=frozenset())
        inside = pack({"name": "Grace", "to": "grace.adeyemi@home.test", "lang": "en"})
        link.capsule_sealed = locker.seal_capsule(
            link.id, link.shred_id, keys.pair.public, inside
        )
    return f"/o/{text}"


def events(study):
    return study.events() + study.events(INSTANCE)


def test_inv_12_looking_at_the_page_that_stops_letters_changes_nothing(
    app, small_study, stop_path
):
    client, before = app.test_client(), events(small_study)
    for ask in (client.get, client.head):
        assert ask(stop_path).status_code == 200
    page = client.get(stop_path)
    assert "StudyHub" not in page.text.partition("<title>")[2].partition("</title>")[0]
    assert events(small_study) == before
    assert rows(small_study, Contact)[0].opted_out_at is None


@pytest.mark.parametrize("form", ["urlencoded", "multipart"])
def test_inv_13_one_click_stops_without_cookie_token_or_redirect(
    app, small_study, stop_path, form
):
    client = app.test_client()
    if form == "multipart":
        head = 'Content-Disposition: form-data; name="List-Unsubscribe"'
        body = f"--b\r\n{head}\r\n\r\nOne-Click\r\n--b--\r\n"
        answer = client.post(
            stop_path, data=body, content_type="multipart/form-data; boundary=b"
        )
    else:
        answer = client.post(stop_path, data=ONE_CLICK)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert rows(small_study, Contact)[0].opted_out_at is not None
    purposes = sorted(
        (one.purpose, one.state) for one in rows(small_study, Letter) if one.study_id
    )
    assert purposes == [("invitation", "cancelled"), ("suppression_confirmed", "queued")]
    assert client.post(stop_path, data=ONE_CLICK).status_code == 200


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"data": {"everywhere": "yes"}}, 400),
        ({"data": {"List-Unsubscribe": "yes"}}, 400),
        ({"data": {"List-Unsubscribe": "x" * 5000}}, 413),
        ({"data": b"{}", "content_type": "application/json"}, 415),
        ({"data": b"x", "content_type": "multipart/form-data"}, 400),
    ],
)
def test_anything_else_stops_nothing(app, small_study, stop_path, sent, status):
    assert app.test_client().post(stop_path, **sent).status_code == status
    assert rows(small_study, Contact)[0].opted_out_at is None


def test_unknown_tokens_look_alike(app, small_study, stop_path):
    client = app.test_client()
    pages = [client.get(f"/o/{token}") for token in (new_token()[0], "x", "%00", "a" * 500)]
    assert {page.status_code for page in pages[:2]} == {404}
    assert pages[0].data == pages[1].data
    assert client.post(f"/o/{new_token()[0]}", data=ONE_CLICK).status_code == 404


# -- in a browser --------------------------------------------------------------------


def test_nobody_s_name_is_in_the_record(app, small_study, approved):
    rita = at_browser(app, small_study, "rita")
    rita.post(f"{PEOPLE}/add", **CARD)
    rita.post(PEOPLE, text="Adeyemi")
    for line in rows(small_study, Event):
        assert b"Adeyemi" not in line.line
        assert b"home.test" not in line.line
