"""What a study may settle for itself, and what holds until it does (``studies.settings``)."""

from typing import Any

DEFAULTS: dict[str, Any] = {
    "consider_time": 24,  # hours between information sheet and signing
    "countersign": False,
    "typed_name_enough": True,
    "planned_sample": 6,
    "reminders_max": 1,
    "reminder_days": 0,  # that pass after a letter before the next reminder
    "quarantine_days": 14,
    "call_sheet_hours": [24, 24],
    "link_days": 60,
    "notes_only_allowed": True,
    "default_transcriber": None,
    "quota": 100 * 1024**3,  # bytes of sealed objects
    "threshold_k": 3,
    "languages": ["en"],
    "sensitive_terms": [],
    "safe_site": "https://www.bbc.co.uk/weather",
    "agreement_figures": True,
}
