import socket
import ssl
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import SMTP
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from studyhub import mail
from studyhub.config import NotConfigured
from studyhub.domain.errors import Invalid
from studyhub.mail import Answer, Message, Reply
from tests.smtp_server import SILENCE, mail_server

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SHORT = 0.3  # seconds; a server that hangs is given up after it


def letter(**changes):
    told = {
        "id": "<7@localhost>",
        "sender": "Study office <office@study.test>",
        "at": NOON,
        "to": "mary@home.test",
        "subject": "Your question",
        "text": "Dear Mary,\n\n.a line that starts with a dot\nMüller\n",
    }
    return Message(**{**told, **changes})


def handed(server, **changes):
    return mail.hand_over(server.url, mail.compose(letter(**changes)), SHORT)


# What goes over the wire


def test_a_letter_arrives_whole_at_its_one_recipient():
    with mail_server() as server:
        reply = handed(server)

    (got,) = server.taken
    assert reply == Reply(Answer.ACCEPTED, "250")
    assert (got.sender, got.recipients) == ("office@study.test", ["mary@home.test"])
    assert got.message.get_content().replace("\r\n", "\n") == letter().text
    assert got.message["Message-ID"] == "<7@localhost>"
    assert got.message["Date"].datetime == NOON


def test_only_the_permitted_headers_are_on_the_wire():
    permitted = {
        "List-Unsubscribe": "<https://study.test/o/abc>, <mailto:out@study.test>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Reply-To": "office@study.test",
    }

    with mail_server() as server:
        handed(server, headers=permitted)

    got = server.taken[0].message
    assert {name: str(got[name]) for name in permitted} == permitted
    assert set(got.keys()) == {
        *("From", "To", "Subject", "Date", "Message-ID", "MIME-Version"),
        *("Content-Type", "Content-Transfer-Encoding", *permitted),
    }


def test_the_addresses_of_a_stop_stay_whole_on_the_wire_however_long_they_are():
    token = "x" * 43
    by_page = f"<https://studyhub.research.some-university.test/o/{token}>"
    by_mail = f"<mailto:stop+{token}@some-university.test>"

    with mail_server() as server:
        handed(server, headers={"List-Unsubscribe": f"{by_page}, {by_mail}"})

    raw = server.taken[0].raw.decode()
    assert f"List-Unsubscribe: {by_page},\r\n {by_mail}\r\n" in raw


def test_a_server_that_reports_is_told_the_name_of_the_letter_and_to_leave_its_text_out():
    envelope = "bounce+" + "x" * 43 + "@study.test"

    with mail_server(reports=True) as server:
        mail.hand_over(server.url, mail.compose(letter()), SHORT, envelope=envelope)
    with mail_server() as other:
        mail.hand_over(other.url, mail.compose(letter()), SHORT, envelope=envelope)

    assert server.taken[0].options == ["RET=HDRS", f"ENVID={'x' * 43}", "NOTIFY=FAILURE,DELAY"]
    assert other.taken[0].options == []


@pytest.mark.parametrize("name", ["Bcc", "Cc", "From", "Sender", "X-Study", "reply-to"])
def test_no_other_header_can_be_given(name):
    with pytest.raises(Invalid):
        mail.compose(letter(headers={name: "eve@else.test"}))


@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\r", "\x0b", "\x00"])
@pytest.mark.parametrize(
    "where",
    [
        lambda text: {"subject": text},
        lambda text: {"to": text},
        lambda text: {"headers": {"Reply-To": text}},
        lambda text: {"attachments": ({"data": "", "name": text, "type": "text/plain"},)},
    ],
)
def test_a_line_end_in_a_header_is_refused(where, line_end):
    with pytest.raises(Invalid):
        mail.compose(letter(**where(f"mary@home.test{line_end}Bcc: eve@else.test")))


@pytest.mark.parametrize(
    "where",
    [
        lambda text: {"subject": text},
        lambda text: {"sender": f"{text} <office@study.test>"},
        lambda text: {"headers": {"List-Unsubscribe": text}},
        lambda text: {"attachments": ({"data": "", "name": text, "type": "text/plain"},)},
    ],
)
@pytest.mark.parametrize(
    "hidden",
    [
        "=?utf-8?q?Hello=0D=0ABcc=3A_eve=40else=2Etest?=",
        "=?utf-8?b?SGVsbG8NCkJjYzogZXZlQGVsc2UudGVzdA==?=",
        "Hello =?utf-8?q?=0ABcc=3A_eve=40else=2Etest?= and more",
    ],
)
def test_an_encoded_line_end_is_no_header(where, hidden):
    with mail_server() as server:
        try:
            handed(server, **where(hidden))
        except Invalid:
            assert server.seen == []
            return

    (got,) = server.seen
    assert got.recipients == ["mary@home.test"]
    assert b"\nBcc" not in got.raw.partition(b"\r\n\r\n")[0]


@pytest.mark.parametrize(
    "to",
    [
        "mary@home.test, eve@else.test",
        "mary@home.test;eve@else.test",
        "mary@home.test eve@else.test",
        "mary@home.test,eve@else.test",
        "<mary@home.test>",
        "<mary@home.test> <eve@else.test>",
        "Mary <eve@else.test>",
        '"mary@home.test" <eve@else.test>',
        '"mary@home.test, "@else.test',
        "mary@home.test <eve@else.test>",
        "=?utf-8?q?mary?= <eve@else.test>",
        "Friends: mary@home.test, eve@else.test;",
        "mary@home.test(eve@else.test)",
        "mary@home.test@else.test",
        "eve@else.test%00",
        "eve@[127.0.0.1]",
        "@else.test:mary@home.test",
        "mary@home..test",
        "märy@home.test",
        "mary@",
        "@home.test",
        "mary",
        "",
        " mary@home.test",
    ],
)
def test_what_is_not_exactly_one_plain_address_is_refused(to):
    try:
        written = mail.compose(letter(to=to))
    except Invalid:
        return

    assert [one.addr_spec for one in written["To"].addresses] == [to]
    assert to == "eve@else.test%00"


def test_a_domain_of_another_script_is_written_in_ascii():
    assert mail.one_address("mary@bücher.test").addr_spec == "mary@xn--bcher-kva.test"


def test_a_body_that_looks_like_headers_stays_a_body():
    sly = "Bcc: eve@else.test\n\n.\nMAIL FROM:<eve@else.test>\n"

    with mail_server() as server:
        handed(server, text=sly)

    (got,) = server.taken
    assert got.recipients == ["mary@home.test"]
    assert got.message["Bcc"] is None
    assert got.message.get_content().replace("\r\n", "\n") == sly


def test_an_attachment_travels_with_its_name_and_type():
    calendar = {"data": "QkVHSU4=", "name": "call.ics", "type": "text/calendar"}

    with mail_server() as server:
        handed(server, attachments=(calendar,))

    (part,) = server.taken[0].message.iter_attachments()
    assert (part.get_filename(), part.get_content_type()) == ("call.ics", "text/calendar")
    assert part.get_payload(decode=True) == b"BEGIN"


@pytest.mark.parametrize("data", ["no base 64!", "QQ"])
def test_a_damaged_attachment_is_refused(data):
    with pytest.raises(Invalid):
        mail.compose(
            letter(attachments=({"data": data, "name": "a.txt", "type": "text/plain"},))
        )


# What a server says, and what it leaves unsaid


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"rcpt": "451 greylisted"}, Reply(Answer.DEFERRED, "451")),
        ({"data": "452 full"}, Reply(Answer.DEFERRED, "452")),
        ({"end": "421 later"}, Reply(Answer.DEFERRED, "421")),
        ({"rcpt": "550 nobody here"}, Reply(Answer.REFUSED, "550")),
        ({"data": "554 no"}, Reply(Answer.REFUSED, "554")),
        ({"end": "552 too large"}, Reply(Answer.REFUSED, "552")),
        # What is wrong with us is not the recipient's fault: the letter waits.
        ({"hello": "554 no service for you"}, Reply(Answer.DEFERRED, "554")),
        ({"mail": "550 who are you"}, Reply(Answer.DEFERRED, "550")),
        # Lost before its text began to flow: nothing was sent.
        ({"hello": None}, Reply(Answer.DEFERRED, "connection")),
        ({"mail": None}, Reply(Answer.DEFERRED, "connection")),
        ({"rcpt": None}, Reply(Answer.DEFERRED, "connection")),
        ({"data": None}, Reply(Answer.DEFERRED, "connection")),
        ({"hello": SILENCE}, Reply(Answer.DEFERRED, "connection")),
        ({"data": SILENCE}, Reply(Answer.DEFERRED, "connection")),
        # Lost after it: nobody knows.
        ({"end": None}, Reply(Answer.DOUBT, "connection")),
        ({"end": SILENCE}, Reply(Answer.DOUBT, "connection")),
    ],
)
def test_each_answer_of_a_server_means_one_thing(answers, expected):
    with mail_server(**answers) as server:
        reply = handed(server)

    assert reply == expected
    assert server.taken == []


def test_a_server_that_is_not_there_defers():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    reply = mail.hand_over(f"smtp://127.0.0.1:{port}", mail.compose(letter()), SHORT)

    assert reply == Reply(Answer.DEFERRED, "connection")


@pytest.mark.parametrize("url", ["http://127.0.0.1:25", "127.0.0.1:25", "smtp://", ""])
def test_what_is_no_mail_server_is_not_configured(url):
    with pytest.raises(NotConfigured):
        mail.hand_over(url, mail.compose(letter()))


# Encryption. "127.1" is this machine by a name that the code cannot know to be loopback.


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """A certificate for 127.1 and its key, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.1")])
    now = datetime.now(UTC)  # noqa: TID251 - OpenSSL looks at the clock on the wall
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.DNSName("127.1"), x509.IPAddress(ip_address("127.0.0.1"))]
            ),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


@pytest.fixture
def tls(authority):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority)
    return context


def far(server):
    return f"smtp://127.1:{server.address[1]}"


def test_a_server_elsewhere_gets_nothing_over_a_plain_connection():
    with mail_server() as server:
        reply = mail.hand_over(far(server), mail.compose(letter()), SHORT)

    assert reply == Reply(Answer.DEFERRED, "connection")
    assert server.seen == []


def test_a_server_with_an_unknown_certificate_gets_nothing(tls):
    with mail_server(tls) as server:
        reply = mail.hand_over(far(server), mail.compose(letter()), SHORT)

    assert reply == Reply(Answer.DEFERRED, "connection")
    assert server.seen == []


def test_a_server_with_a_verified_certificate_gets_the_letter_encrypted(
    tls, authority, monkeypatch
):
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))

    with mail_server(tls) as server:
        reply = mail.hand_over(far(server), mail.compose(letter()), SHORT)

    assert reply.answer is Answer.ACCEPTED
    assert server.taken[0].encrypted


def test_a_server_that_speaks_tls_at_once_gets_the_letter_encrypted(
    tls, authority, monkeypatch
):
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))

    with mail_server(tls, tls_at_once=True) as server:
        secure = f"smtps://127.0.0.1:{server.address[1]}"
        reply = mail.hand_over(secure, mail.compose(letter()), SHORT)

    assert reply.answer is Answer.ACCEPTED
    assert server.taken[0].encrypted


def signing_in(server):
    return server.url.replace("//", "//office:p%40ss@")


def test_name_and_password_of_the_address_are_given_to_the_server():
    with mail_server() as server:
        mail.hand_over(signing_in(server), mail.compose(letter()), SHORT)

    assert server.signed_in == [b"\0office\0p@ss"]
    assert len(server.taken) == 1


def test_a_server_that_does_not_know_us_defers():
    with mail_server(auth="535 who are you") as server:
        reply = mail.hand_over(signing_in(server), mail.compose(letter()), SHORT)

    assert reply == Reply(Answer.DEFERRED, "535")
    assert server.seen == []


# Without a server


def test_without_a_server_a_letter_becomes_a_file_for_its_owner_alone(tmp_path):
    reply = mail.lay_out(tmp_path, "one", mail.compose(letter()))

    (path,) = tmp_path.iterdir()
    assert (reply.answer, path.name) == (Answer.ACCEPTED, "one.eml")
    assert path.stat().st_mode & 0o777 == 0o600
    assert message_from_bytes(path.read_bytes(), policy=SMTP)["To"] == "mary@home.test"


def test_a_folder_that_cannot_be_written_defers_and_leaves_nothing(tmp_path):
    reply = mail.lay_out(tmp_path / "gone", "one", mail.compose(letter()))

    assert reply == Reply(Answer.DEFERRED, "disk")


def test_a_message_does_not_show_its_text_when_it_is_printed():
    told = repr(letter())

    assert "Mary" not in told
    assert "mary@home.test" not in told
