"""The web server: gunicorn over the pages, set up from the settings; its log names nobody."""

import os
import re
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped] # has no types
from gunicorn.glogging import Logger  # type: ignore[import-untyped] # has no types
from gunicorn.http.unreader import (  # type: ignore[import-untyped] # has no types
    SocketUnreader,
)

from studyhub.app import create_app
from studyhub.config import Settings
from studyhub.hub import make_hub
from studyhub.web.raw_body import PIECE

PROCESSES, THREADS = 2, 8
# What follows is as good as a key, or says in which study somebody may take part.
CLOSED = ("/l/", "/o/", "/interest/", "/join/", "/reset/")
_TOKEN = re.compile("[A-Za-z0-9_-]{43,}")
# What gunicorn writes of a request it cannot read goes on with its address and its words.
_UNREADABLE = "Invalid request"


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
        take_in_pieces()
        return create_app(make_hub(self._settings))


def take_in_pieces() -> None:
    """Let gunicorn take no more from a connection at once than our pages ask it for.

    It would take a mebibyte, and copy what is left of it again for every piece that we read.
    """
    SocketUnreader.max_body_chunk = PIECE


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

    def exception(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """What the server could not do, without the token or the query of its address."""
        told = [
            public_part(one.partition("?")[0]) if isinstance(one, str) else one for one in args
        ]
        super().exception(msg, *told, **kwargs)

    def warning(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """What is amiss, without what a stranger sent and from where."""
        about_one = msg.startswith(_UNREADABLE)
        super().warning(_UNREADABLE if about_one else msg, *args, **kwargs)

    def atoms(
        self, resp: Any, req: Any, environ: dict[str, Any], request_time: Any
    ) -> dict[str, Any]:
        """What a line of the log may be made of."""
        told: dict[str, Any] = super().atoms(resp, req, environ, request_time)
        wanted = {name: told[name] for name in ("t", "m", "s", "B", "M")}
        return {**wanted, "U": public_part(environ.get("PATH_INFO", ""))}


def public_part(path: str) -> str:
    """A path as it may be logged: without what follows where a token stands, or is one."""
    path = _TOKEN.sub("…", path)
    for start in CLOSED:
        if path.startswith(start):
            return f"{start}…"
    return path
