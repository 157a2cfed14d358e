"""How the engine itself is doing: jobs, incidents, overdue timers, counts by world, the database. For operators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, text

from engine import confidential, worlds
from engine.tables import incident, instance, job, process_timer, task

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

MOST = 100

_CASE = (instance.c.number, instance.c.title, instance.c.definition_id, instance.c.confidential)


@dataclass(frozen=True, slots=True)
class WorldCounts:
    """A world and what is in it. `overdue` jobs are those whose time has come and that nobody has done."""

    world: worlds.World
    active: int
    ended: int
    open_tasks: int
    waiting: int
    overdue: int
    failed: int


@dataclass(frozen=True, slots=True)
class DatabaseFacts:
    """What it runs on: "sqlite" or "postgresql", its version, and its size in bytes."""

    kind: str
    version: str
    size: int


def by_world(core: Core) -> list[WorldCounts]:
    """Instances, tasks and jobs of each world."""
    found = []
    for world in worlds.every(core):
        with core.db.read() as connection:
            counted = connection.execute(
                select(instance.c.status, func.count())
                .where(instance.c.world_id == world.id, ~instance.c.confidential)
                .group_by(instance.c.status)
            ).all()
            open_tasks: int = connection.execute(
                select(func.count()).select_from(task).where(task.c.state == "open", task.c.world_id == world.id)
            ).scalar_one()
            jobs = connection.execute(
                select(
                    func.count().filter(job.c.state == "waiting").label("waiting"),
                    func.count().filter(job.c.state == "waiting", job.c.due_at < world.now).label("overdue"),
                    func.count().filter(job.c.state == "failed").label("failed"),
                ).where(job.c.world_id == world.id)
            ).one()
        active = sum(n for status, n in counted if status == "active")
        ended = sum(n for status, n in counted if status != "active")
        found.append(WorldCounts(world, active, ended, open_tasks, jobs.waiting, jobs.overdue, jobs.failed))
    return found


def overdue_jobs(core: Core, world: worlds.World, most: int = MOST) -> list[Row]:
    """Jobs that should have run, the longest overdue first."""
    return _jobs(core, most, job.c.world_id == world.id, job.c.state == "waiting", job.c.due_at < world.now)


def next_jobs(core: Core, world: worlds.World, most: int = 20) -> list[Row]:
    """What is due next."""
    return _jobs(core, most, job.c.world_id == world.id, job.c.state == "waiting", job.c.due_at >= world.now)


def timed_starts(core: Core, most: int = MOST) -> list[Row]:
    """The timers that start processes, the next one first; those that could not start theirs with the reason."""
    with core.db.read() as connection:
        query = (
            select(process_timer)
            .where(process_timer.c.due_at.is_not(None))
            .order_by(process_timer.c.due_at, process_timer.c.key)
            .limit(most)
        )
        return [dict(r) for r in connection.execute(query).mappings()]


def open_incidents(core: Core, most: int = MOST) -> list[Row]:
    """Cases that cannot go on by themselves, newest first, with number and title of the case."""
    with core.db.read() as connection:
        query = (
            select(
                incident,
                *_CASE,
                instance.c.world_id,
                job.c.tries,
                job.c.kind.label("job_kind"),
            )
            .join(instance, instance.c.id == incident.c.instance_id)
            .outerjoin(job, (job.c.instance_id == incident.c.instance_id) & (job.c.id == incident.c.job_id))
            .where(incident.c.resolved_at.is_(None), incident.c.instance_id > 0)
            .order_by(incident.c.at.desc())
            .limit(most)
        )
        return [masked(dict(r)) for r in connection.execute(query).mappings()]


def masked(row: Row) -> Row:
    """What operators learn of something stuck in a confidential instance: that there is something, since when, and how often it was tried.
    They mend what is around it; retrying is for who works it (`engine.incidents.retry`)."""
    if row["confidential"]:
        zh, en = confidential.HIDDEN
        said = {"number": zh, "title": "", "message": en, "message_zh": zh, "error": None,
                "node": None, "job_id": None, "id": 0, "instance_id": 0}  # fmt: skip
        row.update({name: value for name, value in said.items() if name in row})
    return row


def count_incidents(core: Core) -> int:
    """How many are open."""
    with core.db.read() as connection:
        query = select(func.count()).select_from(incident).where(incident.c.resolved_at.is_(None))
        count: int = connection.execute(query).scalar_one()
    return count


def database(core: Core) -> DatabaseFacts:
    """Kind, version and size of the database."""
    with core.db.read() as connection:
        if core.db.postgresql:
            version = connection.execute(text("show server_version")).scalar_one()
            size = connection.execute(text("select pg_database_size(current_database())")).scalar_one()
            return DatabaseFacts("postgresql", str(version), int(size))
        version = connection.execute(text("select sqlite_version()")).scalar_one()
        pages = connection.execute(text("select page_count from pragma_page_count")).scalar_one()
        page_size = connection.execute(text("select page_size from pragma_page_size")).scalar_one()
        return DatabaseFacts("sqlite", str(version), int(pages) * int(page_size))


# ---------------------------------------------------------------- inside


def _jobs(core: Core, most: int, *conditions: Any) -> list[Row]:
    columns = [c for c in job.columns if c.name != "payload"]
    with core.db.read() as connection:
        query = (
            select(*columns, *_CASE)
            .join(instance, instance.c.id == job.c.instance_id)
            .where(*conditions)
            .order_by(job.c.due_at, job.c.instance_id)
            .limit(most)
        )
        return [masked(dict(r)) for r in connection.execute(query).mappings()]
