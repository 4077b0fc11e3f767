"""Begin a chain of the record. Shared: whatever makes a study begins its chain."""

from studyhub.domain.errors import WrongState
from studyhub.domain.vocabulary import Act
from studyhub.workflows.kernel import Work, action
from studyhub.workflows.record import newest


@action(Act.CHAIN_OPEN)
def open_chain(work: Work, *, demonstration: bool) -> None:
    """Begin the record of a study or of the instance."""
    work.claim_all(f"chain:{work.study}")
    if newest(work.session, work.study) is not None:
        raise WrongState("this chain is open already")
    if demonstration:
        work.note(demonstration=1)
