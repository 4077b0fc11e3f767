"""People express interest, ask and read their answers while nobody of the team is there.

Afterwards the database and the files say none of it to whoever has only those.
"""

from base64 import b64encode

import pytest

from studyhub.store.db import Base
from studyhub.workflows import (
    links,
    recruitment_guest,
    recruitment_interest,
    recruitment_opt_out,
    recruitment_questions,
    recruitment_triage,
)
from studyhub.workflows.demonstration import CAST
from studyhub.workflows.expressions import Told
from studyhub.workflows.recruitment_questions import Asked
from tests.makers import approved_study, informed, invited, letter_body, stranger, token_in

STRANGER = Told(
    "Zephyrine Quux",
    "email",
    email="zephyrine@home.test",
    phone="01632 960 771",
    safe_contact="never while the kestrel nests",
    note="a heron behind the waterworks",
)
INVITED = Told("Perpetua Lowe", "telephone", phone="01632 960 772", note="mind the otters")
QUESTION = "Who hears about the pangolin?"
ANSWER = "Only the one who feeds the axolotl."
SECRETS = (
    *("Zephyrine", "Quux", "zephyrine@home.test", "960 771", "kestrel", "heron"),
    *("Perpetua", "960 772", "otters", "pangolin", "axolotl", "Grace Adeyemi", "Peter Lowe"),
)

SURE = 8  # shorter pieces are found by chance


@pytest.fixture
def tokens(study):
    """The tokens of somebody invited, of their way to stop, and of somebody informed."""
    approved_study(study)
    invited(study, "Peter Lowe")
    body = letter_body(study, "invitation")["text"]
    return token_in(body), token_in(body, "o"), informed(study)


def nobody_is_there(study):
    for login in CAST:
        study.hub.sittings.end_all(study.user_id(login))


def do_everything(study, tokens):
    """What needs no key of the team, one after the other."""
    invitation, stop, own = tokens
    recruitment_interest.receive(stranger(study), STRANGER)
    recruitment_interest.receive(links.guest(study.hub, invitation).desk, INVITED)
    guest = links.guest(study.hub, own)
    seen = recruitment_guest.see(guest.desk, questions=True)
    assert [each.answer for each in seen.questions] == [ANSWER]
    recruitment_questions.ask(guest.desk, Asked(f"{QUESTION} And later?", blocks=False))
    assert len(recruitment_guest.see(guest.desk, questions=True).questions) == 2
    recruitment_opt_out.opt_out(links.guest(study.hub, stop).desk, "one_click")
    recruitment_triage.decide(guest.desk, None, "declined")


def everything(study):
    """Every value of every table, the file of the database, every file of the instance."""
    files = [path for path in study.hub.settings.instance.rglob("*") if path.is_file()]
    found = [path.read_bytes() for path in files]
    with study.hub.sessions.reading.begin() as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(table.select()):
                found += [as_bytes(value) for value in row]
    if study.hub.sessions.engine.dialect.name == "sqlite":
        found.append(study.hub.sessions.engine.raw_connection().driver_connection.serialize())
    return b"\0".join(found)


def as_bytes(value):
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()


def ways_to_write(secret):
    plain = secret.encode()
    yield plain
    yield secret.encode("utf-16-le")
    yield plain.hex().encode()
    # In base64 the middle of a word looks alike wherever three bytes begin with it.
    shifted = (b64encode(b"x" * shift + plain)[4:-4] for shift in range(3))
    yield from (middle for middle in shifted if len(middle) >= SURE)


def test_with_nobody_signed_in_all_is_taken_and_the_database_alone_reads_none_of_it(
    study, tokens
):
    guest = links.guest(study.hub, tokens[2])
    asked = recruitment_questions.ask(guest.desk, Asked(QUESTION, blocks=True))
    recruitment_questions.answer(study.rita, asked, ANSWER, channel="telephone")
    nobody_is_there(study)

    do_everything(study, tokens)

    found = everything(study)
    assert str(study.id).encode() in found  # it is the right haystack
    for secret in SECRETS:
        for written in ways_to_write(secret):
            assert written not in found, secret
    for token in tokens:
        assert token.encode() not in found
