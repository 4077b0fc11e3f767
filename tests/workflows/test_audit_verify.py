"""What an auditor sees who has an export, a head kept outside, and Python: nothing of ours."""

import json
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest

from studyhub.vault import heads, verify_audit
from studyhub.workflows import trail
from studyhub.workflows.kernel import operator_desk, worker_desk
from tests.makers import Study


def exported(study: Study, folder: Path) -> Path:
    """The export as the command writes it, with the verifier beside it."""
    made = trail.export(operator_desk(study.hub, study.id))
    folder.mkdir()
    (folder / "log.jsonl").write_bytes(made.log)
    (folder / "heads.jsonl").write_bytes(made.heads)
    (folder / "witness.txt").write_bytes(made.witness)
    (folder / "pub.txt").write_bytes(made.public_key)
    shutil.copy(verify_audit.__file__, folder)
    return folder


def verified(folder: Path, *more: str) -> dict:
    """What the verifier of the export says, run alone: isolated from every module of ours."""
    command = [sys.executable, "-I", str(folder / "verify_audit.py"), str(folder), "--json"]
    done = subprocess.run([*command, *more], capture_output=True, text=True, check=False)  # noqa: S603 - our own script
    told = json.loads(done.stdout)
    assert done.returncode == (0 if told["ok"] else 1), done.stderr
    return told


def several_heads(study: Study) -> None:
    """A history with three signed heads and acts between them."""
    for _ in range(2):
        for _ in range(4):
            trail.read_lines(study.ada)
        study.clock.advance(minutes=15)
        trail.sign_head(worker_desk(study.hub, study.id))


def test_the_export_of_a_study_is_whole_and_names_its_chain(study, tmp_path):
    several_heads(study)

    told = verified(exported(study, tmp_path / "export"))

    assert told["ok"]
    assert told["chain"] == str(study.id)
    assert told["digest"] == trail.check_health(study.ada).head.digest


@pytest.fixture
def export(small_study, tmp_path):
    several_heads(small_study)
    return exported(small_study, tmp_path / "export")


def lines_of(folder):
    return (folder / "log.jsonl").read_bytes().splitlines(keepends=True)


DAMAGES = {
    "an edit": lambda lines: [*lines[:5], lines[5].replace(b'"done"', b'"gone"'), *lines[6:]],
    "an edit of the first line": lambda lines: [
        lines[0].replace(b"operator", b"auditor"),
        *lines[1:],
    ],
    "a deletion": lambda lines: lines[:5] + lines[6:],
    "a deletion of the first line": lambda lines: lines[1:],
    "an insertion": lambda lines: [*lines[:5], lines[4], *lines[5:]],
    "another order": lambda lines: [*lines[:5], lines[6], lines[5], *lines[7:]],
    "a cut tail": lambda lines: lines[:-1],
    "a cut last line": lambda lines: [*lines[:-1], lines[-1][:-9]],
    "a line more": lambda lines: [*lines, lines[-1]],
    "nothing at all": lambda _lines: [],
    "a deletion, chained anew": lambda lines: chained(lines[:5] + lines[6:]),
    "an edit, chained anew": lambda lines: chained(
        [*lines[:5], lines[5].replace(b'"done"', b'"gone"'), *lines[6:]]
    ),
}


def chained(lines):
    """The same lines, each following from the one before again."""
    made, prev = [], verify_audit.NOTHING
    for seq, line in enumerate(lines):
        parts = json.loads(line) | {"seq": seq, "prev": prev}
        made.append(verify_audit.canonical(parts) + b"\n")
        prev = verify_audit.line_digest(made[-1][:-1]).hex()
    return made


@pytest.mark.parametrize("damage", DAMAGES)
def test_every_change_of_the_log_is_found(export, damage):
    changed = DAMAGES[damage](lines_of(export))
    (export / "log.jsonl").write_bytes(b"".join(changed))

    told = verified(export)

    assert not told["ok"]
    assert told["first_bad"] is not None


def test_a_history_without_its_newest_head_is_found_with_that_head(export):
    kept = (export / "witness.txt").read_bytes()
    known = (export / "heads.jsonl").read_bytes().splitlines(keepends=True)[:-1]
    size = json.loads(known[-1])["size"]
    (export / "heads.jsonl").write_bytes(b"".join(known))
    (export / "log.jsonl").write_bytes(b"".join(lines_of(export)[:size]))
    (export / "witness.txt").write_text("")
    (export / "outside.txt").write_bytes(kept)

    assert verified(export)["ok"]
    assert not verified(export, "--witness", str(export / "outside.txt"))["ok"]


def test_a_history_written_anew_with_the_real_key_is_found_with_an_earlier_head(
    small_study, export
):
    mailed = export.with_name("mailed.txt")
    mailed.write_bytes((export / "witness.txt").read_bytes())
    lines = lines_of(export)
    rewritten = chained(
        [*lines[:5], lines[5].replace(b'"outcome":"done"', b'"outcome":"failed"'), *lines[6:]]
    )
    assert rewritten[5] != lines[5]

    sign_anew(export, rewritten, small_study.hub.key_files.log)

    assert verified(export)["ok"], "whoever has the key can write everything anew"
    assert not verified(export, "--witness", str(mailed))["ok"]


def sign_anew(folder, lines, log_key):
    """What somebody does who holds the log key and wants nothing to be seen."""
    signed = []
    for told in map(json.loads, (folder / "heads.jsonl").read_text().splitlines()):
        head = heads.Head(
            UUID(told["chain"]),
            told["size"],
            verify_audit.line_digest(lines[told["size"] - 1][:-1]),
            datetime.fromisoformat(told["ts"]),
        )
        signed.append((head, heads.sign_head(log_key, head)))
    (folder / "log.jsonl").write_bytes(b"".join(lines))
    (folder / "heads.jsonl").write_bytes(
        b"".join(heads.heads_line(*one) + b"\n" for one in signed)
    )
    (folder / "witness.txt").write_text(heads.witness_text(*signed[-1]))
