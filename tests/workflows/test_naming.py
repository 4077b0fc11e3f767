"""What ids stand for, in words for whoever chose them on a page before."""

from uuid import uuid4

from sqlalchemy import select

from studyhub.store.consent import DocumentVersion, Participant
from studyhub.workflows.naming import words_of
from tests.makers import contact


def ids_of(study):
    """The ids of a member, of somebody listed, of a version and of an approval."""
    person = contact(study)
    with study.hub.sessions.reading.begin() as session:
        version = session.scalars(select(DocumentVersion.id).limit(1)).one()
        code = session.get_one(Participant, person).code
    return [study.membership_id("ivan"), person, version, study.approval_id], code


def test_a_recruiter_reads_who_and_what_was_chosen_and_nobodys_name_but_the_teams(
    study, approved
):
    (member, person, version, approval), code = ids_of(study)

    found = words_of(study.rita, {member, person, version, approval, uuid4()})

    assert found[member] == "Ivan Malik, interviewer"
    assert found[person] == code
    assert found[version].endswith(" 1.0")
    assert found[approval] == "Faculty Research Ethics Committee, FREC 2026-0142"
    assert len(found) == 4


def test_who_meets_no_people_reads_no_code(study, approved):
    (member, person, *_), _ = ids_of(study)

    for login in ("ann", "tess"):
        assert set(words_of(study.desk(login), {member, person})) == {member}
