"""The principal investigator at the page of the team."""

from datetime import timedelta

import pytest

from studyhub.domain.vocabulary import Role
from studyhub.workflows import accounts_exceptions, accounts_team
from studyhub.workflows.accounts_exceptions import Wish
from studyhub.workflows.accounts_team import Invitation
from studyhub.workflows.accounts_team_view import team
from tests.web.pages import keep_desk

ADD = {"name": "Grace Adeyemi", "email": "grace@team.test", "role": "interviewer"}

EXCEPTION = {"rule": "S-3", "reason": "Rita Osei is on leave", "ends": "2026-06-30"}

KINDS_OF_ANSWER = {200, 302, 409, 422}


@pytest.fixture
def petra(visit, small_study):
    """The principal investigator at a browser, and at the same desk in the test."""
    visit.sign_in("petra")
    keep_desk(small_study, visit, "petra")
    return visit


def nina_waits(study):
    """Nina is invited as an analyst and has made her keys."""
    wanted = Invitation("", "", Role.ANALYST, (), login="nina")
    membership_id = accounts_team.invite(study.petra, study.id, wanted)
    study.cookie("nina")
    return membership_id


def standing(study, membership_id):
    return team(study.petra).member(membership_id).standing


def rows(study, table):
    with study.hub.sessions.reading.begin() as session:
        return session.query(table).count()


def exception(study, login="tess", rule="S-3"):
    ends = study.clock() + timedelta(days=20)
    wish = Wish(rule, study.user_id(login), "one of us is on leave", ends)
    return accounts_exceptions.declare(study.petra, wish)
