"""Take one rule out at a time; the tests named beside it must notice.

Each mutant is made in a copy of the tree below ``build/``. A mutant that survives, or whose
line is not found any more, fails the run: then add to the tests, or follow the code, never
shorten the list.

    python .ci/mutants.py [NAME …]
"""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
COPY = ROOT / "build" / "mutant"
TAKEN = ("studyhub", "tests", "migrations", "docs", "requirements", "pyproject.toml", "wsgi.py")
KERNEL = "studyhub/workflows/kernel.py"
KERNEL_TESTS = ("tests/workflows/test_kernel.py",)
POLICY_TESTS = ("tests/house/test_policy.py",)


@dataclass(frozen=True)
class Mutant:
    """One rule taken out: in which file, what stood there, what stands there now."""

    name: str
    file: str
    was: str
    now: str
    tests: tuple[str, ...] = KERNEL_TESTS


MUTANTS = [
    Mutant(
        "no event",
        KERNEL,
        '        if rule.traced:\n            _append(session, desk, act, "done", trace)\n',
        "",
    ),
    Mutant(
        "event twice",
        KERNEL,
        '            _append(session, desk, act, "done", trace)\n',
        '            _append(session, desk, act, "done", trace)\n' * 2,
    ),
    Mutant(
        "event in its own transaction",
        KERNEL,
        '        if rule.traced:\n            _append(session, desk, act, "done", trace)\n',
        "        session.commit()\n        with desk.hub.sessions.writing.begin() as other:\n"
        '            if rule.traced:\n                _append(other, desk, act, "done", trace)\n',
    ),
    Mutant(
        "role unchecked",
        "studyhub/domain/policy.py",
        "    if actor.role in found.roles:\n",
        "    if actor.role is not Role.PUBLIC or actor.role in found.roles:\n",
    ),
    Mutant(
        "vault always open",
        "studyhub/workflows/locker.py",
        "        if row.compartment not in self._lent:\n",
        "        if row.compartment is None:\n",
    ),
    Mutant(
        "strangers in",
        "studyhub/domain/policy.py",
        "    if actor.role in found.roles:\n",
        "    if actor.role is Role.PUBLIC or actor.role in found.roles:\n",
    ),
    Mutant(
        "refusal unrecorded",
        KERNEL,
        '            _append(session, desk, act, "refused", Trace(trace.subject or act.kind))\n',
        "            session.flush()\n",
    ),
    Mutant(
        "nesting allowed",
        KERNEL,
        "    if _under_way.get() is not None:\n",
        "    if _under_way.get() is Act.CHAIN_OPEN:\n",
    ),
    Mutant(
        "subject unchecked",
        KERNEL,
        "        check_subject(self.actor, self._act, subject)\n",
        "",
    ),
    Mutant(
        "facts open",
        KERNEL,
        "        if not facts.keys() <= FACTS:\n",
        "        if not facts:\n",
    ),
    Mutant(
        "hidden kinds shown",
        "studyhub/domain/policy.py",
        "or (act.kind in HIDDEN and not knows)",
        "or (act.kind not in HIDDEN and act.kind in HIDDEN and not knows)",
    ),
    Mutant(
        "outsiders told apart",
        "studyhub/domain/policy.py",
        "    if actor.role is Role.PUBLIC or (",
        "    if (",
    ),
    Mutant(
        "CSRF off",
        "studyhub/web/guard.py",
        '    if not hmac.compare_digest((sent or "").encode(), csrf_token().encode()):\n',
        '    if sent == "nobody sends this":\n',
        ("tests/web/test_guard.py",),
    ),
    Mutant(
        "letter body kept",
        "studyhub/workflows/letters.py",
        "    letter.body_sealed = None\n    work.session.flush()\n",
        "    work.session.flush()\n",
        ("tests/workflows/test_mailroom.py",),
    ),
    Mutant(
        "role believed without its certificate",
        "studyhub/workflows/kernel.py",
        "        _role_proved(work, rule)\n",
        "",
        ("tests/attack/test_deputies.py",),
    ),
    Mutant(
        "prev dropped",
        "studyhub/workflows/record.py",
        '            "prev": last.digest.hex() if last else NOTHING,\n',
        '            "prev": NOTHING,\n',
    ),
    Mutant(
        "password never asked again",
        KERNEL,
        "        _password_fresh(desk, rule)\n",
        "",
    ),
    Mutant(
        "standing unchecked",
        KERNEL,
        "        still_stands(session, desk.actor, desk.study, desk.hub.now())\n",
        "",
    ),
    Mutant(
        "signatures of public keys unchecked",
        "studyhub/workflows/locker.py",
        "        self.trust().public_key(public_key_of(row))\n        return row\n",
        "        return row\n",
        ("tests/workflows/test_locker.py",),
    ),
    Mutant(
        "signatures of grants unchecked",
        "studyhub/workflows/locker.py",
        "        signed = self.trust().grant(grant_of(grant, row))\n",
        "        signed = grant_of(grant, row)\n",
        ("tests/workflows/test_locker.py",),
    ),
    Mutant(
        "row left out of a sealed place",
        "studyhub/vault/places.py",
        '            "studyhub/row/v1", self.table, self.row_id, self.column, self.study, self.owner\n',
        '            "studyhub/row/v1", self.table, self.column, self.study, self.owner\n',
        ("tests/vault/test_seal.py",),
    ),
]


def main(names: list[str]) -> int:
    """Try the mutants of these names, or all; 1 if any lives."""
    wanted = [mutant for mutant in MUTANTS if not names or mutant.name in names]
    lived = [mutant.name for mutant in wanted if not _killed(mutant)]
    print(f"{len(wanted) - len(lived)} killed, {len(lived)} lived")
    return 1 if lived else 0


def _killed(mutant: Mutant) -> bool:
    shutil.rmtree(COPY, ignore_errors=True)
    COPY.mkdir(parents=True)
    for name in TAKEN:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, COPY / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.exists():
            shutil.copy(source, COPY / name)
    path = COPY / mutant.file
    text = path.read_text()
    if text.count(mutant.was) != 1:
        print(f"LOST    {mutant.name}: its line is not in {mutant.file} exactly once")
        return False
    path.write_text(text.replace(mutant.was, mutant.now))
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
    ran = subprocess.run(
        [*command, "-k", "not postgresql", *mutant.tests],
        cwd=COPY,
        capture_output=True,
        text=True,
        check=False,
    )
    # 1 is a test that failed; anything else (no tests, a broken import) proves nothing.
    killed = ran.returncode == 1 and "error" not in ran.stdout.splitlines()[-1]
    print(f"{'killed ' if killed else 'LIVED  '} {mutant.name}", flush=True)
    if not killed:
        print(ran.stdout[-2000:])
    return killed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
