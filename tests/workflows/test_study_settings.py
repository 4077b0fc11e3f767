"""What a study settles for itself: who may, what is refused, and what it does not undo."""

import json
from dataclasses import replace

import pytest

from studyhub.domain.errors import Invalid, NotPermitted, PasswordNeeded, Stale, WrongState
from studyhub.domain.settings import GIB
from studyhub.domain.vocabulary import Act
from studyhub.store.consent import Participant
from studyhub.store.users import Study
from studyhub.workflows import consent_form, consent_paper, study_settings
from studyhub.workflows.consent_history_rows import in_force
from studyhub.workflows.links import guest
from studyhub.workflows.study_settings import Wanted
from tests.makers import contact, eligible, informed
from tests.makers.consent import PAPER
from tests.workflows.consenting import filled

SWITCHES = ("countersign", "typed_name_enough", "notes_only_allowed", "agreement_figures")


def as_it_is(study, **other):
    """Everything as it stands, with a reason for typed names, and what a test wants changed."""
    view = study_settings.show(study.petra)
    now = {
        name: view.settings[name] for name in Wanted.__annotations__ if name in view.settings
    }
    before, after = view.settings["call_sheet_hours"]
    now |= {"call_sheet_before": before, "call_sheet_after": after, "seen": view.seen}
    now |= {"neutral_name": view.neutral_name, "quota": now["quota"] // GIB}
    now["typed_name_reason"] = now["typed_name_reason"] or "Low risk; the sheet says so."
    now["default_transcriber"] = now["default_transcriber"] or ""
    return Wanted(**(now | other))


def problems(study, **other):
    with pytest.raises(Invalid) as found:
        study_settings.change(study.petra, as_it_is(study, **other))
    return found.value.problems


def settings_of(study):
    with study.hub.sessions.reading.begin() as session:
        return session.get_one(Study, study.id).settings


def test_the_pi_settles_and_the_record_names_which_but_not_what(study):
    wanted = as_it_is(study, consider_time=48, neutral_name="Talks", team_phone="01632 960 001")

    study_settings.change(study.petra, wanted)

    event = study.last_event()
    assert event.act == Act.STUDY_CHANGE
    changed = "consider_time neutral_name team_phone typed_name_reason"
    assert json.loads(event.line)["facts"] == {"count": 4, "rule": changed}
    view = study_settings.show(study.ann)
    assert (view.neutral_name, view.settings["consider_time"]) == ("Talks", 48)
    assert view.settings["quota"] == 100 * GIB


@pytest.mark.parametrize("login", ["rita", "ivan", "tess", "ravi", "ann", "ada"])
def test_nobody_but_the_pi_changes_a_setting(small_study, login):
    with pytest.raises(NotPermitted):
        study_settings.change(getattr(small_study, login), as_it_is(small_study, link_days=9))

    assert small_study.last_event().outcome == "refused"
    assert settings_of(small_study)["link_days"] == 60


def test_the_team_but_no_transcriber_reads_the_settings(small_study):
    for login in ("petra", "rita", "ivan", "ravi", "ann", "ada"):
        assert study_settings.show(getattr(small_study, login)).settings["link_days"] == 60

    with pytest.raises(NotPermitted):
        study_settings.show(small_study.tess)


def test_a_change_asks_for_the_password_again(small_study):
    late = replace(small_study.petra, stepped_up_until=None)

    with pytest.raises(PasswordNeeded):
        study_settings.change(late, as_it_is(small_study, link_days=9))


def test_who_saw_older_settings_undoes_nobodys_change(small_study):
    older = as_it_is(small_study, link_days=9)
    study_settings.change(small_study.petra, as_it_is(small_study, link_days=30))

    with pytest.raises(Stale):
        study_settings.change(small_study.petra, older)

    assert settings_of(small_study)["link_days"] == 30


def test_a_closed_study_is_settled(small_study):
    wanted = as_it_is(small_study, link_days=9)
    with small_study.hub.sessions.writing.begin() as session:
        session.get_one(Study, small_study.id).state = "closed"

    with pytest.raises(WrongState):
        study_settings.change(small_study.petra, wanted)


BAD = [
    ("consider_time", 0),
    ("link_days", 366),
    ("reminders_max", 6),
    ("call_sheet_after", -1),
    ("threshold_k", 2),
    ("quota", 10**9),
    ("languages", []),
    ("languages", ["English"]),
    ("languages", ["cy"]),  # the documents in use are in English
    ("sensitive_terms", ["ms"]),
    ("sensitive_terms", ["dru\u202eg"]),
    ("sensitive_terms", [f"word {n}" for n in range(51)]),
    ("sensitive_terms", ["information"]),  # it stands in a subject of ours
    ("safe_site", "http://weather.test/"),
    ("safe_site", "https://pi@weather.test/"),
    ("safe_site", "https://[weather"),
    ("safe_site", "javascript:alert(1)"),
    ("typed_name_reason", ""),
    ("default_transcriber", "nobody"),
    ("neutral_name", ""),
]


@pytest.mark.usefixtures("approved")
def test_what_cannot_be_settled_is_said_at_its_field(small_study):
    for field, value in BAD:
        assert problems(small_study, **{field: value}).keys() == {field}, value


def test_only_who_transcribes_now_is_given_uploads(small_study):
    tess = str(small_study.membership_id("tess"))
    assert "default_transcriber" in problems(
        small_study, default_transcriber=str(small_study.membership_id("ivan"))
    )

    study_settings.change(small_study.petra, as_it_is(small_study, default_transcriber=tess))

    assert study_settings.show(small_study.ada).transcriber == "Tess Bowen"


@pytest.mark.usefixtures("approved")
def test_inv_19_a_sensitive_term_cannot_stand_where_participants_look(small_study):
    told = {"sensitive_terms": ["heroin"], "neutral_name": "Heroin and home"}
    assert problems(small_study, **told).keys() == {"neutral_name"}
    told = {"sensitive_terms": ["heroin"], "team_email": "heroin@team.test"}
    assert problems(small_study, **told).keys() == {"team_email"}

    wanted = as_it_is(small_study, sensitive_terms=["invitation"])
    study_settings.change(small_study.petra, wanted)

    assert "Invitation 1.0" in study_settings.show(small_study.rita).subjects


def test_a_language_that_somebody_reads_stays(small_study):
    study_settings.change(small_study.petra, as_it_is(small_study, languages=["en", "cy"]))
    person = contact(small_study)
    with small_study.hub.sessions.writing.begin() as session:
        session.get_one(Participant, person).language = "cy"

    assert "cy" in problems(small_study, languages=["en"])["languages"]


def test_nothing_changed_is_no_event(small_study):
    study_settings.change(small_study.petra, as_it_is(small_study, link_days=30))

    assert problems(small_study) == {"": study_settings._UNCHANGED}


@pytest.mark.usefixtures("approved")
def test_inv_44_asking_for_countersigning_later_changes_no_answer_given_before(study):
    token = informed(study, eligible(study))
    person = guest(study.hub, token).participant_id
    with study.hub.sessions.reading.begin() as session:
        code = session.get_one(Participant, person).code
    scan = consent_paper.take_scan(study.ivan, code, [PAPER], len(PAPER))
    now = study.clock()
    paper = consent_paper.Paper(filled(study, token).answers, now.date(), now)
    consent_paper.enter(study.ivan, scan, code, paper)
    study.clock.advance(hours=1)
    at = known_at = study.clock()
    before = answer(study, person, at, known_at)
    assert before == "provisional"

    study.clock.advance(hours=1)
    study_settings.change(study.petra, as_it_is(study, countersign=True))
    study.clock.advance(hours=1)

    assert answer(study, person, at, known_at) == before
    assert answer(study, person, study.clock(), study.clock()) == before
    log = settings_of(study)["countersign_log"]
    assert [asked for _, asked in log] == [False, True]


def answer(study, person, at, known_at):
    with study.hub.sessions.reading.begin() as session:
        return in_force(session, person, "participate", at, known_at, provisional=True).answer


@pytest.mark.usefixtures("approved")
def test_inv_36_a_longer_time_to_think_holds_for_who_has_the_sheet(small_study):
    token = informed(small_study, eligible(small_study), hours=25)
    study_settings.change(small_study.petra, as_it_is(small_study, consider_time=72))

    view = consent_form.open_form(guest(small_study.hub, token).desk)

    assert [each.code for each in view.obstacles] == ["time_to_consider"]
    small_study.clock.advance(hours=48)
    assert consent_form.open_form(guest(small_study.hub, token).desk).obstacles == ()
