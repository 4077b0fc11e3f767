"""Development only: parts with snapshots."""
import os, pickle, shutil, time, re
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID
import pytest
from tests.founding import stage, ethics, recruitment, consent, interviews
from tests.founding.people import *
import tests.founding.people as PP
from tests.founding.clock import FileClock
from tests.makers import Study
from tests.smtp_server import mail_server

SNAP = Path("/tmp/q5-snap")

def parts():
    from tests.founding import play
    return play.PARTS

def save(scene, name, made):
    to = SNAP / name
    shutil.rmtree(to, ignore_errors=True)
    to.mkdir(parents=True)
    scene.study.hub.sessions.engine.dispose()
    shutil.copytree(scene.server.folder, to / "instance")
    s = scene.study
    (to / "made").write_bytes(pickle.dumps((made, s.id, s.kit, s.codes, scene.clock.at, scene.mail.taken)))

def test_dev(chromium, tmp_path):
    start = os.environ.get("START", "")
    names = [n for n, _ in parts()]
    began = time.monotonic()
    folder = tmp_path / "instance"
    with ExitStack() as stack:
        if start:
            before = SNAP / names[names.index(start) - 1]
            shutil.copytree(before / "instance", folder)
            made, sid, kit, codes, at, taken = pickle.loads((before / "made").read_bytes())
            clock = FileClock(folder.with_name("clock")); clock.at = at
            mail = stack.enter_context(mail_server()); mail.taken.extend(taken)
            port = stage._free_port()
            c = folder / "config.toml"
            t = re.sub(r'smtp_url = .*', f'smtp_url = "{mail.url}"', c.read_text())
            t = re.sub(r'127.0.0.1:\d+"', lambda m: m[0] if m[0][:-1] in mail.url else f'127.0.0.1:{port}"', t)
            c.write_text(t)
            hub = stack.enter_context(stage._hub_over(folder, clock))
            server = stack.enter_context(stage._served(folder, port, clock))
            scene = stage.Scene(Study(hub, clock, sid, kit, codes), server, mail, stack)
            scene.chromium = chromium
        else:
            scene = stack.enter_context(stage.on_stage(chromium, os.environ.get("KIND", "sqlite"), folder))
            from tests.founding.test_founding import Made; made = Made()
        try:
            for name, part in parts()[names.index(start) if start else 0:]:
                t = time.monotonic(); c = time.process_time()
                part(*((scene, made) if part.__code__.co_argcount == 2 else (scene,)))
                print(name, round(time.monotonic() - t, 1), "cpu", round(time.process_time() - c, 1))
                if os.environ.get("KIND", "sqlite") == "sqlite": save(scene, name, made)
        except BaseException:
            for who, page in scene._pages.items():
                print("=====", who, page.url, page.locator("body").inner_text()[:1500])
                page.screenshot(path=f"/tmp/q5-{who}.png")
            raise
        print(scene.complaints())
