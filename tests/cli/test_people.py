"""Accounts, studies and members at the shell."""

import re

import pytest

from studyhub.hub import open_hub
from studyhub.workflows import accounts, accounts_own
from tests.makers import SLUG, password_of


def join(shell, login, url):
    token = url.rpartition("/")[2]
    hub = open_hub(shell.folder)
    accounts_own.join(hub, token, password_of(login), password_of(login))
    hub.sessions.engine.dispose()


def sign_in(shell, login):
    hub = open_hub(shell.folder)
    accounts.sign_in(hub, login, password_of(login), "test")
    hub.sessions.engine.dispose()


def member_of(ran, login):
    return [row for row in ran.values["members"] if row["login"] == login]


# -- accounts -------------------------------------------------------------------------


def test_an_account_is_made_with_a_link_to_join_by(shell):
    made = shell.json("user", "add", "Zoe", "--name", "Zoe Lark", "--email", "zoe@team.test")

    assert made.code == 0
    assert made.values["user"] == "zoe"
    join(shell, "zoe", made.values["join_url"])
    sign_in(shell, "zoe")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("user", "add", "ann", "--name", "Ann", "--email", "a@team.test"), 3),  # known
        (("user", "add", "a b", "--name", "Ann", "--email", "a@team.test"), 3),
        (("user", "add", "zoe", "--name", "Zoe"), 2),
        (("user", "disable", "nobody"), 4),
        (("user", "reset", "nobody"), 4),
        (("user",), 2),
        (("member", "list", "no-such-study"), 4),
        (("member", "add", SLUG, "nobody", "analyst"), 4),
        (("member", "add", SLUG, "nina", "operator"), 2),
        (("member", "add", SLUG, "nina", "analyst", "--duties", "sleep"), 2),
        (("member", "add", SLUG, "nina", "analyst", "--duties", "approve"), 3),
        (("member", "add", SLUG, "nina", "analyst", "--until", "tomorrow"), 2),
        (("member", "add", SLUG, "ada", "analyst"), 3),  # an auditor holds no other role
        (("study", "create", "b", "--title", "B", "--pi", "petra", "--time-zone", "X/Y"), 2),
        (("study", "recover", SLUG), 2),
        (("study", "recover", "no-such-study", "--check"), 4),
    ],
)
def test_a_refusal_says_why_on_standard_error_only(small_shell, words, code):
    ran = small_shell.json(*words, stdin="never read")

    assert ran.code == code
    assert ran.out == ""
    assert ran.err


def test_a_closed_account_cannot_sign_in_and_be_reset(small_shell):
    assert small_shell.json("user", "disable", "ann").values == {"user": "ann"}

    assert small_shell.json("user", "disable", "ann").code == 3
    assert small_shell.json("user", "reset", "ann").code == 3


def test_a_reset_gives_a_link_and_chooses_no_password(small_shell):
    ran = small_shell.json("user", "reset", "ann")

    assert ran.values["user"] == "ann"
    assert "/reset/" in ran.values["join_url"]
    sign_in(small_shell, "ann")


# -- studies ----------------------------------------------------------------------------


def create(shell, slug="second", password=None):
    return shell.json(
        *("study", "create", slug, "--title", "A second study", "--pi", "petra"),
        "--password-stdin",
        stdin=(password or password_of("petra")) + "\n",
    )


def test_a_study_shows_its_kit_once_and_opens_when_it_was_typed_back(shell):
    made = create(shell)

    assert made.code == 0
    assert made.values["state"] == "setting_up"
    assert len(made.values["recovery_kit"]) == 24
    assert len(made.values["root_fingerprint"].split()) == 6
    assert shell.json("member", "add", "second", "ann", "analyst").code == 3

    proved = shell.json(
        *("study", "recover", "second", "--check", "--kit-stdin"),
        stdin="\n".join(made.values["recovery_kit"]),
    )

    assert proved.values == {"study": "second", "state": "open", "granted": []}
    assert shell.json("member", "add", "second", "ann", "analyst").code == 0


def test_the_kit_is_printed_one_word_a_line_as_it_is_typed_back(small_shell):
    made = small_shell.text(
        *("study", "create", "third", "--title", "A third study", "--pi", "petra"),
        "--password-stdin",
        stdin=password_of("petra"),
    )

    numbered = re.findall(r"^([ \d]\d) ([a-z]+)$", made.out, re.MULTILINE)
    assert [int(number) for number, _ in numbered] == list(range(1, 25))
    assert "study recover third --check" in made.out


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"password": "not the password of petra"}, 3),
        ({"slug": "Not a slug"}, 3),
        ({"slug": SLUG}, 3),
    ],
)
def test_a_study_is_not_made_without_the_password_or_a_good_name(small_shell, given, code):
    assert create(small_shell, **given).code == code


def test_a_password_is_asked_for_and_never_an_argument(small_shell):
    words = ("study", "create", "second", "--title", "A second study", "--pi", "petra")

    assert small_shell.json(*words).code == 2
    assert small_shell.json(*words, "--password", "x").code == 2
    assert small_shell.json(*words[:-1], "nobody", "--password-stdin").code == 4


def test_too_many_wrong_passwords_mean_wait(small_shell):
    codes = [create(small_shell, password="wrong again and again").code for _ in range(7)]

    assert codes[0] == 3
    assert codes[-1] == 5


def test_a_pi_gets_the_keys_again_with_the_kit(small_shell):
    made = create(small_shell).values
    kit = " ".join(made["recovery_kit"])

    ran = small_shell.json(
        "study", "recover", "second", "--pi", "petra", "--kit-stdin", stdin=kit
    )

    assert ran.values["state"] == "open"
    assert sorted(ran.values["granted"]) == [
        *("consent", "contact", "recording", "release", "transcript")
    ]
    wrong = small_shell.json(
        "study", "recover", SLUG, "--pi", "petra", "--kit-stdin", stdin=kit
    )
    assert (wrong.code, wrong.out) == (3, "")
    assert small_shell.json("study", "recover", "second", "--pi", "petra").code == 2
    assert (
        small_shell.json(
            "study", "recover", "second", "--pi", "nina", "--kit-stdin", stdin=kit
        ).code
        == 4
    )


# -- members ----------------------------------------------------------------------------


def test_the_team_is_listed_with_what_each_really_opens(shell):
    listed = shell.json("member", "list", SLUG)

    opens = {row["login"]: row["opens"] for row in listed.values["members"]}
    assert opens == {
        "petra": ["contact", "consent", "recording", "transcript", "release"],
        "rita": ["contact"],
        "ivan": [],
        "tess": [],
        "ravi": ["release"],
        "ann": ["release"],
        "ada": [],
    }
    (ravi,) = member_of(listed, "ravi")
    assert ravi["duties"] == ["approve", "release", "verify"]
    assert (ravi["role"], ravi["state"]) == ("reviewer", "active")


def test_a_member_is_invited_and_granted_by_the_pi_once_their_keys_were_made(shell):
    by_petra = ("member", "add", SLUG, "nina", "analyst", "--by", "petra", "--password-stdin")
    invited = shell.json("member", "add", SLUG, "nina", "analyst")
    assert member_of(invited, "nina") == [
        {"login": "nina", "role": "analyst", "duties": [], "state": "invited", "opens": []}
    ]
    too_early = shell.json(*by_petra, stdin=password_of("petra"))
    assert too_early.code == 3
    sign_in(shell, "nina")

    granted = shell.json(*by_petra, stdin=password_of("petra"))

    assert granted.code == 0
    assert granted.values["members"] == [
        {
            "login": "nina",
            "role": "analyst",
            "duties": [],
            "state": "active",
            "opens": ["release"],
        }
    ]
    assert "Six words" in granted.err


def test_the_pi_may_begin_with_the_invitation(small_shell):
    ran = small_shell.json(
        *("member", "add", SLUG, "nina", "auditor", "--by", "petra", "--password-stdin"),
        stdin=password_of("petra"),
    )

    assert ran.code == 3
    (nina,) = member_of(small_shell.json("member", "list", SLUG), "nina")
    assert nina["state"] == "invited"


@pytest.mark.parametrize(("login", "code"), [("rita", 4), ("nina", 4), ("nobody", 3)])
def test_nobody_but_a_pi_does_the_part_of_the_pi(small_shell, login, code):
    ran = small_shell.json(
        *("member", "add", SLUG, "nina", "analyst", "--by", login, "--password-stdin"),
        stdin=password_of(login),
    )

    assert ran.code == code
    assert member_of(small_shell.json("member", "list", SLUG), "nina") == []


def test_duties_and_a_last_day_are_kept(small_shell):
    ran = small_shell.json(
        *("member", "add", SLUG, "nina", "reviewer", "--duties", "verify,release"),
        *("--until", "2027-06-30"),
    )

    assert member_of(ran, "nina")[0]["duties"] == ["release", "verify"]


def test_a_table_is_printed_for_people(small_shell):
    ran = small_shell.text("member", "list", SLUG)

    assert "petra" in ran.out
    assert "nothing by a compartment key" in ran.out
