"""What a form shows: every text word for word, what was typed, what is missing."""

from html.parser import HTMLParser

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict
from wtforms import FieldList, FormField, HiddenField, PasswordField, StringField, TextAreaField
from wtforms.validators import InputRequired

from studyhub.domain.errors import Invalid
from studyhub.web.forms import ParticipantForm, StudyForm, one_of, pick_from
from studyhub.web.kit import COMPONENTS, FUNCTIONS, init_kit
from tests.web.browser import aria, open_page, serve
from tests.web.components_app import STATEMENT, EveryField, make_app

# What a person may write: letters, marks, line breaks; no control characters.
WRITTEN = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]) | st.just("\n"))
WORDS = WRITTEN.filter(lambda text: text == text.strip() and text != "")

FORM = """\
- text: Sign-in name
- textbox "Sign-in name"
- text: Password Your password opens your keys. Nobody can read it back to you.
- textbox "Password"
- button "Show password": Show
- text: Code from your authenticator Six digits.
- textbox "Code from your authenticator"
- text: E-mail address
- textbox "E-mail address"
- text: Approved on
- textbox "Approved on"
- text: Days until a reminder
- textbox "Days until a reminder"
- text: Why One sentence.
- textbox "Why\""""


class Reader(HTMLParser):
    """The text inside each element of one name, and the attributes of each input."""

    def __init__(self, html: str, tag: str) -> None:
        super().__init__()
        self.tag, self.inside, self.texts, self.inputs = tag, False, [], []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        if tag == self.tag:
            self.inside = True
            self.texts.append("")
        if tag == "input":
            self.inputs.append(dict(attributes))

    def handle_endtag(self, tag):
        if tag == self.tag:
            self.inside = False

    def handle_data(self, data):
        if self.inside:
            self.texts[-1] += data


def texts(html: str, tag: str) -> list[str]:
    return [text.strip() for text in Reader(html, tag).texts]


def typed(form: type[StudyForm], **values: str) -> StudyForm:
    filled = form(MultiDict(values))
    filled.validate()
    return filled


@pytest.fixture(scope="module")
def address():
    with serve(make_app()) as here:
        yield here


@given(statement=WORDS)
def test_a_statement_stands_word_for_word_in_its_legend(statement):
    class Consent(ParticipantForm):
        answer = one_of(
            statement,
            {"agree": "I agree", "decline": "I do not agree"},
            needed="Choose an answer",
        )

    html = str(Consent().answer())

    assert texts(html, "legend") == [statement]
    assert texts(html, "label") == ["I agree", "I do not agree"]


@given(label=WORDS)
def test_a_label_stands_word_for_word(label):
    class One(StudyForm):
        field = StringField(label)

    assert texts(str(One().field()), "label") == [label]


@given(text=WRITTEN)
def test_a_long_answer_is_shown_again_as_it_was_typed(text):
    class Long(StudyForm):
        why = TextAreaField("Why")

    (shown,) = Reader(str(typed(Long, why=text).why()), "textarea").texts

    # A browser drops the first line break after the opening tag.
    assert shown.removeprefix("\n") == text


def test_a_name_is_shown_again_as_it_was_typed():
    form = typed(EveryField, name='<b>"Ann" & co</b>')

    assert Reader(str(form.name()), "label").inputs[0]["value"] == '<b>"Ann" & co</b>'


@pytest.mark.parametrize("name", ["password", "code"])
def test_passwords_and_codes_are_never_shown_again(name):
    form = typed(EveryField, **{name: "938271"})

    assert "938271" not in str(form[name]())


def test_the_answer_chosen_is_still_chosen():
    form = typed(EveryField, statement="decline", version="1.1", kinds="text", sure="y")

    chosen = [
        box["value"]
        for box in Reader(str(form.statement()), "label").inputs
        if "checked" in box
    ]
    assert chosen == ["decline"]
    assert '<option value="1.1" selected>' in str(form.version())
    assert "checked" in Reader(str(form.kinds()), "label").inputs[1]
    assert "checked" in Reader(str(form.sure()), "label").inputs[0]


def test_nothing_is_chosen_for_you():
    html = "".join(str(field()) for field in EveryField())

    assert not [box for box in Reader(html, "label").inputs if "checked" in box]
    assert "selected" not in html


def test_each_problem_stands_at_its_field_and_in_the_summary():
    form = typed(EveryField, name="petra")

    assert "Write your password" in str(form.password())
    assert 'aria-describedby="password-hint password-error"' in str(form.password())
    assert '<a href="#password">Write your password</a>' in str(form.summary())
    assert "Write your sign-in name" not in str(form.summary())


def test_a_form_without_problems_has_no_summary():
    assert EveryField().summary() == ""


def test_the_summary_counts_in_words():
    class Pair(StudyForm):
        one = StringField("One", [InputRequired("Write one")])
        other = StringField("Other", [InputRequired("Write the other")])

    assert "One thing to look at" in str(typed(Pair, one="1").summary())
    assert "Two things to look at" in str(typed(Pair).summary())
    assert "Two names are missing" in str(typed(Pair).summary("Two names are missing"))


def test_what_a_workflow_refuses_goes_to_its_field():
    form = typed(EveryField)
    problem = Invalid({"name": "This name is known", "elsewhere": "The approval has <ended>"})

    form.refuse(problem.problems)

    assert "This name is known" in form.name.errors
    assert form.form_errors == ["The approval has <ended>"]
    assert "The approval has &lt;ended&gt;" in str(form.summary())


def test_a_problem_deep_in_a_list_is_found():
    class Person(StudyForm):
        name = StringField("Name", [InputRequired("Write a name")])

    class Team(StudyForm):
        people = FieldList(FormField(Person), min_entries=2)

    assert 'href="#people-1-name"' in str(typed(Team, **{"people-0-name": "Ann"}).summary())


def test_a_choice_that_was_not_offered_is_refused_in_our_words():
    form = typed(EveryField, statement="perhaps")

    assert form.statement.errors == ["Choose one of the answers shown"]


def test_participants_get_large_targets():
    class Large(ParticipantForm):
        answer = one_of("Take part?", ["Yes", "No"], needed="Choose an answer")

    class Small(StudyForm):
        answer = one_of("Take part?", ["Yes", "No"], needed="Choose an answer")

    assert "govuk-radios--small" not in str(Large().answer())
    assert "govuk-radios--small" in str(Small().answer())


def test_hints_may_come_with_the_page():
    html = str(EveryField().role(hints={"transcriber": "Assigned recordings, by code."}))

    assert "Assigned recordings, by code." in html


def test_a_hidden_field_and_other_attributes_pass_through():
    class Odd(StudyForm):
        after = HiddenField()
        secret = PasswordField("New password", render_kw={"autocomplete": "new-password"})
        pick = pick_from("Letter", ["1.0"], hint="The letter to send", needed="Choose a letter")

    form = Odd()

    assert 'type="hidden"' in str(form.after())
    assert 'autocomplete="new-password"' in str(form.secret())
    assert 'data-from="list"' in str(form.pick(**{"data-from": "list"}))


def test_every_kit_function_is_a_template_global():
    app = Flask(__name__)
    init_kit(app)

    assert set(COMPONENTS) == set(FUNCTIONS)
    html = app.jinja_env.from_string("{{ govukButton({'text': text}) }}").render(text="A & B")
    assert "A &amp; B" in html


def test_a_screen_reader_meets_every_name(chromium, address):
    with open_page(chromium, 1280) as page:
        page.goto(address + "/")

        heard = aria(page, "#fields")

    assert heard.startswith(FORM)
    assert f"- group {STATEMENT!r}".replace("'", '"')[:30] in heard
    for name in ("I agree", "I do not agree", "Recruiter", "Transcriber"):
        assert f'- radio "{name}"' in heard
    for name in ("The recording", "The transcript", "I checked the other person's fingerprint"):
        assert f'- checkbox "{name}"' in heard


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_every_statement_is_in_a_legend_at_every_width(chromium, address, width):
    with open_page(chromium, width) as page:
        page.goto(address + "/")

        shown = page.locator("legend", has_text="word for word").text_content() or ""
        assert shown.strip() == STATEMENT
        assert page.get_by_role("group", name=STATEMENT, exact=True).count() == 1
