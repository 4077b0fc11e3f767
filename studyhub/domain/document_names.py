"""Kinds and states of documents and approvals as people read them."""

KIND_NAMES: dict[str, str] = {
    "invitation": "Invitation",
    "reminder": "Reminder",
    "pis": "Information sheet",
    "consent_form": "Consent form",
    "topic_guide": "Topic guide",
    "summary": "One-page summary",
    "confirmation": "Confirmation",
    "debrief": "Debrief",
    "withdrawal_form": "Withdrawal form",
    "privacy_notice": "Privacy notice",
    "script_verbal_consent": "Script for verbal consent",
}

# The order of the page: what everybody reads first, then what is sent.
KIND_ORDER = (
    *("pis", "consent_form", "invitation", "reminder", "summary", "confirmation"),
    *("withdrawal_form", "debrief", "privacy_notice", "topic_guide", "script_verbal_consent"),
)

STATE_NAMES: dict[str, str] = {
    "draft": "Draft",
    "submitted": "Waits for approval",
    "approved": "Approved",
    "effective": "Effective",
    "superseded": "Superseded",
    "retired": "Retired",
}

APPROVAL_NAMES: dict[str, str] = {
    "planned": "Planned",
    "drafted": "Drafted",
    "submitted": "Submitted",
    "revision_requested": "Revision requested",
    "approved": "Approved",
    "suspended": "Suspended",
    "expired": "Expired",
    "closed": "Closed",
    "rejected": "Rejected",
    "withdrawn": "Withdrawn",
    "implemented": "Implemented",
}

AMENDMENT_KINDS: dict[str, str] = {"minor": "Minor", "substantial": "Substantial"}

RECONSENT_NAMES: dict[str, str] = {
    "none": "Nobody: what they agreed to does not change",
    "future_contacts": "Only people not yet informed get the new version",
    "all_active": "Everyone active: their consent pauses until they sign",
}

REASON_NAMES: dict[str, str] = {
    "entered_in_error": "Entered in error",
    "wrong_version": "Wrong version",
    "wrong_person": "Wrong person",
    "not_informed": "Does not inform well enough",
    "person_asked": "A person asked for it",
    "duplicate": "There twice",
    "quality": "Not written well enough",
    "protocol": "Does not fit the protocol",
    "committee": "The committee asked for it",
    "law": "The law asks for it",
    "other": "Another reason",
}
