"""Who destroys what was taken back or is kept no longer, and who sees the proof of it."""

from studyhub.domain.rules import Rule, rule
from studyhub.domain.vocabulary import Act, Role

ERASURES: dict[Act, Rule] = {
    Act.ERASURE_DESTROY: rule(
        "The worker destroys the keys of what is to be erased; it holds nobody's key itself.",
        Role.SYSTEM,
    ),
    Act.ERASURE_EMPTY: rule(
        "The worker empties the rows that lay under these keys.", Role.SYSTEM
    ),
    Act.ERASURE_REMOVE: rule(
        "The worker removes the files, and the traces of both in the database's own files.",
        Role.SYSTEM,
    ),
    Act.ERASURE_FINISH: rule(
        "The worker finishes an erasure: every item has its proof, in a signed certificate.",
        Role.SYSTEM,
    ),
    Act.CERTIFICATE_LIST: rule(
        "The PI, reviewers and the auditor see what was destroyed, and when.",
        *(Role.PI, Role.REVIEWER, Role.AUDITOR),
        traced=False,
    ),
    Act.CERTIFICATE_READ: rule(
        "The PI, reviewers, the auditor, and the person by their link, take the certificate of "
        "an erasure.",
        *(Role.PI, Role.REVIEWER, Role.AUDITOR, Role.PARTICIPANT),
        traced=False,
    ),
}
