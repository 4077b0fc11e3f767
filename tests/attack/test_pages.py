"""What a stranger or a member may not get out of the pages and the shell."""

import re
from datetime import timedelta

import pytest

from studyhub.domain.errors import Invalid, NotPermitted
from studyhub.domain.vocabulary import Role
from studyhub.store.users import Membership
from studyhub.workflows import accounts_exceptions, accounts_recovery, accounts_team
from studyhub.workflows.kernel import operator_desk
from tests.makers import password_of
from tests.web.apps import app_over

FORM = "application/x-www-form-urlencoded"


def test_a_form_of_a_hundred_thousand_fields_is_not_read(small_study):
    client = app_over(small_study.hub).test_client()
    body = "login=a&password=" + "&a" * 100_000

    assert client.post("/sign-in", data=body, content_type=FORM).status_code == 413


def test_a_stranger_cannot_have_a_page_filled_with_what_they_send(small_study):
    client = app_over(small_study.hub).test_client()
    body = "login=a&password=&typed_path=/sign-out" + "&typed:a=1" * 1_500

    assert len(client.post("/sign-in", data=body, content_type=FORM).data) < 50_000


def test_words_that_changed_since_they_were_compared_are_not_put_in_anew(small_study):
    wanted = accounts_team.Invitation("", "", Role.ANALYST, login="nina")
    member = accounts_team.invite(small_study.petra, small_study.id, wanted)
    small_study.cookie("nina")
    client = app_over(small_study.hub).test_client()
    client.post("/sign-in", data={"login": "petra", "password": password_of("petra")})
    address = f"/s/voices/team/{member}"
    page = client.get(address).text
    token = re.search(r'name="csrf_token"[^>]*value="([0-9a-f]+)"', page)[1]

    sent = {"csrf_token": token, "words": "six old words seen here ok"}
    page = client.post(address, data=sent)

    assert page.status_code == 422
    assert "six old words seen here ok" in page.text


def test_the_auditor_changes_nothing_not_even_by_deciding_a_proposal(small_study):
    """Invariant 85."""
    proposal = accounts_exceptions.propose(small_study.petra, Role.INTERVIEWER)

    with pytest.raises(NotPermitted):
        accounts_exceptions.decide(small_study.ada, proposal, approve=True)


def test_a_pi_whose_last_day_is_over_is_given_time_again_by_the_kit(small_study):
    member, user = small_study.membership_id("petra"), small_study.user_id("petra")
    _end_by_date(small_study, member)

    accounts_recovery.recover(
        operator_desk(small_study.hub, small_study.id),
        small_study.id,
        user_id=user,
        kit=" ".join(small_study.kit),
    )

    assert small_study.petra.actor.role == "pi"


def test_a_role_that_lapsed_by_its_date_is_ended_before_it_is_given_anew(small_study):
    _end_by_date(small_study, small_study.membership_id("ann"))

    with pytest.raises(Invalid) as caught:
        accounts_team.invite(
            small_study.petra,
            small_study.id,
            accounts_team.Invitation("", "", Role.ANALYST, login="ann"),
        )

    assert "role" in caught.value.problems


def _end_by_date(study, membership_id):
    with study.hub.sessions.writing.begin() as session:
        member = session.get_one(Membership, membership_id)
        member.valid_to = study.clock() - timedelta(hours=1)
