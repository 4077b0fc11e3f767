"""The cast and the study they work in, made through the front door: by the acts themselves.

Nobody is put into a table by hand, so no test runs from a state that cannot be reached.
"""

import re
from base64 import b64encode
from collections.abc import Callable, Collection, Set
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select

from studyhub import config
from studyhub.config import Settings
from studyhub.domain import upload_metadata, withdrawals
from studyhub.domain.documents import bytes_of_form
from studyhub.domain.interviews import Check
from studyhub.domain.redaction.marks import Change, Mark
from studyhub.domain.vocabulary import Duty, Role, Service
from studyhub.hub import make_hub
from studyhub.store.audit import Event
from studyhub.store.consent import Document, DocumentVersion, Participant
from studyhub.store.db import Sessions
from studyhub.store.interviews import Interview, Recording
from studyhub.store.outbox import Letter
from studyhub.store.transcripts import Transcript
from studyhub.store.users import Membership, User
from studyhub.vault.keys import make_key_files
from studyhub.vault.seal import unpack
from studyhub.workflows import (
    accounts,
    accounts_admin,
    accounts_own,
    accounts_study,
    accounts_team,
    assignments,
    consent_documents,
    consent_ethics,
    consent_form,
    consent_paper,
    consent_signing,
    consent_versions,
    deidentification,
    deidentification_marks,
    deidentification_reading,
    entrance,
    interviews,
    interviews_held,
    links,
    protocol,
    recruitment_contacts,
    recruitment_information,
    recruitment_interest,
    recruitment_letters,
    recruitment_triage,
    releases,
    standing,
    transcripts,
    transcripts_import,
    uploads,
    visitors,
    withdrawal,
    withdrawal_deciding,
    withdrawal_steps,
)
from studyhub.workflows.chains import open_chain
from studyhub.workflows.demonstration import CAST, TITLE
from studyhub.workflows.demonstration_stage import SLUG
from studyhub.workflows.expressions import Told
from studyhub.workflows.interviews import Plan
from studyhub.workflows.interviews_held import Ending
from studyhub.workflows.kernel import Desk, Hub, operator_desk, worker_desk
from studyhub.workflows.locker import Locker
from studyhub.workflows.people import Card
from studyhub.workflows.recruitment_contacts import Wanted
from studyhub.workflows.role_keys import fingerprint_of
from studyhub.workflows.trail import sign_head
from studyhub.workflows.transcripts_import import Document as ImportDocument
from studyhub.workflows.transcripts_import import Voice
from tests import texts
from tests.first_steps import Origin, first_step

INTERVIEW = (
    Path(__file__).parent / "media/fixtures/synthetic/interview_dev_synthetic.txt"
).read_bytes()
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)


SOUND = Path(__file__).parent / "media" / "fixtures" / "sound" / "librivox_0870.mp3"
PAPER = b"%PDF-1.7\n" + b"a paper that somebody signed " * 30
Standing = tuple[Any, ...]


def password_of(login: str) -> str:
    """Fictional, and long enough for everybody."""
    return f"{login} keeps seven grey herons"


@dataclass
class Clock:
    """A clock that stands still until a test moves it."""

    at: datetime = START

    def __call__(self) -> datetime:
        return self.at

    def advance(self, **by: int) -> None:
        self.at += timedelta(**by)


@dataclass
class Study:
    """A study with its whole team, and the desk of each."""

    hub: Hub
    clock: Clock
    id: UUID
    kit: list[str]
    codes: dict[str, str] = field(default_factory=dict)
    approval_id: UUID | None = None
    # Desks by what stands about their person; shared by all copies of a staged study.
    desks: dict[Standing, Desk] = field(default_factory=dict, repr=False)
    origin: Origin | None = None  # of a copy of a staged study

    def __getattr__(self, login: str) -> Desk:
        if login not in CAST:
            raise AttributeError(login)
        return self.desk(login)

    def cookie(self, login: str, role: Role | None = None) -> str:
        """Sign in through the front door, into this role, or the one role a person has."""
        where = {"study": SLUG, "role": role} if role else {}
        return accounts.sign_in(self.hub, login, password_of(login), "test", **where).cookie

    def visitor(self, login: str, role: Role | None = None) -> visitors.Visitor:
        """Who is behind a fresh cookie."""
        found = visitors.visitor(self.hub, self.cookie(login, role))
        assert found is not None
        return found

    def desk(self, login: str, role: Role | None = None) -> Desk:
        """The desk of a member with their keys, as if they had just signed in.

        Of Nina, and without ``role`` of somebody with several roles, the desk of a stranger.
        Signing in takes ten times as long as looking whether everything is as it was then.
        """
        stands = self._standing(login, role)
        if stands not in self.desks:
            desk = visitors.study_desk(self.hub, self.visitor(login, role), SLUG)
            if desk.actor.role is Role.PUBLIC:
                return desk
            self.desks[stands] = desk
        until = self.clock() + visitors.STEP_UP
        return replace(self.desks[stands], hub=self.hub, stepped_up_until=until)

    def _standing(self, login: str, role: Role | None) -> Standing:
        """All that decides who somebody is after signing in, and with which keys."""
        with self.hub.sessions.reading.begin() as session:
            person = session.scalars(select(User).where(User.login == login)).one()
            held = session.scalars(
                select(Membership)
                .where(Membership.user_id == person.id)
                .order_by(Membership.id)
            )
            roles = tuple(
                (
                    *(row.id, row.role, row.state, tuple(row.duties), row.private_sealed),
                    standing.is_current(row, self.clock()),
                    visitors.is_allowed_beside_others(session, row, self.clock()),
                )
                for row in held
            )
            return (login, role, person.state, person.key_wrapped, roles)

    @property
    def operator(self) -> Desk:
        return operator_desk(self.hub)

    @property
    def worker(self) -> Desk:
        return worker_desk(self.hub, self.id)

    def events(self, chain: UUID | None = None) -> int:
        """How many lines a chain has."""
        with self.hub.sessions.reading.begin() as session:
            wanted = select(func.count()).select_from(Event)
            return session.scalar(wanted.where(Event.chain == (chain or self.id))) or 0

    def last_event(self, chain: UUID | None = None) -> Event:
        """The newest line of a chain."""
        with self.hub.sessions.reading.begin() as session:
            wanted = select(Event).where(Event.chain == (chain or self.id))
            found = session.scalars(wanted.order_by(Event.seq.desc()).limit(1)).one()
            session.expunge(found)
            return found

    def user_id(self, login: str) -> UUID:
        return accounts_admin.find_person(self.hub, login)

    def membership_id(self, login: str, role: Role | None = None) -> UUID:
        """The membership of one of the cast in their own, or another, role."""
        wanted = role or CAST[login][1]
        with self.hub.sessions.reading.begin() as session:
            return session.scalars(
                select(Membership.id).where(
                    Membership.user_id == self.user_id(login),
                    Membership.role == wanted,
                    Membership.state != "ended",
                )
            ).one()


def hub_over(settings: Settings, sessions: Sessions, clock: Callable[[], datetime]) -> Hub:
    """The hub of an instance, over a database that the test chose."""
    return replace(make_hub(settings, clock), sessions=sessions)


def new_instance(
    sessions: Sessions,
    folder: Path,
    clock: Callable[[], datetime],
    *,
    demonstration: bool = False,
) -> Hub:
    """An empty instance, its chain open, over a database that is migrated."""
    settings = config.create(folder, demonstration=demonstration, argon2_memory_kib=8)
    make_key_files(settings.keys)
    hub = hub_over(settings, sessions, clock)
    hub.keystore.create()
    open_chain(operator_desk(hub), demonstration=demonstration)
    return hub


def enrolled(hub: Hub, clock: Clock) -> Study:
    """A study whose kit was proved and whose whole team was invited, joined and granted."""
    codes = {login: add_person(hub, login) for login in CAST}
    petra = entrance.prove(hub, "petra", password_of("petra"), "test")
    made = accounts_study.create(hub, slug=SLUG, title=TITLE, pi=petra)
    kit = " ".join(made.recovery_kit)
    accounts_study.prove_kit(operator_desk(hub), made.id, kit=kit)
    study = Study(hub, clock, made.id, made.recovery_kit, codes)
    for login, (_name, role, duties) in CAST.items():
        if role not in (None, Role.PI):
            invite_and_grant(study, login, role, duties)
    sign_head(worker_desk(hub, made.id))
    return study


def add_person(hub: Hub, login: str) -> str:
    """Add an account and join by its link. Returns the recovery code."""
    name = CAST[login][0]
    address = accounts_admin.add(
        operator_desk(hub), login=login, name=name, email=f"{login}@team.test"
    )
    token = address.rpartition("/")[2]
    return accounts_own.join(hub, token, password_of(login), password_of(login))


def invite_and_grant(
    study: Study, login: str, role: Role, duties: tuple[Duty, ...] = ()
) -> UUID:
    """Invite somebody who has an account, let them make their keys, and grant."""
    wanted = accounts_team.Invitation("", "", role, duties, login=login)
    membership_id = accounts_team.invite(study.petra, study.id, wanted)
    study.cookie(login)
    grant(study, membership_id)
    return membership_id


def grant(study: Study, membership_id: UUID) -> None:
    """Compare the six words with the member and grant, as Petra."""
    with study.hub.sessions.reading.begin() as session:
        words = fingerprint_of(session.get_one(Membership, membership_id))
    accounts_team.grant(study.petra, membership_id, words=words)


def approved_study(study: Study) -> UUID:
    """Let the study have its approval and every document in use. Returns the approval.

    Rita writes the letters and Petra approves them; Petra the rest, and Ravi approves it.
    """
    approval_id = approve_study(study)
    for text in texts.WRITTEN_BY_PETRA:
        in_use(study, text, approval_id, author="petra", approver="ravi")
    for text in texts.WRITTEN_BY_RITA:
        in_use(study, text, approval_id, author="rita", approver="petra")
    return approval_id


def approve_study(study: Study) -> UUID:
    """Record that the committee approved the study, from today, without an end."""
    petra = study.petra
    asked = consent_ethics.Request(texts.COMMITTEE, texts.REFERENCE)
    approval_id = consent_ethics.record(petra, asked)
    consent_ethics.change(petra, approval_id, consent_ethics.Outcome("submitted"))
    now = study.clock()
    decided = consent_ethics.Outcome("approved", now.date(), now, conditions=texts.CONDITIONS)
    consent_ethics.change(petra, approval_id, decided)
    return approval_id


def in_use(
    study: Study,
    text: consent_documents.Draft,
    approval_id: UUID,
    *,
    author: str = "petra",
    approver: str = "ravi",
    reconsent: str = "",
) -> UUID:
    """Write a version, hand it in, let somebody else approve it, and put it into use."""
    version_id = submitted(study, text, author=author)
    approve_version(study, version_id, approval_id, approver=approver, reconsent=reconsent)
    consent_versions.use(study.petra, version_id)
    return version_id


def submitted(study: Study, text: consent_documents.Draft, *, author: str = "petra") -> UUID:
    """Write a version and hand it in for approval."""
    version_id = consent_documents.draft(study.desk(author), text)
    consent_documents.submit(study.desk(author), version_id)
    return version_id


def approve_version(
    study: Study,
    version_id: UUID,
    approval_id: UUID,
    *,
    approver: str = "ravi",
    reconsent: str = "",
) -> None:
    """Approve a version that was handed in, as it reads now."""
    decision = consent_documents.Approving(approval_id, seen(study, version_id), reconsent)
    consent_documents.approve(study.desk(approver), version_id, decision)


def seen(study: Study, version_id: UUID) -> bytes:
    """The digest of a version's text as it reads now."""
    with study.hub.sessions.reading.begin() as session:
        version = session.get_one(DocumentVersion, version_id)
        return sha256(bytes_of_form(protocol.text_of(session, version))).digest()


@first_step
def contact(study: Study, name: str = "Grace Adeyemi", email: str = "", **more: Any) -> UUID:
    """Add a contact, as Rita. Returns the participant's id."""
    address = email or f"{name.lower().replace(' ', '.')}@home.test"
    wishes = {"by_email": True, "mailbox_private": True, **more.pop("wishes", {})}
    card = Card(name, address, **more)
    wanted = Wanted(card, source_kind="network", source_label="Regional managers", **wishes)
    return recruitment_contacts.add(study.rita, wanted)


@first_step
def invited(study: Study, name: str = "Grace Adeyemi", email: str = "", **more: Any) -> UUID:
    """Add a contact and queue the invitation, as Rita. The study has its approval already."""
    participant_id = contact(study, name, email, **more)
    recruitment_letters.invite(study.rita, participant_id)
    return participant_id


def stranger(study: Study) -> Desk:
    """The desk of anybody who found the public page."""
    return recruitment_interest.public_study(study.hub, SLUG).desk


@first_step
def interested(study: Study, name: str = "Grace Adeyemi", **more: Any) -> UUID:
    """Somebody writes by the public form. Returns the expression's id."""
    wanted = {"channel": "email", "email": f"{name.lower().replace(' ', '.')}@home.test"}
    return recruitment_interest.receive(stranger(study), Told(name, **{**wanted, **more}))


@first_step
def eligible(study: Study, name: str = "Grace Adeyemi", **more: Any) -> UUID:
    """Somebody wrote and Rita found them eligible. Returns the participant's id."""
    expression_id = interested(study, name, **more)
    recruitment_triage.attach(study.rita, expression_id, "new")
    criteria = recruitment_triage.Eligible(criteria="1.0")
    made = recruitment_triage.decide(study.rita, expression_id, "eligible", criteria)
    assert made is not None
    return made


@first_step
def informed(study: Study, participant_id: UUID | None = None, *, hours: int = 25) -> str:
    """Rita sent the sheet and the consent link, and so many hours passed. Returns the token.

    The study has its approval and its documents already.
    """
    wanted = participant_id or eligible(study)
    recruitment_information.send(study.rita, wanted)
    study.clock.advance(hours=hours)
    return token_in(letter_body(study, "information")["text"])


@first_step
def consented(
    study: Study, participant_id: UUID | None = None, *, but: Set[str] = frozenset()
) -> UUID:
    """Somebody was informed and agreed to all ``but`` some. Returns the consent's id."""
    desk = links.guest(study.hub, informed(study, participant_id)).desk
    ground = consent_form.open_form(desk).ground
    codes = [each.code for each in ground.form.statements] if ground.form else []
    answers = {code: "decline" if code in but else "agree" for code in codes}
    filled = consent_signing.Filled(
        ground.next_seq, ground.text_hash, ground.sheet_id, answers, name="Grace Adeyemi"
    )
    return consent_signing.sign(desk, filled).consent_id


NAMES = ("Grace Adeyemi", "Helen Marsh", "Joan Pike", "Ruth Dale", "Mary Oduya", "Edith Lowe")


@first_step
def agreed(study: Study, *, but: Set[str] = frozenset()) -> UUID:
    """Somebody new agreed to all ``but`` some, by link. Returns the participant's id."""
    participant_id = somebody_new(study)
    consented(study, participant_id, but=but)
    return participant_id


def somebody_new(study: Study) -> UUID:
    """Somebody nobody wrote for before was found eligible. Returns the participant's id."""
    with study.hub.sessions.reading.begin() as session:
        before = session.scalar(select(func.count()).select_from(Participant)) or 0
    return eligible(study, NAMES[before % len(NAMES)])


@first_step
def planned(study: Study, participant_id: UUID | None = None, **more: Any) -> UUID:
    """Rita agrees a time in two days with somebody who consents. Returns the interview's id.

    Without a participant somebody new agrees to everything first. ``more``: fields of ``Plan``.
    """
    wanted = {
        "mode": "telephone",
        "interviewer_id": study.membership_id("ivan"),
        "starts_at": study.clock() + timedelta(days=2),
    }
    who = participant_id or agreed(study)
    return interviews.plan(study.rita, who, Plan(**{**wanted, **more})).interview_id


@first_step
def confirmed(study: Study, participant_id: UUID | None = None, **more: Any) -> UUID:
    """Ivan accepted the appointment, and its time has come. Returns the interview's id."""
    interview_id = planned(study, participant_id, **more)
    interviews.confirm(study.ivan, interview_id, relationship="none")
    with study.hub.sessions.reading.begin() as session:
        study.clock.at = session.get_one(Interview, interview_id).planned_at or study.clock.at
    return interview_id


@first_step
def started(
    study: Study, participant_id: UUID | None = None, *, may_record: str = "yes"
) -> UUID:
    """Ivan started the interview. Returns its id."""
    interview_id = confirmed(study, participant_id)
    interviews_held.start(study.ivan, interview_id, Check("yes", may_record))
    return interview_id


@first_step
def interviewed(
    study: Study, participant_id: UUID | None = None, *, may_record: str = "yes"
) -> UUID:
    """Ivan held the whole interview, fifty minutes long. Returns its id."""
    interview_id = started(study, participant_id, may_record=may_record)
    study.clock.advance(minutes=50)
    interviews_held.end(study.ivan, interview_id, as_planned(study))
    return interview_id


@first_step
def agreed_on_paper(study: Study, *, but: Set[str] = frozenset()) -> UUID:
    """Somebody new signed a paper for Ivan; nobody verified it. Returns the participant."""
    token = informed(study, somebody_new(study))
    guest = links.guest(study.hub, token)
    ground = consent_form.open_form(guest.desk).ground
    codes = [each.code for each in ground.form.statements] if ground.form else []
    with study.hub.sessions.reading.begin() as session:
        code = session.get_one(Participant, guest.participant_id).code
    scan = consent_paper.take_scan(study.ivan, code, [PAPER], len(PAPER))
    answers = {each: "decline" if each in but else "agree" for each in codes}
    now = study.clock()
    paper = consent_paper.Paper(answers, now.date(), now)
    consent_paper.enter(study.ivan, scan, code, paper)
    return guest.participant_id


def said_of(interview_id: UUID, filetype: str = "audio/mpeg") -> str:
    """What a sender says of a recording, as the header of an upload has it."""
    said = {"interview": str(interview_id), "filetype": filetype}
    return ",".join(f"{key} {b64encode(word.encode()).decode()}" for key, word in said.items())


def sent(study: Study, interview_id: UUID, content: bytes, filetype: str = "") -> UUID:
    """Ivan sends a recording, in one piece. Returns its id, which is that of its upload."""
    given = upload_metadata.read(said_of(interview_id, filetype))
    upload_id, _ = uploads.start(study.ivan, given, len(content))
    place = uploads.find(study.ivan, upload_id)
    assert uploads.append(study.ivan, place, 0, [content]) == len(content)
    return upload_id


@first_step
def recorded(study: Study, interview_id: UUID | None = None) -> UUID:
    """Ivan sent seven seconds of real speech, and they were accepted. Returns the recording."""
    return sent(study, interview_id or interviewed(study), SOUND.read_bytes(), "audio/mpeg")


@first_step
def quarantined(study: Study) -> UUID:
    """The same of somebody who signed a paper that nobody verified yet."""
    return recorded(study, interviewed(study, agreed_on_paper(study)))


def as_planned(study: Study) -> Ending:
    """How an interview ends in which everything went as planned."""
    return Ending("completed", "home", "no", guide_in_use(study))


def guide_in_use(study: Study) -> UUID:
    """The version of the topic guide that is in use."""
    with study.hub.sessions.reading.begin() as session:
        return session.scalars(
            select(DocumentVersion.id)
            .join(Document, Document.id == DocumentVersion.document_id)
            .where(
                Document.study_id == study.id,
                Document.kind == "topic_guide",
                DocumentVersion.state == "effective",
            )
        ).one()


@first_step
def assigned(study: Study, interview_id: UUID | None = None) -> UUID:
    """Petra gave Tess an interview to type and to de-identify. Returns the transcript's id."""
    wanted = interview_id or interviewed(study)
    to, duties = study.membership_id("tess"), ("transcribe", "deidentify")
    gift = assignments.Gift("interview", wanted, to, duties)
    assignments.give(study.petra, gift)
    with study.hub.sessions.reading.begin() as session:
        return session.scalars(
            select(Transcript.id).where(Transcript.interview_id == wanted)
        ).one()


@first_step
def transcribed(study: Study, transcript_id: UUID | None = None) -> UUID:
    """Tess imported a short interview and checked it. Returns the transcript's id."""
    made = transcript_id or assigned(study)
    tess = study.tess
    voices = {
        "Interviewer": Voice("Interviewer", "interviewer"),
        "Participant": Voice("Participant", "participant"),
    }
    transcripts_import.take_in(tess, made, ImportDocument(INTERVIEW), voices, rev=0)
    transcripts.verify(tess, made, rev=1)
    return made


@first_step
def deidentified(study: Study, transcript_id: UUID | None = None) -> UUID:
    """Tess replaced everything that was suggested and handed the text in. Returns its id."""
    made = transcript_id or transcribed(study)
    tess = study.tess
    deidentification.deidentify(tess, made)
    while fresh := [each for each in _marks(tess, made) if each.is_open]:
        change = Change([replace(each, state="accept") for each in fresh])
        rev = deidentification_marks.consider(tess, made).rev
        sent = deidentification_marks.Sent(rev, str(uuid4()), 1, change)
        deidentification_marks.decide(tess, made, sent)
    deidentification.propose(tess, made)
    return made


def _marks(desk: Desk, transcript_id: UUID) -> tuple[Mark, ...]:
    return deidentification_marks.consider(desk, transcript_id).marks


@first_step
def read_twice(study: Study, transcript_id: UUID | None = None) -> UUID:
    """Ravi read what Tess handed in and found nobody. Returns the transcript's id."""
    made = transcript_id or deidentified(study)
    give_to_read(study, made)
    ravi = study.ravi
    deidentification_reading.review(ravi, made)
    answers = dict.fromkeys(deidentification_reading.INTRUDERS, "no")
    deidentification_reading.doubt(ravi, made, [], answers)
    deidentification_reading.clear(ravi, made)
    return made


def released(study: Study, transcript_id: UUID | None = None) -> str:
    """Ravi released what he had read. Returns the label that was drawn."""
    made = transcript_id or read_twice(study)
    return releases.make(study.ravi, made)


def withdrawn(
    study: Study,
    scopes: Collection[str] = ("all",),
    participant_id: UUID | None = None,
    desk: Desk | None = None,
) -> UUID:
    """Somebody who agreed, or somebody new, withdraws by their link. Returns its id.

    With ``desk`` it is the one of their link, from before the letter that brought it left.
    """
    by = desk or own_link(study, participant_id or agreed(study))
    return withdrawal.receive(by, withdrawal.Told(tuple(scopes))).id


def decided(
    study: Study,
    scopes: Collection[str] = ("all",),
    participant_id: UUID | None = None,
    desk: Desk | None = None,
) -> UUID:
    """The same, and Petra decided to do all of it and has it carried out. Returns its id."""
    made = withdrawn(study, scopes, participant_id, desk)
    with study.hub.sessions.reading.begin() as session:
        items = withdrawal_steps.rows_of(session, made)
        asked = withdrawals.asked_for(scopes)
        chosen = {each.class_: asked[each.class_] for each in items}
    wanted = {name: withdrawal_deciding.Decision(what) for name, what in chosen.items()}
    withdrawal_deciding.decide(study.petra, made, wanted)
    withdrawal_deciding.request(study.petra, made)
    return made


def person_of(study: Study, recording_id: UUID) -> UUID:
    """Whose recording it is."""
    with study.hub.sessions.reading.begin() as session:
        row = session.get_one(Recording, recording_id)
        return session.get_one(Interview, row.interview_id).participant_id


def own_link(study: Study, participant_id: UUID) -> Desk:
    """The desk of somebody who comes by the link that their receipt brought."""
    return links.guest(study.hub, own_token(study, participant_id)).desk


def own_token(study: Study, participant_id: UUID) -> str:
    """The token of the link that the newest receipt of somebody brought."""
    return token_in(letter_body(study, "receipt", participant_id)["text"])


def give_to_read(study: Study, transcript_id: UUID) -> None:
    """Petra gives a text to Ravi to be read a second time."""
    to = study.membership_id("ravi")
    assignments.give(
        study.petra, assignments.Gift("transcript", transcript_id, to, ("review",))
    )


def letter_body(
    study: Study, purpose: str, participant_id: UUID | None = None
) -> dict[str, Any]:
    """The newest letter of a purpose, to anybody or to one, opened as only the mailer can."""
    with study.hub.sessions.reading.begin() as session:
        wanted = select(Letter).where(Letter.study_id == study.id, Letter.purpose == purpose)
        if participant_id is not None:
            wanted = wanted.where(Letter.participant_id == participant_id)
        row = session.scalars(wanted.order_by(Letter.not_before.desc()).limit(1)).one()
        locker = Locker(
            session,
            study.hub.room,
            study.id,
            study.worker.keys,
            lent=frozenset({Service.MAILER}),
        )
        return unpack(locker.open_letter(row))


def token_in(text: str, way: str = "l") -> str:
    """The token of the first link in a letter."""
    found = re.search(rf"/{way}/([A-Za-z0-9_-]+)", text)
    assert found, text
    return found[1]


def email_of(hub: Hub, user_id: UUID) -> str:
    with hub.sessions.reading.begin() as session:
        return session.get_one(User, user_id).email
