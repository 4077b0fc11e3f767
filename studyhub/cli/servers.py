"""The two processes that stay: the web server and the worker."""

import argparse
import ctypes
import os
import resource
import signal
import sys
from dataclasses import asdict, replace
from pathlib import Path
from threading import Event
from types import FrameType
from typing import Any

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped] # has no types
from gunicorn.glogging import Logger  # type: ignore[import-untyped] # has no types

from studyhub import app
from studyhub.cli.frame import Answer, Commands, Usage, add, opened
from studyhub.config import NotConfigured, Settings, is_loopback
from studyhub.workflows import demonstration
from studyhub.workflows.worker import work_forever, work_once

PROCESSES, THREADS = 2, 8
# What follows is as good as a key, or says in which study somebody may take part.
CLOSED = ("/l/", "/o/", "/interest/", "/join/", "/reset/")
_NOT_DUMPABLE = 4  # PR_SET_DUMPABLE, prctl(2)


def add_commands(commands: Commands) -> None:
    """Add ``serve`` and ``worker``."""
    parser = add(commands, "serve", "Serve the pages until stopped.", serve)
    parser.add_argument("--bind", metavar="HOST:PORT", help="instead of the configured one")
    parser = add(commands, "worker", "Send letters and do what is due, until stopped.", worker)
    parser.add_argument("--once", action="store_true", help="only what is due now")


# -- the web server -------------------------------------------------------------------


def serve(asked: argparse.Namespace) -> Answer:
    """Serve the pages with gunicorn, until a signal ends it."""
    with opened(asked) as hub:  # looks whether the schema is the newest
        settings = _bound(hub.settings, asked.bind)
        elsewhere = _links_elsewhere(hub.settings, settings)
    keep_memory_private()
    _announce(settings, elsewhere)
    Server(settings).run()
    return Answer({}, "")


def _bound(settings: Settings, bind: str | None) -> Settings:
    """The settings with the address that was asked for; letters then name it too."""
    if bind is None:
        return settings
    if not bind.rpartition(":")[2].isdigit():
        raise Usage("give an address and a port, as in 127.0.0.1:8000")
    if not settings.insecure_loopback:
        return replace(settings, bind=bind)
    if not is_loopback(bind):
        raise NotConfigured("insecure_loopback is for a loopback address; this is not one")
    return replace(settings, bind=bind, public_url=f"http://{bind}")


def _links_elsewhere(configured: Settings, served: Settings) -> str:
    """A warning where letters of other commands lead to another address than is served."""
    if configured.public_url == served.public_url:
        return ""
    return (
        f"Links that other commands write into letters lead to {configured.public_url}, which "
        "is the configured public_url. This server does not answer there.\n"
    )


def _announce(settings: Settings, elsewhere: str) -> None:
    sys.stderr.write(f"StudyHub answers at {settings.public_url} (on {settings.bind}).\n")
    sys.stderr.write(elsewhere)
    if settings.demonstration:
        sys.stderr.write(demonstration.sign_ins_text(settings))


class Server(BaseApplication):  # type: ignore[misc] # gunicorn has no types
    """gunicorn, set up from the settings of the instance and nothing else."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        """Take our options; no file, no environment variable and no argument is read."""
        for name, value in options(self._settings).items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Make the application. Called in each process after it was forked."""
        return app.create_app(app.make_hub(self._settings))


def options(settings: Settings) -> dict[str, Any]:
    """How gunicorn is run. Processes end after a while: memory cannot be wiped otherwise."""
    memory = Path("/dev/shm")  # noqa: S108 - holds only the clock of each process
    return {
        "bind": settings.bind,
        "worker_class": "gthread",
        "workers": PROCESSES,
        "threads": THREADS,
        "timeout": 60,
        "graceful_timeout": 20,
        "keepalive": 5,
        "max_requests": 1000,
        "max_requests_jitter": 200,
        "umask": 0o077,
        "worker_tmp_dir": str(memory) if os.access(memory, os.W_OK) else None,
        "control_socket_disable": True,
        "proc_name": "studyhub",
        "accesslog": "-",
        "access_log_format": '%(t)s "%(m)s %(U)s" %(s)s %(B)s bytes %(M)s ms',
        "logger_class": QuietLog,
    }


class QuietLog(Logger):  # type: ignore[misc] # gunicorn has no types
    """An access log without addresses of people, cookies, queries and tokens."""

    def atoms(
        self, resp: Any, req: Any, environ: dict[str, Any], request_time: Any
    ) -> dict[str, Any]:
        """What a line of the log may be made of."""
        told: dict[str, Any] = super().atoms(resp, req, environ, request_time)
        wanted = {name: told[name] for name in ("t", "m", "s", "B", "M")}
        return {**wanted, "U": public_part(environ.get("PATH_INFO", ""))}


def public_part(path: str) -> str:
    """A path as it may be logged: without what follows where a token stands."""
    for start in CLOSED:
        if path.startswith(start):
            return f"{start}…"
    return path


# -- the worker -----------------------------------------------------------------------


def worker(asked: argparse.Namespace) -> Answer:
    """Do what is due: once, or again and again until a signal ends it."""
    keep_memory_private()
    with opened(asked) as hub:
        if not asked.once:
            stop = Event()
            _end_by_signal(stop)
            work_forever(hub, stop)
            return Answer({}, "The worker has stopped.")
        done = work_once(hub)
    return Answer(asdict(done), f"{done.done} done, {done.failed} failed, {done.left} left.")


def _end_by_signal(stop: Event) -> None:
    """Let a signal end the worker between two jobs, never inside one."""

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)


def keep_memory_private() -> None:
    """No core dump of this process, and no debugger of another person on it."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ctypes.CDLL(None).prctl(_NOT_DUMPABLE, 0, 0, 0, 0)
