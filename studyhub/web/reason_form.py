"""The form that asks for one reason of the closed list."""

from studyhub.domain.reasons import REASONS
from studyhub.web.forms import StudyForm, pick_from


class ReasonForm(StudyForm):
    """Why something is done that the record must explain: a code, never words of one's own."""

    reason = pick_from("Reason", REASONS, empty="Choose a reason", needed="Choose a reason")
