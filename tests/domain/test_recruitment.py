"""Who may be written to, how often, what is cancelled, and whose addresses are one."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyhub.domain.recruitment import (
    CANCEL_WHEN,
    SafeContact,
    Sending,
    cancel_when,
    cancels,
    plain_address,
    reminders_left,
    why_not,
)
from studyhub.domain.words import WORDS

OPEN = SafeContact(by_email=True, mailbox_private=True, by_telephone=True, by_post=True)
PLAIN = Sending("information")


def channel_allowed(wishes, channel, sending):
    return not why_not(wishes, channel, sending)


@pytest.mark.parametrize("channel", WORDS["channels"])
def test_a_person_who_agreed_to_everything_can_be_reached_on_every_channel(channel):
    assert channel_allowed(OPEN, channel, PLAIN)


@pytest.mark.parametrize(
    ("wish", "channels"),
    [
        ("by_email", {"email", "link"}),
        ("by_telephone", {"telephone"}),
        ("by_post", {"post"}),
    ],
)
def test_inv_20_a_channel_outside_the_wishes_is_not_used(wish, channels):
    wishes = replace(OPEN, **{wish: False})

    assert {c for c in WORDS["channels"] if not channel_allowed(wishes, c, PLAIN)} == channels


@pytest.mark.parametrize(
    "sending",
    [
        Sending("reminder"),
        Sending("information", holds_link=True),
        Sending("receipt", holds_attachment=True),
    ],
)
def test_inv_20_a_mailbox_that_others_read_gets_no_links_reminders_or_attachments(sending):
    shared = replace(OPEN, mailbox_private=False)

    assert "Others can read" in why_not(shared, "email", sending)
    assert not channel_allowed(shared, "link", PLAIN)
    assert channel_allowed(shared, "email", PLAIN)
    assert channel_allowed(shared, "telephone", sending)


@pytest.mark.parametrize("channel", WORDS["channels"])
def test_inv_11_after_an_opt_out_one_confirmation_is_sent_and_nothing_else(channel):
    gone = replace(OPEN, opted_out=True)
    once = Sending("suppression_confirmed")

    assert channel_allowed(gone, channel, once)
    assert not channel_allowed(gone, channel, replace(once, already_confirmed=True))
    for purpose in set(WORDS["letters.purpose"]) - {once.purpose}:
        assert not channel_allowed(gone, channel, Sending(purpose))


@given(st.lists(st.sampled_from(WORDS["approaches.purpose"])), st.integers(0, 5))
def test_inv_18_reminders_of_all_senders_together_stay_within_the_protocol(purposes, most):
    assert reminders_left(["reminder"] * 9, most) == 0
    while reminders_left(purposes, most):
        purposes = [*purposes, "reminder"]

    assert purposes.count("reminder") >= most


def test_a_letter_is_cancelled_by_what_it_names_and_nothing_else():
    assert cancels(["replied", "withdrawn"], {"withdrawn", "consented"}) == ["withdrawn"]
    assert cancels(["replied"], {"consented"}) == []
    assert cancels([], set(WORDS["letters.cancel_when"])) == []


def test_every_letter_says_in_words_of_the_list_what_cancels_it():
    assert set(CANCEL_WHEN) <= set(WORDS["letters.purpose"])
    assert set().union(*CANCEL_WHEN.values()) == set(WORDS["letters.cancel_when"])


def test_inv_20_a_change_of_contact_cancels_every_queued_letter_to_a_participant():
    assert all("contact_changed" in reasons for reasons in CANCEL_WHEN.values())


def test_nothing_cancels_the_confirmation_of_a_withdrawal():
    assert cancel_when("withdrawal_confirmed") == []
    assert cancel_when("receipt") == ["contact_changed"]


def test_two_ways_of_writing_an_address_are_one():
    assert plain_address(" Anna@B\u00dccher.example") == "anna@xn--bcher-kva.example"
    assert plain_address("anna@a.example") != plain_address("anne@a.example")
