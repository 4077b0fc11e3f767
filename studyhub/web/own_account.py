"""Pages of one's own account: join by link, reset, password, recovery code, sessions."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired

from studyhub.domain.errors import NotFound
from studyhub.domain.openings import ROLE_HINTS
from studyhub.domain.roles import ROLE_NAMES
from studyhub.web import guard
from studyhub.web.forms import StudyForm
from studyhub.web.frame import Status
from studyhub.web.passwords import NEEDED, NotNow, PasswordForm, go_on, with_password
from studyhub.workflows import accounts_own

bp = Blueprint("account", __name__)

LONG = (
    "At least 15 characters. Four or five words that only you would put together are easy to "
    "keep in mind."
)
DONE = {
    "password": Status("Your new password is kept.", "All your other sessions have ended."),
    "session": Status("That session has ended.", "Whoever had it must sign in again."),
}
STATES = {
    "invited": "The keys are made when you next sign in. Until then nothing opens.",
    "awaiting_grant": "A principal investigator compares the six words with you and opens it.",
    "active": "",
}


class NewPasswordForm(StudyForm):
    """A new password, twice."""

    password = PasswordField(
        "New password",
        [InputRequired("Write a new password")],
        description=LONG,
        render_kw={"autocomplete": "new-password"},
    )
    repeat = PasswordField(
        "The same password again",
        [InputRequired("Write the new password a second time")],
        render_kw={"autocomplete": "new-password"},
    )


class ResetForm(NewPasswordForm):
    """A new password by a reset link."""

    recovery_code = StringField(
        "Recovery code",
        description="With it you keep everything you could open. Without it your keys are made "
        "anew, and a principal investigator must open each of your roles again.",
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": False},
    )


class ChangeForm(NewPasswordForm):
    """A new password by the old one."""

    old_password = PasswordField(
        "Your password now",
        [InputRequired(NEEDED)],
        render_kw={"autocomplete": "current-password"},
    )


class CodeForm(PasswordForm):
    """A new recovery code; the page has another password field, so this one has its own id."""

    new_code = HiddenField(default="yes")
    password = PasswordField(
        "Your password",
        [InputRequired(NEEDED)],
        id="password-for-code",
        render_kw={"autocomplete": "current-password"},
    )


# -- join and reset by link ------------------------------------------------------------


@bp.get("/join/<token>")
def join(token: str) -> ResponseReturnValue:
    return _link_page("join", token, NewPasswordForm())


@bp.post("/join/<token>")
def joined(token: str) -> ResponseReturnValue:
    form = NewPasswordForm(request.form)
    accounts_own.holder(guard.hub(), token, "join")
    found = with_password(form, lambda: accounts_own.join(guard.hub(), token, *_twice(form)))
    if isinstance(found, NotNow):
        return _link_page("join", token, form, found)
    return _code_page("Welcome to the team", found)


@bp.get("/reset/<token>")
def reset(token: str) -> ResponseReturnValue:
    return _link_page("reset", token, ResetForm())


@bp.post("/reset/<token>")
def recovered(token: str) -> ResponseReturnValue:
    form = ResetForm(request.form)
    accounts_own.holder(guard.hub(), token, "reset")
    found = with_password(
        form,
        lambda: accounts_own.recover(
            guard.hub(), token, *_twice(form), form.recovery_code.data or ""
        ),
    )
    if isinstance(found, NotNow):
        return _link_page("reset", token, form, found)
    return _code_page("Your new password is kept", found)


def _twice(form: NewPasswordForm) -> tuple[str, str]:
    return form.password.data or "", form.repeat.data or ""


def _link_page(
    purpose: str, token: str, form: NewPasswordForm, why: NotNow | None = None
) -> ResponseReturnValue:
    who = accounts_own.holder(guard.hub(), token, purpose)
    page = render_template(
        f"accounts/{purpose}.html",
        frame=guard.public_frame(),
        who=who,
        form=form,
        reference=why.reference if why else "",
    )
    return (page, why.status, why.headers) if why else page


def _code_page(title: str, code: str | None) -> str:
    """The recovery code, this once; without one the old code stays valid."""
    signed_in = guard.is_signed_in()
    return render_template(
        "accounts/code.html",
        frame=guard.frame("account") if signed_in else guard.public_frame(),
        title=title,
        code=code,
        signed_in=signed_in,
    )


# -- signed in -----------------------------------------------------------------------


@bp.get("/account")
def show() -> ResponseReturnValue:
    return _account_page(ChangeForm(), CodeForm(), DONE.get(request.args.get("done", "")))


@bp.post("/account")
def change() -> ResponseReturnValue:
    if "session" in request.form:
        return _end_session(request.form["session"])
    if "new_code" in request.form:
        return _new_code()
    form = ChangeForm(request.form)
    found = with_password(
        form,
        lambda: accounts_own.change_password(
            guard.hub(),
            guard.visitor(),
            old=form.old_password.data or "",
            new=form.password.data or "",
            repeat=form.repeat.data or "",
            source=guard.source(),
        ),
    )
    if isinstance(found, NotNow):
        return _account_page(form, CodeForm(), None, found)
    return go_on(found, None, url_for(".show", done="password"), "")


def _end_session(named: str) -> ResponseReturnValue:
    try:
        session_id = bytes.fromhex(named)
    except ValueError:
        raise NotFound("no such session") from None
    accounts_own.end_session(guard.own_desk(), guard.visitor().sitting.user_id, session_id)
    return redirect(url_for(".show", done="session"))


def _new_code() -> ResponseReturnValue:
    form = CodeForm(request.form)
    found = with_password(
        form,
        lambda: accounts_own.new_code(
            guard.hub(), guard.visitor(), form.password.data or "", guard.source()
        ),
    )
    if isinstance(found, NotNow):
        return _account_page(ChangeForm(), form, None, found)
    return _code_page("Your new recovery code", found)


def _account_page(
    change: ChangeForm, code: CodeForm, status: Status | None, why: NotNow | None = None
) -> ResponseReturnValue:
    who = guard.visitor()
    account = accounts_own.read_account(guard.own_desk(), who.sitting.user_id)
    page = render_template(
        "accounts/account.html",
        frame=guard.frame("account"),
        account=account,
        change=change,
        code=code,
        status=status,
        opens=ROLE_HINTS,
        states=STATES,
        role_names=ROLE_NAMES,
        sessions=sorted(account.sessions, key=lambda one: one.id != who.sitting.id),
        this_session=who.sitting.id,
        reference=why.reference if why else "",
    )
    return (page, why.status, why.headers) if why else page
