"""Who looks over the whole study: how far people came, and whether each act was covered."""

from studyhub.domain.rules import Rule, rule
from studyhub.domain.vocabulary import Act, Role

OVERSIGHT: dict[Act, Rule] = {
    Act.FLOW_READ: rule(
        "The PI, the auditor and the operator see how many people came how far, on any date.",
        Role.PI,
        Role.AUDITOR,
        Role.OPERATOR,
        traced=False,
    ),
}
