"""The script that verifies an export, alone and inside the program."""

import json
import runpy
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyhub.vault import heads, verify_audit
from studyhub.vault.verify_audit import verify_folder
from tests.vault.audit_exports import (
    CHAIN,
    LOG_KEY,
    START,
)
from tests.vault.audit_verdicts import GOOD, SIZE, rewritten, steady, verdict_of


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
