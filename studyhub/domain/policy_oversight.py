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
    Act.TRAIL_COVER: rule(
        "The auditor and the PI see, by code, whether each act was covered when it was done.",
        Role.AUDITOR,
        Role.PI,
        traced=False,
    ),
    Act.TRAIL_FOLLOW: rule(
        "The auditor and the PI follow what was done about one participant, by code.",
        Role.AUDITOR,
        Role.PI,
    ),
    Act.AUDIT_MAIL: rule(
        "The worker mails the newest signed head to the auditors and PIs, once a day.",
        Role.SYSTEM,
    ),
}
