"""What belongs to somebody's own desk: filters they keep or share, and the secret address of their calendar."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table

from engine.tables.columns import Instant, Json, metadata

saved_view = Table(  # a filter of the inbox under a name
    "saved_view",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person_id", ForeignKey("person.id"), nullable=False),  # who made it
    Column("unit_id", Integer),  # shared with all who hold a post in this unit; none: their own
    Column("name", String(60), nullable=False),
    Column("query", Json, nullable=False),  # see engine/queries/views.py
    Column("at", Instant, nullable=False),
    Index(None, "person_id"),
    Index(None, "unit_id"),
)

feed = Table(  # the address under which a calendar program reads somebody's deadlines
    "feed",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("hash", String(80), nullable=False, unique=True),  # "sha256:…" of the address' secret, never the secret
    Column("person_id", ForeignKey("person.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("seen_at", Instant),
    Column("revoked_at", Instant),
    Index(None, "person_id"),
)
