"""The two processes that stay: the web server and the worker."""

import argparse
import ctypes
import resource
import signal
import sys
from contextlib import suppress
from dataclasses import asdict, replace
from threading import Event
from types import FrameType

from studyhub.cli.frame import Answer, Commands, Usage, add, opened
from studyhub.config import NotConfigured, Settings, is_loopback
from studyhub.domain.errors import NotFound
from studyhub.workflows import demonstration
from studyhub.workflows.kernel import Hub
from studyhub.workflows.worker import work_forever, work_once

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
    from studyhub.cli.web_server import Server  # noqa: PLC0415 - no other command waits for pages

    with opened(asked) as hub:  # looks whether the schema is the newest
        settings = _bound(hub.settings, asked.bind)
        elsewhere = _links_elsewhere(hub.settings, settings)
        destroy_again(hub)
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


# -- the worker -----------------------------------------------------------------------


def worker(asked: argparse.Namespace) -> Answer:
    """Do what is due: once, or again and again until a signal ends it."""
    keep_memory_private()
    with opened(asked) as hub:
        destroy_again(hub)
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


def destroy_again(hub: Hub) -> None:
    """Destroy what the ledger lists before anybody signs in.

    A keystore may have been copied back by hand, or a crash have come between ledger and key.
    """
    with suppress(NotFound):
        hub.keystore.replay(hub.settings.erasure_ledger, hub.now())


def keep_memory_private() -> None:
    """No core dump of this process, and no debugger of another person on it."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ctypes.CDLL(None).prctl(_NOT_DUMPABLE, 0, 0, 0, 0)
