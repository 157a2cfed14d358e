"""SLA clocks and their ledger: rows of the instance, written by its steps."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, String, Table, Text, text

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
    # of the ledger, so that counting on needs no search in it: since when it runs (none while it stands: then `paused_at` says
    # since when, and `paused_until` when that ends by itself; before the first pause: since it was started) and what was counted before
    Column("running_since", Instant),
    Column("counted", String(40), nullable=False, server_default="0"),
    Column("extra", String(40), nullable=False, server_default="0"),  # what extensions added to the budget
    Column("extensions", Integer, nullable=False, server_default="0"),
    Column("paused_at", Instant),
    Column("paused_until", Instant),
    Column("left_hours", String(40)),  # of a given due time while it stands
    Column("entries", Integer, nullable=False, server_default="0"),  # rows of its ledger
    Column(
        "remind", Integer, nullable=False, server_default="0"
    ),  # 1: somebody is to be told when it turns yellow; 2: was
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
    Index(
        "ix_clock_late",
        "world_id",
        "breached_at",
        postgresql_where=text("breached_at is not null and stopped_at is null"),
        sqlite_where=text("breached_at is not null and stopped_at is null"),
    ),
    Index(
        "ix_clock_remind",
        "world_id",
        "warn_at",
        postgresql_where=text("remind = 1 and stopped_at is null"),
        sqlite_where=text("remind = 1 and stopped_at is null"),
    ),
    Index(
        "ix_clock_paused",
        "world_id",
        "paused_until",
        postgresql_where=text("paused_at is not null and stopped_at is null"),
        sqlite_where=text("paused_at is not null and stopped_at is null"),
    ),
    # what a period's report reads: the cases of terms that end in it, of clocks that stopped in it, and of those that stand
    Index("ix_clock_term", "world_id", "due_at", "instance_id"),
    Index("ix_clock_stopped", "world_id", "stopped_at", "instance_id"),
    Index(
        "ix_clock_stood",
        "world_id",
        "paused_at",
        postgresql_where=text("paused_at is not null"),
        sqlite_where=text("paused_at is not null"),
    ),
    Index(
        "ix_clock_version",
        "calendar_version",
        "instance_id",
        postgresql_where=text("stopped_at is null"),
        sqlite_where=text("stopped_at is null"),
    ),
    info=HOT,
)

clock_entry = Table(  # what was done to a clock, in its order; only ever added to
    "clock_entry",
    metadata,
    Column("instance_id", Id, nullable=False),
    Column("name", String(40), nullable=False),
    Column("task_id", Integer, nullable=False),
    Column("n", Integer, nullable=False),
    Column("kind", String(12), nullable=False),  # paused, resumed, extended, budget, calendar
    Column("at", Instant, nullable=False),
    Column("ground", String(40)),  # of a pause: shelved, hearing, expert_review …: what the request's form offers
    Column("reason", Text, nullable=False, server_default=""),
    Column("basis", Text, nullable=False, server_default=""),  # the article it rests on
    Column("document", Text, nullable=False, server_default=""),  # the paper that says so
    Column("asked_by", Integer),
    Column("asked_unit", Integer),
    Column("approved_by", Integer),
    Column("approved_unit", Integer),
    Column("request_id", Id),  # the instance of the process in which it was asked and approved
    Column("amount", String(40)),  # what an extension added, in the clock's unit
    Column("until", Instant),  # when a pause ends by itself
    Column("due_before", Instant),
    Column("due_after", Instant),
    Column("calendar_version", Integer),
    Column("seq", Integer),  # the history row that tells of it
    PrimaryKeyConstraint("instance_id", "name", "task_id", "n"),
    info=HOT,
)
