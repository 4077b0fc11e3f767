"""The one cookie: how it is called, given and taken back."""

from typing import Any

from flask import Response, request

from studyhub.config import Settings

_ALWAYS: dict[str, Any] = {"path": "/", "httponly": True, "samesite": "Lax"}


def cookie_of(settings: Settings) -> str:
    """The session cookie that came with this request, or nothing."""
    return request.cookies.get(_name(settings), "")


def give_cookie(settings: Settings, response: Response, value: str) -> Response:
    """Send the cookie of a session that was just begun or renewed."""
    response.set_cookie(_name(settings), value, secure=settings.secure_cookie, **_ALWAYS)
    return response


def forget_cookie(settings: Settings, response: Response) -> Response:
    """Tell the browser to drop the cookie; the session behind it has ended already."""
    response.delete_cookie(_name(settings), secure=settings.secure_cookie, **_ALWAYS)
    return response


def _name(settings: Settings) -> str:
    # With the prefix a browser takes it from nobody but us, and only over TLS.
    return "__Host-sid" if settings.secure_cookie else "sid"
