"""The policy table as a page for people: ``docs/PERMISSIONS.md`` is made from it."""

from studyhub.domain.policy import POLICY
from studyhub.domain.rules import Rule
from studyhub.domain.vocabulary import Act

_HEAD = """# Who may do what

Made from `studyhub/domain/policy.py` by `make docs`; never edited by hand. *Opens* is what the
act may open, if the session's own keys reach it. *Again* means that the password is asked for
again. *No line* means that looking leaves no line in the record.

| act | says | roles | opens | |
|---|---|---|---|---|
"""


def permissions_page() -> str:
    """Every act with its sentence, in the order of the vocabulary."""
    return _HEAD + "".join(_row(act, POLICY[act]) for act in Act)


def _row(act: Act, rule: Rule) -> str:
    roles = ", ".join(sorted(rule.roles))
    opens = ", ".join(sorted(rule.opens)) or "nothing"
    marks = [
        *(test.__name__.replace("_", " ") for test in rule.only_if),
        *(["again"] if rule.asks_password else []),
        *([] if rule.traced else ["no line"]),
    ]
    return f"| `{act}` | {rule.says} | {roles} | {opens} | {', '.join(marks)} |\n"
