"""One act on many tasks: what was asked for, and what became of each. A batch is nobody's instance, so its rows are written outside of
steps; what it does is a step of each instance."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, PrimaryKeyConstraint, String, Table, Text, UniqueConstraint

from engine.tables.columns import Instant, Json, metadata

batch = Table(
    "batch",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("by_id", Integer, nullable=False),
    Column("key", String(200), nullable=False),  # the idempotency key of who asked, or one made for them
    Column("request", String(80), nullable=False),  # hash of what was asked for
    Column("act", String(20), nullable=False),  # a word of engine/acts/catalogue.py
    Column("params", Json, nullable=False),  # what the act takes beside the task: answers, to, reason …
    Column("origin", String(120), nullable=False, server_default=""),
    Column("state", String(10), nullable=False),  # running, done, stopped
    Column("total", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("lease_until", Instant),  # database time, never business time
    UniqueConstraint("by_id", "key"),
    Index("ix_batch_state", "state", "id"),
)

batch_item = Table(
    "batch_item",
    metadata,
    Column("batch_id", ForeignKey("batch.id"), nullable=False),
    Column("n", Integer, nullable=False),
    Column("ref", String(40), nullable=False),  # the task: "instance.task"
    Column("state", String(10), nullable=False),  # waiting, done, refused, left (the batch was stopped)
    Column("tries", Integer, nullable=False),
    Column("code", String(40)),  # of the error
    Column("text_zh", Text),
    Column("text_en", Text),
    Column("reply", Json),
    Column("at", Instant),
    PrimaryKeyConstraint("batch_id", "n"),
)
