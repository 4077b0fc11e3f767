"""Letters from the shell: which wait, what came back, and whether their stop is vouched for."""

import pytest
from sqlalchemy import select, update

from studyhub.hub import open_hub
from studyhub.store.outbox import Letter, MailEvent
from studyhub.store.people import Contact
from studyhub.store.users import Membership
from studyhub.workflows import mailroom
from tests.mail.returned import reply, report
from tests.makers import LATER, Clock, Study, approved_study, invited, letter_body, token_in
from tests.smtp_server import mail_server

KEYS = {"id", "participant_code", "purpose", "state", "not_before"}


@pytest.fixture
def staff(shell):
    """The study behind the shell; its letters to the team wait for another year."""
    yield from staff_of(shell)


@pytest.fixture
def small_staff(small_shell):
    yield from staff_of(small_shell)


def staff_of(shell):
    hub = open_hub(shell.folder, Clock())
    with hub.sessions.writing.begin() as session:
        session.execute(update(Letter).values(not_before=LATER))
        study = session.scalars(select(Membership.study_id)).first()
    made = Study(hub, hub.now, study, [])
    approved_study(made)
    yield made
    hub.sessions.engine.dispose()


def left(staff):
    """The token of the return address of an invitation that was taken."""
    made = invited(staff)
    token = letter_body(staff, "invitation")["bounce"]
    staff.clock.advance(minutes=11)
    mailroom.run_once(staff.hub)
    return made, token


def rows(staff, table):
    with staff.hub.sessions.reading.begin() as session:
        found = list(session.scalars(select(table)))
        session.expunge_all()
        return found


def test_the_list_names_what_has_not_left_by_code(shell, staff):
    invited(staff)

    found = shell.json("mail", "list").values["letters"]
    told = shell.text("mail", "list").out

    first = found[0]
    assert set(first) == KEYS
    assert (first["purpose"], first["state"]) == ("invitation", "queued")
    assert len(first["participant_code"]) == 4
    assert {one["participant_code"] for one in found[1:]} == {None}
    assert first["participant_code"] in told
    assert "grace" not in told.lower()


def test_inv_16_a_report_from_standard_input_turns_its_letter(shell, staff):
    _, token = left(staff)

    told = shell.json("mail", "bounce", stdin=report(token))

    assert told.code == 0
    assert set(told.values) == {"letter", "kind", "status"}
    assert (told.values["kind"], told.values["status"]) == ("failed", "5.1.1")
    (letter,) = [one for one in rows(staff, Letter) if str(one.id) == told.values["letter"]]
    assert letter.state == "bounced_hard"
    assert "home.test" not in told.out + told.err


HOSTILE = {
    "a person's answer": (reply, 3),
    "one that contradicts itself": (lambda token: report(token, "failed", "2.0.0"), 3),
    "a huge one": (lambda token: report(token) + b"x" * 2_000_000, 3),
    "letters in letters": (lambda _: b"Content-Type: message/rfc822\r\n\r\n" * 5000, 3),
    "no mail at all": (lambda _: b"\xff\x00", 3),
    "two letters": (lambda token: report(token, envelope_id="A" * 43), 3),
    "a token of nobody": (lambda _: report("A" * 43), 4),
}


def test_inv_16_a_hostile_report_is_refused_in_plain_words(small_shell, small_staff):
    _, token = left(small_staff)

    for what, (made, code) in HOSTILE.items():
        told = small_shell.text("mail", "bounce", stdin=made(token))

        assert (told.code, told.out) == (code, ""), what
        assert told.err.startswith("studyhub: "), what
        assert len(told.err.splitlines()) == 1, what
    assert rows(small_staff, MailEvent) == []


def test_a_mailed_stop_does_what_one_click_does(small_shell, small_staff):
    shell, staff = small_shell, small_staff
    config = shell.folder / "config.toml"
    config.write_text(f'stop_address = "stop@study.test"\n{config.read_text()}')
    invited(staff)
    token = token_in(letter_body(staff, "invitation")["text"], "o")

    told = shell.json("mail", "bounce", stdin=reply(token, name="stop"))

    assert told.values == {"letter": None, "kind": "stop", "status": ""}
    assert rows(staff, Contact)[0].opted_out_at is not None


def test_what_is_no_address_for_stops_is_no_setting(small_shell):
    config = small_shell.folder / "config.toml"
    plain = config.read_text()
    for address in (
        "stop",
        "bounce@study.test",
        "a b@study.test",
        "@x.test",
        "s" * 21 + "@x.y",
    ):
        config.write_text(f'stop_address = "{address}"\n{plain}')

        told = small_shell.text("mail", "list")

        assert told.code == 3
        assert "stop_address" in told.err


# -- whether the stop is vouched for (invariant 15) -----------------------------------


ARRIVED = """DKIM-Signature: v=1; a=rsa-sha256; d={signer}; s=s1;
 h=From:To:Subject:{headers};
 bh=AAAA; b=BBBB
From: studyhub@localhost.test
List-Unsubscribe: <https://study.test/o/x>
List-Unsubscribe-Post: List-Unsubscribe=One-Click

Hello
"""


def checked(shell, stdin):
    config = shell.folder / "config.toml"
    named = config.read_text().replace("studyhub@localhost", "studyhub@mail.study.test")
    config.write_text(named)
    found = shell.json("doctor", "--mail", "-", stdin=stdin).values["checks"]
    return next(check for check in found if check["name"] == "one-click stop")


@pytest.mark.parametrize("signer", ["mail.study.test", "study.test"])
def test_inv_15_a_letter_that_arrived_shows_that_both_headers_are_signed(small_shell, signer):
    both = "List-Unsubscribe:List-Unsubscribe-Post"

    found = checked(small_shell, ARRIVED.format(signer=signer, headers=both))

    assert found["ok"], found


@pytest.mark.parametrize(
    ("signer", "headers", "missing"),
    [
        ("study.test", "List-Unsubscribe", "list-unsubscribe-post"),
        ("study.test", "List-Unsubscribe-Post", "list-unsubscribe"),
        ("study.test", "Date", "list-unsubscribe, list-unsubscribe-post"),
        ("other.test", "List-Unsubscribe:List-Unsubscribe-Post", "list-unsubscribe"),
        ("test", "List-Unsubscribe:List-Unsubscribe-Post", "list-unsubscribe"),
        ("dy.test", "List-Unsubscribe:List-Unsubscribe-Post", "list-unsubscribe"),
    ],
)
def test_inv_15_a_header_that_is_not_signed_is_found(small_shell, signer, headers, missing):
    found = checked(small_shell, ARRIVED.format(signer=signer, headers=headers))

    assert not found["ok"]
    assert missing in found["detail"]


@pytest.mark.parametrize("stdin", [b"", b"\xff\x00", b"x" * 2_000_000, b"Hello\r\n"])
def test_inv_15_what_is_no_letter_vouches_for_nothing(small_shell, stdin):
    assert not checked(small_shell, stdin)["ok"]


def test_inv_15_a_letter_is_sent_to_be_looked_at(small_shell):
    config = small_shell.folder / "config.toml"
    with mail_server() as server, mail_server(rcpt="550 no") as other:
        plain = config.read_text()
        config.write_text(f'smtp_url = "{server.url}"\n{plain}')
        good = tried(small_shell, "operator@study.test")
        bad = tried(small_shell, "a@study.test, b@study.test")
        config.write_text(f'smtp_url = "{other.url}"\n{plain}')
        refused = tried(small_shell, "operator@study.test")

    (got,) = server.taken
    assert (good["ok"], bad["ok"], refused["ok"]) == (True, False, False)
    assert got.recipients == ["operator@study.test"]
    assert got.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "/o/" in got.message["List-Unsubscribe"]


def tried(shell, address):
    found = shell.json("doctor", "--mail", address).values["checks"]
    return next(check for check in found if check["name"] == "letter")
