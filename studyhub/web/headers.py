"""The headers of every answer: what a browser may load, keep and tell others."""

import secrets

from flask import Flask, Response, current_app, g, request

POLICY = "; ".join(
    [
        "default-src 'none'",
        # The modules that app.js imports come from us and carry no nonce of their own.
        "script-src 'self' 'nonce-{nonce}'",
        "style-src 'self'",
        "img-src 'self'",
        "media-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        # Our scripts make no HTML, so no policy may be made either.
        "trusted-types 'none'",
        "report-uri /csp-report",
    ]
)
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    # With no-referrer browsers post "Origin: null", and the origin could not be checked.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), "
    "payment=(), usb=()",
}
HSTS = f"max-age={2 * 365 * 24 * 3600}"
# Addresses that carry a token, or that strangers should not find by searching.
UNLISTED = ("/l/", "/o/", "/interest/", "/join/", "/reset/")
GOOD = 400


def nonce() -> str:
    """The one nonce of this request, for the tags of our own scripts."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    return str(g.nonce)


def init_headers(app: Flask) -> None:
    """Put the headers on every answer, errors and static files included."""
    app.after_request(_add_headers)


def _add_headers(response: Response) -> Response:
    headers = response.headers
    # What a person sent us, shown again, may do nothing at all: that policy is stricter.
    headers.setdefault("Content-Security-Policy", POLICY.format(nonce=nonce()))
    headers.update(ALWAYS)
    if request.endpoint != "static" or response.status_code >= GOOD:
        headers["Cache-Control"] = "no-store"
    if current_app.extensions["studyhub"].settings.secure_cookie:
        headers["Strict-Transport-Security"] = HSTS
    if request.path.startswith(UNLISTED):
        headers["X-Robots-Tag"] = "noindex"
    headers.pop("Server", None)
    return response
