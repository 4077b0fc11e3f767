"""Who may be written to, how and how often, and which letters in the queue no longer fit."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

PHONE = re.compile(r"\+?[0-9][0-9 ()./-]{3,38}")

# A suppressed address gets this once and nothing else (invariant 11).
_AFTER_OPT_OUT = "suppression_confirmed"

_BEFORE_CONSENT = ("replied", "consented", "refused")
_ALWAYS = ("withdrawn", "opted_out", "contact_changed")

# What takes a letter of this purpose out of the queue, beside what the act itself names. The
# confirmations of a withdrawal and of an opt-out are always sent: nothing cancels them.
CANCEL_WHEN: Mapping[str, frozenset[str]] = {
    "invitation": frozenset(
        {*_BEFORE_CONSENT, *_ALWAYS, "version_superseded", "approval_lapsed"}
    ),
    "reminder": frozenset(
        {*_BEFORE_CONSENT, *_ALWAYS, "version_superseded", "approval_lapsed"}
    ),
    "information": frozenset(
        {"consented", "refused", *_ALWAYS, "version_superseded", "approval_lapsed"}
    ),
    "consent": frozenset(
        {"consented", "refused", *_ALWAYS, "version_superseded", "approval_lapsed"}
    ),
    "acknowledgement": frozenset({"opted_out", "contact_changed"}),
    "answer": frozenset({"withdrawn", "opted_out", "contact_changed"}),
    "receipt": frozenset({"contact_changed"}),
    "appointment": frozenset({*_ALWAYS, "refused", "interview_changed"}),
    "cancellation": frozenset({"opted_out", "contact_changed"}),
    "summary": frozenset({*_ALWAYS, "version_superseded"}),
    "debrief": frozenset({*_ALWAYS, "version_superseded"}),
    "results": frozenset({*_ALWAYS, "version_superseded", "approval_lapsed"}),
}

# What the person asked of us and must hear, approval or not (invariants 1, 8, 11).
_WITHOUT_APPROVAL = frozenset({_AFTER_OPT_OUT, "withdrawal_received", "withdrawal_confirmed"})

# Nobody of the team takes these back: they bring the person what is theirs.
_OWED = _WITHOUT_APPROVAL | {"receipt"}


@dataclass(frozen=True)
class SafeContact:
    """How a person can be reached without somebody else learning of it.

    ``mailbox_private`` is false if others read their mail: then no links, reminders or
    attachments (domain.md 4.3).
    """

    by_email: bool
    mailbox_private: bool
    by_telephone: bool = False
    by_post: bool = False
    opted_out: bool = False


@dataclass(frozen=True)
class Sending:
    """What a channel is about to be used for; whether an opt-out was confirmed before."""

    purpose: str
    holds_link: bool = False
    holds_attachment: bool = False
    already_confirmed: bool = False


def why_not(wishes: SafeContact, channel: str, sending: Sending) -> str:
    """Say in plain words why a channel may not be used, or nothing (invariants 11, 20)."""
    if wishes.opted_out:
        confirms = sending.purpose == _AFTER_OPT_OUT and not sending.already_confirmed
        return "" if confirms else "This person asked not to be contacted"
    if not _reachable(wishes)[channel]:
        return "This person did not agree to be contacted in this way"
    if channel not in {"email", "link"} or wishes.mailbox_private:
        return ""
    if channel == "link" or _needs_privacy(sending):
        return "Others can read this person's mail: no links, reminders or attachments"
    return ""


def _reachable(wishes: SafeContact) -> dict[str, bool]:
    """On the last two the person comes to us."""
    return {
        "email": wishes.by_email,
        "link": wishes.by_email,
        "telephone": wishes.by_telephone,
        "post": wishes.by_post,
        "web": True,
        "in_person": True,
    }


def _needs_privacy(sending: Sending) -> bool:
    return sending.holds_link or sending.holds_attachment or sending.purpose == "reminder"


def reminders_left(purposes: Iterable[str], reminders_max: int) -> int:
    """How many reminders may still be sent, whoever sent those before (invariant 18).

    ``purposes`` are those of all approaches to the contact, by any member of the team.
    """
    sent = sum(purpose == "reminder" for purpose in purposes)
    return max(0, reminders_max - sent)


def reminder_from(letters: Iterable[datetime], days: int) -> datetime | None:
    """From when a reminder may follow what was sent; nothing was, or nothing is asked: None."""
    last = max(letters, default=None)
    return last + timedelta(days=days) if last is not None and days else None


def cancels(cancel_when: Collection[str], happened: Collection[str]) -> list[str]:
    """Name what happened that takes this letter out of the queue; nothing leaves it there."""
    return sorted(set(cancel_when) & set(happened))


def cancel_when(purpose: str) -> list[str]:
    """What cancels a letter of this purpose, as the letter keeps it."""
    return sorted(CANCEL_WHEN.get(purpose, frozenset()))


def needs_approval(purpose: str) -> bool:
    """Whether a letter to a contact leaves under an approval only (invariant 1)."""
    return purpose not in _WITHOUT_APPROVAL


def may_take_back(purpose: str) -> bool:
    """Whether the team may take back a letter of this purpose while it waits."""
    return purpose not in _OWED


def plain_address(address: str) -> str:
    """Write an e-mail address the one way in which it is compared: NFKC, lower case, IDNA.

    For showing that two are the same. Looking one up is done by the vault's keyed digest.
    """
    text = unicodedata.normalize("NFKC", address).strip().lower()
    local, at, domain = text.rpartition("@")
    try:
        return local + at + domain.encode("idna").decode("ascii")
    except UnicodeError:
        return text
