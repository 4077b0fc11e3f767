"""What a mutant is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """One rule taken out: in which file, what stood there, what stands there now.

    ``tests`` are the files that must notice; ``only`` names their tests, as pytest's ``-k`` does.
    They run on SQLite, or on the ``engine`` that alone keeps the rule by this line.
    ``invariants`` are the numbers of the invariants that the rule keeps, wholly or in part.
    """

    name: str
    file: str
    was: str
    now: str
    tests: tuple[str, ...]
    only: str = ""
    invariants: tuple[int, ...] = ()
    engine: str = "sqlite"
