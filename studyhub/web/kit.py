"""The GOV.UK macros as plain functions for our templates, and the address of the built files.

Two template environments on purpose: the kit's macros lean on values that are not there, which
our own StrictUndefined would refuse. What comes out of them is already escaped.
"""

import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2 import ChainableUndefined, Environment, PackageLoader, PrefixLoader, StrictUndefined
from markupsafe import Markup

STATIC = Path(__file__).parent.parent / "static"
YEAR = 365 * 24 * 3600

# Only these have their look in studyhub.css.
COMPONENTS = {
    "govukButton": "button",
    "govukCheckboxes": "checkboxes",
    "govukDateInput": "date-input",
    "govukDetails": "details",
    "govukErrorMessage": "error-message",
    "govukErrorSummary": "error-summary",
    "govukFieldset": "fieldset",
    "govukHint": "hint",
    "govukInput": "input",
    "govukLabel": "label",
    "govukPasswordInput": "password-input",
    "govukRadios": "radios",
    "govukSelect": "select",
    "govukTextarea": "textarea",
}

Component = Callable[[Mapping[str, Any]], Markup]

_package = "govuk_frontend_jinja"
_environment = Environment(
    autoescape=True,
    undefined=ChainableUndefined,
    loader=PrefixLoader({_package: PackageLoader(_package)}),
)


@cache
def _macro(name: str) -> Callable[[Mapping[str, Any]], str]:
    """A macro, compiled when a page first draws with it."""
    place = f"{_package}/components/{COMPONENTS[name]}/macro.html"
    macro: Callable[[Mapping[str, Any]], str] = getattr(
        _environment.get_template(place).module, name
    )
    return macro


def _component(name: str) -> Component:
    def draw(params: Mapping[str, Any]) -> Markup:
        return Markup(_macro(name)(params))  # noqa: S704 - the macro escapes

    return draw


FUNCTIONS: dict[str, Component] = {name: _component(name) for name in COMPONENTS}


def static_path() -> str:
    """Where Flask serves static files: the path changes with their content.

    In the path, not in a query, so that a module's ``import "./other.js"`` carries it too.
    """
    manifest = json.loads((STATIC / "manifest.json").read_text())
    return f"/static/{manifest['version']}"


def init_kit(app: Flask) -> None:
    """Give the app's templates the kit; let browsers keep static files by their path."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.globals.update(FUNCTIONS)
    if app.static_url_path == static_path():
        app.config["SEND_FILE_MAX_AGE_DEFAULT"] = YEAR
