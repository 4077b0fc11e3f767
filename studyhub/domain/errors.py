"""Every expected way of saying no. Pages make a status of each, commands an exit code."""

from collections.abc import Mapping


class StudyHubError(Exception):
    """Base of all expected failures."""


class NotPermitted(StudyHubError):
    """The actor may not do this act, or not to this subject, or not now."""


class Hidden(NotPermitted):
    """The actor's role has no act on this kind at all: to them it does not exist."""


class NotFound(StudyHubError):
    """No such subject."""


class WrongState(StudyHubError):
    """The act is allowed, but not at this point of the subject's life."""


class Refused(WrongState):
    """A guard of an act says no. The record keeps its codes, which name nobody."""

    def __init__(self, says: str, reason: str) -> None:
        super().__init__(says)
        self.reason = reason


class Stale(StudyHubError):
    """Somebody was faster: what was changed is no longer what was shown."""


class Held(StudyHubError):
    """A hold lies on this; the reason is kept with the hold."""


class Erased(StudyHubError):
    """The key behind this was destroyed, so nobody can open it again."""


class Corrupt(StudyHubError):
    """Sealed bytes that do not open: damaged, moved, forged, or another key's."""


class Busy(StudyHubError):
    """Too much at once; trying again shortly is right."""


class WrongKind(StudyHubError):
    """What was sent is not of a kind that can be taken; the message says what to send."""


class NoSpace(StudyHubError):
    """The disk is too full to keep more."""


class PasswordNeeded(StudyHubError):
    """The act asks for the password again, and it was not given in the last ten minutes."""


class Throttled(StudyHubError):
    """Too many wrong tries; ``seconds`` is how long to wait."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"wait {seconds} seconds")
        self.seconds = seconds


class Invalid(StudyHubError):
    """What was entered cannot be taken: one message for each field, in words for a person."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(problems.values()))
        self.problems = dict(problems)


class HouseRuleBroken(Exception):
    """A programming mistake the kernel caught: report it, do not handle it."""
