"""Every closed list of words, once: the database's CHECKs and the forms are made from it.

A key is ``table.column``, or a plain name where the words stand in no column of their own.
``docs/VOCABULARY.md`` is the same list for readers; a test compares the two.
"""

from studyhub.domain.facts import FACTS
from studyhub.domain.vocabulary import (
    STAFF,
    Compartment,
    Duty,
    Role,
    Service,
    Side,
    StudyKey,
)

CHANNELS = ("email", "link", "web", "telephone", "post", "in_person")

MODES = ("telephone", "video", "in_person")

YES_NO = ("yes", "no")

CATEGORIES = (
    *("PERSON", "ORG", "PLACE", "ROLE", "DATE", "AGE", "CONTACT", "ID", "URL"),
    "OTHER_QUASI",
)

RECONSENT = ("none", "future_contacts", "all_active")

SCOPES = (
    *("contact", "further_participation", "audio", "transcript", "quotes", "reuse"),
    *("results_contact", "identity", "all"),
)

# For every reason without a list of its own.
REASON_CODES = (
    *("entered_in_error", "wrong_version", "wrong_person", "not_informed", "person_asked"),
    *("duplicate", "quality", "protocol", "committee", "law", "other"),
)

STATEMENT_CODES = (
    *("read_pis", "voluntary", "withdraw_until", "participate", "audio_recording"),
    *("transcription_third_party", "anon_use", "quotes", "data_sharing", "recontact"),
    *("results", "limits_of_confidentiality"),
)

APPROVAL_STATES = (
    *("planned", "submitted", "revision_requested", "approved", "suspended", "expired"),
    "closed",
)

AMENDMENT_STATES = ("drafted", "submitted", "approved", "rejected", "withdrawn", "implemented")

_NO_COLUMN: dict[str, tuple[str, ...]] = {
    "roles": tuple(Role),
    "duties": tuple(Duty),
    "compartments": tuple(Compartment),
    "shred_sides": tuple(Side),
    "study_keys": tuple(StudyKey),
    "facts": tuple(sorted(FACTS)),
    "reason_codes": REASON_CODES,
    "statement_codes": STATEMENT_CODES,
    "channels": CHANNELS,
    "categories": CATEGORIES,
    "scopes": SCOPES,
    "stages": (
        *("listed", "approached", "interested", "informed", "consented", "scheduled"),
        *("interviewed", "transcribed", "released", "closed"),
    ),
    "stage_exits": (
        *("suppressed", "ineligible", "declined", "unreachable", "lapsed"),
        "withdrawn",
    ),
    "flow_boxes": (
        *("approached", "interested", "informed", "consented", "interviewed", "recorded"),
        *("transcribed", "released", "analysed"),
    ),
    "flow_exits": (
        *("bounced", "no_reply", "opted_out", "declined", "ineligible", "lapsed"),
        *("refused", "no_show", "ended_early", "not_recorded", "withdrawn", "waiting"),
    ),
    "consent_forms": ("consent",),
    "consent_states": (
        *("in_progress", "refused", "void", "signed", "effective", "verified", "queried"),
        *("superseded", "invalidated"),
    ),
    "approval_states": APPROVAL_STATES,
    "amendment_states": AMENDMENT_STATES,
    "span_decisions": ("suggested", "accept", "edit", "reject", "generalise", "suppress"),
}

_RECORD: dict[str, tuple[str, ...]] = {
    "studies.state": ("setting_up", "open", "closed", "archived"),
    "users.state": ("invited", "active", "disabled"),
    "user_tokens.purpose": ("join", "reset"),
    "memberships.role": tuple(STAFF),
    "memberships.duties": tuple(Duty),
    "memberships.state": ("invited", "awaiting_grant", "active", "ended"),
    "exceptions.rule": ("S-1", "S-2", "S-3", "S-4", "H-7", "H-9"),
    "compartment_keys.compartment": (*Compartment, *Service),
    "compartment_keys.state": ("current", "retired"),
    "data_key_grants.grantee_kind": ("membership", "link"),
    "study_keys.purpose": tuple(StudyKey),
    "sealed_objects.kind": ("recording", "rendition", "peaks", "evidence"),
    "approvals.kind": ("initial", "minor", "substantial"),
    "approvals.state": tuple(dict.fromkeys(APPROVAL_STATES + AMENDMENT_STATES)),
    "approvals.reconsent": RECONSENT,
    "documents.kind": (
        *("invitation", "reminder", "pis", "consent_form", "topic_guide", "summary"),
        *("confirmation", "debrief", "withdrawal_form", "privacy_notice"),
        "script_verbal_consent",
    ),
    "document_versions.state": (
        *("draft", "submitted", "approved", "effective", "superseded", "retired"),
    ),
    "document_versions.reconsent": RECONSENT,
    "statements.code": STATEMENT_CODES,
    "proposals.outcome": ("approved", "refused", "lapsed"),
    "proposals.reason_code": REASON_CODES,
    "retention_rules.class": (
        *("contact_unused", "recording", "transcript", "release_pointer"),
        *("consent_evidence", "release", "mail", "audit"),
    ),
    "retention_rules.clock": (
        *("recruitment_closed", "transcript_checked", "release_verified"),
        *("deadline_and_analysis_closed", "study_closed", "sent"),
    ),
    "retention_rules.then": ("erase", "destroy_key", "archive"),
    "jobs.kind": (
        *("send_letter", "bounce", "expire_grants", "expire_uploads", "quarantine_due"),
        *("erase", "dispose", "sweep", "head", "mail_head", "count_attempts"),
        "verify_objects",
    ),
    "jobs.state": ("waiting", "running", "done", "failed"),
    "events.outcome": ("done", "refused", "failed"),
}

_COURSE: dict[str, tuple[str, ...]] = {
    "documents_given.channel": CHANNELS,
    "consents.mode": (
        *("digital_link", "digital_in_person", "paper_scan", "verbal_audio", "email_reply"),
    ),
    "consents.capacity": ("own", "supported"),
    "consents.kind": ("signed", "refused"),
    "consents.time_source": ("server", "attested", "date_only"),
    "decisions.answer": ("agree", "decline"),
    "consent_events.kind": ("countersigned", "verified", "queried", "resolved", "invalidated"),
    "consent_events.reason_code": REASON_CODES,
    "withdrawals.scopes": SCOPES,
    "withdrawals.channel": CHANNELS,
    "withdrawal_steps.step": (
        *("received", "acknowledged", "retracted", "assessed", "executing", "completed"),
        "confirmed",
    ),
    "withdrawal_items.class": (
        *("recording", "transcript", "notes", "register", "release", "coding", "quote"),
        *("contact", "letter", "question", "interview", "pointer", "evidence", "export"),
    ),
    "withdrawal_items.decision": ("erase", "stop_use", "cannot"),
    "withdrawal_items.reason_code": (
        *("already_anonymised_irreversibly", "already_published", "legal_retention"),
        "not_found",
    ),
    "holds.scope": SCOPES,
    "holds.cause": ("withdrawal", "restriction", "identifier_reported", "incident", "legal"),
    "interviews.state": (
        *("proposed", "scheduled", "confirmed", "in_progress", "completed"),
        *("ended_early", "cancelled", "no_show"),
    ),
    "interviews.mode": MODES,
    "interviews.may_record": YES_NO,
    "interviews.others_present": YES_NO,
    "interviews.setting": ("home", "work", "university", "public", "remote", "other"),
    "interviews.relationship": ("none", "professional", "personal"),
    "gate_answers.statement_code": STATEMENT_CODES,
    "gate_answers.answer": ("yes", "provisional", "no"),
    "gate_answers.reason_code": (
        *("in_force", "no_consent", "refused", "declined", "later_refusal_invalidated"),
        *("not_countersigned", "not_approved", "version_not_effective", "reconsent_due"),
        *("withdrawn", "expired", "unverified"),
    ),
    "requests.kind": (
        *("access", "rectification", "erasure", "restriction", "objection"),
        "portability",
    ),
    "requests.state": (
        *("received", "identity_checked", "in_work", "extended", "answered", "closed"),
        "refused",
    ),
    "incidents.kind": (
        *("distress", "disclosure_of_harm", "lone_worker", "data_breach"),
        *("protocol_deviation", "complaint"),
    ),
    "incidents.state": ("reported", "triaged", "actioned", "closed"),
    "erasures.state": ("requested", "keys", "rows", "files", "done"),
}

_MATERIAL: dict[str, tuple[str, ...]] = {
    "uploads.state": ("receiving", "complete", "expired", "destroyed"),
    "recordings.state": (
        *("quarantined", "accepted", "transcribed", "checked", "disposed", "rejected"),
    ),
    "recordings.media_type": (
        *("audio/mpeg", "audio/mp4", "audio/ogg", "audio/webm", "audio/wav"),
        *("audio/flac", "audio/amr", "audio/3gpp", "audio/x-ms-wma"),
    ),
    "renditions.kind": ("rendition", "peaks"),
    "transcripts.state": (
        *("raw_draft", "raw_verified", "anonymising", "submitted", "returned", "released"),
    ),
    "transcript_versions.kind": ("imported", "verbatim", "cleaned", "deidentified"),
    "second_readings.outcome": ("open", "passed", "returned"),
    "second_readings.reason_code": REASON_CODES,
    "entities.category": CATEGORIES,
    "entities.directness": ("direct", "quasi"),
    "entities.state": ("active", "merged"),
    "register_entries.category": CATEGORIES,
    "register_entries.source": ("contact", "organisation", "team", "text"),
    "register_prints.kind": (
        *("exact", "token", "initials", "nickname", "spoken", "digits", "mail", "sound"),
    ),
    "assignments.duty": ("transcribe", "deidentify", "review", "verify_consent"),
    "case_notes.kind": ("field_note", "interview_log", "attributes", "incident", "reason"),
}

_IDENTITY: dict[str, tuple[str, ...]] = {
    "expressions.state": (
        *("received", "acknowledged", "screening", "eligible", "info_sent", "considering"),
        *("converted", "ineligible", "declined", "lapsed", "unreachable", "opted_out"),
    ),
    "expressions.channel": CHANNELS,
    "sources.kind": ("list", "network", "snowball", "gatekeeper", "public_call", "other"),
    "approaches.purpose": ("invitation", "reminder", "information", "results"),
    "approaches.channel": CHANNELS,
    "approaches.outcome": ("replied", "declined", "no_reply", "bounced", "opted_out"),
    "links.purposes": (
        *("interest", "sheet", "consent", "copy", "questions", "interview", "page"),
        *("withdraw", "opt_out"),
    ),
    "letters.purpose": (
        *("invitation", "reminder", "acknowledgement", "information", "consent"),
        *("receipt", "answer", "appointment", "cancellation", "summary", "debrief"),
        *("results", "withdrawal_received", "withdrawal_confirmed"),
        *("suppression_confirmed", "staff_join", "staff_reset", "staff_notice"),
        "audit_head",
    ),
    "letters.state": (
        *("queued", "sending", "relay_accepted", "deferred", "confirmed", "bounced_hard"),
        *("bounced_final", "complained", "cancelled", "suppressed"),
    ),
    "letters.cancel_when": (
        *("replied", "consented", "refused", "withdrawn", "opted_out", "contact_changed"),
        *("version_superseded", "approval_lapsed", "interview_changed"),
    ),
    "mail_events.kind": (
        *("relayed", "delivered", "delayed", "expanded", "failed", "auto_reply"),
        "complaint",
    ),
    "questions.channel": CHANNELS,
    "questions.topic": (
        *("taking_part", "recording", "privacy", "withdrawing", "practical", "other"),
    ),
    "questions.state": ("open", "assigned", "answered", "closed"),
    "evidence.kind": ("copy", "typed_name", "drawing", "scan", "audio", "email"),
    "suppressions.origin": ("one_click", "page", "staff", "withdrawal"),
}

_RESEARCH: dict[str, tuple[str, ...]] = {
    "releases.state": ("current", "recalled", "superseded", "erased"),
    "codes.state": ("active", "merged", "retired"),
    "codes.colour": (
        *("blue", "turquoise", "green", "yellow", "orange", "red", "pink", "purple"),
        *("brown", "grey"),
    ),
    "codings.state": ("active", "removed", "unanchored"),
    "cells.status": ("empty", "draft", "agreed"),
    "exports.kind": (
        *("release_docx", "release_txt", "matrix", "quotes", "qdpx", "qdc", "codebook"),
        "evidence_pack",
    ),
    "exports.recall_state": ("none", "asked", "acknowledged"),
}

WORDS: dict[str, tuple[str, ...]] = {
    key: tuple(str(word) for word in words)
    for part in (_NO_COLUMN, _RECORD, _COURSE, _MATERIAL, _IDENTITY, _RESEARCH)
    for key, words in part.items()
}

# Lists of several words in one JSON column: the acts keep them, the database cannot.
SEVERAL = frozenset(
    {"memberships.duties", "withdrawals.scopes", "links.purposes", "letters.cancel_when"}
)

# A study may add statements of its own, "x_…", that gate nothing.
STUDY_MAY_ADD = frozenset({"statements.code", "gate_answers.statement_code"})
