"""The tables of escalation, on the engine's metadata, so that a step writes them in its own transaction."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, String, Table, text

from engine.tables import HOT, Id, Instant, metadata

clock = Table(
    "clock",
    metadata,
    Column("instance_id", Id, nullable=False),
    Column("name", String(40), nullable=False),  # the id in the diagram: case, handle, sign …
    Column("task_id", Integer, nullable=False),  # 0: the clock is the instance's, not a task's
    Column("world_id", Integer, nullable=False),
    Column("amount", String(40)),  # the budget, a decimal; none: no budget, or a given due time
    Column("unit", String(20)),
    Column("calendar", String(64), nullable=False),
    Column("calendar_version", Integer, nullable=False),
    Column("warn_share", String(10), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("warn_at", Instant),
    Column("due_at", Instant),
    Column("stopped_at", Instant),
    Column("breached_at", Instant),  # a fact: no later act takes it away
    PrimaryKeyConstraint("instance_id", "name", "task_id"),
    Index(
        "ix_clock_open",
        "instance_id",
        postgresql_where=text("stopped_at is null"),
        sqlite_where=text("stopped_at is null"),
    ),
    Index(
        "ix_clock_due",
        "world_id",
        "due_at",
        postgresql_where=text("stopped_at is null and breached_at is null"),
        sqlite_where=text("stopped_at is null and breached_at is null"),
    ),
    info=HOT,
)
