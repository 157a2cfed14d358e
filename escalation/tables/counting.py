"""Figures of a large city as workers counted them: what pages show until the next count. And closings of periods that wait for a worker."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, PrimaryKeyConstraint, String, Table, Text, text

from engine.tables import Instant, Json, metadata

kept_count = Table(
    "kept_count",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subject", String(20), nullable=False),  # assessment, picture, closing
    Column("about", String(200), nullable=False),  # the kind of period; the process, its world and whose sight
    Column("since", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    Column("asked", Json),  # what the worker must know beside: who closes, and why
    Column("asked_at", Instant, nullable=False),
    Column("lease_until", Instant),  # a worker has it until then; none yet: it waits for one; database time
    Column("at", Instant),  # the city's time that the figures are of; none yet: they are not there
    Column("sums", Text),  # the figures: JSON
    Index("ix_kept_count_matter", "subject", "about", "since", "until", "id"),
    Index(  # asked by two at once, counted once
        "uq_kept_count_waiting",
        "subject",
        "about",
        "since",
        "until",
        unique=True,
        postgresql_where=text("at is null"),
        sqlite_where=text("at is null"),
    ),
)

kept_count_cases = Table(  # the newest cases behind a number of a live picture
    "kept_count_cases",
    metadata,
    Column("count_id", ForeignKey("kept_count.id"), nullable=False),
    Column("number", String(200), nullable=False),  # what is shown, version and element: "passed/12/Handle"
    Column("ids", Text, nullable=False),  # JSON
    PrimaryKeyConstraint("count_id", "number"),
)
