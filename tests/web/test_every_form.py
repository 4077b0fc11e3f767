"""Every form with wrong, missing, huge, foreign and hostile values: a plain no, nothing else.

The forms are found by walking, so a new one is in these tests by being on a page.
"""

import re
from functools import partial
from itertools import count
from uuid import uuid4

import pytest
from werkzeug.datastructures import MultiDict

from tests.makers import CAST
from tests.web.every_form import World, carried, every_form, plain, typed
from tests.web.markup import read
from tests.web.walk import ours

VALUES = {
    "blanks": "  \t ",
    "a hundred thousand letters": "x" * 100_000,
    "no character": "a\0b",
    "two lines of a header": "Grace\r\nBcc: all@team.test\r\n\r\nHello",
    "foreign, hostile and not seen": "Grace\u202ecod.exe\u200b\u2066\x07\x1b[31m\x85"
    'نسرين 林 e\u0301 🎈 "><script>alert(1)</script> {{ 7 * 7 }} %s '
    "'; DROP TABLE consents; -- ../../etc/passwd",
}
CLOSED = {404, 409, 410}
KEPT = {"text", "email", "tel", "textarea", "date", "time"}
SUMMARY = re.compile(r'<div class="govuk-error-summary.*?</ul>', re.DOTALL)
# Forms that no page of a walk shows, each with the test that sends it.
ELSEWHERE = {
    "accounts.sign_out": "the same button on every page; it would end the walk",
    "consent.scan": "test_consent: a raw body that script sends",
    "spoken.hear": "test_consent_spoken: the page of a consent that was given aloud",
    "committee.upload": "test_ethics: a raw body that script sends",
    "leak_gate.allow": "test_deidentification: where a detail is left in a text",
    "transcript_import.confirm": "test_transcription: the preview of an import",
    **dict.fromkeys(
        (
            *("playback.listen", "second_reader.doubts", "transcript_import.look"),
            *("transcript_saving.branch", "transcript_saving.lock", "transcript_saving.merge"),
            *("uploads.start", "workbench_saving.entities"),
        ),
        "script sends it, and no form",
    ),
    **dict.fromkeys(
        ("recordings.propose", "recordings.keep", "recordings.dispose"),
        "test_disposals: of sound that was compared with its text",
    ),
    "consent.countersign": "test_consent_paper: where a study asks for it",
    "health.csp_report": "browsers send it, not people",
    "consent_guest.copy": "test_consent_guest_closed: asked for only once the word is needed",
    "withdrawal.second": "test_withdrawal: for a second person who was given the duty",
    "roles.switch": "test_accounts_roles: for who has several roles",
}


@pytest.fixture(scope="module")
def world():
    made = World()
    yield made
    made.close()


@pytest.mark.parametrize("half", [0, 1])  # so that two processes can share them
@pytest.mark.parametrize("login", ["", *CAST])
def test_every_form_takes_or_refuses_any_value(world, login, half):
    wrong = []

    for spot in [spot for spot in every_form() if spot.login == login][half::2]:
        for told, sent, answer in tried(world, spot):
            wrong += [f"{spot.about} [{told}] {each}" for each in amiss(sent, answer)]
            if answer.status_code < 400:
                world.look_again()
            elif changed := world.changed():
                wrong.append(f"{spot.about} [{told}] was refused and changed {changed}")

    assert not wrong, "\n".join(["", *wrong])


def tried(world, spot):
    """Send a form in every way. Where an earlier one closed it, a new copy is begun."""
    client, sources, is_fresh = world.browser(spot), count(1), True
    form = form_of(world, client, spot)
    for told, change in ways(form):
        answer = send(client, spot, form, change(form), next(sources))
        if answer.status_code in CLOSED and not is_fresh:
            client, is_fresh = world.browser(spot), True
            form = form if spot.login else form_of(world, client, spot)
            answer = send(client, spot, form, change(form), next(sources))
        yield told, change(form), answer
        is_fresh = is_fresh and answer.status_code >= 400


def form_of(world, client, spot):
    return next(form for form, about in world.forms(client, spot) if about == spot.about)


def ways(form):
    """The ways in which a form is sent: wrong as a whole, field by field, as no page does."""
    names, kinds = typed(form), list(VALUES)
    for kind in kinds if names else ():
        yield kind, partial(filled, names=names, value=VALUES[kind])
    for number, name in enumerate(families(names)):
        kind = kinds[(number + len(names)) % len(kinds)]
        if number % 2:
            yield f"{name}: {kind}", partial(filled, names=[name], value=VALUES[kind])
        else:
            yield f"{name} missing", partial(filled, without=name)
    for name in carried(form):
        yield f"another {name}", partial(filled, names=[name], value=str(uuid4()))
        yield f"a wrong {name}", partial(filled, names=[name], value="no id")
    yield "no field at all", lambda _form: MultiDict()
    yield "more", partial(filled, names=["role", "study_id", "id"], value="1")
    yield "twice", lambda form: MultiDict([*plain(form).items(multi=True)] * 2)


def filled(form, names=(), value="", without=""):
    sent = plain(form)
    for name in names:
        sent.setlist(name, [value])
    sent.poplist(without)
    return sent


def families(names):
    """One name of those that differ by a number or a statement only."""
    alike = {re.sub(r"[-:].*[-:]?", "", name): name for name in names}
    return list(alike.values())


def send(client, spot, form, sent, number):
    path = ours(spot.path)(form.action or spot.path)
    # From many places, since too many from one place are asked to wait.
    source = {"environ_base": {"REMOTE_ADDR": f"192.0.2.{number % 250}"}}
    if form.method == "get":
        return client.get(path.partition("?")[0], query_string=sent, **source)
    return client.post(path, data=sent, **source)


def amiss(sent, answer):
    """What is wrong with an answer."""
    if answer.status_code >= 500:
        yield f"{answer.status_code}"
    if not answer.mimetype.startswith("text/html"):
        return
    if "<script>alert" in answer.text:
        yield "script on the page"
    if answer.status_code != 422:
        return
    page = read(answer.text)
    if not any(is_of(form, sent) for form in page.forms):
        return  # somebody else was quicker: there is nothing to fill in any more
    summary = SUMMARY.search(answer.text)
    links = re.findall(r'href="#([^"]+)"', summary[0]) if summary else []
    if not summary:
        yield "says nothing of what is wrong"
    elif lost := [link for link in links if link not in page.ids]:
        yield f"its summary leads to {lost}, which is not there"
    yield from lost_words(sent, page)


def is_of(form, sent):
    return {name for name in sent if name != "csrf_token"} <= {one.name for one in form.fields}


def lost_words(sent, page):
    """Text that was typed and is not on the page any more."""
    for each in (field for form in page.forms for field in form.fields):
        words = plain_lines(sent.get(each.name, ""))
        if each.kind in KEPT and words not in plain_lines(each.value):
            yield f"lost what was typed into {each.name}"


def plain_lines(text):
    return " ".join(text.split())


def test_every_form_is_found_by_somebody(world):
    found = {spot.endpoint for spot in every_form()}
    rules = {rule.endpoint for rule in world.app.url_map.iter_rules() if "POST" in rule.methods}

    assert rules - found == ELSEWHERE.keys()
