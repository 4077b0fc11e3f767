"""Versions, what they must hold, placeholders, starters and the text that is hashed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyhub.domain.consent_history import Period
from studyhub.domain.documents import (
    MAIL_KINDS,
    MOST_LETTERS,
    SECTIONS,
    Number,
    StatementText,
    VersionText,
    bytes_of_form,
    letter_of,
    missing_sections,
    next_version,
    number_from,
    problems_at_submit,
    problems_of_use,
    sensitive_in,
    subject_of,
    text_of_form,
)
from studyhub.domain.errors import Invalid
from studyhub.domain.markdown import MARKS, is_hidden
from studyhub.domain.placeholders import (
    NEEDED,
    PLACEHOLDERS,
    fill,
    fill_markdown,
    placeholders_in,
    problem_of_placeholders,
)
from studyhub.domain.rendering import to_html, to_text
from studyhub.domain.statements import GROUPS, STARTERS
from studyhub.domain.words import WORDS

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
RULE = {"kind": "days_after_interview", "days": 14}
SHEET = VersionText(
    kind="pis",
    language="en",
    number=Number(1, 0),
    body="\n\n".join(f"## About {{#{mark}}}\n\nWe tell you." for mark in MARKS),
    deadline_rule=RULE,
)
FORM = VersionText(
    kind="consent_form",
    language="en",
    number=Number(1, 0),
    body="## Consent\n\nPlease answer *each* statement.",
    statements=(
        StatementText("participate", "I take part.", mandatory=True),
        StatementText("quotes", "You may quote me.", mandatory=False),
    ),
)
INVITATION = VersionText(
    kind="invitation",
    language="en",
    number=Number(1, 0),
    body="## A talk about {{study}}\n\nDear {{name}},\n\nread {{link}}\n\nstop: {{stop_link}}",
)


# Numbers.


def test_inv_7_ten_comes_after_nine():
    assert Number(1, 10) > Number(1, 9) > Number(0, 99)
    assert str(max(map(number_from, ["1.9", "1.10", "1.2"]))) == "1.10"


def test_the_next_number_follows_the_newest():
    assert next_version([]) == (0, 1)
    assert next_version([], major=True) == (1, 0)
    assert next_version([Number(1, 9), Number(1, 10), Number(1, 2)]) == (1, 11)
    assert next_version([Number(1, 10)], major=True) == (2, 0)


@pytest.mark.parametrize("text", ["", "1", "1.", "v1.0", "1.0.0", "-1.0", "1.0\n", "12345.1"])
def test_what_is_no_number_is_none(text):
    assert number_from(text) is None


# What a version must hold.


@pytest.mark.parametrize("version", [SHEET, FORM, INVITATION])
def test_a_whole_version_can_be_submitted(version):
    assert problems_at_submit(version) == {}


@pytest.mark.parametrize("mark", MARKS)
def test_a_sheet_without_one_of_the_five_sections_is_told_which(mark):
    body = SHEET.body.replace(f" {{#{mark}}}", "")

    problems = problems_at_submit(replace(SHEET, body=body))

    assert SECTIONS[mark] in problems["body"]
    assert f"{{#{mark}}}" in problems["body"]


def test_a_section_with_nothing_below_its_heading_is_missing():
    assert missing_sections("## A {#dpo}\n## B {#retention}\nYears.\n## C {#complaints}") == [
        "withdrawal",
        "controller",
        "dpo",
        "complaints",
    ]


def test_a_sheet_needs_a_rule_for_withdrawing_and_another_kind_does_not():
    assert "deadline_rule" in problems_at_submit(replace(SHEET, deadline_rule=None))
    assert "deadline_rule" in problems_at_submit(replace(FORM, deadline_rule={"kind": "x"}))


def with_statements(*statements):
    return problems_at_submit(replace(FORM, statements=statements)).get("statements", "")


def test_a_consent_form_needs_a_mandatory_statement_and_each_code_once():
    must, may = FORM.statements

    assert "mandatory" in with_statements()
    assert "mandatory" in with_statements(may)
    assert "once" in with_statements(must, must)
    assert with_statements(must, replace(may, code="x_own_2")) == ""


@pytest.mark.parametrize("code", ["other", "x_", "x_A", "participate\n", ""])
def test_a_code_is_of_the_list_or_begins_with_x(code):
    assert "x_" in with_statements(replace(FORM.statements[0], code=code))


@pytest.mark.parametrize("wording", ["", "  ", "until {{deadline}}", "a\u202eb"])
def test_a_wording_is_written_out(wording):
    assert "wording" in with_statements(replace(FORM.statements[0], wording=wording)).lower()


def test_only_a_consent_form_has_statements():
    assert problems_at_submit(replace(SHEET, statements=FORM.statements))["statements"]


@pytest.mark.parametrize("body", ["", " \n", "a" * (MOST_LETTERS + 1), "a\u202eb", "a\x00b"])
def test_a_text_is_there_not_endless_and_can_be_seen(body):
    assert "body" in problems_at_submit(replace(FORM, body=body))


def test_windows_line_ends_and_tabs_are_no_unseen_signs():
    assert problems_at_submit(replace(FORM, body="a\r\n\tb")) == {}


def test_a_mail_begins_with_its_subject():
    body = INVITATION.body.replace("## ", "### ")

    assert "subject" in problems_at_submit(replace(INVITATION, body=body))["body"]
    assert subject_of("\n## A *talk*\r\n\r\nDear") == "A talk"
    assert letter_of("\n## A talk\n\nDear") == "\nDear"
    assert subject_of("Dear") == subject_of("") == ""


def test_inv_19_sensitive_terms_are_found_in_any_writing():
    assert sensitive_in("Your CAF\u00c9 talk", ["cafe\u0301", "drugs"]) == ["cafe\u0301"]
    assert sensitive_in("A talk", ["drugs"]) == []


def test_inv_4_a_version_is_used_only_under_an_approval():
    approved = (Period(NOW, NOW + timedelta(days=9)),)

    assert problems_of_use(NOW, NOW, approved) == {}
    assert problems_of_use(NOW, NOW, ()) != {}
    assert problems_of_use(NOW + timedelta(days=9), NOW, approved) != {}


def test_inv_44_a_version_is_never_used_from_the_past():
    approved = (Period(NOW - timedelta(days=9)),)

    assert "passed" in problems_of_use(NOW - timedelta(seconds=1), NOW, approved)["use_from"]


# The text that is hashed.


def test_the_hashed_text_of_a_form_is_what_it_was():
    assert text_of_form(replace(FORM, deadline_rule=RULE)) == (
        "consent_form 1.0 en\n"
        "  Consent\n"
        "\n"
        "  Please answer each statement.\n"
        "statement 1 participate mandatory\n"
        "  I take part.\n"
        "statement 2 quotes optional\n"
        "  You may quote me.\n"
        "deadline days=14 kind=days_after_interview\n"
    )


CHANGES = [
    {"body": "## Consent\n\nPlease answer *no* statement."},
    {"number": Number(1, 1)},
    {"language": "cy"},
    {"deadline_rule": RULE},
    {"statements": FORM.statements[::-1]},
    {"statements": FORM.statements[:1]},
    {"statements": (FORM.statements[0], replace(FORM.statements[1], mandatory=True))},
    {"statements": (FORM.statements[0], replace(FORM.statements[1], wording="You may."))},
    {"body": FORM.body + "\n\nstatement 1 participate mandatory"},
]


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_is_changed_in_what_is_shown_changes_the_bytes(change):
    assert bytes_of_form(replace(FORM, **change)) != bytes_of_form(FORM)


@given(st.text(), st.text(min_size=1))
def test_no_text_can_pass_for_a_line_of_ours(body, wording):
    statement = StatementText("quotes", wording, mandatory=True)
    version = replace(FORM, body=body, statements=(statement,))

    ours = [line for line in text_of_form(version).split("\n") if line and line[0] != " "]

    assert ours == ["consent_form 1.0 en", "statement 1 quotes mandatory"]


def test_line_ends_and_composed_letters_do_not_change_the_bytes():
    one = replace(FORM, body="e\u0301\r\nb")

    assert bytes_of_form(one) == bytes_of_form(replace(FORM, body="\u00e9\nb"))


# Starter statements.


def test_every_starter_has_a_code_of_the_list_a_group_and_stands_once():
    assert sorted(starter.code for starter in STARTERS) == sorted(WORDS["statement_codes"])
    assert {starter.group for starter in STARTERS} == set(GROUPS)


def test_the_starters_that_the_design_calls_mandatory_are():
    assert {starter.code for starter in STARTERS if starter.mandatory} == {
        *("read_pis", "voluntary", "withdraw_until", "participate", "anon_use"),
        "limits_of_confidentiality",
    }
    assert [s.code for s in STARTERS if s.study_decides] == ["audio_recording"]


def test_starters_speak_in_the_first_person_and_make_a_form_once_filled():
    values = {"deadline": "14 days after the interview", "transcriber": "a typist"}
    statements = tuple(
        StatementText(
            s.code,
            fill(s.wording, {name: values[name] for name in placeholders_in(s.wording)}),
            s.mandatory,
        )
        for s in STARTERS
    )

    assert all(statement.wording.startswith("I ") for statement in statements)
    assert problems_at_submit(replace(FORM, statements=statements)) == {}


# Placeholders.


def test_every_kind_of_document_has_its_list():
    assert set(PLACEHOLDERS) == set(WORDS["documents.kind"])
    assert {kind for kind, names in PLACEHOLDERS.items() if names} == MAIL_KINDS
    assert all(NEEDED[kind] <= PLACEHOLDERS[kind] for kind in NEEDED)


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        ("pis", "Dear {{name}}", "cannot have {{name}}"),
        ("summary", "Dear {{nmae}}", "cannot have {{nmae}}"),
        ("summary", "Dear {{ name }}", "cannot have {{ name }}"),
        ("summary", "Dear {{name}", "stand alone"),
        ("summary", "Dear name}}", "stand alone"),
        ("summary", "Dear {{{name}}}", "cannot|stand alone"),
        ("reminder", "See {{link}}", "Add {{stop_link}}"),
    ],
)
def test_a_wrong_placeholder_is_told_before_anybody_gets_it(kind, text, said):
    problem = problem_of_placeholders(kind, text)

    assert problem
    assert any(part in problem for part in said.split("|"))


def test_a_text_is_filled_in_one_pass():
    text = "{{name}}, {{study}}, {{name}}"

    assert fill(text, {"name": "{{study}}", "study": "Talks"}) == "{{study}}, Talks, {{study}}"


@pytest.mark.parametrize(
    ("text", "values", "field"),
    [
        ("{{name}}", {}, "name"),
        ("{{other}}", {"name": "A"}, "other"),
        ("A", {"other": "A"}, "other"),
        ("{{name}", {"name": "A"}, "text"),
        ("{{name}}", {"name": "A\nBcc: b@c.example"}, "name"),
        ("{{name}}", {"name": "A\r"}, "name"),
        ("{{name}}", {"name": "A\u2028B"}, "name"),
        ("{{name}}", {"name": "A\u202eB"}, "name"),
        ("{{name}}", {"name": " "}, "name"),
        ("{{name}}", {"name": "A" * 1001}, "name"),
    ],
)
def test_what_cannot_be_filled_is_refused(text, values, field):
    with pytest.raises(Invalid) as told:
        fill(text, values)
    assert set(told.value.problems) == {field}


@given(st.text(min_size=1, max_size=40))
def test_a_subject_that_was_filled_is_one_line_that_can_be_seen(value):
    try:
        subject = fill("About {{name}}", {"name": value})
    except Invalid:
        return

    assert subject == f"About {value}"
    assert not any(map(is_hidden, subject))


@given(st.text(st.characters(codec="ascii", min_codepoint=32, max_codepoint=126), min_size=1))
def test_a_value_in_a_document_stays_the_words_it_was(value):
    if not value.strip():
        return
    source = fill_markdown("Dear {{name}}", {"name": value})

    assert to_text(source, None).split() == f"Dear {value}".split()
    assert not {"<a ", "<em", "<strong"} & set(to_html(source).split())


def test_a_link_in_a_letter_is_written_as_it_is():
    source = fill_markdown("{{link}}", {"link": "https://a.example/l/x_-*y"})

    assert to_text(source) == "https://a.example/l/x_-*y"
