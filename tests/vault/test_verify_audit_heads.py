"""Heads and witnesses: what they prove, and what no longer fits them."""

from dataclasses import replace
from uuid import uuid4

import pytest

from studyhub.vault import heads
from studyhub.vault.verify_audit import Fault, witness_heads
from tests.vault.audit_exports import (
    CHAIN,
    LOG_KEY,
    OTHER_KEY,
)
from tests.vault.audit_verdicts import GOOD, faulty, rewritten, verdict_of


def test_a_head_of_a_foreign_key_is_found_wherever_it_stands():
    for place, size in enumerate((4, 8, 12)):
        known = list(GOOD.heads)
        known[place] = GOOD.head(size, OTHER_KEY)

        verdict = verdict_of(GOOD.lines, known)

        assert (verdict.ok, verdict.proven) == (False, size - 4)
        assert "not signed by this log key" in verdict.reason


def test_a_head_over_a_wrong_digest_is_found():
    wrong = replace(GOOD.heads[1][0], digest=bytes(32))
    known = [GOOD.heads[0], (wrong, heads.sign_head(LOG_KEY.private, wrong)), GOOD.heads[2]]

    assert verdict_of(GOOD.lines, known).first_bad == 4


@pytest.mark.parametrize(
    "known",
    [
        [],
        [GOOD.heads[0], GOOD.heads[0], GOOD.heads[2]],
        [GOOD.heads[1], GOOD.heads[0], GOOD.heads[2]],
        [*GOOD.heads[:2], (GOOD.heads[2][0], b"")],
        [*GOOD.heads[:2], (GOOD.heads[2][0], b"short")],
        [(replace(GOOD.heads[0][0], size=0), GOOD.heads[0][1]), *GOOD.heads[1:]],
        [(replace(GOOD.heads[0][0], chain=uuid4()), GOOD.heads[0][1]), *GOOD.heads[1:]],
    ],
)
def test_heads_that_are_no_row_of_signed_heads_prove_nothing(known):
    assert faulty(GOOD.lines, known)


def test_a_full_rewrite_with_the_real_key_passes_and_fails_against_a_witness():
    forged = rewritten((6, {"outcome": "refused"}))
    before, after = (heads.witness_text(*GOOD.head(size)) for size in (5, 9))

    assert verdict_of(forged.lines, forged.heads).ok
    assert verdict_of(forged.lines, forged.heads, before).ok
    assert verdict_of(forged.lines, forged.heads, after).first_bad == 8


def test_a_witness_typed_without_signature_is_compared_all_the_same():
    forged = rewritten((6, {"outcome": "refused"}))
    typed = heads.head_message(GOOD.head(9)[0]).decode()

    assert verdict_of(GOOD.lines, GOOD.heads, typed).ok
    assert verdict_of(forged.lines, forged.heads, typed).first_bad == 8


def test_a_cut_tail_with_its_heads_fails_against_a_witness():
    witness = heads.witness_text(*GOOD.head(11))

    assert verdict_of(GOOD.lines[:8], GOOD.heads[:2]).ok
    assert verdict_of(GOOD.lines[:8], GOOD.heads[:2], witness).first_bad == 8


def test_a_rewrite_with_a_new_key_fails_against_a_signed_witness_far_back():
    forged = rewritten((6, {"outcome": "refused"}), key=OTHER_KEY)
    witness = heads.witness_text(*GOOD.head(1))

    verdict = heads.verify_lines(forged.lines, forged.heads, OTHER_KEY.public, witness)

    assert not verdict.ok


def test_a_witness_is_read_from_a_mail_a_line_or_paper():
    head, signature = GOOD.head(9)
    mailed = heads.witness_text(head, signature)
    quoted = "Ada wrote:\r\n> " + mailed.replace("\n", "\r\n> ") + "\r\nbye"
    one_line = heads.head_message(head).decode().replace("\n", " ") + signature.hex()
    typed = "Page 3: " + heads.head_message(head).decode() + "as printed on 23 November"

    found = [witness_heads(text, str(CHAIN)) for text in (mailed, quoted, one_line, typed)]

    signed = heads.signed_head(head, signature)
    assert found[:3] == [[signed]] * 3
    assert found[3] == [replace(signed, signature=b"")]


def test_several_heads_and_heads_of_other_chains_may_stand_in_one_witness():
    other = replace(GOOD.heads[0][0], chain=uuid4())
    known = [GOOD.heads[0], (other, b"x" * 64), GOOD.heads[2]]

    text = "\n".join(heads.witness_text(*head) for head in known)

    assert [head.size for head in witness_heads(text, str(CHAIN))] == [4, 12]


@pytest.mark.parametrize("text", ["", "nothing here", "studyhub-head/v1"])
def test_a_witness_without_a_head_of_this_chain_is_a_fault(text):
    with pytest.raises(Fault, match="no head of this chain"):
        witness_heads(text, str(CHAIN))


def test_a_damaged_witness_is_a_fault():
    text = heads.witness_text(*GOOD.heads[0]).replace("\n4\n", "\nfour\n")

    with pytest.raises(Fault, match="damaged"):
        witness_heads(text, str(CHAIN))
