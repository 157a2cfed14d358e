"""What else is done with a task in a trial than doing it: it is sent back, or handed to a colleague, as somebody it waits for. Whether that
person may, and whether the diagram allows it, is asked as in earnest; the act is the designer's and is written down as theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine import definitions, effects, four_eyes, incidents
from engine.acts import catalogue, holding, past, returning
from engine.acts.base import clean_text, maybe_text
from engine.acts.past import Past, Target
from engine.errors import NotFound, StepFailed
from engine.events import Event
from engine.people import Actor
from engine.steps import Reply, Seen, read, run
from engine.trials.making import Trial, check_runs
from engine.trials.playing import Waiting, one, player
from engine.writes import WriteSet

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]
Where = tuple[int, int]
"""Instance and task."""


def targets(core: Core, waiting: Waiting) -> list[Target]:
    """The steps it can be sent back to, the newest first: those that the diagram allows."""
    model = waiting.definition.model
    seen = read(core, waiting.row["instance_id"])
    _, process_run = effects.resume(core, seen)
    row = seen.open_tasks.get(waiting.row["id"])
    found = past.targets(core, process_run, seen.instance, row, Past(core, seen.instance["id"])) if row else []
    return [
        each for each in found if catalogue.allowed(returning.act_for(core, waiting.row, each), waiting.node, model)
    ]


def send_back(
    core: Core, actor: Actor, trial: Trial, where: Where, as_whom: int, to: str, reason: str, *, again: bool
) -> None:
    """Send it back to a step (`again`, or straight back when that is done), as `engine.acts.returning.back`. Invalid: no reason, the trial
    has ended, it does not wait for that person, it cannot go there; NotFound: it waits no more; NotAllowed: four-eyes, or the diagram."""
    check_runs(trial)
    instance_id, task_id = where
    one(core, trial, instance_id, task_id)
    text = clean_text(reason)

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        row, plays = _begun(core, actor, seen, writes, task_id, as_whom)
        definition, process_run = effects.resume(core, seen)
        target, wrong = returning.target_of(core, seen, process_run, row, to)
        its_own = definitions.get(core, row["definition_id"])
        catalogue.check(returning.act_for(core, row, target), its_own.model.nodes[row["node"]], its_own.model)
        four_eyes.check(core, seen, process_run, task_id, plays)
        if target is None:
            raise wrong
        returning.send(process_run, task_id, target, again=again, asked=plays.id)
        said = {"to": target.node, "text": text, "again": again, "played": plays.id}
        effects.apply(core, definition, seen, writes, process_run, Event.RETURNED, actor=actor, about=row, data=said)
        return {}

    try:
        run(core, instance_id, plan)
    except StepFailed as error:
        incidents.note(core, instance_id, error)
        raise


def transfer(core: Core, actor: Actor, trial: Trial, where: Where, as_whom: int, to: int, reason: str = "") -> None:
    """Hand it to a colleague of the same post, as `engine.acts.holding.transfer`. Invalid, NotFound and NotAllowed as for sending back;
    Invalid too: that one does not hold the post, or may not have it."""
    check_runs(trial)
    instance_id, task_id = where
    one(core, trial, instance_id, task_id)
    text = maybe_text(reason)

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        row, plays = _begun(core, actor, seen, writes, task_id, as_whom)
        its_own = definitions.get(core, row["definition_id"])
        catalogue.check("transfer", its_own.model.nodes[row["node"]], its_own.model)
        if four_eyes.concerns(core, row):
            four_eyes.check(core, seen, effects.resume(core, seen)[1], task_id, plays)
        holding.hand_over(core, seen, writes, row, to, {"text": text, "played": plays.id})
        return {}

    run(core, instance_id, plan)


def _begun(core: Core, actor: Actor, seen: Seen, writes: WriteSet, task_id: int, as_whom: int) -> tuple[Row, Actor]:
    """The task, and who is played; the act is the designer's."""
    row = seen.open_tasks.get(task_id)
    if row is None:
        raise NotFound(what="task")
    seen.actor = actor
    writes.person = (actor.id, actor.access_revision)
    with core.db.read() as connection:
        seen.played = plays = player(core, connection, seen, row, as_whom)
    catalogue.check_role("back", row["role"])
    return row, plays
