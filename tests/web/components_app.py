"""A throwaway app: every part in every state, under the policy of the product.

``python -m tests.web.components_app`` serves it on port 8790 to look at.
"""

import secrets

from flask import Blueprint, Flask, Response, g, render_template, request
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    IntegerField,
    PasswordField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired

from studyhub.web.forms import StudyForm, as_choices, one_of, pick_from
from studyhub.web.frame import (
    Due,
    Frame,
    Light,
    Link,
    NavEntry,
    Opens,
    PublicFrame,
    Status,
    Step,
    Waiting,
    wrong,
)
from studyhub.web.kit import init_kit, static_path

POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'; report-uri /csp-report"
)
STATEMENT = (
    'I agree that what I say may be quoted, word for word & without my name, in "reports".'
)


class EveryField(StudyForm):
    """One of each kind."""

    name = StringField(
        "Sign-in name",
        [InputRequired("Write your sign-in name")],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": False},
    )
    password = PasswordField(
        "Password",
        [InputRequired("Write your password")],
        description="Your password opens your keys. Nobody can read it back to you.",
    )
    code = StringField(
        "Code from your authenticator",
        [InputRequired("Write the six digits")],
        description="Six digits.",
        render_kw={
            "autocomplete": "one-time-code",
            "inputmode": "numeric",
            "classes": "govuk-input--width-5",
        },
    )
    email = EmailField("E-mail address", [InputRequired("Write an e-mail address")])
    born = DateField("Approved on", [InputRequired("Enter a date after 12 March 2026")])
    hours = IntegerField("Days until a reminder", [InputRequired("Enter a number of days")])
    why = TextAreaField("Why", [InputRequired("Write why")], description="One sentence.")
    statement = one_of(
        STATEMENT,
        {"agree": "I agree", "decline": "I do not agree"},
        needed="Choose “I agree” or “I do not agree”",
    )
    role = one_of(
        "Role in a study",
        {"recruiter": "Recruiter", "transcriber": "Transcriber"},
        hints={"recruiter": "Opens names, addresses and letters."},
        needed="Choose a role",
    )
    version = pick_from(
        "Letter", ["1.0", "1.1"], empty="Choose a version", needed="Choose a letter"
    )
    kinds = SelectMultipleField(
        "What to erase",
        [DataRequired("Choose at least one")],
        choices=as_choices({"sound": "The recording", "text": "The transcript"}),
        description="Each is proved on its own.",
    )
    sure = BooleanField(
        "I checked the other person's fingerprint",
        [DataRequired("Check the fingerprint first")],
        description="Six words, read aloud.",
    )


NAV = [
    NavEntry("Decisions", "/", current=True, count=6),
    NavEntry("Ethics", "/"),
    NavEntry("Recruitment", "/"),
    NavEntry("Withdrawals", "/", count=1),
    NavEntry("Trail", "/"),
    NavEntry("Team", "/"),
]


def staff_frame() -> Frame:
    return Frame(
        person="Petra Holt",
        csrf="token",
        nonce=g.nonce,
        study="Voices of Support",
        role="Principal investigator",
        nav=NAV,
        role_url="/role",
        person_url="/me",
        sign_out_url="/sign-out",
        keep_alive_url="/alive",
        help_url="/help",
    )


def public_frame() -> PublicFrame:
    return PublicFrame(nonce=g.nonce, csrf="token", home_url="/sign-in")


def neutral_frame() -> PublicFrame:
    return PublicFrame(
        nonce=g.nonce,
        csrf="token",
        neutral=True,
        leave_url="https://www.example.org/",
        footer="You can do all of this on paper or by phone instead.",
    )


PARTS = {
    "messages": [
        Status(
            "Answer sent to Grace Adeyemi.",
            "It leaves in 10 minutes.",
            undo=Link("Take it back", "/"),
        ),
        Status("You are signed out in 2 minutes.", "What you wrote is kept.", "info"),
        Status(
            "The line broke.", "The upload goes on by itself; 47 of 73 MB are safe.", "warn"
        ),
        Status("Nothing was sent.", "The approval ended on 31 January 2027.", "stop"),
    ],
    "waiting": [
        Waiting(
            "hand",
            "Withdrawal W-0031 by C6FP",
            "/",
            "Recording, transcript. On hold since it arrived; 3 items to assess.",
            "13 Nov",
            Due("due tomorrow", "soon"),
        ),
        Waiting("doc", "Approve information sheet 1.3", "/", "", "12 Nov", Due("due 20 Nov")),
        Waiting("quest", "Question about pay", "/", "Rita Osei", "", Due("1 day late", "late")),
        Waiting("key", "Copy of the data held on M3XD", "/", since="30 Oct"),
    ],
    "members": [
        Opens(
            "Petra Holt", "Principal investigator", ["open"] * 5, "Everything, with a reason"
        ),
        Opens(
            "Ivan Malik", "Interviewer", ["own", "own", "own", "shut", "shut"], "Own interviews"
        ),
        Opens("Ann Lister", "Analyst", [*["shut"] * 4, "open"], "Released transcripts"),
    ],
    "lights": [
        Light("Audio recording", "agreed 11 Nov, form 1.2", "ok", "In force"),
        Light(
            "Take part in one interview", "paper form, not verified yet", "part", "Provisional"
        ),
        Light("Quotations without name", "withdrawn 14 Nov", "no", "Not in force"),
        Light("A second interview", "not on the form signed", "none", "Not asked"),
    ],
    "steps": [
        Step("Approached", 28, 100, ["4 waiting", "6 no reply"]),
        Step("Interested", 13, 46.4, ["2 to screen"]),
        Step("Consented", 8, 28.6),
    ],
    "stages": [
        NavEntry("All", "/", current=True, count=28),
        NavEntry("Interested", "/", count=13),
        NavEntry("Consented", "/", count=8),
    ],
}

pages = Blueprint("pages", __name__, template_folder="templates")


@pages.route("/", methods=["GET", "POST"])
def components() -> str:
    form = EveryField(request.form if request.method == "POST" else None)
    if request.method == "POST":
        form.validate()
        form.refuse({"name": "This name is known as T9BR", "": "The approval has ended"})
    done = Status("Answer sent to Grace Adeyemi.", "It leaves in 10 minutes.")
    return render_template(
        "components.html", frame=staff_frame(), form=form, status=done, **PARTS
    )


@pages.get("/sign-in")
def sign_in() -> str:
    return render_template("sign_in.html", frame=public_frame(), form=EveryField())


@pages.get("/wrong/<int:status>/<who>")
def no(status: int, who: str) -> tuple[str, int]:
    frames = {"staff": staff_frame, "public": public_frame, "neutral": neutral_frame}
    page = wrong(
        status,
        reference="7Q4M-2K9D",
        at="17 November 2026, 10:33",
        links=[Link("Go to Today", "/"), Link("Find a participant", "/")],
    )
    return render_template("errors/error.html", frame=frames[who](), wrong=page), 200


@pages.get("/alive")
def alive() -> Response:
    return Response(status=204)


@pages.before_request
def give_nonce() -> None:
    g.nonce = secrets.token_urlsafe(16)


@pages.after_request
def be_strict(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = POLICY.format(nonce=g.nonce)
    return response


def make_app() -> Flask:
    app = Flask("studyhub", static_url_path=static_path())
    init_kit(app)
    app.register_blueprint(pages)
    return app


if __name__ == "__main__":
    make_app().run(port=8790)
