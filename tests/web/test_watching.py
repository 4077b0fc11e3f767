"""The watcher finds what is planted where a server could leave it."""

import subprocess
import sys
from contextlib import contextmanager

import pytest

from tests.web.real_server import Served
from tests.web.watching import BLOCK, fresh, watched

PLANTED = b"a heron over grey ice"
HOLDS = """
import sys
held = open(sys.argv[1], "rb")
__import__("os").unlink(sys.argv[1])
print(flush=True)
sys.stdin.read()
"""


@contextmanager
def holding(path):
    """A process that holds a file open which has no name any more."""
    path.write_bytes(PLANTED)
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", HOLDS, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout.readline() == b"\n"
        yield process
        process.stdin.close()


@pytest.mark.parametrize("place", ["instance/tmp", "instance-temporary"])
def test_it_finds_a_file_in_the_instance_and_among_temporary_ones(tmp_path, place):
    folder = tmp_path / place
    folder.mkdir(parents=True)

    with holding(tmp_path / "elsewhere") as process:
        server = Served(tmp_path / "instance", 0, process)
        with pytest.raises(AssertionError, match=place), watched(server, PLANTED[:9]):
            (folder / "x").write_bytes(PLANTED)


def test_it_finds_what_is_open_but_deleted(tmp_path):
    with holding(tmp_path / "elsewhere") as process:
        server = Served(tmp_path / "instance", 0, process)
        with pytest.raises(AssertionError, match="/proc"), watched(server, PLANTED):
            pass
        with watched(server, b"nothing that anybody wrote"):
            pass


def test_in_a_file_that_changed_it_finds_what_lies_across_two_blocks(tmp_path):
    path, before = tmp_path / "database", bytes(3 * BLOCK)
    path.write_bytes(before)
    seen = {}
    assert PLANTED not in fresh(str(path), path.stat(), seen)
    at = 2 * BLOCK - len(PLANTED) // 2

    path.write_bytes(before[:at] + PLANTED + before[at + len(PLANTED) :])

    assert PLANTED in fresh(str(path), path.stat(), seen)
    assert fresh(str(path), path.stat(), seen) == b""
