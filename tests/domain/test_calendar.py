"""The calendar entry of an appointment: one person, neutral words, the same entry for good."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from studyhub.domain import calendar

ENTRY = calendar.Entry(
    uid="2b1f-uid",
    sequence=3,
    starts_at=datetime(2026, 3, 4, 10, 0, tzinfo=timezone(timedelta(hours=1))),
    ends_at=datetime(2026, 3, 4, 10, 0, tzinfo=UTC),
    written_at=datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
    organizer="study@northmoor.example",
    attendee="grace@home.test",
    summary="Call",
)


def lines(text):
    assert text.endswith("\r\n")
    return text.replace("\r\n ", "").split("\r\n")


def test_an_invitation_holds_the_appointment_in_utc_and_one_person():
    found = lines(calendar.invitation(ENTRY))

    for line in (
        *("METHOD:REQUEST", "UID:2b1f-uid", "SEQUENCE:3", "DTSTART:20260304T090000Z"),
        *("DTEND:20260304T100000Z", "SUMMARY:Call", "CLASS:PRIVATE", "STATUS:CONFIRMED"),
    ):
        assert line in found
    assert [each for each in found if "grace@home.test" in each] == [
        "ATTENDEE;ROLE=REQ-PARTICIPANT;RSVP=FALSE:mailto:grace@home.test"
    ]
    assert not [each for each in found if each.startswith(("LOCATION", "DESCRIPTION"))]


def test_a_cancellation_is_the_same_entry_with_another_method():
    found = lines(calendar.cancellation(ENTRY))

    assert {"METHOD:CANCEL", "STATUS:CANCELLED", "UID:2b1f-uid", "SEQUENCE:3"} <= set(found)


def test_a_long_line_is_broken_between_letters_and_never_within_one():
    long = replace(ENTRY, summary="Gespräch, ü; \\ " * 12)

    written = calendar.invitation(long)

    assert all(len(each.encode()) <= 75 for each in written.split("\r\n"))
    summary = "".join(each for each in lines(written) if each.startswith("SUMMARY:"))
    assert summary.replace("\\,", ",").replace("\\;", ";").replace("\\\\", "\\") == (
        "SUMMARY:" + "Gespräch, ü; \\ " * 12
    )
