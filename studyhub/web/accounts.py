"""Pages to sign in and out, and to give the password again."""

from http import HTTPStatus

from flask import (
    Blueprint,
    Response,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired

from studyhub.domain.errors import PasswordNeeded
from studyhub.web import guard, refusals, typed
from studyhub.web.cookies import forget_cookie
from studyhub.web.forms import StudyForm
from studyhub.web.passwords import (
    NEEDED,
    NotNow,
    PasswordForm,
    go_on,
    shown_again,
    with_password,
)
from studyhub.web.typed import Typed
from studyhub.workflows import accounts, visitors

bp = Blueprint("accounts", __name__)

FOR_TEAMS = (
    "For members of a study team. If you were invited to an interview, use the link in your "
    "letter."
)
TIME_IS_OVER = f"You were signed out after {guard.IDLE_MINUTES} minutes without a click."
HELP = (
    "Nobody can read your password back to you, or choose one for you. Ask the operator of "
    "this StudyHub for a reset link. Have your recovery code ready: with it you lose nothing."
)


class SignInForm(StudyForm):
    """Who is there. ``study`` and ``role`` name a membership to take up at once."""

    login = StringField(
        "Sign-in name",
        [InputRequired("Write your sign-in name")],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": False},
    )
    password = PasswordField(
        "Password",
        [InputRequired(NEEDED)],
        description="Your password opens your keys. Nobody can read it back to you.",
        render_kw={"autocomplete": "current-password"},
    )
    study = HiddenField()
    role = HiddenField()


class StepUpForm(PasswordForm):
    """The password again, and where to go then."""

    next = HiddenField()


@bp.get("/")
def front() -> ResponseReturnValue:
    return redirect("/home")


@bp.get("/alive")
def alive() -> ResponseReturnValue:
    """The person is still at the page: the session lasts longer."""
    return Response(status=HTTPStatus.NO_CONTENT)


# -- sign in and out ---------------------------------------------------------------


@bp.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    hub, cookie = guard.hub(), guard.cookie()
    if cookie and visitors.visitor(hub, cookie):
        return redirect("/home")
    line = TIME_IS_OVER if visitors.lapsed(hub, cookie) else FOR_TEAMS
    return _sign_in_page(SignInForm(request.args), None, line)


@bp.post("/sign-in")
def enter() -> ResponseReturnValue:
    form, again = SignInForm(request.form), typed.carried()
    left = visitors.lapsed(guard.hub(), guard.cookie()) if again else None
    found = with_password(
        form,
        lambda: accounts.sign_in(
            guard.hub(),
            form.login.data or "",
            form.password.data or "",
            guard.source(),
            study=form.study.data or "",
            role=form.role.data or "",
            replaces=guard.cookie(),
        ),
    )
    if isinstance(found, NotNow):
        return shown_again(_sign_in_page(form, again, FOR_TEAMS, found.reference), found)
    guard.become(found.cookie)
    # What one person typed is not handed to another who signs in at the same browser.
    if left is not None and left.user_id != guard.visitor().sitting.user_id:
        again = None
    to = "/home" if found.has_role else url_for("roles.role")
    return go_on(found.cookie, again, to, "You are signed in again")


@bp.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    accounts.sign_out(guard.hub(), guard.cookie(), guard.visitor())
    answer = make_response(redirect(url_for("accounts.sign_in")))
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return forget_cookie(guard.hub().settings, answer)


def ask_to_sign_in(error: guard.Lapsed) -> ResponseReturnValue:
    """The session lapsed while somebody was typing: sign in and go on from there."""
    if request.endpoint == "accounts.sign_out":
        return redirect(url_for("accounts.sign_in"))
    reference = refusals.write_down(error, HTTPStatus.UNAUTHORIZED)
    page = _sign_in_page(SignInForm(), typed.from_this_request(), TIME_IS_OVER, reference)
    return page, HTTPStatus.UNAUTHORIZED


def _sign_in_page(form: SignInForm, again: Typed | None, line: str, reference: str = "") -> str:
    return render_template(
        "accounts/sign_in.html",
        frame=guard.public_frame(),
        form=form,
        again=again,
        line=line,
        help=HELP,
        reference=reference,
    )


# -- the password again --------------------------------------------------------------


@bp.get("/step-up")
def step_up() -> ResponseReturnValue:
    return _step_up_page(StepUpForm(request.args), None)


@bp.post("/step-up")
def stepped_up() -> ResponseReturnValue:
    form, again = StepUpForm(request.form), typed.carried()
    found = with_password(
        form,
        lambda: accounts.step_up(
            guard.hub(),
            guard.cookie(),
            guard.visitor(),
            form.password.data or "",
            guard.source(),
        ),
    )
    if isinstance(found, NotNow):
        return shown_again(_step_up_page(form, again, found.reference), found)
    guard.become(found)
    wanted = form.next.data or ""
    to = wanted if typed.is_ours(wanted, "GET") else "/home"
    return go_on(found, again, to, "Thank you. Now look once more")


def ask_for_password(error: PasswordNeeded) -> ResponseReturnValue:
    """An act asks for the password again; what was sent to it is carried along."""
    if request.method in guard.SAFE:
        return redirect(url_for("accounts.step_up", next=request.full_path.rstrip("?")))
    reference = refusals.write_down(error, HTTPStatus.FORBIDDEN)
    page = _step_up_page(StepUpForm(), typed.from_this_request(), reference)
    return page, HTTPStatus.FORBIDDEN


def _step_up_page(form: StepUpForm, again: Typed | None, reference: str = "") -> str:
    line = "This act asks for the password, unless you gave it in the last ten minutes."
    return render_template(
        "accounts/step_up.html",
        frame=guard.frame(),
        form=form,
        again=again,
        line=line,
        reference=reference,
    )
