"""Who releases, reads, downloads and recalls de-identified texts."""

from typing import Protocol
from uuid import UUID

from studyhub.domain.rules import Rule, rule
from studyhub.domain.vocabulary import Act, Actor, Compartment, Duty, Role


class Decided(Protocol):
    """A transcript: the membership that decided what is replaced in it, if any did."""

    @property
    def deidentified_by(self) -> UUID | None: ...


class Downloaded(Protocol):
    """A file that was taken out: the membership that took it."""

    @property
    def by_id(self) -> UUID: ...


def releases_texts(actor: Actor, _subject: object) -> bool:
    """The actor has the duty to release."""
    return Duty.RELEASE in actor.duties


def did_not_deidentify_it(actor: Actor, transcript: Decided) -> bool:
    """Nobody releases what they decided, and no exception lifts this (H-3, invariant 58)."""
    return transcript.deidentified_by != actor.membership_id


def took_it_out(actor: Actor, export: Downloaded) -> bool:
    """The actor downloaded it."""
    return export.by_id == actor.membership_id


_READERS = (Role.ANALYST, Role.REVIEWER, Role.PI)
_OVERSEERS = (Role.REVIEWER, Role.PI)

RELEASES: dict[Act, Rule] = {
    Act.RELEASE_LIST: rule(
        "Analysts, reviewers and the PI see which releases there are, by label.",
        *_READERS,
        traced=False,
    ),
    Act.RELEASE_QUEUE: rule(
        "Reviewers and the PI see by code which texts wait to be released.",
        *_OVERSEERS,
        traced=False,
    ),
    Act.RELEASE_MAKE: rule(
        "A reviewer who decided nothing in a text releases it, once a second reader passed it.",
        Role.REVIEWER,
        only_if=(releases_texts, did_not_deidentify_it),
        opens=(Compartment.TRANSCRIPT,),
        asks_password=True,
    ),
    Act.RELEASE_OVERSEE: rule(
        "Reviewers and the PI see every release by label, its downloads and what was reported.",
        *_OVERSEERS,
        traced=False,
    ),
    Act.RELEASE_READ: rule(
        "Analysts, reviewers and the PI read a released text.",
        *_READERS,
        opens=(Compartment.RELEASE,),
    ),
    Act.RELEASE_SEARCH: rule(
        "Analysts, reviewers and the PI search all released texts for words.",
        *_READERS,
        opens=(Compartment.RELEASE,),
    ),
    Act.RELEASE_DOWNLOAD: rule(
        "An analyst takes a copy of a released text out, and says what for.",
        Role.ANALYST,
        opens=(Compartment.RELEASE,),
    ),
    Act.RELEASE_REPORT: rule(
        "An analyst reports a place that may identify somebody; the text is held at once.",
        Role.ANALYST,
        opens=(Compartment.RELEASE,),
    ),
    Act.RELEASE_LOOK: rule(
        "A reviewer or the PI reads what an analyst reported, and where.",
        *_OVERSEERS,
        opens=(Compartment.RELEASE,),
    ),
    Act.RELEASE_HOLD: rule(
        "A reviewer or the PI keeps a reported release on hold while it is looked into.",
        *_OVERSEERS,
    ),
    Act.RELEASE_LIFT: rule(
        "A reviewer or the PI lifts the hold of a report that named nobody.",
        *_OVERSEERS,
    ),
    Act.RELEASE_RECALL: rule(
        "A reviewer or the PI takes a release back for good, at once and with a reason.",
        *_OVERSEERS,
    ),
    Act.RELEASE_REFRESH: rule(
        "The worker writes onto releases what consents allow since one of them ended.",
        Role.SYSTEM,
        traced=False,
        keeps=True,
    ),
    Act.EXPORT_CONFIRM: rule(
        "Whoever downloaded a recalled release says that their copies are deleted.",
        Role.ANALYST,
        only_if=(took_it_out,),
    ),
}
