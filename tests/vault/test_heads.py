from dataclasses import replace
from datetime import datetime, timedelta, timezone
from uuid import uuid4

import pytest

from studyhub.domain.errors import Corrupt
from studyhub.vault import heads, verify_audit
from studyhub.vault.primitives import check_signature
from tests.vault.audit_exports import CHAIN, LOG_KEY, OTHER_KEY, START, export

HEAD = heads.Head(CHAIN, 7, bytes(range(32)), START + timedelta(microseconds=5))


def test_the_five_signed_lines_are_the_published_ones():
    assert heads.head_message(HEAD) == (
        b"studyhub-head/v1\n"
        b"5f0c1d9e-0000-4000-8000-000000000001\n"
        b"7\n"
        b"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
        b"2026-11-23T08:20:00.000005Z\n"
    )


def test_a_head_signed_by_the_log_key_is_accepted():
    signature = heads.sign_head(LOG_KEY.private, HEAD)

    check_signature(LOG_KEY.public, heads.head_message(HEAD), signature)

    assert len(signature) == 64


@pytest.mark.parametrize(
    "change",
    [
        {"chain": uuid4()},
        {"size": 8},
        {"digest": bytes(32)},
        {"at": HEAD.at + timedelta(microseconds=1)},
    ],
)
def test_every_part_of_a_head_is_signed(change):
    signature = heads.sign_head(LOG_KEY.private, HEAD)

    with pytest.raises(Corrupt):
        check_signature(LOG_KEY.public, heads.head_message(replace(HEAD, **change)), signature)


def test_a_head_signed_by_another_key_is_refused():
    with pytest.raises(Corrupt):
        check_signature(
            LOG_KEY.public, heads.head_message(HEAD), heads.sign_head(OTHER_KEY.private, HEAD)
        )


def test_a_line_is_digested_after_one_zero_byte():
    empty = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"

    assert verify_audit.line_digest(b"").hex() == empty


def test_a_line_has_one_form():
    parts = {"b": 1, "a": {"z": None, "ä": "é\n"}}

    assert verify_audit.canonical(parts) == '{"a":{"z":null,"ä":"é\\n"},"b":1}'.encode()


@pytest.mark.parametrize("value", [1.0, True, [1], {"deep": 1.5}, b"bytes", uuid4(), START])
def test_a_line_takes_texts_integers_and_null_only(value):
    with pytest.raises(TypeError):
        verify_audit.canonical({"facts": value})


def test_an_instant_is_written_in_utc_with_microseconds():
    there = START.astimezone(timezone(timedelta(hours=-5)))

    assert heads.instant_text(there) == "2026-11-23T08:20:00.000000Z"


def test_an_instant_without_time_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        heads.instant_text(datetime(2026, 11, 23))  # noqa: DTZ001 - what is refused


def test_a_good_chain_is_whole():
    good = export()

    verdict = heads.verify_lines(good.lines, good.heads, good.public)

    assert verdict.ok
    assert verdict.size == 12
    assert verdict.digest == verify_audit.line_digest(good.lines[-1]).hex()


def test_a_mailed_head_witnesses():
    good = export()
    mail = f"Dear Ada,\n\n{heads.witness_text(*good.head(5))}\nRegards"

    assert heads.verify_lines(good.lines, good.heads, good.public, mail).ok
    strange = mail.replace(str(CHAIN), str(uuid4()))
    verdict = heads.verify_lines(good.lines, good.heads, good.public, strange)
    assert verdict.reason == "the witness has no head of this chain"


def test_nothing_without_heads_is_whole():
    verdict = heads.verify_lines(export().lines, [], LOG_KEY.public, "nothing")

    assert not verdict.ok
