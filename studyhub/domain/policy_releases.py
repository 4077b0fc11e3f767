"""Who releases, reads, downloads and recalls de-identified texts."""

from studyhub.domain.rules import Rule, rule
from studyhub.domain.vocabulary import Act, Role

RELEASES: dict[Act, Rule] = {
    Act.RELEASE_LIST: rule(
        "Analysts, reviewers and the PI see which releases there are, by label.",
        Role.ANALYST,
        Role.REVIEWER,
        Role.PI,
        traced=False,
    ),
}
