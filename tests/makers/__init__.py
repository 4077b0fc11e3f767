"""The cast and the study they work in, made through the front door: by the acts themselves.

Nobody is put into a table by hand, so no test runs from a state that cannot be reached.
A module for each stage; tests take every maker from here.
"""

from studyhub.workflows.demonstration import CAST
from studyhub.workflows.demonstration_stage import SLUG
from tests.makers.cast import LATER, START, Clock, Study, password_of
from tests.makers.consent import (
    agreed,
    agreed_on_paper,
    consented,
    entered,
    informed,
    own_link,
    own_token,
)
from tests.makers.ethics import (
    approve_study,
    approve_version,
    approved_study,
    guide_in_use,
    in_use,
    seen,
    submitted,
)
from tests.makers.interviews import (
    SOUND,
    as_planned,
    confirmed,
    interviewed,
    person_of,
    planned,
    quarantined,
    recorded,
    said_of,
    sent,
    started,
)
from tests.makers.letters import letter_body, token_in
from tests.makers.recruitment import (
    contact,
    eligible,
    interested,
    invited,
    somebody_new,
    stranger,
)
from tests.makers.team import enrolled, grant, hub_over, invite_and_grant, new_instance
from tests.makers.transcripts import (
    INTERVIEW,
    assigned,
    deidentified,
    give_to_read,
    read_twice,
    released,
    transcribed,
)
from tests.makers.withdrawals import decided, withdrawn

__all__ = [
    "CAST",
    "INTERVIEW",
    "LATER",
    "SLUG",
    "SOUND",
    "START",
    "Clock",
    "Study",
    "agreed",
    "agreed_on_paper",
    "approve_study",
    "approve_version",
    "approved_study",
    "as_planned",
    "assigned",
    "confirmed",
    "consented",
    "contact",
    "decided",
    "deidentified",
    "eligible",
    "enrolled",
    "entered",
    "give_to_read",
    "grant",
    "guide_in_use",
    "hub_over",
    "in_use",
    "informed",
    "interested",
    "interviewed",
    "invite_and_grant",
    "invited",
    "letter_body",
    "new_instance",
    "own_link",
    "own_token",
    "password_of",
    "person_of",
    "planned",
    "quarantined",
    "read_twice",
    "recorded",
    "released",
    "said_of",
    "seen",
    "sent",
    "somebody_new",
    "started",
    "stranger",
    "submitted",
    "token_in",
    "transcribed",
    "withdrawn",
]
