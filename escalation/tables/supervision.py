"""The rungs of supervision: who was reminded, urged, shown a card, and what they answered. Rows of the supervision's own instance."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, String, Table, Text

from engine.tables import HOT, Id, Instant, metadata

rung = Table(
    "rung",
    metadata,
    Column("instance_id", Id, nullable=False),  # the supervision
    Column("id", Integer, nullable=False),  # their order in it
    Column("world_id", Integer, nullable=False),
    Column("case_id", Id),  # the case that is supervised
    Column("unit_id", Integer),  # the unit it is about
    Column("kind", String(40), nullable=False),  # reminder, urge, yellow_card, red_card, supervise, refer_up, …
    Column("round", Integer, nullable=False, server_default="0"),
    Column("node", String(100), nullable=False),
    Column("task_id", Integer),  # the task in which it was decided; none: the system did it
    Column("at", Instant, nullable=False),
    Column("by_id", Integer),  # none: the system
    Column("by_unit_id", Integer),
    Column("reason", Text, nullable=False, server_default=""),
    Column("basis", Text, nullable=False, server_default=""),
    Column("due_at", Instant),  # until when the unit may answer
    Column("answered_at", Instant),
    Column("answered_by", Integer),
    Column("answer", Text, nullable=False, server_default=""),
    Column("outcome", String(20)),  # accepted, refused, expired, withdrawn …
    Column("closed_at", Instant),
    Column("closed_by", Integer),  # none: the system (silence, the end of the supervision)
    Column("closing", Text, nullable=False, server_default=""),  # what whoever closed it said
    PrimaryKeyConstraint("instance_id", "id"),
    Index("ix_rung_unit", "world_id", "unit_id", "at"),
    Index("ix_rung_case", "case_id"),
    info=HOT,
)
