"""The application: puts the pages over the hub and gives each error its status."""

import logging
import os
import sqlite3
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

from flask import Flask, Response
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.middleware.proxy_fix import ProxyFix

from studyhub.config import Settings
from studyhub.domain import errors
from studyhub.hub import make_hub, open_hub
from studyhub.store import schema
from studyhub.vault.shred import Keystore
from studyhub.web import (
    accounts,
    analysis,
    assignments,
    certificates,
    committee,
    consent,
    consent_guest,
    contacts,
    decisions,
    documents,
    ethics,
    exceptions,
    flow,
    forwarding,
    guard,
    health,
    home,
    incidents,
    interest,
    interview_guest,
    interview_plan,
    interview_room,
    interviews,
    leak_gate,
    letters,
    member,
    opt_out,
    oversight,
    own_account,
    own_data,
    papers,
    playback,
    questions,
    reading,
    recordings,
    recruitment,
    refusals,
    releases,
    roles,
    second_reader,
    spoken,
    study_settings,
    team,
    trail,
    transcript_import,
    transcript_plain,
    transcript_saving,
    transcript_versions,
    transcription,
    triage,
    uploads,
    withdrawal,
    withdrawal_guest,
    workbench,
    workbench_saving,
)
from studyhub.web.kit import init_kit, static_path
from studyhub.workflows.inspect_files import last_seen, least_free
from studyhub.workflows.kernel import Hub

# What each way of saying no becomes.
STATUS: dict[type[Exception], int] = {
    errors.Invalid: 422,
    errors.NotPermitted: 403,
    errors.PasswordNeeded: 403,
    errors.Hidden: 404,
    errors.NotFound: 404,
    errors.WrongState: 409,
    errors.Stale: 409,
    errors.Erased: 410,
    errors.WrongKind: 415,
    errors.Held: 423,
    errors.Throttled: 429,
    errors.Corrupt: 500,
    errors.Busy: 503,
    errors.NoSpace: 507,
    guard.Lapsed: 401,
    guard.RoleNeeded: 403,
}
PAGES = (
    accounts,
    roles,
    own_account,
    home,
    team,
    member,
    exceptions,
    forwarding,
    trail,
    flow,
    oversight,
    analysis,
    reading,
    releases,
    health,
    interest,
    consent,
    consent_guest,
    certificates,
    own_data,
    withdrawal,
    withdrawal_guest,
    workbench,
    workbench_saving,
    second_reader,
    leak_gate,
    recruitment,
    contacts,
    interviews,
    interview_plan,
    interview_room,
    interview_guest,
    incidents,
    letters,
    opt_out,
    papers,
    triage,
    questions,
    ethics,
    committee,
    documents,
    decisions,
    assignments,
    transcription,
    transcript_saving,
    transcript_plain,
    transcript_import,
    transcript_versions,
    uploads,
    playback,
    spoken,
    recordings,
    study_settings,
)
_ASKING: Mapping[type[Exception], Callable[[Any], Any]] = {
    guard.Lapsed: accounts.ask_to_sign_in,
    guard.RoleNeeded: roles.ask_for_role,
    errors.PasswordNeeded: accounts.ask_for_password,
}
WORKER_ROUND = timedelta(minutes=10)
_log = logging.getLogger("studyhub.web")


class _Quiet(Flask):
    """Flask, but a mistake outside our own error pages is logged without what it says."""

    def log_exception(
        self,
        exc_info: tuple[type, BaseException, TracebackType] | tuple[None, None, None],
        *_more: object,
    ) -> None:
        if exc_info[1] is not None:
            _log.error("%s: %s", refusals.name_of_address(), refusals.cause(exc_info[1]))


def create_app(over: Hub | Settings) -> Flask:
    """Build the pages over checked settings, or over a hub whose clock a test holds."""
    hub = make_hub(over) if isinstance(over, Settings) else over
    app = _Quiet("studyhub", static_url_path=static_path())
    app.extensions["studyhub"] = hub
    app.extensions["studyhub.checks"] = partial(readiness, hub)
    init_kit(app)
    guard.init_guard(app)
    for page in PAGES:
        app.register_blueprint(page.bp)
    app.extensions["studyhub.rules"] = frozenset(rule.rule for rule in app.url_map.iter_rules())
    for kind, ask in _ASKING.items():
        app.register_error_handler(kind, _asking(ask))
    app.register_error_handler(Exception, _refuse)
    hops = hub.settings.proxy_hops
    if hops:
        # Only as many as are ours: what comes before them, anybody can have written.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=0, x_host=0)  # type: ignore[method-assign] # as Flask documents it
    return app


def from_environment() -> Flask:
    """The application of the instance that STUDYHUB_INSTANCE names, for a WSGI server."""
    return create_app(open_hub(Path(os.environ.get("STUDYHUB_INSTANCE", "instance"))))


def readiness(hub: Hub) -> dict[str, bool]:
    """What must work before pages can be served."""
    settings = hub.settings
    return {
        "database": _works(lambda: schema.current(hub.sessions.engine)),
        "keystore": _works(lambda: _opens(hub.keystore)),
        "objects": os.access(settings.objects, os.R_OK | os.W_OK | os.X_OK),
        "schema": _works(lambda: schema.current(hub.sessions.engine) == schema.head()),
        "free_space": _works(lambda: least_free(hub) >= settings.free_space_floor),
        "worker": _works_lately(hub),
    }


def _works(look: Callable[[], object]) -> bool:
    try:
        return bool(look())
    except (SQLAlchemyError, sqlite3.Error, OSError, errors.StudyHubError) as error:
        _log.warning("not ready: %s", refusals.cause(error))
        return False


def _opens(keystore: Keystore) -> bool:
    with keystore.reading():
        return True


def _works_lately(hub: Hub) -> bool:
    """Whether the worker wrote in one of its last rounds that it lives."""
    seen = last_seen(hub)
    return seen is not None and hub.now() - seen < WORKER_ROUND


def _asking(ask: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Ask a person on a page; tell a script, which can ask nobody."""
    return lambda error: _refuse(error) if refusals.is_for_script() else ask(error)


def _refuse(error: Exception) -> Response:
    return refusals.refuse(error, STATUS)
