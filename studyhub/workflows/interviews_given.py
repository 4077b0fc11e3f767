"""What a person should have before the interview is sent to them, with proof of the version.

The sheet and the form go out with the consent link; here go the letters that are left.
"""

from uuid import UUID

from studyhub.domain.errors import Invalid, WrongState
from studyhub.domain.vocabulary import Act
from studyhub.store.consent import DocumentGiven, Participant
from studyhub.store.interviews import Interview
from studyhub.store.users import Study, User
from studyhub.workflows import links
from studyhub.workflows.kernel import Work, action
from studyhub.workflows.links import About, Capsule
from studyhub.workflows.people import read_card, refuse_erased
from studyhub.workflows.post import Outgoing, rendered, to_participant
from studyhub.workflows.protocol import need_approval
from studyhub.workflows.protocol_periods import need_effective

# Which letters can be sent before an interview, as purpose and kind of document alike.
SENT = ("summary",)
_STANDS = ("proposed", "scheduled", "confirmed")


@action(Act.INTERVIEW_GIVE)
def give(work: Work, interview_id: UUID, kind: str) -> UUID:
    """Send a document in use to the person and keep which version they got. Returns the letter.

    WrongState where their wishes forbid it, or no version is in use (invariants 6, 20).
    """
    row = work.load(Interview, interview_id)
    if kind not in SENT:
        raise Invalid({"kind": "Choose what to send"})
    if row.state not in _STANDS:
        raise WrongState("there is no appointment to prepare for")
    need_approval(work.session, work.study, work.now)
    participant = work.session.get_one(Participant, row.participant_id)
    refuse_erased(participant)
    language = participant.language
    version = need_effective(work.session, work.study, kind, language, work.now)
    person = read_card(work, row.participant_id)
    study = work.session.get_one(Study, work.study)
    values = {
        "name": person.card.name,
        "study": study.neutral_name,
        "recruiter": work.session.get_one(User, work.actor.user_id).name,
        "link": links.make_link(
            work,
            About(person.key.shred_id, person.participant_id),
            ("sheet", "questions"),
            Capsule(person.card.name, person.card.email, person.language),
            days=int(study.settings["link_days"]),
        ),
    }
    subject, text = rendered(version.body, values)
    letter = Outgoing(kind, subject, text, version.id, holds_link=True)
    letter_id = to_participant(work, person, letter)
    work.session.add(
        DocumentGiven(
            participant_id=person.participant_id,
            version_id=version.id,
            channel="email",
            given_at=work.now,
            by_id=work.actor.membership_id,
        )
    )
    work.note(interview=str(row.id), kind=kind, document=str(version.id), channel="email")
    return letter_id
