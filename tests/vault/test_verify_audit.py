"""Any change, cut, insertion or other order of an exported record is found."""

import json
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyhub.vault import heads, verify_audit
from studyhub.vault.verify_audit import verify_folder
from tests.vault.audit_exports import (
    CHAIN,
    START,
    chained,
    export,
    parts_of,
)
from tests.vault.audit_verdicts import GOOD, SIZE, faulty, rewritten, steady, verdict_of


def test_a_good_export_is_whole(tmp_path):
    verdict = verify_folder(GOOD.write(tmp_path))

    assert (verdict.ok, verdict.first_bad, verdict.reason) == (True, None, "")
    assert (verdict.chain, verdict.size) == (str(CHAIN), SIZE)


@steady
@given(data=st.data())
def test_any_changed_byte_of_the_log_is_found(data):
    at = data.draw(st.integers(0, SIZE - 1))
    line = bytearray(GOOD.lines[at])
    line[data.draw(st.integers(0, len(line) - 1))] ^= data.draw(st.integers(1, 255))

    assert faulty([*GOOD.lines[:at], bytes(line), *GOOD.lines[at + 1 :]])


@steady
@given(first=st.integers(0, SIZE - 1), count=st.integers(1, SIZE))
def test_any_deletion_and_any_cut_is_found(first, count):
    assert faulty(GOOD.lines[:first] + GOOD.lines[first + count :])


@steady
@given(at=st.integers(0, SIZE), line=st.one_of(st.sampled_from(GOOD.lines), st.binary()))
def test_any_insertion_and_any_line_twice_is_found(at, line):
    assert faulty([*GOOD.lines[:at], line, *GOOD.lines[at:]])


@steady
@given(lines=st.permutations(GOOD.lines))
def test_any_other_order_is_found(lines):
    assert faulty(lines) != (lines == GOOD.lines)


@steady
@given(data=st.data())
def test_any_change_of_an_exported_file_is_found(data, tmp_path_factory):
    folder = GOOD.write(tmp_path_factory.mktemp("export"))
    file = folder / data.draw(st.sampled_from(["log.jsonl", "heads.jsonl"]))
    content = bytearray(file.read_bytes())
    start = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        content[start] ^= data.draw(st.integers(1, 255))
    else:
        del content[start:]

    file.write_bytes(content)

    assert not verify_folder(folder).ok


@pytest.mark.parametrize("name", ["log.jsonl", "heads.jsonl"])
def test_a_changed_last_byte_is_found_too(name, tmp_path):
    folder = GOOD.write(tmp_path)
    (folder / name).write_bytes((folder / name).read_bytes()[:-1] + b"\x0b")

    assert not verify_folder(folder).ok


@steady
@given(first=st.integers(0, SIZE - 1), count=st.integers(1, 3))
def test_deleting_and_chaining_anew_is_found_by_the_heads(first, count):
    parts = [json.loads(line) for line in GOOD.lines]
    del parts[first : first + count]
    lines = chained([part | {"seq": seq} for seq, part in enumerate(parts)])

    verdict = verdict_of(lines)

    assert not verdict.ok
    assert verdict.proven <= first


def test_when_a_head_disagrees_the_first_bad_line_is_the_one_after_the_last_good_head():
    verdict = verdict_of(rewritten((6, {"outcome": "refused"})).lines)

    assert (verdict.first_bad, verdict.proven) == (4, 4)
    assert "head at 8 lines" in verdict.reason


def test_a_cut_tail_is_found_by_the_newest_head():
    verdict = verdict_of(GOOD.lines[:9])

    assert verdict.first_bad == 9
    assert "cut" in verdict.reason


def test_lines_after_the_newest_head_are_not_proven():
    verdict = verdict_of(GOOD.lines, GOOD.heads[:2])

    assert (verdict.ok, verdict.first_bad) == (False, 8)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"seq": 7}, "follow"),
        ({"study": str(uuid4())}, "follow"),
        ({"ts": heads.instant_text(START)}, "follow"),
        ({"ts": "2026-11-23T08:20:19Z"}, "form"),
        ({"v": 2}, "version"),
        ({"extra": 1}, "canonical"),
        ({"seq": "6"}, "canonical"),
        ({"actor": 5}, "canonical"),
        ({"facts": "none"}, "canonical"),
        ({"facts": {"a": {"b": 1}}}, "facts within facts"),
    ],
)
def test_a_line_that_breaks_the_form_is_found_even_when_all_is_signed(change, reason):
    made = rewritten((6, change))

    verdict = verdict_of(made.lines, made.heads)

    assert (verdict.ok, verdict.first_bad) == (False, 6)
    assert reason in verdict.reason


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (b'"v":1', b'"v": 1'),
        (b'"v":1}', b'"v":1,"v":1}'),
        (b'"v":1', b'"v":1.0'),
        (b'"v":1', b'"v":true'),
        (b'"seq":2', b'"seq":02'),
        (b'"role":"transcriber"', b'"role":"transcribe\\u0072"'),
        (b'"role":"transcriber"', b'"role":"transcriber\\ud800"'),
        (b'"role":"transcriber"', b'"role":"transcriber\xff"'),
        (b'"role":"transcriber"', b'"role":"transcriber\x01"'),
        (b'"facts":{"reason":"other",', b'"facts":{"version":null,"reason":"other",'),
        (b'"facts":{', b'"facts":{"count":-0,'),
        (b'{"act"', b'[{"act"'),
        (b'"facts":{', b'"facts":' + b'{"a":' * 5000 + b"{"),
    ],
)
def test_another_spelling_of_the_same_line_is_found_even_when_signed(right, wrong):
    made = export(3, ())
    made.lines[2] = made.lines[2].replace(right, wrong)
    made.heads = [made.head(3)]

    verdict = verdict_of(made.lines, made.heads)

    assert (verdict.ok, verdict.first_bad) == (False, 2)


@pytest.mark.parametrize("facts", ['{"b":1,"a":2}', '{"a":1,"a":2}', '{"a":01}', '{"a":[1]}'])
def test_facts_of_another_spelling_are_found_on_the_fast_way_too(facts):
    made = export(2, ())
    made.lines[1] = made.lines[1].replace(b'{"count":1,"form":"x"}', facts.encode())
    made.heads = [made.head(2)]

    assert verdict_of(made.lines, made.heads).first_bad == 1


LINES = st.dictionaries(
    st.text(max_size=3),
    st.one_of(st.none(), st.integers(), st.text(max_size=5)),
    max_size=4,
)


@steady
@given(facts=LINES, subject=st.text(), act=st.text(max_size=5))
def test_every_line_that_can_be_written_is_read_by_both_ways_alike(facts, subject, act):
    try:
        line = verify_audit.canonical(
            parts_of(0, verify_audit.NOTHING, facts=facts, subject=subject, act=act)
        )
    except UnicodeEncodeError:
        return
    made = export(1, ())
    made.lines = [line]
    made.heads = [made.head(1)]

    assert verify_audit._links(line)[1] == b"0"
    assert verdict_of(made.lines, made.heads).ok
