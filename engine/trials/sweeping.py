"""Trials are deleted with all their rows when their days are over (setting `trial_retention_days`, from their end, else from their
beginning).

What happened is only ever added to, and on PostgreSQL the application's role may do nothing else to it. So there a function of the
owner's deletes, whose text is made here (`ddl`): it takes the number of a trial, below zero, and reaches nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Table, select, text

from engine import settings
from engine.tables import metadata, world
from engine.worlds import TRIAL

if TYPE_CHECKING:
    from engine.core import Core

DEFAULTS: dict[str, Any] = {"trial_retention_days": 30}
FUNCTION_NAME = "liandong_forget_trial"
_OF_WORLD = ("instance", "definition_file", "definition", "world")
_KEPT_APART = frozenset(_OF_WORLD)


def sweep(core: Core, limit: int = 10) -> int:
    """Delete those that are over their time; answers how many."""
    with core.db.read() as connection:
        days = settings.read(connection, DEFAULTS)["trial_retention_days"]
        before = core.db.now_on(connection) - timedelta(days=days)
        query = select(world.c.id).where(world.c.kind == TRIAL, world.c.id < 0, world.c.set_at < before).limit(limit)
        old = list(connection.execute(query).scalars())
    for number in old:
        forget(core, number)
    return len(old)


def forget(core: Core, world_id: int) -> None:
    """Delete one with everything in it. ValueError for any other world."""
    if world_id >= 0:
        raise ValueError("only trials are deleted")
    with core.db.write() as connection:
        if core.db.postgresql:
            connection.execute(text(f"SELECT {FUNCTION_NAME}(:w)"), {"w": world_id})
            return
        for statement in _statements(":w"):
            connection.execute(text(statement), {"w": world_id})


def ddl() -> str:
    """The function for PostgreSQL, generated from the tables."""
    body = "\n".join(f"    {statement};" for statement in _statements("w"))
    return (
        f"CREATE FUNCTION {FUNCTION_NAME}(w integer) RETURNS void LANGUAGE plpgsql SECURITY DEFINER"
        f" SET search_path = public, pg_temp AS $body$\nbegin\n"
        f"    if w is null or w >= 0 then raise exception 'only trials are deleted'; end if;\n{body}\nend $body$"
    )


def _statements(w: str) -> list[str]:
    """What deletes a trial, children before parents."""
    mine = f"(SELECT id FROM instance WHERE world_id = {w} AND id < 0)"  # noqa: S608 names are ours
    found = [
        f'DELETE FROM "{table.name}" WHERE {where}'  # noqa: S608
        for table in reversed(metadata.sorted_tables)
        if table.name not in _KEPT_APART and (where := _belongs(table, w, mine))
    ]
    found.append(f"DELETE FROM turn WHERE substr(key, 1, length({w} || '/')) = {w} || '/'")  # noqa: S608
    found += [
        f"DELETE FROM {name} WHERE {column} = {w}"  # noqa: S608
        for name, column in zip(_OF_WORLD, ("world_id", "definition_id", "id", "id"), strict=True)
    ]
    return found


def _belongs(table: Table, w: str, mine: str) -> str:
    if "instance_id" in table.columns:
        return f"instance_id IN {mine}"
    return f"world_id = {w}" if "world_id" in table.columns else ""
