"""Take one rule out at a time (``mutations/``); the tests named beside it must notice.

Each mutant is made in one of two copies of the tree below ``build/``, so two run at a time. A
mutant that survives, or whose line is not found any more, fails the run: then add to the tests,
or follow the code, never shorten the list. So does an invariant for which there is no mutant and
no reason in ``WITHOUT``.

    python .ci/mutants.py [NAME …]
"""

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

from mutations import MUTANTS, WITHOUT
from mutations.mutant import Mutant

ROOT = Path(__file__).parent.parent
COPIES = [ROOT / "build" / "mutants" / name for name in ("one", "two")]
TAKEN = ("studyhub", "tests", "migrations", "docs", "requirements", "pyproject.toml", "wsgi.py")
NOT_TAKEN = shutil.ignore_patterns("__pycache__", "node_modules")
INVARIANTS = range(1, 90)
LONGEST = 300  # seconds; tests that a rule keeps from ending would never end without it


def main(names: list[str]) -> int:
    """Try the mutants of these names, or all; 1 if any lives or has lost its line."""
    wanted = [mutant for mutant in MUTANTS if not names or mutant.name in names]
    lost = [
        mutant for mutant in wanted if (ROOT / mutant.file).read_text().count(mutant.was) != 1
    ]
    for mutant in lost:
        print(f"LOST    {mutant.name}: its line is not in {mutant.file} exactly once")
    free: SimpleQueue[Path] = SimpleQueue()
    for copy in COPIES:
        _copy_to(copy)
        free.put(copy)
    with ThreadPoolExecutor(len(COPIES)) as pool:
        tried = (mutant for mutant in wanted if mutant not in lost)
        killed = sum(pool.map(lambda mutant: _killed(mutant, free), tried))
    print(f"{killed} killed, {len(wanted) - killed} lived")
    named = {number for mutant in MUTANTS for number in mutant.invariants}
    bare = [number for number in INVARIANTS if number not in named | WITHOUT.keys()]
    if bare:
        print(f"No mutant and no reason why for invariants {', '.join(map(str, bare))}")
    return 0 if killed == len(wanted) and not bare else 1


def _copy_to(copy: Path) -> None:
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir(parents=True)
    for name in TAKEN:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=NOT_TAKEN)
        elif source.exists():
            shutil.copy2(source, copy / name)


def _killed(mutant: Mutant, free: SimpleQueue[Path]) -> bool:
    copy = free.get()
    source = ROOT / mutant.file
    (copy / mutant.file).write_text(source.read_text().replace(mutant.was, mutant.now))
    ran = _run(copy, mutant)
    # With the time it had: otherwise Python could take what it compiled of the mutant.
    shutil.copy2(source, copy / mutant.file)
    free.put(copy)
    # 1 is a test that failed; anything else (no tests, a broken import) proves nothing.
    killed = ran.returncode == 1 and "error" not in ran.stdout.splitlines()[-1]
    print(f"{'killed ' if killed else 'LIVED  '} {mutant.name}", flush=True)
    if not killed:
        print(ran.stdout[-2000:])
    return killed


def _run(copy: Path, mutant: Mutant) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
    other = "postgresql" if mutant.engine == "sqlite" else "sqlite"
    chosen = f"not {other} and ({mutant.only})" if mutant.only else f"not {other}"
    command += ["-k", chosen, *mutant.tests]
    try:
        return subprocess.run(
            command, cwd=copy, capture_output=True, text=True, check=False, timeout=LONGEST
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, -1, f"It did not end in {LONGEST} s.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
