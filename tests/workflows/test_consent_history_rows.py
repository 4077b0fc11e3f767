"""Histories written as rows give what the reference gives; gate answers stay as told."""

from dataclasses import replace
from datetime import timedelta
from secrets import SystemRandom
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError

from studyhub.domain import consent
from studyhub.domain.errors import NotFound
from studyhub.domain.vocabulary import Act
from studyhub.store.consent import GateAnswer, Participant
from studyhub.workflows.consent_history_rows import answer_gate, history_of, in_force
from studyhub.workflows.kernel import Trace, Work
from studyhub.workflows.protocol_periods import _periods
from tests.domain import in_force_reference as reference
from tests.domain.consent_worlds import CODES, START, instant, stranger_world
from tests.store.rows import add, model_of

HISTORIES = 320
LONG_AGO = START - timedelta(days=9999)


def as_rows_can_be(versions, records, events):
    """Leave out of a random history what no row can say."""
    records = [
        replace(r, countersigned=True) if r.mode == "digital_link" else r for r in records
    ]
    events = [replace(e, at=e.entered_at) if e.kind == "retract" else e for e in events]
    return versions, records, events


class Writer:
    """Writes one random history as the rows of a study of its own, many tables at once."""

    def __init__(self, session, member, files):
        self.session, self.member = session, member
        self.rows = {}
        self.template = files

    def put(self, table, **values):
        self.rows.setdefault(table, []).append(values)
        return values

    def write(self, world):
        versions, records, events = world
        study, person, approval = uuid4(), uuid4(), uuid4()
        self.put("studies", **{**self.template, "id": study, "slug": str(study)})
        self.put(
            "approvals",
            id=approval,
            study_id=study,
            kind="initial",
            committee="",
            reference="",
            state="approved",
            starts_at=LONG_AGO,
            ends_at=None,
            conditions="",
            reconsent="none",
        )
        self.put(
            "participants",
            id=person,
            study_id=study,
            code=f"{len(self.rows['participants']) if 'participants' in self.rows else 0}",
            language="en",
            listed_on=START.date(),
        )
        made = {v.id: self._version(v, study, approval) for v in versions.values()}
        signed = {r.seq: self._consent(r, person, *made[r.version]) for r in records}
        for e in events:
            self._event(e, person, signed, events)
        return person

    def _version(self, v, study, approval):
        document, version = uuid4(), uuid4()
        audience = "participants" if v.form == "consent" else v.form
        self.put(
            "documents",
            id=document,
            study_id=study,
            kind="consent_form",
            language=f"x-{v.id}",
            audience=audience,
        )
        self.put(
            "document_versions",
            id=version,
            document_id=document,
            major=1,
            minor=0,
            state="retired" if v.retired is not None else "effective",
            body="",
            body_hash=b"",
            author_id=self.member,
            approval_id=approval if v.approved else None,
            use_from=instant(v.effective),
            retired_at=instant(v.retired),
            reconsent="none" if v.reconsent_from is None else "all_active",
            deadline_rule={},
        )
        statements = {
            code: self.put(
                "statements",
                id=uuid4(),
                version_id=version,
                position=nth,
                code=code,
                wording=code,
                mandatory=False,
            )["id"]
            for nth, code in enumerate(CODES)
        }
        return version, statements, v.form

    def _consent(self, r, person, version, statements, form):
        made = uuid4()
        self.put(
            "consents",
            id=made,
            participant_id=person,
            seq=r.seq,
            form=form,
            form_version_id=version,
            sheet_version_id=version,
            mode=r.mode,
            capacity="own",
            kind=r.kind,
            signed_at=instant(r.signed_at),
            time_source="attested",
            entered_at=instant(r.entered_at),
            expires_at=instant(r.expires),
            interpreter=False,
            wait_waived=False,
            text_hash=b"",
            questions=[],
        )
        for code, answer in r.decisions:
            self.put(
                "decisions",
                consent_id=made,
                statement_id=statements[code],
                answer=answer,
            )
        if r.countersigned and r.mode != "digital_link":
            self._later(made, "countersigned", LONG_AGO)
        return made

    def _later(self, consent, kind, entered):
        self.put(
            "consent_events",
            id=uuid4(),
            consent_id=consent,
            kind=kind,
            at=entered,
            entered_at=entered,
        )

    def _event(self, e, person, consents, events):
        if e.kind in {"verified", "invalidated"}:
            self._later(consents[e.seq], e.kind, instant(e.entered_at))
        elif e.kind == "withdrawal":
            withdrawal = uuid4()
            self.put(
                "withdrawals",
                id=withdrawal,
                participant_id=person,
                reference=str(withdrawal),
                scopes=list(e.scope),
                received_at=instant(e.at),
                entered_at=instant(e.entered_at),
                channel="link",
                before_deadline=True,
            )
            for taken in [x for x in events if x.kind == "retract" and x.seq == e.seq][:1]:
                self.put(
                    "withdrawal_steps",
                    id=uuid4(),
                    withdrawal_id=withdrawal,
                    step="retracted",
                    at=instant(taken.at),
                )

    def flush(self):
        for table in ORDER:
            if table == "document_versions":
                self._in_draft_first()
            elif self.rows.get(table):
                self.session.execute(insert(model_of(table)), self.rows[table])
        states = {row["id"]: row["state"] for row in self.rows["document_versions"]}
        for state in ("effective", "retired"):
            ids = [key for key, value in states.items() if value == state]
            model = model_of("document_versions")
            self.session.execute(
                model.__table__.update().where(model.id.in_(ids)).values(state=state)
            )

    def _in_draft_first(self):
        drafts = [{**row, "state": "draft"} for row in self.rows["document_versions"]]
        self.session.execute(insert(model_of("document_versions")), drafts)


ORDER = (
    *("studies", "approvals", "participants", "documents", "document_versions", "statements"),
    *("consents", "decisions", "consent_events", "withdrawals", "withdrawal_steps"),
)


def test_rows_give_what_the_reference_gives(sessions):
    rng = SystemRandom()
    worlds = [as_rows_can_be(*stranger_world(rng)) for _ in range(HISTORIES)]
    with sessions.writing.begin() as session:
        study = add(session, "studies", settings={"countersign": True})
        member = add(session, "memberships")
        template = {c.name: getattr(study, c.name) for c in study.__table__.columns}
        writer = Writer(session, member.id, template)
        people = [writer.write(world) for world in worlds]
        writer.flush()

    wrong, told = [], set()
    with sessions.reading.begin() as session:
        for person, world in zip(people, worlds, strict=True):
            history = history_of(session, person)
            for _ in range(3):
                code, at = rng.choice(CODES), rng.randint(0, 130)
                known = at + rng.choice([0, 0, 5, 60, -10])
                provisional = rng.random() < 0.3
                expected = reference.in_force(code, at, known, *world, provisional=provisional)
                answer = consent.in_force(
                    history, code, instant(at), instant(known), provisional=provisional
                )
                told.add(answer.answer)
                if answer.opens != expected:
                    wrong.append((world, code, at, known, answer))

    assert wrong == []
    assert told == {"yes", "no", "provisional"}


# -- periods -----------------------------------------------------------------------


@pytest.fixture
def signed(sessions):
    """One person who agreed to take part, on a version in use under an approval."""
    with sessions.writing.begin() as session:
        study = add(session, "studies", settings={})
        approval = add(
            session,
            "approvals",
            study_id=study.id,
            state="approved",
            starts_at=LONG_AGO,
            kind="initial",
        )
        document = add(
            session,
            "documents",
            study_id=study.id,
            kind="consent_form",
            audience="participants",
            language="en",
        )
        version = add(
            session,
            "document_versions",
            document_id=document.id,
            approval_id=approval.id,
            use_from=instant(0),
            reconsent="none",
        )
        statement = add(session, "statements", version_id=version.id, code="participate")
        version.state = "effective"
        person = add(session, "participants", study_id=study.id)
        record = add(
            session,
            "consents",
            participant_id=person.id,
            form="consent",
            form_version_id=version.id,
            mode="digital_link",
            kind="signed",
            signed_at=instant(50),
            entered_at=instant(50),
        )
        session.add(
            model_of("decisions")(
                consent_id=record.id, statement_id=statement.id, answer="agree"
            )
        )
        session.flush()
        found = {
            "study": study.id,
            "approval": approval.id,
            "document": document.id,
            "version": version.id,
            "person": person.id,
            "consent": record.id,
        }
    return sessions, found


def asked(sessions, found, at=100):
    with sessions.reading.begin() as session:
        return in_force(session, found["person"], "participate", instant(at), instant(at))


def test_a_version_is_in_use_until_its_successor_is(signed):
    sessions, found = signed
    assert asked(sessions, found).answer == "yes"

    with sessions.writing.begin() as session:
        session.get(model_of("document_versions"), found["version"]).state = "superseded"
        session.flush()
        newer = add(
            session,
            "document_versions",
            document_id=found["document"],
            major=2,
            use_from=instant(40),
            reconsent="none",
            approval_id=found["approval"],
        )
        session.flush()
        newer.state = "effective"

    assert asked(sessions, found).reason_code == "version_not_effective"


def test_a_newer_version_that_asks_everybody_ends_what_was_signed_before_it(signed):
    """Invariant 9, and 10: one that asks nobody changes nothing."""
    sessions, found = signed
    with sessions.writing.begin() as session:
        session.get(model_of("document_versions"), found["version"]).state = "superseded"
        session.flush()
        newer = add(
            session,
            "document_versions",
            document_id=found["document"],
            major=2,
            use_from=instant(90),
            reconsent="all_active",
            approval_id=found["approval"],
        )
        session.flush()
        newer.state = "effective"

    assert asked(sessions, found, 89).answer == "yes"
    assert asked(sessions, found, 90).reason_code == "reconsent_due"


def test_what_was_signed_before_a_suspension_stays_and_after_it_never_counted():
    """The lines of the record say when an approval was suspended (invariant 8)."""

    class Row:
        state = "suspended"
        starts_at = instant(0)
        ends_at = None

    changes = [(instant(5), "approved"), (instant(40), "suspended")]

    (period,) = _periods(Row(), changes)
    assert (period.starts_at, period.ends_at) == (instant(0), instant(40))

    Row.state, again = "approved", [*changes, (instant(60), "approved")]
    first, second = _periods(Row(), again)
    assert (first.ends_at, second.starts_at, second.ends_at) == (
        instant(40),
        instant(60),
        None,
    )


# -- gates -------------------------------------------------------------------------


def at_gate(study, person, **more):
    """Ask as an act would, in one transaction."""
    with study.hub.sessions.writing.begin() as session:
        work = Work(study.rita, Act.HOME_READ, session, Trace())
        return answer_gate(work, person, "participate", work.now, **more)


def listed(study):
    with study.hub.sessions.writing.begin() as session:
        row = Participant(
            id=uuid4(),
            study_id=study.id,
            code="K7Q4",
            language="en",
            listed_on=study.clock.at.date(),
        )
        session.add(row)
        return row.id


def test_a_gate_keeps_its_answer_with_what_it_rests_on(study):
    person = listed(study)

    row_id, answer = at_gate(study, person)

    assert (answer.answer, answer.reason_code) == ("no", "no_consent")
    with study.hub.sessions.reading.begin() as session:
        row = session.get_one(GateAnswer, row_id)
        assert (row.participant_id, row.statement_code) == (person, "participate")
        assert row.at == row.known_at == study.clock.at
        assert (row.answer, row.reason_code, row.consent_id) == ("no", "no_consent", None)


def test_what_a_gate_was_told_cannot_be_changed_afterwards(study):
    """Invariant 30 and datamodel 4, by raw SQL on both engines."""
    row_id, _ = at_gate(study, listed(study))

    for statement in ("UPDATE gate_answers SET answer = 'yes'", "DELETE FROM gate_answers"):
        with pytest.raises(DBAPIError), study.hub.sessions.writing.begin() as session:
            session.execute(text(statement))

    with study.hub.sessions.reading.begin() as session:
        assert session.scalars(select(GateAnswer.answer)).all() == ["no"]
        assert isinstance(row_id, UUID)


def test_a_gate_knows_nobody_of_another_study(study):
    with pytest.raises(NotFound):
        at_gate(study, uuid4())
