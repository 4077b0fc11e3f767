"""What one person agreed to, refused and took back, as plain values in two times.

The asserted time says when it happened, ``entered_at`` when the record learned of it
(domain.md 3.1). A caller reads the rows once and asks ``consent.in_force`` as often as needed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

# These arrive as something a person must look at before it counts (domain.md 3.2, rule 8).
NEEDS_CHECK = frozenset({"paper_scan", "verbal_audio", "email_reply"})

# What a withdrawal scope ends; None is every statement, also those a study added.
ENDS: Mapping[str, frozenset[str] | None] = {
    "contact": frozenset({"recontact", "results"}),
    "further_participation": frozenset({"participate", "audio_recording"}),
    "audio": frozenset({"audio_recording"}),
    "transcript": frozenset({"anon_use", "quotes", "data_sharing"}),
    "quotes": frozenset({"quotes"}),
    "reuse": frozenset({"data_sharing"}),
    "results_contact": frozenset({"results"}),
    "identity": frozenset(),
    "all": None,
}


@dataclass(frozen=True)
class Period:
    """From an instant up to, but without, another one; open when it has no end."""

    starts_at: datetime
    ends_at: datetime | None = None

    def covers(self, at: datetime) -> bool:
        """Say whether the instant lies in the period."""
        return self.starts_at <= at and (self.ends_at is None or at < self.ends_at)


def covered(periods: tuple[Period, ...], at: datetime) -> bool:
    """Say whether any of the periods holds the instant. No period holds nothing."""
    return any(period.covers(at) for period in periods)


@dataclass(frozen=True)
class FormVersion:
    """One version of a consent form: when it was in use, and when its approval was approved.

    ``reconsent_from`` is its use_from if it asks everybody to sign again (``all_active``), else
    empty. ``known_from`` is when that was decided; a use_from in the past is refused, see
    ``documents.problems_of_use``, so that earlier answers stay true (invariant 44).
    """

    id: UUID
    form: str
    effective: Period | None
    approved: tuple[Period, ...]
    reconsent_from: datetime | None = None
    known_from: datetime | None = None


@dataclass(frozen=True)
class ConsentRecord:
    """One signing or refusal. ``decisions`` maps statement codes to agree or decline."""

    id: UUID
    seq: int
    version_id: UUID
    kind: str
    mode: str
    signed_at: datetime
    entered_at: datetime
    decisions: Mapping[str, str]
    needs_countersign: bool = False
    expires_at: datetime | None = None

    @property
    def order(self) -> tuple[datetime, int]:
        """Place in time: never by the label of a version (invariant 7, M13)."""
        return self.signed_at, self.seq

    def says_no_to(self, code: str) -> bool:
        """Say whether the person refused the whole, or declined this one."""
        return self.kind == "refused" or self.decisions.get(code, "agree") != "agree"


@dataclass(frozen=True)
class LaterEvent:
    """What staff did about a record afterwards: countersigned, verified, queried and so on."""

    consent_id: UUID
    kind: str
    entered_at: datetime


@dataclass(frozen=True)
class Withdrawal:
    """What the person took back. A retraction is known from ``retraction_entered_at`` on."""

    scopes: tuple[str, ...]
    received_at: datetime
    entered_at: datetime
    retracted_at: datetime | None = None
    retraction_entered_at: datetime | None = None

    def retracted(self, at: datetime, known_at: datetime) -> bool:
        """Say whether it was taken back again by that instant, as known then."""
        if self.retracted_at is None:
            return False
        known_from = self.retraction_entered_at or self.retracted_at
        return self.retracted_at <= at and known_from <= known_at


@dataclass(frozen=True)
class History:
    """Everything about the consent of one person."""

    versions: Mapping[UUID, FormVersion]
    records: tuple[ConsentRecord, ...]
    events: tuple[LaterEvent, ...] = ()
    withdrawals: tuple[Withdrawal, ...] = ()

    def form_of(self, record: ConsentRecord) -> str:
        """Name the form that was signed."""
        return self.versions[record.version_id].form

    def marked(self, kind: str, known_at: datetime) -> frozenset[UUID]:
        """Name the records to which this had happened, as known then."""
        return frozenset(
            event.consent_id
            for event in self.events
            if event.kind == kind and event.entered_at <= known_at
        )


def ends(scope: str, code: str) -> bool:
    """Say whether withdrawing this scope ends that statement (domain.md 3.2, withdrawal)."""
    codes = ENDS[scope]
    return codes is None or code in codes


def needs_countersign(mode: str, *, study_asks: bool) -> bool:
    """Only where the study asks for it, and never for a link (domain.md 3.2)."""
    return study_asks and mode != "digital_link"
