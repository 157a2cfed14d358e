"""四眼: who may not do a task because of what they did before in the same case, or of the unit they belong to (`not_of`). Completing,
claiming and handing over ask here inside their step; pages ask here too, so that what they show is what would happen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine import access, calls, definitions, not_of
from engine.bpmn.running import Run
from engine.organisation import snapshot
from engine.people import Actor
from engine.tables import instance

if TYPE_CHECKING:
    from engine.core import Core
    from engine.steps import Seen
    from engine.worlds import World

Row = dict[str, Any]


def check(core: Core, seen: Seen, run: Run, task_id: int, actor: Actor) -> None:
    """NotAllowed when a four-eyes rule, or their unit, keeps the actor, or whom they stand in for, from this open task."""
    not_of.check(core, seen, run, task_id, actor)
    barred = run.barred(task_id, seen.instance["starter_id"])
    if barred:
        access.check_four_eyes(actor, barred, accounts(core, seen, seen.for_id))


def check_ending(core: Core, seen: Seen, run: Run, task_id: int, actor: Actor) -> None:
    """The same for who says that it cannot be done. Operators may, whatever they did in the case, but not for their own unit."""
    if "operate" not in actor.powers:
        check(core, seen, run, task_id, actor)
    else:
        not_of.check(core, seen, run, task_id, actor)


def check_receiver(core: Core, seen: Seen, run: Run, task_id: int, person_id: int) -> bool:
    """Whether a person may be handed this task."""
    if not_of.is_kept_out(core, seen, run, task_id, person_id):
        return False
    barred = run.barred(task_id, seen.instance["starter_id"])
    return not barred or barred.isdisjoint(accounts(core, seen, person_id))


def performers(core: Core, seen: Seen, actor: Actor) -> tuple[int, ...]:
    """Who did it: the actor and whom they stood in for, by every account these have now. What is unlinked later stays theirs."""
    return tuple(sorted({actor.id, *actor.accounts, *accounts(core, seen, seen.for_id)}))


def accounts(core: Core, seen: Seen, person_id: int | None) -> frozenset[int]:
    """Every account of a person; nobody has none."""
    return snapshot.of(core, seen.organisation).accounts(person_id) if person_id is not None else frozenset()


def concerns(core: Core, row: Mapping[str, Any]) -> bool:
    """Whether a rule may bar anybody from this task: cheap, before the state is asked."""
    program = definitions.get(core, row["definition_id"]).program
    return row["within"] is not None or row["node"] in program.apart or not_of.concerns(core, row)


def barred(core: Core, rows: Iterable[Row], actor: Actor, world: World) -> set[tuple[int, int]]:
    """Which of these open tasks (instance and task ids) the actor may not complete."""
    asked = [row for row in rows if concerns(core, row)]
    if not asked:
        return set()
    columns = (instance.c.id, instance.c.definition_id, instance.c.state, instance.c.facts, instance.c.starter_id)
    with core.db.read() as connection:
        found = connection.execute(
            select(*columns).where(instance.c.id.in_({row["instance_id"] for row in asked}))
        ).mappings()
        cases = {case["id"]: dict(case) for case in found}
    known = snapshot.of(core)
    result: set[tuple[int, int]] = set()
    runs: dict[int, Run] = {}
    for row in asked:
        case = cases.get(row["instance_id"])
        if case is None or case["state"] is None:
            continue
        if case["id"] not in runs:
            runs[case["id"]] = _resumed(core, case, world)
        try:
            did = runs[case["id"]].barred(row["id"], case["starter_id"])
        except KeyError:
            continue  # done meanwhile
        principal = access.acting_for(actor, row, row.get("process"))
        others = known.accounts(principal) if principal is not None else ()
        apart = access.can(access.check_four_eyes, actor, did, others)
        if not apart or not_of.bars(core, world.realm, runs[case["id"]], row, actor, principal):
            result.add((row["instance_id"], row["id"]))
    return result


def _resumed(core: Core, case: Mapping[str, Any], world: World) -> Run:
    """The instance's tokens, only to be looked at."""
    definition = definitions.get(core, case["definition_id"])
    programs = calls.Programs(core)
    run = Run(
        definition.program,
        case["facts"],
        world.now,
        lambda _register, _match, _every: [],
        world.zone,
        programs=programs,
    )
    run.resume(case["state"])
    return run
