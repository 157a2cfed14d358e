"""The figures of a replay, read back from stored clock, instance and history rows: nothing is remembered from the run."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import func, select

from engine import worlds
from engine.core import Core
from engine.tables import history, instance
from escalation.tables import clock


@dataclass(frozen=True, slots=True)
class Figures:
    """What a replay shows. `label_compared`: cases with a due time and a verdict of the city; `label_agreement`: the share in
    which our clock rows say the same; `disagreements`: the requests in which they do not."""

    world: int
    cases: int
    closed: int
    open: int
    late: int
    label_compared: int
    label_agreement: float
    steps: int
    seconds: float
    disagreements: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """For a file."""
        return asdict(self)


def figures(core: Core, world_id: int, seconds: float) -> Figures:
    """Compute every figure of a world from its rows. A case is late when its clock was stopped after its due time, or still runs
    past it; the breach written at the time must say the same, or the case counts as a disagreement."""
    now = worlds.get(core, world_id).now
    cases = closed = late = compared = agreed = 0
    disagreements: list[dict[str, Any]] = []
    query = (
        select(
            instance.c.id,
            instance.c.number,
            instance.c.status,
            instance.c.facts,
            clock.c.due_at,
            clock.c.stopped_at,
            clock.c.breached_at,
        )
        .outerjoin(clock, (clock.c.instance_id == instance.c.id) & (clock.c.name == "case") & (clock.c.task_id == 0))
        .where(instance.c.world_id == world_id)
    )
    with core.db.read() as connection:
        for row in connection.execute(query):
            cases += 1
            closed += row.status == "completed"
            is_late = row.due_at is not None and (row.stopped_at or now) > row.due_at
            late += is_late
            label = row.facts.get("city_label")
            if row.due_at is None or label is None:
                continue
            compared += 1
            if is_late == (label == "OVERDUE") and is_late == (row.breached_at is not None):
                agreed += 1
            else:
                disagreements.append(
                    {
                        "request": row.facts.get("request_id"),
                        "number": row.number,
                        "city": label,
                        "due": row.due_at.isoformat(),
                        "stopped": row.stopped_at.isoformat() if row.stopped_at else None,
                        "breach_written": row.breached_at is not None,
                    }
                )
        steps = connection.execute(
            select(func.count())
            .select_from(history)
            .join(instance, instance.c.id == history.c.instance_id)
            .where(instance.c.world_id == world_id, history.c.kind.in_(("started", "completed", "timer_fired")))
        ).scalar_one()
    return Figures(
        world=world_id,
        cases=cases,
        closed=closed,
        open=cases - closed,
        late=late,
        label_compared=compared,
        label_agreement=agreed / compared if compared else 1.0,
        steps=steps,
        seconds=round(seconds, 1),
        disagreements=disagreements,
    )
