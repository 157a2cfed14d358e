"""Notices on their way out of the house: a row for each channel that somebody is told by, and where they are reached."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from engine.tables import HOT, Id, Instant, Json, metadata

delivery = Table(
    "delivery",
    metadata,
    Column("instance_id", Id, nullable=False),
    Column("id", String(100), nullable=False),  # the notice and the channel: what receivers tell repetitions by
    Column("notice_id", String(60), nullable=False),
    Column("seq", Integer, nullable=False),  # the history row that the notice tells of: their order in a case
    # the message that it goes out as, which receivers tell repetitions by; none: it waits to be collected with others
    Column("letter", String(120)),
    Column("world_id", Integer, nullable=False),
    Column("person_id", Integer, nullable=False),
    Column("channel", String(20), nullable=False),  # mail, webhook, wecom, dingtalk
    Column("contact_id", Integer),
    Column("state", String(10), nullable=False),  # waiting, sent, dead, dropped
    Column("urgent", Boolean, nullable=False),
    Column("at", Instant, nullable=False),
    Column("next_at", Instant, nullable=False),
    Column("lease_until", Instant),
    Column("fence", Integer, nullable=False, server_default="0"),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("sent_at", Instant),
    Column("error", Text),
    PrimaryKeyConstraint("instance_id", "id"),
    Index(
        "ix_delivery_waiting",
        "channel",
        "next_at",
        "at",
        "instance_id",
        "seq",
        postgresql_where=text("state = 'waiting'"),
        sqlite_where=text("state = 'waiting'"),
    ),
    Index(
        "ix_delivery_order",
        "instance_id",
        "person_id",
        "channel",
        "seq",
        postgresql_where=text("state = 'waiting'"),
        sqlite_where=text("state = 'waiting'"),
    ),
    Index(
        "ix_delivery_contact",
        "contact_id",
        "lease_until",
        postgresql_where=text("state = 'waiting'"),
        sqlite_where=text("state = 'waiting'"),
    ),
    Index(
        "ix_delivery_letter",
        "letter",
        postgresql_where=text("state = 'waiting'"),
        sqlite_where=text("state = 'waiting'"),
    ),
    Index("ix_delivery_person", "person_id", "at"),
    Index("ix_delivery_at", "at"),
    Index("ix_delivery_dead", "at", postgresql_where=text("state = 'dead'"), sqlite_where=text("state = 'dead'")),
    info=HOT,
)

contact = Table(
    "contact",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("channel", String(20), nullable=False),
    Column("sealed", Text, nullable=False),  # the address, under the person's key
    Column("shown", String(100), nullable=False, server_default=""),  # the same, masked
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("quiet_from", Integer),  # minutes after midnight, the city's time; none: at any hour
    Column("quiet_to", Integer),
    Column("digest_minutes", Integer, nullable=False, server_default="0"),  # collected for so long; 0: each at once
    Column("kinds", Json),  # only these kinds of notices; none: all
    Column("at", Instant, nullable=False),
    Column("verified_at", Instant),  # none: nothing is sent to it but codes
    Column("code", Text),  # the code that was sent to it, under the person's key
    Column("code_until", Instant),
    Column("code_tries", Integer, nullable=False, server_default="0"),  # wrong answers to this code
    Column("codes", Integer, nullable=False, server_default="0"),  # codes sent to it so far
    UniqueConstraint("person_id", "channel"),
)
