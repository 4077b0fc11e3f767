"""What happens in the demonstration: who comes to it, and how far each of them has come.

Six people's interviews can be read. Everybody else stands somewhere on the way or left it
(``demonstration_leaving``), so that every page has somebody on it.
"""

from collections.abc import Iterator
from datetime import timedelta

from studyhub.workflows import (
    analysis,
    analysis_reading,
    interviews,
    recruitment_interest,
    recruitment_questions,
)
from studyhub.workflows import demonstration_material as material
from studyhub.workflows import demonstration_people as people
from studyhub.workflows.analysis_reading import Copy
from studyhub.workflows.demonstration_leaving import LEAVING
from studyhub.workflows.demonstration_people import Person
from studyhub.workflows.demonstration_stage import SLUG, Stage, Story
from studyhub.workflows.expressions import Told
from studyhub.workflows.interviews import Plan
from studyhub.workflows.recruitment_questions import Asked

# Six who were interviewed, and whose texts were released.
HEARD = (
    Person("Helen Marsh", 6, minutes=47),
    Person(
        "Joan Pike", 7, minutes=55, form="paper", mode="in_person", place="Room 4, Northmoor"
    ),
    Person("Mary Oduya", 8, minutes=62, by="call"),
    Person("Edith Lowe", 10, minutes=41, declines=frozenset({"data_sharing"})),
    Person("Carl Webb", 11, minutes=58, by="call", declines=frozenset({"quotes"})),
    Person("Ines Roth", 13, minutes=52, asks="Who will hear the recording?"),
)


def stories(stage: Stage) -> Iterator[Story]:
    """Everybody's story; they go on side by side."""
    for person in HEARD:
        yield material.released(stage, person)
    for story in (*_ON_THE_WAY, *LEAVING, _ann):
        yield story(stage)


# -- on the way ---------------------------------------------------------------------------


def _saul(stage: Stage) -> Story:
    """Sent back by the second reader."""
    yield from material.returned(stage, Person("Saul Fox", 17, minutes=44))


def _tilda(stage: Stage) -> Story:
    """Handed in: the second reader has not begun."""
    yield from material.handed_in(stage, Person("Tilda Rowe", 20, minutes=46))


def _otto(stage: Stage) -> Story:
    """His recording is being typed."""
    yield from material.typed(stage, Person("Otto Lane", 21, by="call", minutes=43))


def _mark(stage: Stage) -> Story:
    """He signed a paper that nobody compared yet, so his recording waits in quarantine."""
    yield from material.recorded(stage, Person("Mark Hill", 24, form="unverified", minutes=49))


def _stan(stage: Stage) -> Story:
    """His recording came: the log is still to write, and nobody was given the sound yet."""
    yield from material.recorded(stage, Person("Stan Moor", 27, by="call", minutes=53, log=""))


def _una(stage: Stage) -> Story:
    """Her appointment is in two days."""
    at = stage.clock.to_come(2, "15:00")
    yield from people.scheduled(stage, Person("Una Gray", 25, mode="video"), at=at)


def _vera(stage: Stage) -> Story:
    """She can choose among times by her link."""
    participant_id = yield from people.consented(stage, Person("Vera Holm", 27))
    yield stage.clock.later(1, "10:00")
    times = tuple(stage.clock.to_come(days, "11:30") for days in (3, 4, 5))
    plan = Plan("telephone", stage.member("ivan"), slots=times)
    interviews.plan(stage.desk("rita"), participant_id, plan)


def _lena(stage: Stage) -> Story:
    """She agreed, and a time is to be found."""
    yield from people.consented(stage, Person("Lena Frost", 28))


def _pia(stage: Stage) -> Story:
    """She has the sheet and may sign."""
    yield from people.informed(stage, Person("Pia West", 29))


def _quinn(stage: Stage) -> Story:
    """She asks before she decides, and nobody has answered yet."""
    quinn = Person("Quinn Ash", 30, by="call")
    yield from people.informed(stage, quinn)
    yield stage.clock.before_end(hours=19)
    asked = Asked("Would my manager be able to tell that it was me?", blocks=True)
    recruitment_questions.ask(stage.guest(quinn.email, "questions"), asked)


def _hanna(stage: Stage) -> Story:
    """She wrote, and whether she may take part is being looked at."""
    yield from people.interested(stage, Person("Hanna Moss", 29))


def _ruth(stage: Stage) -> Story:
    """She wrote by the public page, and nobody has read it yet."""
    yield stage.clock.before_end(hours=26)
    desk = recruitment_interest.public_study(stage.hub, SLUG).desk
    told = Told(
        "Ruth Dale", channel="email", email="ruth-dale@post.example", note="After five."
    )
    recruitment_interest.receive(desk, told)


def _doris(stage: Stage) -> Story:
    """She was invited, and nothing came back."""
    yield from people.invited(stage, Person("Doris Lamb", 26))


def _anna(stage: Stage) -> Story:
    """She was named to the team, and nobody wrote to her yet."""
    yield from people.listed(stage, Person("Anna Kern", 33))


_ON_THE_WAY = (
    *(_saul, _tilda, _otto, _mark, _stan, _una, _vera, _lena, _pia, _quinn),
    *(_hanna, _ruth, _doris, _anna),
)


# -- the analyst --------------------------------------------------------------------------


def _ann(stage: Stage) -> Story:
    """She reads what was released, and takes a copy of each to code."""
    yield stage.clock.on(28, "10:00")
    for row in analysis.list_releases(stage.desk("ann")).releases:
        yield stage.clock() + timedelta(minutes=30)
        analysis_reading.read(stage.desk("ann"), row.label)
        analysis_reading.download(stage.desk("ann"), row.label, Copy("release_txt", "coding"))
