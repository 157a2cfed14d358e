"""Calendars of working time, as books: each version of the whole table, who proposed it and who decided."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text

from engine.tables.columns import Instant, Json, metadata

calendar_book = Table(
    "calendar_book",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("version", Integer, unique=True),  # given when it is decided; none before
    Column("rows", Text, nullable=False),  # CSV, as `engine.calendars.reading` reads it
    Column("state", String(12), nullable=False),  # draft, proposed, active, refused, withdrawn
    Column("base", Integer, nullable=False, server_default="0"),  # the version it was made from
    Column("note", Text, nullable=False, server_default=""),  # why
    Column("source", Text, nullable=False, server_default=""),  # the document it follows
    Column("preview", Json),  # what it would move, as looked at when it was proposed
    Column("proposed_by", ForeignKey("person.id")),
    Column("proposed_at", Instant, nullable=False),
    Column("decided_by", ForeignKey("person.id")),
    Column("decided_at", Instant),
    Column("said", Text, nullable=False, server_default=""),  # what who decided it wrote
    Column("moved_at", Instant),  # when the last open clock had been counted anew
    Column("moved", Json),  # figures of that
    Column("lease_until", Instant),  # while a worker counts; database time
    Index("ix_calendar_book_state", "state", "id"),
)
