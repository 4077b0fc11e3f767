"""What can happen next to approvals, documents, expressions of interest and questions.

A key is (state, act). Where one act has several outcomes, its name is followed by the outcome:
``choosing("approval.change", "suspended")``. Pairs that are not listed are refused (domain.md
3.2). Acts stand here by name; an ``Act`` is a string, so members of it find the same rows.
"""

Moves = dict[tuple[str, str], str]


def choosing(act: str, outcome: str) -> str:
    """Name an act together with the outcome that a person chose in it."""
    return f"{act}={outcome}"


def _changes(act: str, steps: dict[str, tuple[str, ...]]) -> Moves:
    """Write down an act that may lead from each state to any of the states behind it."""
    return {
        (state, choosing(act, following)): following
        for state, several in steps.items()
        for following in several
    }


# The date on which an approval ends can pass while it is suspended.
APPROVAL: Moves = _changes(
    "approval.change",
    {
        "planned": ("submitted",),
        "submitted": ("revision_requested", "approved"),
        "revision_requested": ("submitted",),
        "approved": ("suspended", "expired", "closed"),
        "suspended": ("approved", "expired", "closed"),
    },
)

AMENDMENT: Moves = _changes(
    "approval.change",
    {
        "drafted": ("submitted",),
        "submitted": ("approved", "rejected", "withdrawn"),
        "approved": ("implemented",),
    },
)

VERSION: Moves = {
    ("draft", "document.submit"): "submitted",
    ("submitted", "document.send_back"): "draft",
    ("submitted", "document.approve"): "approved",
    ("approved", "document.use"): "effective",
    # For a later instant; the worker lets it begin then, or gives it up without an approval.
    ("approved", choosing("document.use", "planned")): "approved",
    ("approved", "document.begin"): "effective",
    ("approved", choosing("document.begin", "given_up")): "approved",
    # What using a newer version does to this one, in the same act.
    ("effective", choosing("document.use", "superseded")): "superseded",
    ("effective", choosing("document.begin", "superseded")): "superseded",
    ("approved", "document.retire"): "retired",
    ("effective", "document.retire"): "retired",
}

# Expressions that wait for the team to take the next step.
EXPRESSION_WAITS = ("received", "acknowledged", "screening", "eligible")
_UNDER_WAY = (*EXPRESSION_WAITS, "info_sent", "considering")
_OUT = ("ineligible", "declined", "lapsed", "unreachable")

EXPRESSION: Moves = {
    ("received", "expression.acknowledge"): "acknowledged",
    ("acknowledged", "expression.triage"): "screening",
    ("screening", choosing("expression.decide", "eligible")): "eligible",
    ("eligible", "information.send"): "info_sent",
    # Somebody who signs or refuses without a word before takes this step first.
    ("info_sent", choosing("expression.decide", "considering")): "considering",
    ("info_sent", "question.ask"): "considering",
    ("considering", "consent.sign"): "converted",
    ("considering", "consent.refuse"): "declined",
    **_changes("expression.decide", dict.fromkeys(_UNDER_WAY, _OUT)),
    **{(state, "contact.opt_out"): "opted_out" for state in _UNDER_WAY},
    # The person writes again, or a recruiter records that they did. After an opt-out nobody
    # else can do it (M19).
    ("opted_out", "contact.reopen"): "considering",
    **{
        (state, "expression.receive"): "considering"
        for state in ("lapsed", "unreachable", "opted_out")
    },
}

# The last step of a withdrawal is its state. A decision that waits for a second person leaves
# it where it is.
WITHDRAWAL: Moves = {
    ("received", "withdrawal.acknowledge"): "acknowledged",
    **{
        (state, "withdrawal.retract"): "retracted"
        for state in ("received", "acknowledged", "assessed")
    },
    **{
        (state, act): "assessed"
        for state in ("received", "acknowledged", "assessed")
        for act in ("withdrawal.decide", "withdrawal.second")
    },
    ("assessed", "erasure.request"): "executing",
    ("executing", "erasure.finish"): "completed",
    ("completed", "withdrawal.confirm"): "confirmed",
}

# Questions that wait for an answer.
QUESTION_WAITS = ("open", "assigned")

QUESTION: Moves = {
    ("open", "question.assign"): "assigned",
    ("open", "question.answer"): "answered",
    ("assigned", "question.answer"): "answered",
    ("answered", "question.close"): "closed",
    ("answered", "question.ask"): "open",
    ("closed", "question.ask"): "open",
    **{(state, "erasure.empty"): "closed" for state in (*QUESTION_WAITS, "answered")},
}
