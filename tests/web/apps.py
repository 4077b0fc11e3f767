"""One application for all tests of a process, led to the hub of each.

Making it anew took a third of the time of the tests of pages: compiling its addresses and
templates. Whoever adds pages, needs other settings or two at once makes one by ``create_app``.
"""

from functools import partial

from flask import Flask

from studyhub.app import create_app, readiness
from studyhub.workflows.kernel import Hub

_made: list[Flask] = []


def app_over(hub: Hub) -> Flask:
    """The application over this hub, until somebody asks for it over another."""
    if not _made:
        _made.append(create_app(hub))
    app = _made[0]
    app.extensions["studyhub"] = hub
    app.extensions["studyhub.checks"] = partial(readiness, hub)
    return app
