"""What can happen next to interviews, uploads, recordings, transcripts and releases.

Keys are (state, act), as in ``lifecycle_course``; pairs that are not listed are refused
(domain.md 3.2).
"""

from studyhub.domain.lifecycle_course import Moves, choosing

_AGREED = ("scheduled", "confirmed")

INTERVIEW: Moves = {
    ("proposed", "interview.choose"): "scheduled",
    ("proposed", choosing("interview.plan", "agreed")): "scheduled",
    ("scheduled", "interview.confirm"): "confirmed",
    **{(state, "interview.change"): "scheduled" for state in _AGREED},
    **{(state, "interview.cancel"): "cancelled" for state in ("proposed", *_AGREED)},
    **{(state, "interview.no_show"): "no_show" for state in _AGREED},
    ("confirmed", "interview.start"): "in_progress",
    ("in_progress", choosing("interview.end", "completed")): "completed",
    ("in_progress", choosing("interview.end", "ended_early")): "ended_early",
}

UPLOAD: Moves = {
    ("receiving", "upload.finish"): "complete",
    ("receiving", "upload.destroy"): "destroyed",
    ("receiving", choosing("upload.destroy", "expired")): "expired",
    ("receiving", "erasure.empty"): "destroyed",
}

_PLAYABLE = ("accepted", "transcribed", "checked")

RECORDING: Moves = {
    ("quarantined", "recording.accept"): "accepted",
    # A paper that is verified accepts in its own act the recordings that waited for it.
    ("quarantined", "consent.verify"): "accepted",
    # The paper that is verified says no to being recorded (invariant 46).
    ("quarantined", choosing("consent.verify", "refused")): "rejected",
    ("quarantined", "recording.extend"): "quarantined",
    ("quarantined", "recording.reject"): "rejected",
    ("accepted", "transcript.verify"): "transcribed",
    ("transcribed", "recording.check"): "checked",
    ("checked", "recording.propose"): "checked",
    ("checked", "recording.keep"): "checked",
    ("checked", "recording.dispose"): "disposed",
    **{(state, "erasure.empty"): "disposed" for state in ("quarantined", *_PLAYABLE)},
}

TRANSCRIPT: Moves = {
    ("raw_draft", "transcript.verify"): "raw_verified",
    ("raw_verified", "transcript.deidentify"): "anonymising",
    ("anonymising", "transcript.propose"): "submitted",
    ("submitted", "transcript.return"): "returned",
    ("submitted", "release.make"): "released",
    ("returned", "transcript.deidentify"): "anonymising",
    # For the next number.
    ("released", "transcript.deidentify"): "anonymising",
}

RELEASE: Moves = {
    ("current", "release.recall"): "recalled",
    ("current", "release.make"): "superseded",
    # Taken back by the person, and not to be erased: nobody uses it any more.
    ("current", choosing("erasure.empty", "recalled")): "recalled",
    **{(state, "erasure.empty"): "erased" for state in ("current", "recalled", "superseded")},
}

# One of two entities that were found to be one.
ENTITY: Moves = {("active", "entity.merge"): "merged"}

CODING: Moves = {
    # What was coded is not readable any more; the coding stays as a mark that it was.
    ("active", "release.recall"): "unanchored",
    ("active", "erasure.empty"): "unanchored",
}

EXPORT: Moves = {
    ("none", "release.recall"): "asked",
    ("none", "erasure.empty"): "asked",
    ("asked", "export.confirm"): "acknowledged",
}

INCIDENT: Moves = {
    ("reported", choosing("incident.decide", "triaged")): "triaged",
    ("triaged", choosing("incident.decide", "actioned")): "actioned",
    ("triaged", choosing("incident.decide", "closed")): "closed",
    ("actioned", choosing("incident.decide", "closed")): "closed",
}
