"""The team page: what each password opens, six words, adding, ending, exceptions, the kit."""

import pytest

from studyhub.domain.vocabulary import Role
from studyhub.store.users import Membership, Study
from studyhub.workflows import accounts_exceptions, accounts_team
from studyhub.workflows.accounts_team import Invitation
from studyhub.workflows.accounts_team_view import team
from tests.makers import CAST, password_of
from tests.web.pages import HOSTILE, TEAM, at_browser, words
from tests.web.team_page import (
    ADD,
    KINDS_OF_ANSWER,
    exception,
    nina_waits,
    petra,
    rows,
    standing,
)
from tests.web.visits import hidden

__all__ = ["petra"]


def member_names(study):
    return [member.name for member in team(study.petra).members]


def every_page(study):
    rita = study.membership_id("rita")
    return {
        TEAM: {"petra", "ada"},
        f"{TEAM}/{rita}": {"petra", "ada"},
        f"{TEAM}/{rita}/end": {"petra"},
        f"{TEAM}/add": {"petra"},
        f"{TEAM}/exceptions/declare": {"petra"},
        f"{TEAM}/propose": {"petra"},
        f"{TEAM}/kit": {"petra"},
    }


@pytest.mark.parametrize("login", CAST)
def test_each_page_is_open_to_whom_the_matrix_names(app, small_study, login):
    visit = at_browser(app, small_study, login)

    for path, may in every_page(small_study).items():
        wanted = 200 if login in may else 404 if login == "nina" else 403
        assert visit.get(path).status_code == wanted, path


def test_a_stranger_to_the_study_finds_nothing_and_leaves_a_line(app, small_study):
    visit = at_browser(app, small_study, "nina")

    for path in every_page(small_study):
        before = small_study.events()
        assert visit.get(path).status_code == 404
        assert small_study.events() == before + 1
        assert small_study.last_event().outcome == "refused"


def test_strangers_and_auditors_change_nothing_by_posting(app, small_study):
    rita = small_study.membership_id("rita")
    for login, status in (("nina", 404), ("ada", 403), ("rita", 403)):
        visit = at_browser(app, small_study, login)
        assert visit.post(f"{TEAM}/add", **ADD).status_code == status
        assert visit.post(f"{TEAM}/{rita}/end").status_code == status
        assert visit.post(f"{TEAM}/{rita}", same="y", words="a").status_code == status
        assert visit.post(f"{TEAM}/propose", role="recruiter").status_code == status

    assert rows(small_study, Membership) == len(CAST) - 1
    assert standing(small_study, rita) == "holds"


def test_an_unknown_member_is_not_found(petra, small_study):
    for path in (f"{TEAM}/{small_study.id}", f"{TEAM}/{small_study.id}/end", f"{TEAM}/1234"):
        assert petra.get(path).status_code == 404


def test_the_page_says_what_each_password_opens(petra):
    said = words(petra.get(TEAM))

    assert "Petra Holt Principal investigator opens all" in said
    assert "Everything. What is opened is recorded" in said
    assert "All released transcripts, and nothing else" in said
    assert "No content: versions, times, roles and hashes" in said
    assert "The auditor holds no other role." in said


def test_an_auditor_reads_the_team_and_gets_no_buttons(app, small_study):
    exception(small_study)

    page = at_browser(app, small_study, "ada").get(TEAM)

    assert "Transcriber also recruits" in words(page)
    for word in ("Add a member", "Declare an exception", "End early"):
        assert word not in words(page)


def test_what_is_known_of_a_member_is_written_alike(petra, small_study):
    said = words(petra.get(f"{TEAM}/{small_study.membership_id('ann')}"))
    assert "Last day No end set Duties None" in said
    assert "None sealed yet" in said

    said = words(petra.get(f"{TEAM}/{small_study.membership_id('ravi')}"))
    assert "Duties Approve versions, release transcripts, verify consents" in said
    assert "Approve versions, release transcripts" in words(petra.get(TEAM))


# -- adding ------------------------------------------------------------------------


def test_a_member_is_added_and_their_letter_waits(petra, small_study):
    sent = petra.post(f"{TEAM}/add", **ADD, duties="take_consent", until="2026-12-31")

    assert sent.status_code == 302
    assert "Invited. It opens nothing yet" in words(petra.get(sent.location))
    added = next(each for each in team(small_study.petra).members if "Grace" in each.name)
    assert added.until.isoformat() == "2026-12-31T23:59:59+00:00"
    assert (added.standing, added.duties) == ("invited", ("take_consent",))


def test_the_last_day_ends_where_the_study_is(petra, small_study):
    with small_study.hub.sessions.writing.begin() as session:
        session.get_one(Study, small_study.id).time_zone = "Pacific/Auckland"

    petra.post(f"{TEAM}/add", **ADD, until="2026-12-31")

    added = next(each for each in team(small_study.petra).members if "Grace" in each.name)
    assert added.until.isoformat() == "2026-12-31T10:59:59+00:00"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"name": ""}, "Write their name"),
        ({"email": ""}, "Write their e-mail address"),
        ({"email": "grace at home"}, "Write a whole e-mail address"),
        ({"role": ""}, "Choose a role"),
        ({"role": "operator"}, "Choose one of the answers shown"),
        ({"duties": "fly"}, "Choose duties from the list"),
        ({"duties": "release"}, "This role cannot have the duty to release transcripts"),
        ({"until": "2026-03-01"}, "Choose a day from today on"),
        ({"until": "9999-12-31"}, "Choose a day from today on"),
        ({"until": "0001-01-01"}, "Choose a day from today on"),
        ({"until": "tomorrow"}, "Enter a date"),
        (
            {"email": "rita@team.test", "role": "recruiter"},
            "holds, or is invited to, that role",
        ),
        ({"email": "rita@team.test", "role": "analyst"}, "A recruiter does not analyse."),
        ({"email": "petra@team.test"}, "Propose a further role for yourself instead"),
        ({"email": "ada@team.test"}, "An auditor holds no other role in the study."),
    ],
)
def test_what_is_wrong_stands_at_its_field_with_what_was_typed(
    petra, small_study, wrong, message
):
    before = small_study.events()
    page = petra.post(f"{TEAM}/add", **{**ADD, **wrong})

    assert page.status_code == 422
    assert message in words(page)
    assert "Nothing was saved. What you typed is still here." in words(page)
    for name in {"name", "email"} - wrong.keys():
        assert f'value="{ADD[name]}"' in page.text
    assert small_study.events() == before
    assert "Grace Adeyemi" not in member_names(small_study)


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("field", ["name", "email", "role", "duties", "until"])
def test_nothing_hostile_breaks_the_form_or_comes_back_alive(petra, small_study, field, kind):
    page = petra.post(f"{TEAM}/add", **{**ADD, field: HOSTILE[kind]})

    assert page.status_code in KINDS_OF_ANSWER
    shown = petra.get(TEAM).text + page.text
    assert "<script>alert" not in shown
    if kind in {"two lines", "turned round"}:
        assert "Grace\r\n" not in "".join(member_names(small_study))
        assert "\u202e" not in "".join(member_names(small_study))


def test_names_in_any_script_are_kept_as_written(petra, small_study):
    petra.post(f"{TEAM}/add", **{**ADD, "name": "نسرين 林 Ωmega"})

    assert "نسرين 林 Ωmega" in member_names(small_study)
    assert "نسرين 林 Ωmega" in words(petra.get(TEAM))


# -- six words ---------------------------------------------------------------------


def test_access_is_given_after_the_six_words_are_ticked(petra, small_study):
    nina = nina_waits(small_study)
    page = petra.get(f"{TEAM}/{nina}")
    for word in team(small_study.petra).member(nina).words:
        assert f"<li>{word}</li>" in page.text
    assert "Telephone Nina Vance, or meet" in words(page)

    sent = petra.post(f"{TEAM}/{nina}", words=hidden(page)["words"], same="y")

    assert "Access is given." in words(petra.get(sent.location))
    assert standing(small_study, nina) == "holds"
    assert "Nina Vance Analyst cannot open" in words(petra.get(TEAM))


def test_without_the_tick_nothing_is_given(petra, small_study):
    nina = nina_waits(small_study)
    page = petra.post(f"{TEAM}/{nina}", words=hidden(petra.get(f"{TEAM}/{nina}"))["words"])

    assert page.status_code == 422
    assert "Compare all six words first, then tick this" in words(page)
    assert standing(small_study, nina) == "waits"


@pytest.mark.parametrize("typed", ["", "one two three four five six", "x" * 201, "<b>"])
def test_other_words_than_those_of_the_keys_give_nothing(petra, small_study, typed):
    nina = nina_waits(small_study)

    page = petra.post(f"{TEAM}/{nina}", words=typed, same="y")

    assert page.status_code in {409, 422}
    assert standing(small_study, nina) == "waits"


def test_access_asks_for_the_password_and_keeps_the_tick(petra, small_study):
    nina = nina_waits(small_study)
    given = {"words": hidden(petra.get(f"{TEAM}/{nina}"))["words"], "same": "y"}
    small_study.clock.advance(minutes=11)

    asked = petra.post(f"{TEAM}/{nina}", **given)
    assert "Your password, once more" in asked.text
    assert standing(small_study, nina) == "waits"

    kept = {name: text for name, text in hidden(asked).items() if name != "csrf_token"}
    again = petra.post("/step-up", password=password_of("petra"), **kept)
    sent = petra.post(f"{TEAM}/{nina}", **given)

    assert again.status_code in {200, 302}
    assert sent.status_code == 302
    assert standing(small_study, nina) == "holds"


def test_nobody_gives_access_to_themselves(petra, small_study):
    own = small_study.membership_id("petra")
    words_of_keys = " ".join(team(small_study.petra).member(own).words)

    assert petra.post(f"{TEAM}/{own}", words=words_of_keys, same="y").status_code == 403
    assert petra.post(f"{TEAM}/{own}/accept").status_code == 403


def test_a_pi_takes_up_a_further_role_that_another_member_approved(petra, small_study):
    proposal = accounts_exceptions.propose(small_study.petra, Role.INTERVIEWER)
    accounts_exceptions.decide(small_study.ravi, proposal, approve=True)
    small_study.cookie("petra")
    own = small_study.membership_id("petra", Role.INTERVIEWER)
    page = petra.get(f"{TEAM}/{own}")

    assert "Take up your role: Interviewer" in words(petra.get("/home"))
    assert "Compare six words with Petra Holt" not in words(petra.get(TEAM))
    assert "Another member approved this role" in words(page)
    assert "Take up this role too" in words(page)
    assert petra.post(f"{TEAM}/{own}/accept").status_code == 302
    assert standing(small_study, own) == "holds"


def test_a_role_kept_apart_cannot_be_given(petra, small_study):
    held = exception(small_study, "rita", "S-2")
    wanted = Invitation("", "", Role.ANALYST, (), login="rita")
    rita = accounts_team.invite(small_study.petra, small_study.id, wanted)
    small_study.cookie("rita")
    accounts_exceptions.end_early(small_study.petra, held)

    page = petra.get(f"{TEAM}/{rita}")

    assert "Access cannot be given. A recruiter does not analyse." in words(page)
