"""Typing, importing and giving out transcripts through the pages, without a screen."""

import html
import json
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from secrets import choice, randbelow, token_hex

import pytest
from sqlalchemy import select

from studyhub.app import create_app
from studyhub.domain import turns
from studyhub.domain.turns import Turn
from studyhub.store.transcripts import Assignment
from tests.makers import INTERVIEW, SLUG, Study, interviewed
from tests.media.test_hostile_documents import LAUGHS, OUTSIDE
from tests.media.word_files import document, paragraph, run
from tests.web.given import small_study, tess, transcript_id
from tests.web.pages import HOSTILE, at_browser, words
from tests.web.visits import Visit

__all__ = ["small_study", "tess", "transcript_id"]

HERE = f"/s/{SLUG}/transcription"
GIVEN = f"/s/{SLUG}/work"
NOBODY = "00000000-0000-4000-8000-000000000000"
FIXTURES = Path(__file__).parents[1] / "media" / "fixtures"
CANARY = "Quillfeather of Wensleydale"


def hidden(answer):
    """The hidden fields of a page's own form."""
    form = answer.text.partition("<main")[2]
    tags = re.findall(r"<input[^>]*type=.hidden.[^>]*>", form)
    pairs = (re.search(r'name="([^"]*)".*value="([^"]*)"', tag) for tag in tags)
    return {each[1]: html.unescape(each[2]) for each in pairs if each}


def read(visit, transcript_id):
    return visit.get(f"/transcripts/{transcript_id}/working").json


def patch(visit, transcript_id, **told):
    told = {"base_rev": 0, "client_id": "page-1", "seq": 1, "text": "", **told}
    address = f"/transcripts/{transcript_id}/working"
    return visit.client.patch(address, json=told, headers={"X-CSRF-Token": visit.token})


def send(visit, transcript_id, data, where="file", **told):
    told = {"ending": "docx", "labels": None, **told}
    return visit.client.post(
        f"{HERE}/{transcript_id}/import/{where}",
        data=json.dumps(told).encode() + b"\n" + data,
        content_type="application/octet-stream",
        headers={"X-CSRF-Token": visit.token, "Accept": "application/json"},
    )


def everything_kept(study: Study) -> bytes:
    """Every byte of the instance: its files, and the database as it lies."""
    raw = study.hub.sessions.engine.raw_connection().driver_connection
    folder = study.hub.settings.instance
    files = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    return b"".join([raw.serialize(), *files])


# -- saving ----------------------------------------------------------------------------


@dataclass
class Page:
    """What the page in a browser does, over a network that loses, doubles and delays."""

    visit: Visit
    transcript_id: str
    client: str = field(default_factory=lambda: token_hex(8))
    seq: int = 0
    late: list[dict] = field(default_factory=list)

    def __post_init__(self):
        found = read(self.visit, self.transcript_id)
        self.rev, self.body = found["rev"], turns.read(found["text"])

    def edit(self) -> None:
        """Type, split, join, change the speaker or a name."""
        made = list(self.body.turns)
        at = randbelow(len(made))
        turn = made[at]
        what = randbelow(10)
        if what == 0:
            fresh = Turn(f"t{token_hex(4)}", turn.speaker, None, None, turn.text[5:])
            made[at : at + 1] = [replace(turn, text=turn.text[:5]), fresh]
        elif what == 1 and at:
            before = made[at - 1]
            made[at - 1 : at + 1] = [replace(before, text=f"{before.text} {turn.text}")]
        elif what == 2:
            made[at] = replace(turn, speaker=choice(["s1", "s2"]))
        else:
            made[at] = replace(
                turn, text=f"{turn.text} {choice(['née', '[pause]', '🎈', 'um'])}"
            )
        self.body = replace(self.body, turns=tuple(made))

    def save(self, *, lossy: bool = True) -> int | None:
        """Send the text as it is; the status, or nothing where no answer came back."""
        self.seq += 1
        text = turns.write(self.body)
        sent = {"base_rev": self.rev, "client_id": self.client, "seq": self.seq, "text": text}
        luck = randbelow(6) if lossy else 5
        if luck == 0:  # lost on the way
            return None
        if luck == 1:  # it will arrive, but after later ones
            self.late.append(sent)
            return None
        answer = patch(self.visit, self.transcript_id, **sent)
        if luck == 2:  # taken, and the answer lost: as if the server was killed in between
            return None
        if luck == 3:  # doubled
            again = patch(self.visit, self.transcript_id, **sent)
            assert (again.status_code, again.json) == (answer.status_code, answer.json)
        if luck == 4 and self.late:
            patch(self.visit, self.transcript_id, **self.late.pop(randbelow(len(self.late))))
        assert answer.status_code == 200, answer.json
        self.rev = answer.json["rev"]
        return answer.status_code


def test_500_edits_over_a_bad_network_end_as_they_were_typed(small_study, tess, transcript_id):
    page = Page(tess, str(transcript_id))

    for number in range(500):
        page.edit()
        if number % 3 == 0:
            page.save()
        if number == 250:  # the server starts anew
            tess.app = create_app(small_study.hub)
            cookie, tess.client = tess.cookie, tess.app.test_client()
            tess.cookie = cookie
    page.save(lossy=False)
    for sent in page.late:
        patch(tess, transcript_id, **sent)

    assert read(tess, transcript_id)["text"] == turns.write(page.body)


def test_a_save_of_another_page_answers_with_what_is_kept(tess, transcript_id):
    mine, theirs = Page(tess, str(transcript_id)), Page(tess, str(transcript_id))
    theirs.edit()
    theirs.save(lossy=False)
    mine.edit()

    answer = patch(
        tess, transcript_id, text=turns.write(mine.body), client_id=mine.client, base_rev=0
    )

    assert answer.status_code == 409
    kept = answer.json
    assert (kept["rev"], kept["text"], kept["saved_by"]) == (
        1,
        turns.write(theirs.body),
        "Tess Bowen",
    )


def test_what_both_changed_is_merged_and_what_both_wrote_is_asked(tess, transcript_id):
    base = read(tess, transcript_id)["text"]
    header = {"X-CSRF-Token": tess.token}
    sides = {name: base + f"{name} words" for name in ("mine", "theirs")}

    found = tess.client.post(
        f"/transcripts/{transcript_id}/merge", json={"base": base, **sides}, headers=header
    ).json
    kept = tess.client.post(
        f"/transcripts/{transcript_id}/branches", json={"text": sides["mine"]}, headers=header
    )

    assert found["clashes"] == 1
    assert found["parts"][0]["clash"]["mine"][0]["text"] == "mine words"
    assert kept.status_code == 201
    assert "Word for word" in words(tess.get(f"{HERE}/{transcript_id}/versions"))


@pytest.mark.parametrize(
    "odd",
    [
        {"base_rev": "0"},
        {"base_rev": True},
        {"seq": None},
        {"text": 5},
        {"client_id": ["a"]},
        {"text": "a\0b"},
    ],
)
def test_what_no_page_sends_is_refused_before_anything_is_opened(tess, transcript_id, odd):
    assert patch(tess, transcript_id, **odd).status_code == 400


@pytest.mark.parametrize("text", HOSTILE.values())
def test_a_text_that_is_no_transcript_is_refused(tess, transcript_id, text):
    assert patch(tess, transcript_id, text=text).status_code == 422


# -- who may not -----------------------------------------------------------------------

SCRIPTED = ("working", "lock", "branches", "merge")


def test_nobody_else_reaches_a_transcript(app, small_study, transcript_id):
    names = ["", "/plain", "/import", "/versions", "/versions/compare", "/finish"]
    asked = [f"{HERE}/{transcript_id}{name}" for name in names]
    asked.append(f"/transcripts/{transcript_id}/working")

    for login in ("petra", "ravi", "rita", "ivan", "ann", "ada", "nina"):
        visit = at_browser(app, small_study, login)
        for path in asked:
            found = visit.get(path).status_code
            other = visit.get(path.replace(str(transcript_id), NOBODY)).status_code
            # Who has transcripts of their own is told no; to all others there are none.
            assert found == (403 if login in ("petra", "ravi") else other), (login, path)
            assert found in (403, 404), (login, path)
        assert patch(visit, transcript_id).status_code in (400, 403, 404), login


def test_strangers_are_told_nothing(app, transcript_id):
    client = app.test_client()

    assert client.get(f"{HERE}/{transcript_id}").status_code == 302
    for name in SCRIPTED:
        answer = client.get(f"/transcripts/{transcript_id}/{name}")
        assert answer.status_code == (405 if name != "working" else 401)
    assert client.patch(f"/transcripts/{transcript_id}/working", json={}).status_code == 401


# -- without script --------------------------------------------------------------------


def test_the_whole_text_can_be_typed_in_a_plain_form(tess, transcript_id):
    address = f"{HERE}/{transcript_id}/plain"
    fields = hidden(tess.get(address))

    done = tess.post(
        address, **fields, text="Interviewer: One.\n\nParticipant: Two.\n\nMo: Three."
    )

    assert done.status_code == 302
    body = turns.read(read(tess, transcript_id)["text"])
    said = [(body.labels[turn.speaker], turn.text) for turn in body.turns]
    assert said == [("Interviewer", "One."), ("Participant", "Two."), ("Mo", "Three.")]


def test_a_plain_form_never_overwrites_and_shows_both_texts(tess, transcript_id):
    address = f"{HERE}/{transcript_id}/plain"
    first, second = hidden(tess.get(address)), hidden(tess.get(address))
    tess.post(address, **first, text="Interviewer: Theirs.")

    refused = tess.post(address, **second, text="Interviewer: Mine.")

    assert refused.status_code == 409
    assert "Interviewer: Mine." in refused.text
    assert "Interviewer: Theirs." in refused.text
    again = tess.post(address, **hidden(refused), text="Interviewer: Both.")
    assert again.status_code == 302


# -- import ----------------------------------------------------------------------------

NAMES = [
    *("synthetic/interview_dev_synthetic.vtt", "synthetic/interview_dev_synthetic.srt"),
    *("synthetic/interview_dev_synthetic.txt", "docs/blk-paras-and-tables.docx"),
    *("docs/comments-rich-para.docx", "vtt/sample.vtt", "vtt/captions_with_bom.vtt"),
    *("srt/sample.srt", "srt/missing_caption_text.srt"),
]


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_shown_first_and_taken_in_when_confirmed(tess, transcript_id, name):
    data = (FIXTURES / name).read_bytes()
    ending = name.rpartition(".")[2]

    shown = send(tess, transcript_id, data, ending=ending).json
    assert shown["seen"] == shown["imported"] + len(shown["skipped"])
    assert read(tess, transcript_id)["rev"] == 0
    done = send(tess, transcript_id, data, "file/confirm", ending=ending, rev=0, voices=[])

    assert done.json["next"].endswith(str(transcript_id))
    body = turns.read(read(tess, transcript_id)["text"])
    assert len(body.turns) == shown["turns"]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (document("", **{"word/document.xml": LAUGHS}), "document type"),
        (document("", **{"word/document.xml": OUTSIDE}), "document type"),
        (document(paragraph("A: b"), **{"word/vbaProject.bin": b"x"}), "macro"),
        (document(paragraph("A: b"), **{"word/big.xml": "x" * 30_000_000}), "unpack"),
        (b"%PDF-1.7", "PDF"),
        (b"\xd0\xcf\x11\xe0", "old Word"),
        (b"", "empty"),
    ],
)
def test_a_hostile_document_is_refused_in_plain_words(tess, transcript_id, data, says):
    answer = send(tess, transcript_id, data)

    assert answer.status_code == 422
    assert says in answer.json["says"]


def test_hidden_text_is_left_out_and_said(tess, transcript_id):
    data = document(paragraph("Kay: One."), paragraph(run("Mo: secret", "<w:vanish/>")))

    shown = send(tess, transcript_id, data).json

    assert any("hidden" in each["what"] for each in shown["dropped"])


def test_a_body_that_was_cut_or_is_no_import_is_refused(tess, transcript_id):
    token = {"X-CSRF-Token": tess.token, "Accept": "application/json"}
    for body in (b"", b"no json\nKay: One.", b"[]\nKay: One.", b'{"labels": 5}\nKay: One.'):
        answer = tess.client.post(
            f"{HERE}/{transcript_id}/import/file",
            data=body,
            content_type="application/octet-stream",
            headers=token,
        )
        assert answer.status_code == 400, body
    assert send(tess, transcript_id, b"x" * (20 * 1024 * 1024 + 70_000)).status_code == 413


def test_pasted_text_is_shown_first_and_its_names_can_be_replaced(tess, transcript_id):
    address = f"{HERE}/{transcript_id}/import"
    fields = {"text": INTERVIEW.decode(), "rev": "0"}

    shown = tess.post(address, **fields)
    assert shown.status_code == 200
    assert "turns 39" in words(shown)
    names = re.findall(r'name="name" value="([^"]*)"', shown.text)
    done = tess.post(
        *(address,),
        **fields,
        confirm="yes",
        name=names,
        label=["Int", "P"],
        part=["interviewer", "participant"],
    )

    assert done.status_code == 302
    body = turns.read(read(tess, transcript_id)["text"])
    assert list(body.labels.values()) == ["Int", "P"]


def test_pasted_text_that_cannot_be_read_says_why(tess, transcript_id):
    address = f"{HERE}/{transcript_id}/import"

    for text in ("", "   ", '{"program": "data"}'):
        answer = tess.post(address, text=text, rev="0")
        assert answer.status_code == 422
    for text in HOSTILE.values():
        assert tess.post(address, text=text, rev="0").status_code in (200, 422)
        sent = tess.post(
            address, text=text, rev="0", confirm="yes", name=text, label=text, part=text
        )
        assert sent.status_code in (302, 409, 422)


def test_a_text_is_never_in_clear_in_the_instance(small_study, tess, transcript_id):
    before = read(tess, transcript_id)["text"]
    patch(tess, transcript_id, text=before + CANARY)
    tess.post(f"{HERE}/{transcript_id}/versions", note=f"{CANARY} noted", kind="verbatim")
    pasted = {"text": f"{CANARY}: {CANARY}", "rev": "1"}
    tess.post(f"{HERE}/{transcript_id}/import", **pasted, confirm="yes")

    assert CANARY in read(tess, transcript_id)["text"]
    kept = everything_kept(small_study)
    assert b"transcript.import" in kept
    assert CANARY.encode() not in kept


# -- giving out and finishing ------------------------------------------------------------


def test_the_pi_gives_work_and_takes_it_back(app, small_study):
    interview_id = interviewed(small_study)
    petra = at_browser(app, small_study, "petra")
    address = f"{GIVEN}/interview/{interview_id}"
    to = str(small_study.membership_id("tess"))

    assert petra.post(address, to="", duties=[]).status_code == 422
    given = petra.post(address, to=to, duties=["transcribe", "deidentify"], due="2027-01-05")
    shown = petra.get(given.location)

    assert "Tess Bowen: type it, until 5 January 2027" in words(shown)
    ticked = re.findall(r'value="([a-z]+)"[^>]* checked', shown.text)
    assert ticked == ["review"]  # what nobody has yet
    end = re.search(r'action="([^"]*/end)"', shown.text)
    petra.post(end[1], thing="interview", thing_id=str(interview_id))
    with small_study.hub.sessions.reading.begin() as session:
        ended = [row.ended_at for row in session.scalars(select(Assignment))]
    assert sum(at is not None for at in ended) == 1


def test_today_and_the_list_show_what_was_given_by_code(small_study, tess, transcript_id):
    today, listed = tess.get("/home"), tess.get(HERE)

    assert str(transcript_id) in today.text
    assert "Being typed" in words(listed)
    assert "Grace" not in today.text + listed.text


def test_finishing_asks_and_refuses_what_was_saved_meanwhile(tess, transcript_id):
    address = f"{HERE}/{transcript_id}/finish"
    text = read(tess, transcript_id)["text"]
    fields = hidden(tess.get(address))
    assert tess.post(address, **fields).status_code == 422
    patch(tess, transcript_id, text=text + "words")

    assert tess.post(address, **fields, checked="y").status_code == 409
    done = tess.post(address, **hidden(tess.get(address)), checked="y")

    assert done.status_code == 302
    assert "Checked" in words(tess.get(done.location))
