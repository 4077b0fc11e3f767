"""``make run`` as somebody types it: the demonstration, stopped by Ctrl-C and gone on with."""

import json
import os
import signal
import sys
from contextlib import contextmanager
from pathlib import Path

import psutil

from studyhub import config
from tests.web.real_server import free_port, served_by, signed_in

CONTACTS = "/s/voices/recruitment"
CONTACT = {"name": "Greta Holm", "source_kind": "list"}
UNTIL_IT_IS_MADE = 600  # seconds for the demonstration on a slow machine
# As a shell has it, without what a make around this test would tell this one.
MAKE = ("/usr/bin/env", "-u", "MAKEFLAGS", "-u", "MAKELEVEL", "make")


@contextmanager
def make_run(folder):
    """What is typed, until Ctrl-C: the server, and what the terminal said by the end."""
    port, terminal, told = free_port(), folder.with_name("terminal"), []
    # A work tree may borrow its environment: it is taken as it is.
    command = [*MAKE, "--old-file=.venv/run.stamp", "run", f"INSTANCE={folder}"]
    command += [f"PORT={port}", f"BIN={Path(sys.executable).parent}"]
    with terminal.open("wb") as said:
        server = served_by(command, folder, port, said, UNTIL_IT_IS_MADE)
        try:
            yield server, told
        finally:
            os.killpg(server.process.pid, signal.SIGINT)
            server.process.wait()
            told.append(terminal.read_text())


def still_running(folder):
    """Processes of this instance."""
    named = psutil.process_iter(["cmdline"])
    return [each for each in named if str(folder) in (each.info["cmdline"] or [])]


def sign_ins(folder):
    told = json.loads((folder / "demo-sign-ins.json").read_text())
    return {each["login"]: each for each in told["people"]}


def add_somebody(server, password):
    with signed_in(server, "rita", password) as (rita, headers):
        to = f"{server.address}{CONTACTS}/add"
        assert rita.post(to, CONTACT, headers=headers, timeout=60).url.endswith("done=added")


def is_whole(bare, password_of_ann):
    opened = bare.json(
        *("keys", "open", "--as", "ann", "--password-stdin"), stdin=password_of_ann
    ).values["compartments"]
    assert opened["release"]["opened"] == opened["release"]["objects"] > 5
    assert opened["contact"]["opened"] == 0
    assert bare.json("doctor", "--full").values["ok"]
    assert bare.json("audit", "export", "voices", bare.folder / "copy").values["ok"]


def test_a_second_run_goes_on_where_the_first_stopped(bare):
    config.create(bare.folder, demonstration=True, argon2_memory_kib=8)
    with make_run(bare.folder) as (server, first):
        people = sign_ins(bare.folder)
        add_somebody(server, people["rita"]["password"])
    assert not still_running(bare.folder)

    with (
        make_run(bare.folder) as (server, second),
        signed_in(server, "rita", people["rita"]["password"]) as (rita, _),
    ):
        assert CONTACT["name"] in rita.get(f"{server.address}{CONTACTS}", timeout=60).text

    assert not still_running(bare.folder)
    for (terminal,) in (first, second):
        assert not [each for each in people.values() if each["password"] not in terminal]
    assert (people["petra"]["roles"], people["nina"]["roles"]) == (["pi"], [])
    is_whole(bare, people["ann"]["password"])

    (bare.folder / "demo-sign-ins.json").unlink()  # as if it had been ended half-way
    again = bare.json("init", "--demo")

    assert again.code == 3
    assert "Delete everything" in again.err
