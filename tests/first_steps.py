"""What many tests begin with is made once for each kind of study, and copied from then on.

A maker marked ``first_step`` does its acts when it is called the first time; called with the
same words, at the same time, over another untouched copy of the same staged study, it gives a
copy of what came of it. Its acts took half the time of the tests of workflows.
"""

import shutil
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from tests.engines import Place

if TYPE_CHECKING:
    from tests.makers import Study

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Step:
    """What a maker left behind: the database, the folder, the time and its answer."""

    database: bytes | str
    folder: Path
    at: datetime
    answer: Any


Steps = dict[Hashable, Step]


@dataclass
class Origin:
    """The place of a copy, and what was made of other copies of the same stage."""

    place: Place
    folder: Path
    steps: Steps = field(repr=False)
    is_open: bool = True  # not while a maker works: what it calls is a part of it

    def is_untouched(self) -> bool:
        return self.is_open and self.place.is_untouched()

    def keep(self, at: datetime, answer: Any) -> Step:
        """Keep what is there now, to be copied."""
        folder = self.folder.with_name(f"step-{token_hex(8)}")
        shutil.copytree(self.folder, folder)
        return Step(self.place.kept(), folder, at, answer)

    def take(self, step: Step) -> None:
        """Begin again from what was kept."""
        self.place.begin_again(step.database)
        shutil.rmtree(self.folder)
        shutil.copytree(step.folder, self.folder)


def first_step(
    maker: Callable[Concatenate["Study", P], T],
) -> Callable[Concatenate["Study", P], T]:
    """Of a maker that does nothing but acts of the study: make once, then copy."""

    @wraps(maker)
    def made(study: "Study", *args: P.args, **kwargs: P.kwargs) -> T:
        origin = study.origin
        if origin is None or not origin.is_untouched():
            return maker(study, *args, **kwargs)
        key = (maker.__name__, repr((args, sorted(kwargs.items()))), study.clock.at)
        if key not in origin.steps:
            origin.is_open = False
            answer = maker(study, *args, **kwargs)
            origin.steps[key] = origin.keep(study.clock.at, answer)
            return answer
        step = origin.steps[key]
        origin.take(step)
        origin.is_open = False
        study.clock.at = step.at
        answer: T = step.answer
        return answer

    return made
