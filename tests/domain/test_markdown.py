"""Restricted Markdown: what is read, what is shown, and that nothing else gets through."""

import sys
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyhub.domain.markdown import MARKS, cleaned, is_safe, parse
from studyhub.domain.rendering import TAGS, to_html, to_text

ATTRIBUTES = {"a": {"href"}, "ol": {"start"}, "h2": {"id"}, "h3": {"id"}}


class Seen(HTMLParser):
    """Collects what a browser would find in the output."""

    def __init__(self):
        super().__init__()
        self.tags, self.links, self.open, self.others = [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, tuple(attrs)))
        if tag == "a":
            self.links.append(dict(attrs)["href"])
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_comment(self, data):
        self.others.append(data)

    handle_decl = unknown_decl = handle_pi = handle_comment


def seen(source):
    page = Seen()
    page.feed(to_html(source))
    page.close()
    assert page.open == []
    return page


def assert_allowed(source):
    page = seen(source)
    assert page.others == []
    for tag, attributes in page.tags:
        assert tag in TAGS
        assert {name for name, _ in attributes} <= ATTRIBUTES.get(tag, set())
    for target in page.links:
        assert target.startswith(("https://", "mailto:"))
        assert is_safe(target)


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt:alert(1))",
    "[a](data:text/html,x)",
    "[a](http://example.org)",
    "[a](//example.org)",
    '[a](https://example.org/"onclick="alert(1))',
    "[a](https://bank.example@evil.example/)",
    "[a](https://exa\u202emple.org)",
    "[a](mailto:a@b.example?bcc=c@d.example)",
    '[<b onclick="x">](https://example.org)',
    "![x](https://example.org/x.png)",
    "<https://example.org>",
    "&lt;script&gt; &#60;b&#62;",
    "## x {#onclick}",
    '## x {#dpo" onclick="x}',
    "**<i>**</i>*",
    "\x00<b>\x1b[31m",
    "<!-- x --> <![CDATA[x]]> <?php ?>",
]


@pytest.mark.parametrize("source", HOSTILE)
def test_inv_88_a_hostile_text_brings_nothing_in(source):
    assert_allowed(source)


pieces = st.sampled_from(
    [
        *HOSTILE,
        *("*", "**", "[", "](", ")", "\\", "\n", "\n\n", "  \n", "- ", "1. ", "7) ", "## "),
        *("### ", "{#dpo}", "<", ">", '"', "'", "&", " ", "a", "https://example.org/", "\t"),
    ]
)


@given(st.lists(pieces | st.text(max_size=8), max_size=30).map("".join))
def test_inv_88_no_text_whatever_leads_outside_the_allow_list(source):
    assert_allowed(source)
    to_text(source)


@given(st.text() | st.lists(pieces, max_size=20).map("".join))
def test_cleaning_twice_changes_nothing_and_rendering_is_of_the_cleaned_text(source):
    assert cleaned(cleaned(source)) == cleaned(source)
    assert to_html(cleaned(source)) == to_html(source)


@given(st.text(st.characters(categories=["L", "N"]), min_size=1))
def test_words_are_kept_whole(text):
    assert to_text(text, None) == cleaned(text)


def test_paragraphs_headings_lists_and_stress_are_read():
    source = "## Title\n\nOne *two*\n**three**.\n\n### Part\n- a\n- b\n  c\n\n3. x\n4. y"

    assert to_html(source) == (
        "<h2>Title</h2>\n<p>One <em>two</em> <strong>three</strong>.</p>\n<h3>Part</h3>\n"
        '<ul><li>a</li><li>b c</li></ul>\n<ol start="3"><li>x</li><li>y</li></ol>'
    )


def test_a_list_may_follow_a_line_at_once_but_a_year_begins_none():
    assert to_html("You can:\n- stop\n- ask") == (
        "<p>You can:</p>\n<ul><li>stop</li><li>ask</li></ul>"
    )
    assert to_html("It began in\n2019. It goes on.") == "<p>It began in 2019. It goes on.</p>"
    assert to_html("First:\n1. stop") == "<p>First:</p>\n<ol><li>stop</li></ol>"


def test_an_empty_line_between_items_does_not_begin_the_count_again():
    assert to_html("1. a\n\n2. b") == "<ol><li>a</li><li>b</li></ol>"
    assert to_html("- a\n\n1. b") == "<ul><li>a</li></ul>\n<ol><li>b</li></ol>"
    assert to_html("- a\n1. b") == "<ul><li>a</li></ul>\n<ol><li>b</li></ol>"


def test_a_line_breaks_where_two_blanks_or_a_backslash_ask_for_it():
    assert to_html("a  \nb\\\nc  ") == "<p>a<br>b<br>c</p>"
    assert to_html("a\\\\\nb") == "<p>a\\ b</p>"


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (r"\*a\*", "*a*"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("*a", "*a"),
        ("**a *b** c", "<strong>a *b</strong> c"),
        ("*a **b* c", "<em>a **b</em> c"),
        ("*a *b*", "<em>a *b</em>"),
        ("**a *b* c**", "<strong>a <em>b</em> c</strong>"),
        ("**", "**"),
        ("# x", "# x"),
        ("#### x", "#### x"),
        ("`x`", "`x`"),
        ("> x", "&gt; x"),
        ("[x]", "[x]"),
        ("[x](a b)", "[x](a b)"),
    ],
)
def test_what_is_not_meant_as_markdown_is_shown_as_it_was_typed(source, shown):
    assert to_html(source) == f"<p>{shown}</p>"


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("[our page](https://a.example/x?y=1&z)", "(a.example)"),
        ("[https://bank.example](https://evil.example)", "(evil.example)"),
        ("[write](mailto:dpo@a.example)", "(dpo@a.example)"),
    ],
)
def test_a_link_shows_where_it_leads(source, shown):
    assert to_html(source).endswith(f"</a> {shown}</p>")


def test_a_link_that_says_where_it_leads_is_not_told_twice():
    assert to_html("[https://a.example](https://a.example)") == (
        '<p><a href="https://a.example">https://a.example</a></p>'
    )
    assert to_html("[a@b.example](mailto:a@b.example)").endswith(">a@b.example</a></p>")
    assert to_html("[ ](https://a.example)").endswith(">https://a.example</a></p>")


def test_a_link_that_is_not_allowed_is_words():
    assert to_html("[a](http://b.example)") == "<p>a (http://b.example)</p>"


@pytest.mark.parametrize("mark", MARKS)
def test_a_section_can_be_marked(mark):
    assert to_html(f"## Words {{#{mark}}}") == f'<h2 id="section-{mark}">Words</h2>'


def test_an_unknown_mark_is_words():
    assert to_html("## Words {#other}") == "<h2>Words {#other}</h2>"


def test_signs_that_turn_words_around_are_taken_out_and_line_ends_are_one():
    assert cleaned("a\u202eb\u0000\r\nc\u2028d\te\u0301\ud800") == "ab\nc\nd    \u00e9"


def test_a_letter_is_wrapped_at_72_columns_and_an_address_is_never_broken():
    address = "https://study.example/" + "l" * 90
    text = to_text(
        f"## Hello\n\n{'word ' * 40}\n{address}\n\n- {'item ' * 30}\n- b\n\n9. x\n10. y"
    )

    long = [line for line in text.splitlines() if len(line) > 72]
    assert long == [address]
    assert "\n- item item" in text
    assert "\n  item item" in text
    assert text.endswith("- b\n\n9. x\n10. y")


def test_a_letter_says_its_links_in_full_and_drops_stress():
    source = "**See** [our page](https://a.example/x)  \n[a@b.example](mailto:a@b.example)"

    assert to_text(source) == "See our page (https://a.example/x)\na@b.example"


@pytest.mark.parametrize(
    "piece",
    [
        *("*", "**", "* ", "*a **b", "**a *b* ", "[", "[a](", "[a](b", "\\", "- ", "- a\n"),
        *(
            "1. a\n\n",
            "a  \n",
            " ",
            "\n",
            "## ",
            "{#dpo}",
            "*a*",
            "](",
            "<",
            "[a](https://b.c) ",
        ),
        *("a\\\n", "(" * 3, "- a\n1. b\n"),
    ],
)
def test_the_cost_of_a_hostile_text_grows_with_its_length_only(piece):
    small, large = (work_of(piece * count) for count in (500, 4000))

    assert large < 12 * small + 1000


def work_of(source):
    """Count the calls that reading and writing make: the same on every machine."""
    calls = 0

    def count(*_):
        nonlocal calls
        calls += 1

    sys.setprofile(count)
    try:
        to_html(source)
    finally:
        sys.setprofile(None)
    return calls


def test_an_empty_text_is_no_block():
    assert parse(" \n\n ") == ()
