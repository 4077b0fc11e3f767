"""What comes back by mail, read without trusting a byte of it (RFC 3464, invariant 16)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studyhub.domain.errors import Invalid
from studyhub.domain.mail_reports import MOST_BYTES, Returned, read_returned
from tests.mail.returned import complaint, reply, report

TOKEN, OTHER = "a" * 43, "b" * 43
STOP = "stop@study.test"


@pytest.mark.parametrize(
    ("action", "status"),
    [
        ("failed", "5.1.1"),
        ("failed", "4.4.7"),
        ("delayed", "4.2.2"),
        ("delivered", "2.0.0"),
        ("relayed", "2.6.0"),
        ("expanded", "2.1.5"),
    ],
)
def test_a_report_gives_its_kind_its_status_and_the_letter(action, status):
    assert read_returned(report(TOKEN, action, status)) == Returned(action, status, TOKEN)


@pytest.mark.parametrize("kind", ["abuse", "Fraud"])
def test_a_complaint_names_the_letter_by_its_return_address(kind):
    assert read_returned(complaint(TOKEN, kind)) == Returned("complaint", "", TOKEN)


def test_comments_and_capitals_of_a_report_change_nothing():
    told = report(TOKEN, "Failed (for good)", "5.1.1 (no such mailbox)")

    assert read_returned(told) == Returned("failed", "5.1.1", TOKEN)


def test_the_letter_is_found_by_the_name_that_its_envelope_had():
    told = report(TOKEN, to="office@study.test", envelope_id=TOKEN)

    assert read_returned(told).token == TOKEN


@pytest.mark.parametrize(
    ("action", "status"),
    [
        ("failed", "2.0.0"),
        ("delayed", "5.1.1"),
        ("delivered", "5.1.1"),
        ("exploded", "5.1.1"),
        ("", "5.1.1"),
        ("failed", ""),
        ("failed", "550"),
        ("failed", "6.1.1"),
        ("failed", "5.1.1.1"),
        ("failed", "5.1.1000"),
    ],
)
def test_an_action_and_a_status_that_do_not_fit_are_refused(action, status):
    with pytest.raises(Invalid):
        read_returned(report(TOKEN, action, status))


SECOND = "Final-Recipient: rfc822; ruth@home.test\nAction: failed\nStatus: 5.1.1\n"


@pytest.mark.parametrize(
    "told",
    [
        report(TOKEN, to=f"bounce+{TOKEN}@study.test, bounce+{OTHER}@study.test"),
        report(TOKEN, envelope_id=OTHER),
        report(TOKEN, more=f"\n{SECOND}"),
        report(TOKEN, fields="Action: delivered"),
        report(TOKEN, fields="Status: 4.2.2"),
        report(TOKEN, to="office@study.test"),
        report("short"),
        reply(TOKEN),
        reply(TOKEN, "Auto-Submitted: no"),
        reply(
            TOKEN, "Auto-Submitted: auto-replied", f"Delivered-To: bounce+{OTHER}@study.test"
        ),
        reply("", "Auto-Submitted: auto-replied"),
        complaint(TOKEN, "not-spam"),
        complaint(TOKEN, "auth-failure"),
        complaint(TOKEN, fields="Feedback-Type: abuse\n"),
        complaint(TOKEN, named="<office@study.test>"),
        complaint(TOKEN, fields=f"Original-Envelope-Id: {OTHER}\n"),
        b"",
        b"\0" * 100,
    ],
)
def test_what_is_not_one_report_about_one_letter_is_refused_in_words(told):
    with pytest.raises(Invalid) as caught:
        read_returned(told)

    assert "not taken" in caught.value.problems["report"]


def test_what_a_program_answers_by_itself_is_no_bounce():
    told = reply(TOKEN, "Auto-Submitted: auto-replied (vacation)")

    assert read_returned(told) == Returned("auto_reply", "", TOKEN)


@pytest.mark.parametrize(
    ("word", "instead"),
    [(b"message/delivery-status", b"text/plain"), (b"multipart/report", b"multipart/mixed")],
)
def test_a_report_without_a_part_for_machines_is_no_bounce(word, instead):
    told = report(TOKEN).replace(word, instead)

    assert read_returned(told).kind == "auto_reply"
    with pytest.raises(Invalid, match="read it yourself"):
        read_returned(told.replace(b"Auto-Submitted: auto-replied\r\n", b""))


def test_a_report_within_a_forwarded_letter_is_not_looked_at():
    forwarded = (
        f"To: bounce+{TOKEN}@study.test\r\nContent-Type: message/rfc822\r\n\r\n".encode()
    )

    with pytest.raises(Invalid):
        read_returned(forwarded + report(TOKEN))


def test_a_mailed_stop_is_known_by_its_address_only_where_there_is_one():
    told = reply(TOKEN, name="stop")

    assert read_returned(told, STOP) == Returned("stop", "", TOKEN)
    with pytest.raises(Invalid):
        read_returned(told)
    with pytest.raises(Invalid, match="two letters"):
        read_returned(reply(TOKEN, f"Delivered-To: stop+{OTHER}@study.test"), STOP)


@pytest.mark.parametrize(
    "told",
    [
        report(TOKEN) + b"x" * MOST_BYTES,
        b"Content-Type: message/rfc822\r\n\r\n" * 5000,
        b"".join(
            b"Content-Type: multipart/report; boundary=%d\r\n\r\n--%d\r\n" % (depth, depth)
            for depth in range(5000)
        ),
        b"Content-Type: multipart/report; boundary*%s=b\r\n\r\n" % (b"9" * 5000),
        b"Content-Type: multipart/report; boundary*=\0'en'b\r\n\r\n",
        b"Content-Type: multipart/report; boundary*=utf-8'en'%ff\r\n\r\n--\xff\r\n",
    ],
    ids=["huge", "letters in letters", "parts in parts", "number", "zero", "bytes"],
)
def test_a_message_made_to_break_its_reader_is_refused(told):
    with pytest.raises(Invalid):
        read_returned(told)


WORDS = st.sampled_from(
    [b"\r\n", b"--b\r\n", b"--b--", b";", b'"', b"=?utf-8?b?", b"\0", b"\xff", b"*0*=", b": "]
)


@settings(max_examples=150)
@given(st.lists(st.tuples(st.integers(0, 900), st.integers(0, 40), WORDS), max_size=8))
def test_a_damaged_report_is_read_or_refused_and_nothing_else(damages):
    told = report(TOKEN, envelope_id=TOKEN)
    for start, length, word in damages:
        told = told[:start] + word + told[start + length :]

    try:
        found = read_returned(told, STOP)
    except Invalid:
        return

    assert found.token == TOKEN
