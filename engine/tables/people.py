"""Units, posts, people and areas; how people and programs come in; who carries out jobs."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    text,
)

from engine.tables.columns import Instant, Json, metadata

unit = Table(
    "unit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(64), nullable=False, unique=True),
    Column("name_zh", String(200), nullable=False),
    Column("name_en", String(200), nullable=False),
    Column("kind", String(20), nullable=False),
    # whose organisation it is: "" the city itself; a replay of another city brings its own
    Column("realm", String(20), nullable=False, server_default=""),
    Column("parent_id", ForeignKey("unit.id")),
    Column("pinyin", String(400), nullable=False, server_default=""),
    Column("source", Text, nullable=False, server_default=""),
)

post = Table(
    "post",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("name_zh", String(100), nullable=False),
    Column("name_en", String(100), nullable=False),
    Column("powers", Json, nullable=False),
    Column("source", Text, nullable=False, server_default=""),
)

person = Table(
    "person",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("login", String(64), nullable=False, unique=True),
    Column("name", String(100), nullable=False),
    Column("pinyin", String(200), nullable=False, server_default=""),
    Column("password_hash", Text),
    Column("locale", String(8), nullable=False, server_default="zh"),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("must_change", Boolean, nullable=False, server_default=text("false")),
    # raised by every change of rights: a step that was planned under older rights is planned again
    Column("access_revision", Integer, nullable=False, server_default="1"),
)

membership = Table(
    "membership",
    metadata,
    Column("person_id", ForeignKey("person.id"), nullable=False),
    Column("unit_id", ForeignKey("unit.id"), nullable=False),
    Column("post_key", ForeignKey("post.key"), nullable=False),
    PrimaryKeyConstraint("person_id", "unit_id", "post_key"),
    Index(None, "unit_id", "post_key"),
)

area = Table(
    "area",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("name_zh", String(100), nullable=False),
    Column("name_en", String(100), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("realm", String(20), nullable=False, server_default=""),
    Column("parent_key", ForeignKey("area.key")),
    Column("unit_id", ForeignKey("unit.id")),
    Column("lat", Float),
    Column("lon", Float),
    Column("source", Text, nullable=False, server_default=""),
)

session = Table(
    "session",
    metadata,
    Column("id", String(80), primary_key=True),  # a hash of the cookie, never the cookie
    Column("person_id", ForeignKey("person.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("address", String(64), nullable=False, server_default=""),
    Column("agent", String(300), nullable=False, server_default=""),
    Index(None, "person_id"),
)

api_token = Table(  # how a program proves whom it acts for
    "api_token",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("hash", String(80), nullable=False, unique=True),  # "sha256:…" of the token, never the token
    Column("person_id", ForeignKey("person.id"), nullable=False),
    Column("name", String(100), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("seen_at", Instant),
    Column("revoked_at", Instant),
    Index(None, "person_id"),
)

worker = Table(  # who carries out jobs, and when it was last heard of: database time, as for leases
    "worker",
    metadata,
    Column("name", String(120), primary_key=True),  # host, process id, and a random part
    Column("host", String(100), nullable=False),
    Column("process", Integer, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("stopped_at", Instant),  # it said good-bye; none on a stale row: it was killed
    Column("passes", Integer, nullable=False, server_default="0"),
    Column("done", Integer, nullable=False, server_default="0"),
    Column("failed", Integer, nullable=False, server_default="0"),
    Column("fenced", Integer, nullable=False, server_default="0"),
    Column("breaches", Integer, nullable=False, server_default="0"),
    Column("error", Text),  # the last pass that raised
)

attempt = Table(  # log-ins and public forms: limits per person and address, shared by all nodes
    "attempt",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("what", String(40), nullable=False),
    Column("key", String(100), nullable=False),
    Column("at", Instant, nullable=False),
    Column("good", Boolean, nullable=False),
    Index(None, "what", "key", "at"),
)
