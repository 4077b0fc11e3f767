"""Messages as other mail servers send them back: the good ones, for tests to bend."""

ADDRESS = "grace.adeyemi@home.test"


def report(
    token: str,
    action: str = "failed",
    status: str = "5.1.1",
    *,
    to: str | None = None,
    envelope_id: str | None = None,
    fields: str = "",
    more: str = "",
) -> bytes:
    """A report as RFC 3464 has it. ``fields`` go into its one recipient, ``more`` behind it."""
    to = f"bounce+{token}@study.test" if to is None else to
    named = f"Original-Envelope-Id: {envelope_id}\n" if envelope_id else ""
    return f"""From: Mail Delivery System <MAILER-DAEMON@home.test>
To: {to}
Auto-Submitted: auto-replied
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I could not deliver your letter to {ADDRESS}.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.home.test
{named}
Final-Recipient: rfc822; {ADDRESS}
Action: {action}
Status: {status}
{fields}
{more}
--b
Content-Type: text/rfc822-headers

To: {ADDRESS}

--b--
""".replace("\n", "\r\n").encode()


def reply(token: str, *headers: str, name: str = "bounce") -> bytes:
    """A message without a part for machines: from a program, or from a person."""
    lines = ("From: grace@home.test", f"To: {name}+{token}@study.test", *headers, "", "Away.")
    return "\r\n".join(lines).encode()


def complaint(
    token: str, kind: str = "abuse", *, named: str | None = None, fields: str = ""
) -> bytes:
    """What a reader's server sends who marked a letter as unwanted, as RFC 5965 has it."""
    named = f"<bounce+{token}@study.test>" if named is None else named
    return f"""From: Abuse desk <abuse@home.test>
To: office@study.test
Subject: FW: An invitation
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b
Content-Type: text/plain

{ADDRESS} does not want this.

--b
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: Home/1.0
Version: 1
Original-Mail-From: {named}
Original-Rcpt-To: <{ADDRESS}>
{fields}
--b
Content-Type: message/rfc822

From: study@study.test
To: {ADDRESS}
Subject: An invitation

Dear Grace

--b--
""".replace("\n", "\r\n").encode()
