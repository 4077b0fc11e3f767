"""See whether letters leave, and whether the one-click stop in them is vouched for.

A program cannot see its own letter as others do: the operator sends one to themself, and gives
back what arrived. (RFC 8058, section 4; invariant 15)
"""

from studyhub import mail
from studyhub.domain.errors import Invalid
from studyhub.domain.mail_reports import MOST_BYTES
from studyhub.domain.mail_signatures import uncovered
from studyhub.mail import Answer
from studyhub.vault.words import new_token
from studyhub.workflows.findings import Wrong
from studyhub.workflows.kernel import Hub
from studyhub.workflows.post import stop_headers

SAVE_IT = "When it arrives, save it whole and run: studyhub doctor --mail - < the file"
TEXT = f"This letter checks the mail of an installation of StudyHub.\n\n{SAVE_IT}.\n"


def sent(hub: Hub, address: str) -> str:
    """Send a letter with a stop link that stops nothing. Wrong unless a server took it."""
    settings = hub.settings
    if settings.smtp_url is None:
        raise Wrong("no smtp_url is set, so no letter can be tried")
    token, _ = new_token()
    message = mail.Message(
        id=f"<check-{token[:16]}@{settings.mail_domain}>",
        sender=settings.mail_from,
        at=hub.now(),
        to=address,
        subject="A letter that checks the mail",
        text=TEXT,
        headers=stop_headers(settings, f"{settings.public_url}/o/{token}"),
    )
    try:
        written = mail.compose(message)
    except Invalid as no:
        raise Wrong("; ".join(no.problems.values())) from None
    reply = mail.hand_over(settings.smtp_url, written)
    if reply.answer is not Answer.ACCEPTED:
        raise Wrong(f"the mail server did not take it: {reply.answer} ({reply.code})")
    return f"taken by the mail server ({reply.code}). {SAVE_IT}"


def vouched_for(hub: Hub, raw: bytes) -> str:
    """Look whether DKIM covers both headers of the one-click stop in what arrived."""
    if len(raw) > MOST_BYTES:
        raise Wrong("this is larger than the letter that was sent")
    domain = hub.settings.mail_domain
    try:
        missing = uncovered(raw, domain)
    # What the library raises on headers that were made to break it.
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise Wrong("this is not written as mail is") from None
    if missing:
        raise Wrong(f"no DKIM signature of {domain} covers: {', '.join(missing)}")
    return f"DKIM of {domain} covers both headers of the one-click stop"
