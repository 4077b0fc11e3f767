"""Pages to take up a role, one at a time; and who must act next where none is open."""

from collections.abc import Sequence
from http import HTTPStatus

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from studyhub.domain.openings import ROLE_HINTS
from studyhub.domain.roles import ROLE_NAMES
from studyhub.web import guard, refusals, typed
from studyhub.web.forms import as_choices, one_of
from studyhub.web.passwords import (
    NotNow,
    PasswordForm,
    go_on,
    shown_again,
    with_password,
)
from studyhub.web.typed import Typed
from studyhub.workflows import accounts, accounts_own, visitors
from studyhub.workflows.visitors import Place

bp = Blueprint("roles", __name__)

WAITING = {
    "invited": "Invited",
    "awaiting_grant": "Waits for a principal investigator",
    "active": "Not open now",
}
ADVICE = {
    "invited": "Sign out and in once more: the keys of this role are made with your password.",
    "awaiting_grant": "A principal investigator of the study opens it.",
    "active": "It begins later, or rests on an exception that has ended. Ask a principal "
    "investigator of the study.",
}


class RoleForm(PasswordForm):
    """Which membership to take up, as ``<slug>:<role>``."""

    study_role = one_of("Role in a study", {}, needed="Choose a role")


@bp.get("/role")
def role() -> ResponseReturnValue:
    return _role_page(_role_form(_held()), None)


@bp.post("/role")
def switch() -> ResponseReturnValue:
    form, again = _role_form(_held(), request.form), typed.carried()
    study, _, wanted = (form.study_role.data or "").partition(":")
    found = with_password(
        form,
        lambda: accounts.switch(
            guard.hub(),
            guard.cookie(),
            guard.visitor(),
            study=study,
            role=wanted,
            password=form.password.data or "",
            source=guard.source(),
        ),
    )
    if isinstance(found, NotNow):
        return shown_again(_role_page(form, again, found.reference), found)
    guard.become(found)
    return go_on(found, again, "/home", "You have another role now")


def ask_for_role(error: guard.RoleNeeded) -> ResponseReturnValue:
    """The page belongs to a role this person has, but another is active."""
    if request.method in guard.SAFE:
        return redirect(url_for("roles.role"))
    reference = refusals.write_down(error, HTTPStatus.FORBIDDEN)
    page = _role_page(_role_form(_held()), typed.from_this_request(), reference)
    return page, HTTPStatus.FORBIDDEN


def _held() -> list[Place]:
    return visitors.places_of(guard.hub(), guard.visitor().sitting.user_id)


def _role_form(held: Sequence[Place], sent: MultiDict[str, str] | None = None) -> RoleForm:
    form = RoleForm(sent)
    now = guard.visitor().place
    names = {_key(place): f"{ROLE_NAMES[place.role]}, {place.title}" for place in held}
    form.study_role.choices = as_choices(names)
    # Whether a role is held is for the act to say, which records a refusal.
    form.study_role.validate_choice = False
    form.study_role.render_kw = {
        "hints": {
            _key(place): ("Your role now. " if place == now else "") + ROLE_HINTS[place.role]
            for place in held
        }
    }
    if sent and not form.study_role.data and "study" in sent and "role" in sent:
        form.study_role.data = f"{sent['study']}:{sent['role']}"
        form.study_role.raw_data = [form.study_role.data]
    elif not form.study_role.data and len(held) == 1:
        form.study_role.data = _key(held[0])
    return form


def _key(place: Place) -> str:
    return f"{place.slug}:{place.role}"


def _role_page(form: RoleForm, again: Typed | None, reference: str = "") -> str:
    if not form.study_role.choices:
        return _no_role_page()
    active = guard.visitor().place
    return render_template(
        "accounts/role.html",
        frame=guard.frame(),
        form=form,
        again=again,
        now=ROLE_NAMES[active.role].lower() if active else "",
        reference=reference,
    )


def _no_role_page() -> str:
    """Who must act next, for a person to whom no role is open."""
    account = accounts_own.read_account(guard.own_desk(), guard.visitor().sitting.user_id)
    return render_template(
        "accounts/no_role.html",
        frame=guard.frame(),
        account=account,
        role_names=ROLE_NAMES,
        states=WAITING,
        advice=ADVICE,
    )
