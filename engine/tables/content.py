"""What a designer or an administrator keeps: settings, registers, definitions, what starts them, and worlds."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from engine.tables.columns import Instant, Json, metadata

setting = Table(
    "setting",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("value", Json, nullable=False),
    Column("source", Text, nullable=False, server_default=""),
)

register_row = Table(
    "register_row",
    metadata,
    Column("register", String(64), nullable=False),
    Column("row_key", String(120), nullable=False),
    Column("version", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    # the values of the register's look-up columns, joined: one indexed equality finds a row
    Column("match_key", String(200), nullable=False, server_default=""),
    Column("data", Json, nullable=False),
    Column("current", Boolean, nullable=False, server_default=text("true")),
    Column("at", Instant, nullable=False),
    Column("by_id", Integer),
    # this version says that the row ended: its data are the last ones, and it is not current
    Column("ended", Boolean, nullable=False, server_default=text("false")),
    Column("why", Text, nullable=False, server_default=""),  # the reason somebody gave
    # which act of a process wrote it, "instance/id": the act does it once, however often it is tried
    Column("cause", String(120), nullable=False, server_default=""),
    PrimaryKeyConstraint("register", "row_key", "version"),
    Index("ix_register_row_match", "register", "match_key", "current"),
)

# ---------------------------------------------------------------- definitions and worlds

definition = Table(
    "definition",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(100), nullable=False),
    Column("version", Integer, nullable=False),
    Column("hash", String(80), nullable=False),  # "sha256:…" over the sorted files
    Column("name_zh", String(200), nullable=False),
    Column("name_en", String(200), nullable=False),
    Column("at", Instant, nullable=False),
    Column("by_id", ForeignKey("person.id")),
    Column("note", Text, nullable=False, server_default=""),
    Column("data_version", Integer, nullable=False),
    UniqueConstraint("key", "version"),
)

definition_file = Table(
    "definition_file",
    metadata,
    Column("definition_id", ForeignKey("definition.id"), nullable=False),
    Column("name", String(200), nullable=False),
    Column("content", LargeBinary, nullable=False),
    PrimaryKeyConstraint("definition_id", "name"),
)

process_start = Table(  # what starts the newest version of a process beside a person: a message or a signal by its name
    "process_start",
    metadata,
    Column("key", String(100), nullable=False),
    Column("node", String(100), nullable=False),
    Column("idx", Integer, nullable=False),
    Column("kind", String(10), nullable=False),  # message, signal
    Column("name", String(200), nullable=False),
    Column("definition_id", ForeignKey("definition.id"), nullable=False),
    Column("inside", Boolean, nullable=False, server_default=text("false")),  # it comes from other instances only
    PrimaryKeyConstraint("key", "node", "idx"),
    Index("ix_process_start_name", "kind", "name"),
)

process_timer = Table(  # a timer that starts the newest version of a process in the live world
    "process_timer",
    metadata,
    Column("key", String(100), nullable=False),
    Column("node", String(100), nullable=False),
    Column("idx", Integer, nullable=False),
    Column("definition_id", ForeignKey("definition.id"), nullable=False),
    Column(
        "began_at", Instant, nullable=False
    ),  # business time of the deployment: what durations and cycles count from
    Column("occurrence", Integer, nullable=False),  # of the next start: the instance's id follows from it
    Column("due_at", Instant),  # none: it will not fire again
    Column("lease_until", Instant),  # database time, never business time
    Column("tries", Integer, nullable=False),
    Column("error", Text),
    PrimaryKeyConstraint("key", "node", "idx"),
    Index("ix_process_timer_due", "due_at"),
)

letter = Table(  # a message or signal from outside: whom it went to is decided once, however often it is sent
    "letter",
    metadata,
    Column("id", String(100), primary_key=True),
    Column("world_id", ForeignKey("world.id"), nullable=False),
    Column("kind", String(10), nullable=False),  # message, signal
    Column("name", String(200), nullable=False),
    Column("key", String(200), nullable=False),
    Column("payload", Json, nullable=False),
    Column("request", String(80), nullable=False),  # hash of the request
    Column("by_id", Integer),
    Column("at", Instant, nullable=False),
    Column("receivers", Json, nullable=False),
    Column("round", Integer, nullable=False),  # how often its receivers were chosen anew
    Column("done_at", Instant),
    Index("ix_letter_open", "at", postgresql_where=text("done_at is null"), sqlite_where=text("done_at is null")),
)

world = Table(
    "world",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(20), nullable=False),  # live, replay, drill, trial, what_if
    Column("name", String(200), nullable=False),
    Column("clock", String(10), nullable=False),  # real, manual, scaled, stopped
    Column("now", Instant),  # manual: the instant; scaled: the instant at `set_at`
    Column("set_at", Instant),
    Column("rate", Float, nullable=False, server_default="1"),
    Column("zone", String(40), nullable=False),
    # a world of another realm sees that realm's units and registers first
    Column("realm", String(20), nullable=False, server_default=""),
    # who is told anything of what happens in it: ids of people; none: it is nobody's to say (the live world tells everybody concerned)
    Column("receivers", Json),
    Column("created_at", Instant, nullable=False),
)
