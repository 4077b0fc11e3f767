"""People whose accounts stand at some point on the way."""

import re

from studyhub.domain.vocabulary import Role
from studyhub.workflows import accounts_admin, accounts_team
from studyhub.workflows.accounts_team import Invitation
from studyhub.workflows.kernel import operator_desk
from tests.makers import invite_and_grant

NEW = "five green bicycles sleep"

CODE = re.compile(r'<p class="sh-once">([0-9A-Z-]{39})</p>')


def invited_as_reviewer(study, login="nina"):
    wanted = Invitation("", "", Role.REVIEWER, (), login=login)
    return accounts_team.invite(study.petra, study.id, wanted)


def two_roles(study):
    """Ravi transcribes too, which no rule forbids beside reviewing."""
    return invite_and_grant(study, "ravi", Role.TRANSCRIBER)


def join_link(study):
    address = accounts_admin.add(
        operator_desk(study.hub), login="gil", name="Gil Marsh", email="gil@team.test"
    )
    return "/join/" + address.rpartition("/")[2]
