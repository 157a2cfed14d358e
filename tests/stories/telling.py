"""How stories are told: a step done with all that follows at once, and what is to be seen of a case."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from engine.tables import instance
from tests.factories import task_at
from web.city import City


def do(city: City, case: int, step: str, by: str, /, **answers: Any) -> None:
    """Complete the one open task at `step`, and run what is due."""
    city.complete(task_at(city, case, step), answers, by)
    city.run_due()


def facts(city: City, case: int) -> dict[str, Any]:
    found: dict[str, Any] = city.instance(case)["facts"]
    return found


def nodes(city: City, case: int) -> list[str]:
    """Where its open tasks stand."""
    return sorted(t.node for t in city.tasks(case))


def running(city: City, process: str) -> list[int]:
    """The instances of a process that have not ended, the oldest first."""
    with city.core.db.read() as connection:
        query = select(instance.c.id).where(instance.c.key == process, instance.c.ended_at.is_(None))
        return list(connection.execute(query.order_by(instance.c.id)).scalars())
