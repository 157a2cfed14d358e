"""Drills, and the systems that may send events from outside."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Integer, String, Table, Text, text

from engine.tables.columns import Id, Instant, Json, metadata

drill = Table(  # a world in which a plan is practised; who is told of it stands with the world
    "drill",
    metadata,
    Column("world_id", ForeignKey("world.id"), primary_key=True),
    Column("plan", String(64), nullable=False),
    Column("title", String(200), nullable=False),
    Column("started_by", ForeignKey("person.id"), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("evaluation", Json),  # answers to the evaluation sheet
    Column("note", Text, nullable=False, server_default=""),
)

event_source = Table(  # a system whose signed events are taken
    "event_source",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("secret", Text, nullable=False),  # sealed under the city's key
    Column("messages", Json, nullable=False),  # names of the messages it may send
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("person_id", ForeignKey("person.id"), nullable=False),  # as whom it acts
    Column("created_by", Integer),
    Column("created_at", Instant, nullable=False),
    Column("last_at", Instant),
)

source_event = Table(  # an event that a source sent: once, however often it comes
    "source_event",
    metadata,
    Column("source", ForeignKey("event_source.key"), primary_key=True),
    Column("id", String(120), primary_key=True),  # the source's own name of it
    Column("request", String(80), nullable=False),  # the hash of its body
    Column("at", Instant, nullable=False),
    Column("case_id", Id),  # what came of it; none: nothing yet, the next try goes on
    Column("joined", Boolean, nullable=False, server_default=text("false")),  # to one that ran
)
