"""Clocks against history: that a term ran out is a fact, and nobody takes it away in the clock's row."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from engine.audit.agreeing import Histories
from engine.audit.findings import Report
from escalation.tables import clock


def clocks(connection: Connection, first: int, last: int, histories: Histories, report: Report) -> None:
    """Each breach that history tells of stands in its clock, with the same time."""
    query = select(clock.c.instance_id, clock.c.name, clock.c.task_id, clock.c.breached_at)
    query = query.where(clock.c.instance_id.between(first, last), clock.c.breached_at.is_not(None))
    there = {(row.instance_id, row.name, row.task_id): row.breached_at for row in connection.execute(query)}
    for instance_id, history in histories.items():
        with report.reading(f"case:{instance_id}"):
            for row in history:
                if row["kind"] == "breached":
                    found = there.get((instance_id, row["data"]["clock"], row["task_id"] or 0))
                    if found != datetime.fromisoformat(row["data"]["due"]):
                        where = f"case:{instance_id} clock {row['data']['clock']}"
                        report.found(
                            "row_differs",
                            where,
                            f"{where}：历史记录的超期已从时钟中抹去或改动",
                            f"{where}: the breach that history tells of was taken from the clock, or changed",
                        )
