"""What a withdrawal stops in the moment in which it is received, and who is told of it."""

from uuid import UUID

from sqlalchemy import select

from studyhub.domain.lifecycle import advance
from studyhub.domain.lifecycle_material import INTERVIEW
from studyhub.domain.vocabulary import Act, Duty, Role
from studyhub.domain.withdrawals import ENDS_INTERVIEWS, ENDS_LETTERS
from studyhub.store.consent import Participant
from studyhub.store.interviews import Interview
from studyhub.store.people import Contact
from studyhub.store.users import Membership, Study, User
from studyhub.store.withdrawals import Withdrawal
from studyhub.workflows import appointments, call_sheets, letters, links, post
from studyhub.workflows.appointments import Reach, in_words
from studyhub.workflows.kernel import Work
from studyhub.workflows.withdrawal_steps import due
from studyhub.workflows.withdrawal_things import TO_COME

_KEPT = frozenset({"withdraw", "opt_out"})


def stop_at_once(work: Work, row: Withdrawal, person: Reach | None) -> None:
    """Call off what was agreed, take back letters, close links, as the scopes ask for.

    ``person`` where they came by link: their calendar then gets the cancellation.
    """
    scopes, who = frozenset(row.scopes), row.participant_id
    if scopes & (ENDS_INTERVIEWS | ENDS_LETTERS):
        letters.happened(work, who, "withdrawn")
    if scopes & ENDS_INTERVIEWS:
        _call_off(work, who, None if scopes & ENDS_LETTERS else person)
    if scopes & ENDS_LETTERS:
        if work.session.get(Contact, who) is not None:
            letters.stop(work, who, None)
        links.revoke(work, who, keep=_KEPT)
    if "results_contact" in scopes:
        letters.happened_to_purpose(work, who, "results", "withdrawn")


def _call_off(work: Work, participant_id: UUID, person: Reach | None) -> None:
    """Cancel what was agreed or offered (invariant 56). Nobody is asked why."""
    mine = select(Interview).where(
        Interview.participant_id == participant_id, Interview.state.in_(TO_COME)
    )
    for row in work.session.scalars(mine.order_by(Interview.id).with_for_update()).all():
        row.state = advance(row.state, Act.INTERVIEW_CANCEL, INTERVIEW)
        row.calendar_sequence += 1
        was_told = appointments.take_back(work, row)
        if was_told and person is not None:
            appointments.cancelled(work, row, person, "")
        call_sheets.drop(work, row)


def tell_deciders(work: Work, participant: Participant, row: Withdrawal) -> None:
    """Write to whoever decides, by code only."""
    study = work.session.get_one(Study, work.study)
    until = in_words(due(work, row), study.time_zone)
    text = (
        f"{participant.code} has withdrawn. Number: {row.reference}.\n\n"
        "Everything that they named is on hold: nobody can open it, you included.\n"
        f"Somebody has to decide about each thing by {until}.\n\n"
        f"{work.hub.settings.public_url}/s/{study.slug}/withdrawals\n"
    )
    for person in deciders(work):
        post.to_staff(work, person, "staff_notice", "A withdrawal was received", text)


def deciders(work: Work) -> list[User]:
    """The PIs, and whoever was given the duty to assess withdrawals."""
    rows = work.session.execute(
        select(User, Membership)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.study_id == work.study, Membership.state == "active")
        .order_by(User.login)
    )
    found = {
        person.id: person
        for person, member in rows
        if member.role == Role.PI or Duty.ASSESS in member.duties
    }
    return list(found.values())
