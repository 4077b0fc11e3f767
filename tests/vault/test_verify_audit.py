import json
import runpy
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studyhub.vault import heads, verify_audit
from studyhub.vault.verify_audit import Fault, verify_folder, witness_heads
from tests.vault.audit_exports import (
    CHAIN,
    LOG_KEY,
    OTHER_KEY,
    START,
    chained,
    export,
    parts_of,
)

steady = settings(max_examples=60)
GOOD = export()
SIZE = len(GOOD.lines)


def verdict_of(lines, known=GOOD.heads, witness=None):
    return heads.verify_lines(lines, known, LOG_KEY.public, witness)


def faulty(lines, known=GOOD.heads, witness=None):
    verdict = verdict_of(lines, known, witness)
    return not verdict.ok and verdict.reason != "" and verdict.first_bad is not None


def rewritten(*changes, key=LOG_KEY, count=SIZE):
    """The whole log written anew with some lines changed, re-chained and re-signed."""
    changed = dict(changes)
    parts = [parts_of(seq, "", **changed.get(seq, {})) for seq in range(count)]
    made = export(count, ())
    made.lines = chained(parts)
    made.heads = [made.head(size, key) for size in (4, 8, count)]
    return made


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


def alone(tmp_path, made=GOOD):
    """A folder with the export and the script, and nothing else of ours."""
    folder = made.write(tmp_path / "alone")
    shutil.copy(verify_audit.__file__, folder / "verify_audit.py")
    return folder


def run(folder, *words):
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-I", "-W", "error", "verify_audit.py", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_the_script_alone_says_that_an_export_is_whole(tmp_path):
    folder = alone(tmp_path)
    (folder / "mail.txt").write_text(heads.witness_text(*GOOD.head(7)))

    code, said, _ = run(folder, ".")
    assert code == 0
    assert said.startswith(f"Whole: 12 lines of chain {CHAIN}")
    assert "Not compared" in said

    code, said, _ = run(folder, ".", "--witness", "mail.txt")
    assert code == 0
    assert "Not compared" not in said


def test_the_script_answers_in_json(tmp_path):
    folder = alone(tmp_path)

    code, said, _ = run(folder, ".", "--json")

    digest = verify_audit.line_digest(GOOD.lines[-1]).hex()
    assert code == 0
    assert json.loads(said) == {
        "chain": str(CHAIN),
        "size": 12,
        "digest": digest,
        "ok": True,
        "first_bad": None,
    }


def test_the_script_exits_with_one_when_something_is_wrong(tmp_path):
    folder = alone(tmp_path, rewritten((6, {"outcome": "refused"})))
    (folder / "mail.txt").write_text(heads.witness_text(*GOOD.head(9)))

    assert run(folder, ".")[0] == 0
    code, said, _ = run(folder, ".", "--witness", "mail.txt")
    assert (code, said[:9]) == (1, "NOT WHOLE")
    code, said, why = run(folder, ".", "--witness", "mail.txt", "--json")
    assert (code, json.loads(said)["first_bad"]) == (1, 8)
    assert "head at 9 lines" in why


def test_a_command_line_with_nothing_to_check_exits_with_two(tmp_path):
    folder = alone(tmp_path)

    assert run(folder)[0] == 2
    assert run(folder, "nowhere")[0] == 2
    assert run(folder, ".", "--witness", "nowhere")[0] == 2


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("pub.txt", b"no key"),
        ("pub.txt", b"\xff\xfe"),
        ("pub.txt", b"00"),
        ("heads.jsonl", b""),
        ("heads.jsonl", b"{}\n"),
        ("heads.jsonl", b"[1]\n"),
        ("log.jsonl", b""),
        ("log.jsonl", b"\n"),
        ("witness.txt", b"studyhub-head/v1 of nobody"),
    ],
)
def test_a_spoilt_file_is_a_fault_and_not_a_crash(tmp_path, name, content):
    folder = GOOD.write(tmp_path)
    (folder / name).write_bytes(content)

    verdict = verify_folder(folder)

    assert (verdict.ok, verdict.first_bad) == (False, 0)


def test_a_head_with_its_signature_in_two_is_no_exported_head(tmp_path):
    folder = GOOD.write(tmp_path)
    file = folder / "heads.jsonl"
    written = GOOD.heads[0][1].hex()

    file.write_text(file.read_text().replace(written, f"{written[:64]} {written[64:]}"))

    assert not verify_folder(folder).ok


def test_the_own_witness_of_an_export_is_compared_too(tmp_path):
    forged = rewritten((6, {"outcome": "refused"}))
    forged.witness = heads.witness_text(*GOOD.head(9))

    assert verify_folder(forged.write(tmp_path)).first_bad == 8


def test_the_command_line_can_be_run_inside_the_program(tmp_path, capsys):
    folder = str(GOOD.write(tmp_path))

    assert verify_audit.main([folder, "--json"]) == 0
    assert verify_audit.main([folder]) == 0
    (tmp_path / "mail.txt").write_text("nothing")
    assert verify_audit.main([folder, "--witness", str(tmp_path / "mail.txt")]) == 1
    with pytest.raises(SystemExit):
        verify_audit.main([str(tmp_path / "nowhere")])
    assert "NOT WHOLE" in capsys.readouterr().out


def test_the_file_is_a_program_of_its_own(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["verify_audit.py", str(GOOD.write(tmp_path))])

    with pytest.raises(SystemExit) as end:
        runpy.run_path(verify_audit.__file__, run_name="__main__")

    assert end.value.code == 0
    assert "Whole" in capsys.readouterr().out


def test_a_clock_that_stands_still_is_no_fault():
    made = rewritten((6, {"ts": heads.instant_text(START + timedelta(seconds=5))}))

    assert verdict_of(made.lines, made.heads).ok


@steady
@given(middle=st.sampled_from((4, 8)), at=st.integers(4, SIZE - 1))
def test_a_check_goes_on_after_an_earlier_one_and_finds_the_same(middle, at):
    known = [heads.signed_head(*each) for each in GOOD.heads]
    early = [each for each in known if each.size <= middle]
    seen = verify_audit.verify(GOOD.lines[:middle], early, LOG_KEY.public)
    changed = [*GOOD.lines]
    changed[at] = changed[at].replace(b"transcript", b"recording")

    def goes_on(lines, earlier=seen):
        return verify_audit.verify(lines[middle:], known, LOG_KEY.public, seen=earlier)

    assert goes_on(GOOD.lines) == verify_audit.verify(GOOD.lines, known, LOG_KEY.public)
    assert goes_on(changed).ok is (at < middle)
    assert not goes_on(GOOD.lines, replace(seen, digest=verify_audit.NOTHING)).ok
    assert not goes_on(GOOD.lines, replace(seen, ok=False)).ok
