"""Slow reference evaluator of `in_force` (domain.md 3.2), and random small histories.

Times are integers. Written apart from the product's own evaluator, which must agree with it.
"""

# ruff: noqa: C901, PLR0911, PLR0917, SIM102 - one rule after the other, as on the page

from dataclasses import dataclass

NEEDS_CHECK = {"paper_scan", "verbal_audio", "email_reply"}
SCOPE_CODES = {
    "all": None,  # every code
    "further_participation": {"participate", "audio_recording"},
    "audio": {"audio_recording"},
    "transcript": {"anon_use", "quotes", "data_sharing"},
    "quotes": {"quotes"},
    "reuse": {"data_sharing"},
    "contact": {"recontact", "results"},
    "results_contact": {"results"},
    "identity": set(),
}


@dataclass(frozen=True)
class Version:
    """One version of one form; `retired` is exclusive; `approved`: covered at signing."""

    id: int
    effective: int
    retired: int | None = None
    reconsent_from: int | None = None
    form: str = "consent"
    approved: bool = True


@dataclass(frozen=True)
class Record:
    """One signing (or refusal). `signed_at` is asserted, `entered_at` is the server's."""

    seq: int
    version: int
    signed_at: int
    entered_at: int
    decisions: tuple[tuple[str, str], ...]
    mode: str = "digital_link"
    kind: str = "signed"
    expires: int | None = None
    countersigned: bool = True


@dataclass(frozen=True)
class Event:
    """verified, invalidated (seq = record), withdrawal (own seq), retract (its withdrawal)."""

    kind: str
    seq: int
    entered_at: int
    at: int
    scope: tuple[str, ...] = ()


def in_force(code, at, known_at, versions, records, events, *, provisional=False):
    """Was `code` agreed for `at`, by what was known at `known_at`? Unknown is no."""
    known = [e for e in events if e.entered_at <= known_at]
    dead = {e.seq for e in known if e.kind == "invalidated"}
    seen = [r for r in records if r.entered_at <= known_at and r.signed_at <= at]
    forms = {versions[r.version].form for r in seen if code in dict(r.decisions)}
    return any(
        _in_force_for(form, code, at, versions, seen, known, dead, provisional)
        for form in forms
    )


def _in_force_for(form, code, at, versions, seen, known, dead, provisional):
    same_form = [r for r in seen if versions[r.version].form == form]
    alive = [r for r in same_form if r.seq not in dead]
    if not alive:
        return False
    c = max(
        alive, key=lambda r: (r.signed_at, r.seq)
    )  # newest by time, then sequence, never by label
    if c.kind == "refused" or dict(c.decisions).get(code) != "agree":
        return False
    later_dead = [
        r for r in same_form if r.seq in dead and (r.signed_at, r.seq) > (c.signed_at, c.seq)
    ]
    if any(
        r.kind == "refused" or dict(r.decisions).get(code, "agree") != "agree"
        for r in later_dead
    ):
        return False  # invalidating a later "no" never revives an older "yes"
    v = versions[c.version]
    if not v.approved or not c.countersigned:
        return False
    if not (v.effective <= c.signed_at and (v.retired is None or c.signed_at < v.retired)):
        return False
    if any(
        w.form == form
        and w.id != v.id
        and w.reconsent_from is not None
        and c.signed_at < w.reconsent_from <= at
        for w in versions.values()
    ):
        return False
    if c.expires is not None and at >= c.expires:
        return False
    retracted = {e.seq for e in known if e.kind == "retract" and e.at <= at}
    for e in known:  # a withdrawal ends what was agreed before it
        if e.kind == "withdrawal" and c.signed_at <= e.at <= at and e.seq not in retracted:
            if any(SCOPE_CODES[s] is None or code in SCOPE_CODES[s] for s in e.scope):
                return False
    verified = any(e.kind == "verified" and e.seq == c.seq for e in known)
    return provisional or c.mode not in NEEDS_CHECK or verified


CODES = ["participate", "audio_recording", "anon_use", "quotes", "data_sharing", "recontact"]


def world(rng):
    """One or two versions of a form, sometimes a second form, up to four signings, events."""
    versions = {1: Version(1, 0, approved=rng.random() > 0.05)}
    if rng.random() < 0.6:
        t = rng.randint(20, 60)
        versions = {
            1: Version(1, 0, t),
            2: Version(2, t, None, t if rng.random() < 0.5 else None),
        }
    if rng.random() < 0.3:
        versions[3] = Version(3, 0, form="followup")
    records, events = [], []
    for s in range(rng.randint(0, 4)):
        at = rng.randint(0, 100)
        live = [
            v
            for v in versions.values()
            if v.effective <= at and (v.retired is None or at < v.retired)
        ]
        if not live:
            continue
        v = rng.choice(live)
        codes = ["recontact"] if v.form == "followup" else CODES
        answers = tuple((c, rng.choice(["agree", "agree", "decline"])) for c in codes)
        records.append(
            Record(
                s,
                v.id,
                at,
                at + rng.choice([0, 0, 1, 15]),
                answers,
                rng.choice(["digital_link", "paper_scan"]),
                "refused" if rng.random() < 0.1 else "signed",
                countersigned=rng.random() > 0.05,
            )
        )
        if rng.random() < 0.6:
            events.append(Event("verified", s, at + rng.randint(1, 30), at))
        if rng.random() < 0.15:
            events.append(Event("invalidated", s, at + rng.randint(1, 40), at))
    for w in range(100, 100 + rng.randint(0, 2)):
        at = rng.randint(0, 110)
        events.append(
            Event(
                "withdrawal", w, at + rng.choice([0, 2]), at, (rng.choice(list(SCOPE_CODES)),)
            )
        )
        if rng.random() < 0.2:
            events.append(Event("retract", w, at + rng.randint(2, 9), at + 1))
    return versions, records, events
