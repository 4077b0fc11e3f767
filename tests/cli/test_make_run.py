"""``make run`` as somebody types it: the demonstration, stopped by Ctrl-C and gone on with."""

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import psutil
import requests

from studyhub import config
from tests.cli.test_servers import answer_of, free_port
from tests.web.visits import TOKEN

ROOT = Path(__file__).parents[2]
CONTACTS = "/s/voices/recruitment"


@contextmanager
def make_run(folder):
    """What is typed, until Ctrl-C: the address, and what the terminal said afterwards."""
    port = free_port()
    settings = [f"INSTANCE={folder}", f"PORT={port}", f"BIN={Path(sys.executable).parent}"]
    # As a shell has it, without what a make around this test would tell this one.
    ours = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    terminal = folder.with_name("terminal")
    with (
        terminal.open("w+") as said,
        subprocess.Popen(  # noqa: S603 - our own program
            ["/usr/bin/make", "--old-file=.venv/run.stamp", "run", *settings],
            cwd=ROOT,
            env={**ours, "PYTHONUNBUFFERED": "1"},
            stdout=said,
            stderr=said,
            start_new_session=True,
        ) as running,
    ):
        address, told = f"http://127.0.0.1:{port}", []
        try:
            answer_of(f"{address}/healthz", running)
            yield address, told
        finally:
            os.killpg(running.pid, signal.SIGINT)
            running.wait()
            told.append(terminal.read_text())


def still_running(folder):
    """Processes of this instance."""
    named = psutil.process_iter(["cmdline"])
    return [each for each in named if str(folder) in (each.info["cmdline"] or [])]


def sign_in(address, password):
    """Rita at a browser, and her forgery token."""
    rita = requests.Session()
    rita.post(f"{address}/sign-in", data={"login": "rita", "password": password}, timeout=60)
    token = TOKEN.search(rita.get(f"{address}/account", timeout=60).text)
    assert token, "nobody is signed in"
    return rita, token[1]


def test_a_second_run_goes_on_where_the_first_stopped(bare):
    config.create(bare.folder, demonstration=True, argon2_memory_kib=8)
    with make_run(bare.folder) as (address, first):
        sign_ins = bare.folder / "demo-sign-ins.json"
        people = {each["login"]: each for each in json.loads(sign_ins.read_text())["people"]}
        rita, token = sign_in(address, people["rita"]["password"])
        with rita:
            contact = {"csrf_token": token, "name": "Greta Holm", "source_kind": "list"}
            added = rita.post(f"{address}{CONTACTS}/add", data=contact, timeout=60)
            assert added.url.endswith("done=added"), added.text
    assert not still_running(bare.folder)

    with make_run(bare.folder) as (address, second):
        rita, _ = sign_in(address, people["rita"]["password"])
        with rita:
            assert "Greta Holm" in rita.get(f"{address}{CONTACTS}", timeout=60).text

    assert not still_running(bare.folder)
    for (terminal,) in (first, second):
        for person in people.values():
            assert person["password"] in terminal
    assert people["petra"]["roles"] == ["pi"]
    assert people["nina"]["roles"] == []
    ann = people["ann"]["password"]
    opened = bare.json(*("keys", "open", "--as", "ann", "--password-stdin"), stdin=ann)
    compartments = opened.values["compartments"]
    assert compartments["release"]["opened"] == compartments["release"]["objects"] > 5
    assert compartments["contact"]["opened"] == 0
    assert bare.json("doctor", "--full").values["ok"]
    assert bare.json("audit", "export", "voices", bare.folder / "copy").values["ok"]

    sign_ins.unlink()  # as if it had been ended half-way
    again = bare.json("init", "--demo")

    assert again.code == 3
    assert "Delete everything" in again.err
