"""Raw rows of a world as CSV, for anyone to recompute every figure without this program."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Select, Table, select

from engine import worlds
from engine.core import Core
from engine.tables import history, instance, task
from escalation.tables import clock

TABLES: dict[str, tuple[Table, tuple[str, ...]]] = {
    "instances": (
        instance,
        ("id", "number", "key", "definition_id", "status", "outcome", "title", "class", "area", "place", "lat", "lon",
         "source", "grade", "unit_id", "starter_id", "started_at", "ended_at", "revision", "facts"),
    ),
    "steps": (
        task,
        ("instance_id", "id", "node", "state", "unit_id", "post_key", "assignee_id", "opened_at", "claimed_at", "closed_at",
         "closed_by", "warn_at", "due_at"),
    ),
    "clocks": (
        clock,
        ("instance_id", "name", "task_id", "amount", "unit", "calendar", "calendar_version", "started_at", "warn_at",
         "due_at", "stopped_at", "breached_at"),
    ),
    "history": (
        history,
        ("instance_id", "seq", "at", "kind", "node", "task_id", "actor_id", "unit_id", "post_key", "data"),
    ),
}  # fmt: skip
"""File name to table and columns. Instants are ISO 8601 in UTC, documents JSON, nothing is empty but null."""


def export(core: Core, folder: Path, world_id: int, say: Callable[[str, int], None] | None = None) -> dict[str, int]:
    """Write `instances.csv`, `steps.csv`, `clocks.csv`, `history.csv` and `world.json` of a world into `folder` (made when missing), of all
    that is not confidential; answers rows a file. The files are one consistent view of the database."""
    where = worlds.get(core, world_id)
    folder.mkdir(parents=True, exist_ok=True)
    counts: dict[str, int] = {}
    engine = core.db.engine
    level = {"isolation_level": "REPEATABLE READ"} if core.db.postgresql else {}
    with engine.connect().execution_options(**level) as connection:
        for name, (table, columns) in TABLES.items():
            rows = connection.execution_options(yield_per=2000).execute(_query(table, columns, world_id))
            counts[name] = _write(folder / f"{name}.csv", columns, rows)
            if say is not None:
                say(name, counts[name])
    about = {
        "id": where.id,
        "kind": where.kind,
        "name": where.name,
        "now": where.now.isoformat(),
        "zone": str(where.zone),
    }
    (folder / "world.json").write_text(json.dumps({**about, "rows": counts}, ensure_ascii=False, indent=1) + "\n")
    return counts


def _query(table: Table, columns: tuple[str, ...], world_id: int) -> Select[Any]:
    query = select(*(table.c[c] for c in columns))
    if "world_id" in table.c:
        query = query.where(table.c.world_id == world_id)
    else:
        query = query.join(instance, instance.c.id == table.c.instance_id).where(instance.c.world_id == world_id)
    if table is not instance and "world_id" in table.c:
        query = query.join(instance, instance.c.id == table.c.instance_id)
    return query.where(~instance.c.confidential).order_by(*table.primary_key.columns)


def _write(path: Path, columns: tuple[str, ...], rows: Iterable[Any]) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for row in rows:
            writer.writerow([_cell(v) for v in row])
            count += 1
    return count


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return value
