"""Who leaves the demonstration: by stopping letters, by saying no, by taking things back."""

from functools import partial

from studyhub.domain.withdrawals import asked_for
from studyhub.workflows import demonstration_material as material
from studyhub.workflows import demonstration_people as people
from studyhub.workflows import (
    recruitment_opt_out,
    recruitment_triage,
    withdrawal,
    withdrawal_deciding,
    withdrawal_list,
)
from studyhub.workflows.demonstration_people import Person
from studyhub.workflows.demonstration_stage import Stage, Story
from studyhub.workflows.withdrawal import Told
from studyhub.workflows.withdrawal_deciding import Decision


def _peter(stage: Stage) -> Story:
    """His text was released and read; then he takes it back, and it is carried out."""
    peter = Person("Peter Hale", 8, minutes=40)
    yield from material.released(stage, peter)
    yield stage.clock.on(29, "21:10")
    told = Told(("audio", "transcript"))
    taken = withdrawal.receive(stage.guest(peter.email, "withdraw"), told)
    yield stage.clock.later(1, "09:15")
    petra, asked = stage.desk("petra"), asked_for(told.scopes)
    items = withdrawal_list.one(petra, taken.reference).items
    decisions = {item.class_: Decision(asked[item.class_]) for item in items}
    withdrawal_deciding.decide(petra, taken.id, decisions)
    yield stage.clock.later(0, "09:30")
    withdrawal_deciding.request(stage.desk("petra"), taken.id)
    yield stage.clock.later(1, "08:00")  # the worker has carried it out, and its letter leaves


def _nora(stage: Stage) -> Story:
    """It was hard for her and the team noticed; now she takes everything back."""
    distress = "She wept when she spoke of the afternoons. We stopped, and had tea together."
    note = "We stopped early, at her wish."
    nora = Person("Nora Beck", 17, minutes=40, note=note, distress=distress)
    yield from material.checked(stage, nora)
    yield stage.clock.before_end(hours=22)
    withdrawal.receive(stage.guest(nora.email, "withdraw"), Told(("all",)))


def _ulla(stage: Stage) -> Story:
    """She wants no letters, and says so by the link in the first."""
    ulla = Person("Ulla Rhys", 20)
    yield from people.invited(stage, ulla)
    yield stage.clock.later(1, "08:05")
    recruitment_opt_out.opt_out(stage.guest(ulla.email, "opt_out"), "page")


def _rosa(stage: Stage) -> Story:
    """She read the sheet and would rather not."""
    rosa = Person("Rosa Lind", 19, by="call")
    yield from people.informed(stage, rosa)
    yield stage.clock.later(3, "12:45")
    recruitment_triage.decide(stage.guest(rosa.email, "sheet"), None, "declined")


def _decided(name: str, day: int, outcome: str, stage: Stage) -> Story:
    """Somebody who wrote, and with whom it went no further."""
    written = yield from people.interested(stage, Person(name, day))
    yield stage.clock.later(3, "15:30")
    recruitment_triage.decide(stage.desk("rita"), written, outcome)


LEAVING = (
    *(_peter, _nora, _ulla, _rosa),
    partial(_decided, "Xenia Boyd", 14, "ineligible"),
    partial(_decided, "Willa Kent", 15, "unreachable"),
    partial(_decided, "Rhoda Penn", 16, "lapsed"),
)
