"""Signing by link: every guard with its reason, one record for one form, sealed evidence."""

import json
import threading
from hashlib import sha256

import pytest
from sqlalchemy import select, text

from studyhub.domain.documents import bytes_of_form
from studyhub.domain.errors import Invalid, NotFound, NotPermitted, Stale, WrongState
from studyhub.store.consent import DocumentGiven, DocumentVersion
from studyhub.store.people import Link
from studyhub.workflows import (
    consent_signing,
    consent_versions,
)
from studyhub.workflows.consent_ground import CannotSign
from studyhub.workflows.consent_history_rows import in_force
from studyhub.workflows.protocol import text_of
from tests import texts
from tests.makers import eligible, in_use, informed
from tests.workflows.consenting import (
    PNG,
    approval_of,
    asked,
    at,
    code_of,
    evidence_of,
    filled,
    informed_where_many_write,
    opened,
    person_of,
    records,
    sign,
    suspended,
    version_of,
)
from tests.workflows.informed import ready, study, token

__all__ = ["ready", "study", "token"]


def reasons(study, token, **more):
    """Why nobody can sign now: said to the person, and one line of the record."""
    before, kept = study.events(), records(study)

    with pytest.raises(CannotSign) as refused:
        sign(study, token, **more)

    codes = [obstacle.code for obstacle in refused.value.obstacles]
    assert len(records(study)) == len(kept)
    assert study.events() == before + 1
    event, line = study.last_event(), json.loads(study.last_event().line)
    assert (event.act, event.outcome, event.subject) == ("consent.sign", "refused", "consent")
    assert line["facts"] == {"reason": " ".join(codes)}
    assert str(person_of(study, token)) not in event.line.decode()
    assert code_of(study, person_of(study, token)) not in event.line.decode()
    return codes


def is_in_force(study, token, code="participate"):
    now = study.clock.at
    with study.hub.sessions.reading.begin() as session:
        return in_force(session, person_of(study, token), code, now, now)


# -- signing -----------------------------------------------------------------------


def test_a_person_signs_and_everything_follows_from_it(study, token):
    signed = sign(study, token, but={"quotes"})

    ((row, answers),) = records(study)
    assert (row.id, row.kind, row.seq, row.mode) == (
        signed.consent_id,
        "signed",
        1,
        "digital_link",
    )
    assert answers["participate"] == "agree"
    assert answers["quotes"] == "decline"
    assert len(answers) == len(texts.STARTERS)
    assert (row.time_source, row.signed_at, row.taken_by) == ("server", study.clock.at, None)
    assert is_in_force(study, token).answer == "yes"
    assert is_in_force(study, token, "quotes").reason_code == "declined"
    event = study.last_event()
    assert (event.act, event.outcome) == ("consent.sign", "done")
    assert event.subject == f"consent:{row.id}"
    assert b"Grace" not in event.line


def test_inv_31_the_hash_of_what_was_shown_is_that_of_the_version(study, token):
    """Invariant 31."""
    sign(study, token)

    ((row, _),) = records(study)
    with study.hub.sessions.reading.begin() as session:
        version = session.get_one(DocumentVersion, row.form_version_id)
        shown = sha256(bytes_of_form(text_of(session, version))).digest()
        assert row.text_hash == version.body_hash == shown


@pytest.mark.parametrize("part", ["text_hash", "sheet_id"])
def test_inv_31_a_page_that_showed_another_text_is_refused(study, token, part):
    """Invariants 31 and 37: what was shown is what is signed."""
    wrong = {"text_hash": b"\0" * 32, "sheet_id": person_of(study, token)}[part]
    code = {"text_hash": "form_changed", "sheet_id": "sheet_changed"}[part]

    assert reasons(study, token, **{part: wrong}) == [code]


def test_nothing_is_signed_with_a_statement_unanswered(study, token):
    """Invariant 28: no default, and nothing is stored."""
    answers = dict(filled(study, token).answers)
    del answers["results"]

    with pytest.raises(Invalid) as refused:
        sign(study, token, answers=answers)

    assert set(refused.value.problems) == {"results"}
    assert records(study) == []


@pytest.mark.parametrize("answer", ["yes", "", "AGREE", "agree\0", "x" * 9999])
def test_an_answer_in_other_words_is_none(study, token, answer):
    answers = {**filled(study, token).answers, "quotes": answer}

    with pytest.raises(Invalid):
        sign(study, token, answers=answers)
    assert records(study) == []


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"name": "  "}, "typed_name"),
        ({"name": "x" * 201}, "typed_name"),
        ({"name": "Grace\u202ecod.exe"}, "typed_name"),
        ({"name": "Grace\r\nBcc: all@team.test"}, "typed_name"),
        ({"drawing": b"GIF89a"}, "drawing"),
        ({"drawing": PNG + b"\0" * consent_signing.MOST_DRAWING}, "drawing"),
    ],
)
def test_a_signature_that_cannot_be_taken_is_refused_at_its_field(study, token, more, field):
    with pytest.raises(Invalid) as refused:
        sign(study, token, **more)

    assert set(refused.value.problems) == {field}
    assert records(study) == []


def test_a_name_in_any_script_is_a_name(study, token):
    assert sign(study, token, name="نسرين 林 O'Hara").kind == "signed"


def test_declining_what_is_needed_is_a_refusal(study, token):
    """Invariant 29."""
    signed = sign(study, token, but={"voluntary"})

    ((row, answers),) = records(study)
    assert (signed.kind, row.kind, answers["voluntary"]) == ("refused", "refused", "decline")
    assert study.last_event().act == "consent.refuse"
    assert is_in_force(study, token).reason_code == "refused"


def test_refusing_needs_no_answer_no_name_and_no_reason(study, token):
    signed = sign(study, token, refuse=True, answers={}, name="")

    ((row, answers),) = records(study)
    assert (row.kind, answers, row.evidence_root, signed.copy) == ("refused", {}, None, None)


def test_refusing_is_possible_at_once_and_while_a_question_is_open(study):
    token = informed(study, eligible(study, "Ruth Dale"), hours=0)
    asked(study, token, blocks=True)

    assert sign(study, token, refuse=True, answers={}).kind == "refused"


# -- what stands in the way ----------------------------------------------------------


def test_nobody_signs_while_the_approval_is_suspended_but_everybody_may_refuse(study, token):
    """Invariant 8."""
    letters_went_out(study)
    suspended(study)

    assert reasons(study, token) == ["not_approved"]
    assert sign(study, token, refuse=True, answers={}).kind == "refused"


def letters_went_out(study):
    """A letter that still waited would be taken back, and its sheet given to nobody."""
    with study.hub.sessions.writing.begin() as session:
        session.execute(text("UPDATE letters SET state = 'relay_accepted'"))


def test_what_was_signed_before_a_suspension_stays_in_force(study, token):
    sign(study, token)
    study.clock.advance(days=1)

    suspended(study)

    assert is_in_force(study, token).answer == "yes"


def test_nobody_signs_a_form_that_was_retired(study, token):
    """Invariant 27."""
    consent_versions.retire(study.petra, version_of(study, "consent_form"), "quality")

    assert opened(study, token).ground.form is None
    assert reasons(study, token, text_hash=b"", sheet_id=person_of(study, token)) == [
        "no_form_in_use"
    ]


def test_nobody_signs_under_a_sheet_that_is_no_longer_in_use(study, token):
    """Invariant 37."""
    letters_went_out(study)
    consent_versions.retire(study.petra, version_of(study, "pis"), "quality")

    assert reasons(study, token) == ["sheet_not_in_use"]


def test_the_consent_names_the_sheet_that_was_given_last(study, token):
    """Invariant 37."""
    sign(study, token)

    ((row, _),) = records(study)
    with study.hub.sessions.reading.begin() as session:
        given = session.scalars(select(DocumentGiven.version_id)).all()
    assert row.sheet_version_id == version_of(study, "pis")
    assert row.sheet_version_id in given


def test_nobody_signs_while_a_question_of_theirs_is_open(study, token):
    """Invariant 25."""
    asked(study, token, blocks=True)

    assert reasons(study, token) == ["question_open"]


def test_a_consent_lists_the_questions_that_were_answered_before(study, token):
    """Invariant 26."""
    before = asked(study, token, state="answered", answered_at=study.clock.at)
    asked(study, token, state="open")

    sign(study, token)

    assert records(study)[0][0].questions == [str(before)]


def test_signing_before_the_time_to_consider_is_refused_unless_waived(study):
    """Invariant 36."""
    token = informed(study, eligible(study, "Ruth Dale"), hours=1)

    assert opened(study, token).may_waive
    assert reasons(study, token) == ["time_to_consider"]

    sign(study, token, waived=True)
    ((row, _),) = records(study)
    assert row.wait_waived


def test_a_waiver_that_was_not_needed_is_not_recorded(study, token):
    sign(study, token, waived=True)

    assert not records(study)[0][0].wait_waived


def test_inv_31_nobody_signs_words_that_are_not_those_that_were_approved(study, token):
    """Invariant 31, even when somebody went round the triggers."""
    with study.hub.sessions.writing.begin() as session:
        without_triggers(session, "statements")
        session.execute(text("UPDATE statements SET wording = 'I agree to everything.'"))

    assert reasons(study, token) == ["text_not_approved"]


def without_triggers(session, table):
    """Take the triggers off a table, as somebody with all rights could."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        return
    wanted = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table"
    for name in session.scalars(text(wanted), {"table": table}).all():
        session.execute(text(f'DROP TRIGGER "{name}"'))


def test_every_reason_is_said_and_recorded_when_there_are_several(study, token):
    letters_went_out(study)
    suspended(study)
    asked(study, token, blocks=True)

    assert reasons(study, token) == ["not_approved", "question_open"]


def test_refusing_a_form_that_is_gone_leaves_a_refused_line_too(study, token):
    consent_versions.retire(study.petra, version_of(study, "consent_form"), "quality")
    wanted = filled(study, token, text_hash=b"", sheet_id=study.id, refuse=True, answers={})

    with pytest.raises(CannotSign):
        consent_signing.sign(at(study, token), wanted)

    event = study.last_event()
    assert (event.act, event.outcome) == ("consent.refuse", "refused")
    assert json.loads(event.line)["facts"] == {"reason": "no_form_in_use"}


def test_opening_a_form_that_cannot_be_signed_leaves_no_line(study, token):
    """Invariant 12: looking changes nothing."""
    asked(study, token, blocks=True)
    before = study.events()

    assert [each.code for each in opened(study, token).obstacles] == ["question_open"]
    assert study.events() == before


def test_a_link_that_was_revoked_or_is_for_something_else_signs_nothing(study, token):
    desk, wanted = at(study, token), filled(study, token)
    with study.hub.sessions.writing.begin() as session:
        for row in session.scalars(select(Link)):
            row.revoked_at = study.clock.at

    with pytest.raises(NotFound):
        consent_signing.sign(desk, wanted)
    assert records(study) == []


@pytest.mark.parametrize("login", ["petra", "rita", "ivan", "ravi", "ann", "ada", "nina"])
def test_nobody_of_the_team_signs_for_a_participant(study, token, login):
    wanted = filled(study, token)

    with pytest.raises(NotPermitted):
        consent_signing.sign(getattr(study, login), wanted)
    assert records(study) == []


# -- again ---------------------------------------------------------------------------


def test_inv_35_a_form_sent_twice_is_one_signing(study, token):
    """Invariant 35."""
    page = filled(study, token)
    first = consent_signing.sign(at(study, token), page)
    events = study.events()

    again = consent_signing.sign(at(study, token), page)

    assert again.consent_id == first.consent_id
    assert (again.copy, again.address) == (None, "")
    assert len(records(study)) == 1
    assert study.events() == events


def test_a_form_sent_again_with_other_answers_is_refused(study, token):
    page = filled(study, token)
    consent_signing.sign(at(study, token), page)
    other = filled(study, token, but={"quotes"}, seq=page.seq)

    with pytest.raises(Stale, match="differently"):
        consent_signing.sign(at(study, token), other)
    assert len(records(study)) == 1


def test_inv_33_a_page_opened_anew_makes_a_new_record_that_follows_the_first(study, token):
    """Invariants 33 and 34."""
    sign(study, token)
    study.clock.advance(days=1)
    sign(study, token, but={"quotes"})
    study.clock.advance(days=1)
    sign(study, token)

    rows = [row for row, _ in records(study)]
    assert [row.seq for row in rows] == [1, 2, 3]
    assert [row.supersedes_id for row in rows] == [None, rows[0].id, rows[1].id]
    assert is_in_force(study, token, "quotes").consent_id == rows[2].id


def test_inv_35_ten_signings_of_one_form_at_once_give_one_record(engine_kind, clock):
    """Invariants 34 and 35, and no file is left behind by those that came too late."""
    with informed_where_many_write(engine_kind, clock) as (study, token):
        ten_at_once(study, token)


def ten_at_once(study, token):
    page, desk = filled(study, token), at(study, token)
    told, start = [], threading.Barrier(10)

    def press():
        start.wait()
        try:
            told.append(consent_signing.sign(desk, page).consent_id)
        except (Stale, WrongState) as late:
            told.append(late)

    people = [threading.Thread(target=press) for _ in range(10)]
    for person in people:
        person.start()
    for person in people:
        person.join()

    ((row, _),) = records(study)
    assert told == [row.id] * 10
    files = list(study.hub.settings.objects.rglob("*.sho"))
    assert len(files) == len(evidence_of(study, row.id))


def test_a_new_version_for_everybody_ends_what_was_signed_until_they_sign_again(study, token):
    """Invariant 9, and signing after a re-consent."""
    sign(study, token)
    study.clock.advance(days=1)
    old = filled(study, token)
    in_use(
        study,
        texts.FORM_DRAFT,
        approval_of(study),
        author="petra",
        approver="ravi",
        reconsent="all_active",
    )

    assert is_in_force(study, token).reason_code == "reconsent_due"
    assert reasons(study, token, **shown(old)) == ["form_changed"]

    sign(study, token)
    assert is_in_force(study, token).answer == "yes"


def shown(page):
    """What an older page showed and answered."""
    names = ("seq", "text_hash", "sheet_id", "answers")
    return {name: getattr(page, name) for name in names}
