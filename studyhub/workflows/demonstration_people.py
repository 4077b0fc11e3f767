"""Who the fictional people are and what they agreed to: card, appointment, consent.

Rows only, no events: an act replaces each of these functions when its stage is built.
"""

from datetime import timedelta
from hashlib import sha256
from uuid import uuid4

from sqlalchemy import select

from studyhub.domain.vocabulary import Compartment, Role, Side, StudyKey
from studyhub.store.consent import (
    Consent,
    Decision,
    Evidence,
    Participant,
)
from studyhub.store.interviews import CallSheet, Interview
from studyhub.store.keys import StudyKey as StudyKeyRow
from studyhub.store.people import Contact
from studyhub.store.transcripts import (
    Entity,
    RegisterEntry,
    RegisterPrint,
)
from studyhub.vault.prints import email_index, fingerprint
from studyhub.vault.stream_format import Context
from studyhub.workflows.demonstration_hand import Hand, Person, Team, finish_object, plant_note
from studyhub.workflows.demonstration_papers import Papers
from studyhub.workflows.protocol import statements_of

# -- recruiter ------------------------------------------------------------------------


def plant_card(team: Team, person: Person) -> None:
    """The recruiter writes a card, and the name into the register."""
    with team.hand(Role.RECRUITER) as hand:
        hand.add(
            Participant(
                id=person.id,
                study_id=team.study,
                code=person.code,
                language="en",
                listed_on=hand.now.date(),
            )
        )
        key = hand.key(Compartment.CONTACT, Side.CONTACT, person.id)
        card = Contact(
            participant_id=person.id,
            data_key_id=key.id,
            email_index=email_index(
                hand.vault.study_key(StudyKey.EMAIL_INDEX).key, person.email
            ),
            register_due=False,
            by_email=True,
            mailbox_private=True,
            assigned_to=hand.by,
        )
        hand.seal(key, card, "details_sealed", person.id, name=person.name, email=person.email)
        hand.add(card)
        _register(hand, person)


def _register(hand: Hand, person: Person) -> None:
    """The name as what no text may keep: sealed, with its keyed prints beside it."""
    study = hand.team.study
    vocabulary = hand.session.scalars(
        select(StudyKeyRow.data_key_id).where(
            StudyKeyRow.study_id == study, StudyKeyRow.purpose == StudyKey.VOCABULARY
        )
    ).one()
    key = hand.key(Compartment.TRANSCRIPT, Side.REGISTER, person.id)
    about = {"study_id": study, "category": "PERSON", "made_at": hand.now, "by_id": hand.by}
    entry = RegisterEntry(
        id=uuid4(),
        participant_id=person.id,
        entity_id=person.entity,
        source="contact",
        data_key_id=key.id,
        **about,
    )
    hand.seal(key, entry, "body_sealed", person.id, value=person.name)
    entity = Entity(id=person.entity, directness="direct", data_key_id=vocabulary, **about)
    hand.add(entity, entry)
    print_key = hand.vault.study_key(StudyKey.PRINT).key
    values = [("exact", person.name), *(("token", word) for word in person.name.split())]
    for kind, value in values:
        told = fingerprint(print_key, kind, value)
        hand.add(RegisterPrint(entry_id=entry.id, kind=kind, print=told))


def plant_appointment(team: Team, person: Person) -> None:
    """The interview, and a call sheet that the interviewer opens around it."""
    with team.hand(Role.RECRUITER) as hand:
        key = hand.key(Compartment.CONTACT, Side.CONTACT, person.id)
        hand.add(
            Interview(
                id=person.interview,
                participant_id=person.id,
                state="completed",
                mode="telephone",
                planned_at=hand.now,
                started_at=hand.now,
                ended_at=hand.now + timedelta(minutes=50),
                interviewer_id=team.member(Role.INTERVIEWER),
                calendar_uid=str(uuid4()),
                may_record="yes",
            )
        )
        sheet = CallSheet(
            id=uuid4(),
            interview_id=person.interview,
            data_key_id=key.id,
            visible_from=hand.now - timedelta(hours=24),
            visible_until=hand.now + timedelta(hours=24),
        )
        hand.seal(key, sheet, "body_sealed", person.id, name=person.name, phone="01632 960 001")
        hand.add(sheet)
        hand.grant(key, Role.INTERVIEWER, until=sheet.visible_until)


# -- consent --------------------------------------------------------------------------


def plant_paper_consent(team: Team, person: Person, papers: Papers) -> None:
    """A paper signed before the interviewer: its scan goes to the taker and the verifier."""
    with team.hand(Role.INTERVIEWER) as hand:
        key = hand.key(Compartment.CONSENT, Side.CONSENT, person.id)
        hand.grant(key, Role.INTERVIEWER, Role.REVIEWER)
        scan = hand.begin_object(key, "evidence")
    place = Context(team.study, person.consent, Compartment.CONSENT, "evidence", 1)
    picture = f"A scan of the paper that {person.name} signed.".encode()
    root = finish_object(team, scan, key, place, picture)
    with team.hand(Role.INTERVIEWER) as hand:
        hand.add(
            Consent(
                id=person.consent,
                participant_id=person.id,
                seq=1,
                form="consent",
                form_version_id=papers.form,
                sheet_version_id=papers.sheet,
                mode="paper_scan",
                capacity="own",
                kind="signed",
                signed_at=hand.now,
                time_source="attested",
                entered_at=hand.now,
                taken_by=hand.by,
                interpreter=False,
                wait_waived=False,
                text_hash=papers.digest,
                questions=[],
                evidence_root=sha256(root).digest(),
            ),
            Evidence(id=uuid4(), consent_id=person.consent, kind="scan", object_id=scan),
        )
        for statement in statements_of(hand.session, papers.form):
            hand.add(
                Decision(consent_id=person.consent, statement_id=statement.id, answer="agree")
            )
        plant_note(hand, person, Compartment.CONSENT, "reason", "Asked for a copy by post.")
