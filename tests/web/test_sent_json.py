"""JSON of scripts: what no page of ours sends is 400, and never a mistake of ours."""

import pytest
from flask import Flask
from werkzeug.exceptions import BadRequest

from studyhub.web.sent_json import SentJson, sent_json

ASK = {
    "number": lambda sent: sent.number("it"),
    "number below": lambda sent: sent.number("it", 10),
    "words": lambda sent: sent.words("it", most=5),
    "flag": lambda sent: sent.flag("it"),
    "texts": lambda sent: sent.texts("it"),
    "parts": lambda sent: sent.parts("it"),
}
ODD = {
    "number": ["1", 1.5, True, None, [], {}],
    "number below": [-1, 10],
    "words": [1, None, [], "too long", "a\0b", "\ud800"],
    "flag": [1, "yes", None],
    "texts": ["text", [1], ["\udfff"], [["a"]]],
    "parts": [{}, [1], ["a"], 20_001 * [{}]],
}


@pytest.mark.parametrize("kind", ASK)
def test_what_no_page_of_ours_sends_is_refused(kind):
    for value in ODD[kind]:
        with pytest.raises(BadRequest):
            ASK[kind](SentJson({"it": value}))


def test_what_our_pages_send_is_taken():
    sent = SentJson({"n": 7, "w": "grüß", "f": False, "t": ["a"], "p": [{"n": 1}]})

    assert (sent.number("n", 8), sent.words("w"), sent.flag("f")) == (7, "grüß", False)
    assert (sent.texts("t"), sent.parts("p")[0].number("n")) == (["a"], 1)
    assert (sent.words("no", "else"), sent.listed("no")) == ("else", [])


@pytest.mark.parametrize("body", ["[]", '"text"', "1", "null", "{", ""])
def test_only_an_object_is_an_answer(body):
    sent = {"data": body, "content_type": "application/json", "method": "POST"}
    with Flask("bare").test_request_context("/", **sent), pytest.raises(BadRequest):
        sent_json()
