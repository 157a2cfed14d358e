"""不得由其办理的单位: nobody who belongs to the unit that `ld:candidates notOf` names, to one below it, or to the one just above it, is
given such a task or does it: who is late neither judges nor excuses itself. Asked when a task opens and again in each act's own step.

"Above" is one level: the parent answers for its unit; what stands higher (the city government) stands above nearly everybody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from engine import definitions, feel
from engine.bpmn.outcome import Opened
from engine.bpmn.running import Run
from engine.errors import NotAllowed, StepFailed
from engine.organisation import snapshot
from engine.people import Actor

if TYPE_CHECKING:
    from engine.core import Core
    from engine.organisation.snapshot import Snapshot
    from engine.steps import Seen


def concerns(core: Core, row: Mapping[str, Any]) -> bool:
    """Whether the diagram keeps units from this task: cheap, no state is read."""
    wanted = definitions.get(core, row["definition_id"]).model.nodes[row["node"]].settings.candidates
    return wanted is not None and wanted.not_of is not None


def around(city: Snapshot, units: Iterable[int]) -> frozenset[int]:
    """These units, all below them, and the one just above each."""
    named = frozenset(units)
    return city.below(named) | {parent for one in named if (parent := city.parents.get(one)) is not None}


def units(core: Core, city: Snapshot, realm: str, run: Run, opened: Opened) -> frozenset[int]:
    """Ids of the units whose people are kept from a task. An empty list keeps nobody. StepFailed when the rule gives something else than
    units that exist: a rule that cannot be read lets nobody through."""
    wanted = opened.node.settings.candidates
    if wanted is None or wanted.not_of is None:
        return frozenset()
    said = feel.to_json(run.value(wanted.not_of, opened.scope))
    keys = said if isinstance(said, list) else [said]
    found = [core.unit_id(key, realm) if isinstance(key, str) else None for key in keys]
    if None in found:
        shown = ", ".join(str(key) for key in keys)
        raise StepFailed(
            node=opened.node.id,
            why=f"notOf names no unit: {shown}",
            why_zh=f"“不得由其办理的单位”不是已有单位：{shown}",
        )
    return around(city, (one for one in found if one is not None))


def check(core: Core, seen: Seen, run: Run, task_id: int, actor: Actor) -> None:
    """NotAllowed when the actor, by any account, or whom they stand in for, belongs to a unit that is kept from this open task."""
    if bars(core, seen.world.realm, run, seen.open_tasks[task_id], actor, seen.for_id, seen.organisation):
        raise refusal()


def bars(
    core: Core,
    realm: str,
    run: Run,
    row: Mapping[str, Any],
    actor: Actor,
    principal: int | None,
    revision: int | None = None,
) -> bool:
    """The same as a question, about an open task's row; `principal`: whom the actor stands in for."""
    if not concerns(core, row):
        return False
    city = snapshot.of(core, revision)
    theirs = actor.home_units | (city.of_human(principal) if principal is not None else frozenset())
    return _bars(core, city, realm, run, row["id"], theirs)


def is_kept_out(core: Core, seen: Seen, run: Run, task_id: int, person_id: int) -> bool:
    """Whether a person may not be given this open task, by any account of theirs."""
    if not concerns(core, seen.open_tasks[task_id]):
        return False
    city = snapshot.of(core, seen.organisation)
    return _bars(core, city, seen.world.realm, run, task_id, city.of_human(person_id))


def refusal() -> NotAllowed:
    """What somebody is told who belongs to such a unit."""
    return NotAllowed(
        act_zh="办理此任务",
        act_en="complete this task",
        why_zh="此事项涉及您（或您代理的人）所在单位、其下级或其上一级单位，须由其他单位的人员办理",
        why_en="it concerns your unit, one below it or the one above it (or that of whom you stand in for); another unit must do it",
    )


def _bars(core: Core, city: Snapshot, realm: str, run: Run, task_id: int, theirs: frozenset[int]) -> bool:
    try:
        return not theirs.isdisjoint(units(core, city, realm, run, run.opening(task_id)))
    except StepFailed:  # the rule can be read no more: it lets nobody through
        return True
