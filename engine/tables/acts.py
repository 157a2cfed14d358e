"""Hot tables of what people do beside completing: drafts, copies, notices, and what operators ask a second person for."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, PrimaryKeyConstraint, String, Table, Text, text

from engine.tables.columns import HOT, Id, Instant, Json, metadata

draft = Table(  # a form that somebody began to fill in; no part of the record, written outside of steps
    "draft",
    metadata,
    Column("instance_id", Id, nullable=False),
    Column("task_id", Integer, nullable=False),
    Column("person_id", Integer, nullable=False),
    Column("answers", Json, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("instance_id", "task_id", "person_id"),
    info=HOT,
)

copy = Table(  # who was shown a case (抄送, 传阅): whoever has a copy may read the case
    "copy",
    metadata,
    Column("instance_id", Id, nullable=False),
    Column("id", String(60), nullable=False),  # the history row that tells of it, and the person
    Column("person_id", Integer, nullable=False),
    Column("kind", String(12), nullable=False),  # copy, circulate (asks for a receipt)
    Column("by_id", Integer),  # null: the diagram
    Column("task_id", Integer),
    Column("at", Instant, nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    Column("read_at", Instant),
    Column("opinion", Text, nullable=False, server_default=""),
    PrimaryKeyConstraint("instance_id", "id"),
    Index("ix_copy_person", "person_id", "at"),
    info=HOT,
)

notice = Table(  # what somebody is told: the start page's "what changed"
    "notice",
    metadata,
    Column("instance_id", Id, nullable=False),
    Column("id", String(60), nullable=False),  # the history row that tells of it, and the person
    Column("world_id", Integer, nullable=False),
    Column("person_id", Integer, nullable=False),
    Column("kind", String(20), nullable=False),  # an Event, or what it means for this person
    Column("task_id", Integer),
    Column("by_id", Integer),
    Column("at", Instant, nullable=False),
    Column("data", Json),
    Column("read_at", Instant),
    # true until it is decided by which channels it leaves the house
    Column("pending", Boolean, nullable=False, server_default=text("false")),
    PrimaryKeyConstraint("instance_id", "id"),
    Index("ix_notice_person", "person_id", "at"),
    Index("ix_notice_pending", "at", postgresql_where=text("pending"), sqlite_where=text("pending")),
    Index(
        "ix_notice_unread",
        "person_id",
        "at",
        postgresql_where=text("read_at is null"),
        sqlite_where=text("read_at is null"),
    ),
    info=HOT,
)

operation = Table(  # what an operator wants to do to an instance; another person allows it
    "operation",
    metadata,
    Column("instance_id", Id, nullable=False),
    Column("id", Integer, nullable=False),  # the history row that proposed it
    Column("kind", String(12), nullable=False),  # move, set, retry
    Column("state", String(12), nullable=False),  # proposed, done, refused, withdrawn
    Column("data", Json, nullable=False),
    Column("reason", Text, nullable=False),
    Column("by_id", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("reviewed_by", Integer),
    Column("reviewed_at", Instant),
    Column("note", Text, nullable=False, server_default=""),
    PrimaryKeyConstraint("instance_id", "id"),
    Index("ix_operation_state", "state", "at"),
    info=HOT,
)
