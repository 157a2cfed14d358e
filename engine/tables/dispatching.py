"""What was learnt about which unit a case is for, and what was proposed for each case and became of it."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, Index, Integer, PrimaryKeyConstraint, String, Table, Text, text

from engine.tables.columns import HOT, Id, Instant, Json, metadata

dispatch_model = Table(
    "dispatch_model",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(100), nullable=False),  # of the process, and the node whose unit is proposed
    Column("node", String(100), nullable=False),
    Column("state", String(10), nullable=False),  # asked, current, past, failed
    Column("asked_at", Instant, nullable=False),
    Column("asked_by", Integer),  # none: the schedule
    Column("lease_until", Instant),  # database time, never business time
    Column("trained_at", Instant),
    Column("cases", Integer, nullable=False, server_default="0"),
    Column("content", Text),  # plain numbers as JSON (engine/dispatching/model.py), never code; none once it is past
    Column("digest", String(80)),
    Column("figures", Json),
    Column("error", Text),
    Index("ix_dispatch_model_state", "key", "node", "state"),
)

dispatch_proposal = Table(  # no part of the record of a case: what the system decided stands in its history
    "dispatch_proposal",
    metadata,
    Column("instance_id", Id, nullable=False),
    Column("task_id", Integer, nullable=False),
    Column("model_id", Integer),
    Column("key", String(100), nullable=False),
    Column("node", String(100), nullable=False),
    Column("at", Instant, nullable=False),
    Column("class", String(64), nullable=False, server_default=""),
    Column("proposed", String(64)),  # the unit's key
    Column("guessed", String(64)),  # what the model held most likely, told or not
    Column("by_table", String(64)),
    Column("trust", Float, nullable=False, server_default="0"),
    Column("spoke", Boolean, nullable=False),  # the model was sure enough to propose
    Column("decided", Boolean, nullable=False),  # dispatched by the system itself
    Column("state", String(10), nullable=False),  # open, sent, settled, void
    Column("chosen", String(64)),  # where it was sent
    Column("handled", String(64)),  # who had it in the end
    Column("settled_at", Instant),
    PrimaryKeyConstraint("instance_id", "task_id"),
    Index(
        "ix_dispatch_proposal_waiting",
        "state",
        "instance_id",
        postgresql_where=text("state in ('open', 'sent')"),
        sqlite_where=text("state in ('open', 'sent')"),
    ),
    Index("ix_dispatch_proposal_settled", "key", "settled_at"),
    info=HOT,
)
