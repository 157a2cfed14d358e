"""Hot tables of what an instance holds: places for a time, certificates, and the code by which who applied follows it."""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, Integer, PrimaryKeyConstraint, String, Table, Text

from engine.tables.columns import HOT, Id, Instant, Json, metadata

# A stretch of something in a register (a road segment, a site), asked for or held from one instant to another.
reservation = Table(
    "reservation",
    metadata,
    Column("instance_id", Id, nullable=False),
    Column("id", String(60), nullable=False),  # which of the instance's: a word of the diagram
    Column("world_id", Integer, nullable=False),
    Column("register", String(64), nullable=False),
    Column("row_key", String(120), nullable=False),
    Column("begins", Float),  # along it, in metres; none: the whole
    Column("ends", Float),
    Column("from_at", Instant, nullable=False),
    Column("until_at", Instant, nullable=False),
    Column("purpose", String(40), nullable=False, server_default=""),
    Column("state", String(12), nullable=False),  # asked, held, over (in time), released
    Column("data", Json),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("instance_id", "id"),
    Index("ix_reservation_where", "register", "row_key", "until_at"),
    Index("ix_reservation_until", "until_at"),
    info=HOT,
)

certificate = Table(  # what was granted, as it was issued: whoever has its number and code may verify it
    "certificate",
    metadata,
    Column("instance_id", Id, nullable=False),
    Column("id", String(60), nullable=False),
    Column("world_id", Integer, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("number", String(80), nullable=False),
    Column("code_hash", String(80), nullable=False),  # of the code in its QR, never the code
    Column("issued_at", Instant, nullable=False),
    Column("valid_from", Instant),
    Column("valid_until", Instant),
    Column("state", String(12), nullable=False),  # valid, suspended, revoked, replaced
    Column("why", Text, nullable=False, server_default=""),
    Column("data", Json, nullable=False),  # the lines of the paper; nothing personal beside the holder's name
    Column("public", Json),  # what the public register shows of it
    Column(
        "words", Text, nullable=False, server_default=""
    ),  # number and what is shown, as the public register is searched
    Column("hash", String(80), nullable=False),  # over number, dates and data
    PrimaryKeyConstraint("instance_id", "id"),
    Index("ix_certificate_number", "number"),
    Index("ix_certificate_code", "code_hash"),
    Index("ix_certificate_kind", "world_id", "kind", "issued_at"),
    info=HOT,
)

application = Table(  # an application of the public, known by its receipt code
    "application",
    metadata,
    Column("code_hash", String(80), nullable=False),  # of the receipt code, never the code
    Column("instance_id", Id, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("code_hash", "instance_id"),
    Index("ix_application_instance", "instance_id"),
    info=HOT,
)
