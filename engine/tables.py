"""Every table of the engine. Hot tables (marked `hot`) carry the instance id in the primary key and in each unique index, so
that the schema can be distributed by instance; a step writes hot rows of one instance only.

Times are aware UTC. JSON columns hold plain JSON. `data_version` says which code wrote a row's documents."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.types import JSON, TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant; SQLite, which has no zones, keeps ISO 8601 text of fixed width that sorts as time does."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        """Text on SQLite, a time with zone elsewhere."""
        return dialect.type_descriptor(String(32) if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """To the database. ValueError for a naive time: it would mean another instant on another machine."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime reached the database")
        return instant_text(value) if dialect.name == "sqlite" else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002  SQLAlchemy's signature
        """From the database: always aware UTC."""
        if value is None:
            return None
        if isinstance(value, str):
            return datetime.fromisoformat(value)
        result: datetime = value.astimezone(UTC)
        return result


def instant_text(value: datetime) -> str:
    """ISO 8601 in UTC with microseconds: one width, so that text order is time order."""
    return value.astimezone(UTC).isoformat(timespec="microseconds")


Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
Id = BigInteger().with_variant(Integer(), "sqlite")
HOT = {"hot": True}

# ---------------------------------------------------------------- people

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

# ---------------------------------------------------------------- settings and registers

setting = Table(
    "setting",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("value", Json, nullable=False),
    Column("source", Text, nullable=False, server_default=""),
)

register_row = Table(
    "register_row",
    metadata,
    Column("register", String(64), nullable=False),
    Column("row_key", String(120), nullable=False),
    Column("version", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    # the values of the register's look-up columns, joined: one indexed equality finds a row
    Column("match_key", String(200), nullable=False, server_default=""),
    Column("data", Json, nullable=False),
    Column("current", Boolean, nullable=False, server_default=text("true")),
    Column("at", Instant, nullable=False),
    Column("by_id", Integer),
    PrimaryKeyConstraint("register", "row_key", "version"),
    Index("ix_register_row_match", "register", "match_key", "current"),
)

# ---------------------------------------------------------------- definitions and worlds

definition = Table(
    "definition",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(100), nullable=False),
    Column("version", Integer, nullable=False),
    Column("hash", String(80), nullable=False),  # "sha256:…" over the sorted files
    Column("name_zh", String(200), nullable=False),
    Column("name_en", String(200), nullable=False),
    Column("at", Instant, nullable=False),
    Column("by_id", ForeignKey("person.id")),
    Column("note", Text, nullable=False, server_default=""),
    Column("data_version", Integer, nullable=False),
    UniqueConstraint("key", "version"),
)

definition_file = Table(
    "definition_file",
    metadata,
    Column("definition_id", ForeignKey("definition.id"), nullable=False),
    Column("name", String(200), nullable=False),
    Column("content", LargeBinary, nullable=False),
    PrimaryKeyConstraint("definition_id", "name"),
)

process_start = Table(  # what starts the newest version of a process beside a person: a message or a signal by its name
    "process_start",
    metadata,
    Column("key", String(100), nullable=False),
    Column("node", String(100), nullable=False),
    Column("idx", Integer, nullable=False),
    Column("kind", String(10), nullable=False),  # message, signal
    Column("name", String(200), nullable=False),
    Column("definition_id", ForeignKey("definition.id"), nullable=False),
    PrimaryKeyConstraint("key", "node", "idx"),
    Index("ix_process_start_name", "kind", "name"),
)

process_timer = Table(  # a timer that starts the newest version of a process in the live world
    "process_timer",
    metadata,
    Column("key", String(100), nullable=False),
    Column("node", String(100), nullable=False),
    Column("idx", Integer, nullable=False),
    Column("definition_id", ForeignKey("definition.id"), nullable=False),
    Column(
        "began_at", Instant, nullable=False
    ),  # business time of the deployment: what durations and cycles count from
    Column("occurrence", Integer, nullable=False),  # of the next start: the instance's id follows from it
    Column("due_at", Instant),  # none: it will not fire again
    Column("lease_until", Instant),  # database time, never business time
    Column("tries", Integer, nullable=False),
    Column("error", Text),
    PrimaryKeyConstraint("key", "node", "idx"),
    Index("ix_process_timer_due", "due_at"),
)

letter = Table(  # a message or signal from outside: whom it went to is decided once, however often it is sent
    "letter",
    metadata,
    Column("id", String(100), primary_key=True),
    Column("world_id", ForeignKey("world.id"), nullable=False),
    Column("kind", String(10), nullable=False),  # message, signal
    Column("name", String(200), nullable=False),
    Column("key", String(200), nullable=False),
    Column("payload", Json, nullable=False),
    Column("request", String(80), nullable=False),  # hash of the request
    Column("by_id", Integer),
    Column("at", Instant, nullable=False),
    Column("receivers", Json, nullable=False),
    Column("round", Integer, nullable=False),  # how often its receivers were chosen anew
    Column("done_at", Instant),
    Index("ix_letter_open", "at", postgresql_where=text("done_at is null"), sqlite_where=text("done_at is null")),
)

world = Table(
    "world",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(20), nullable=False),  # live, replay, drill, what_if, dry_run
    Column("name", String(200), nullable=False),
    Column("clock", String(10), nullable=False),  # real, manual, scaled
    Column("now", Instant),  # manual: the instant; scaled: the instant at `set_at`
    Column("set_at", Instant),
    Column("rate", Float, nullable=False, server_default="1"),
    Column("zone", String(40), nullable=False),
    # a world of another realm sees that realm's units and registers first
    Column("realm", String(20), nullable=False, server_default=""),
    Column("created_at", Instant, nullable=False),
)

# ---------------------------------------------------------------- hot: an instance and what belongs to it

instance = Table(
    "instance",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("world_id", ForeignKey("world.id"), nullable=False),
    Column("definition_id", ForeignKey("definition.id"), nullable=False),
    Column("key", String(100), nullable=False),
    Column("number", String(40), nullable=False),
    Column("status", String(12), nullable=False),
    Column("outcome", String(100)),  # id of the end event reached
    Column("revision", Integer, nullable=False),
    Column("state", Text),  # see engine/bpmn/state.py; null when nothing is left to run
    Column("facts", Json, nullable=False),
    Column("title", String(300), nullable=False, server_default=""),
    Column("class", String(64)),
    Column("area", String(64)),
    Column("place", String(300)),
    Column("lat", Float),
    Column("lon", Float),
    Column("source", String(64)),
    Column("grade", String(32)),
    Column("unit_id", Integer),
    Column("starter_id", Integer),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("history_count", Integer, nullable=False),
    Column("data_version", Integer, nullable=False),
    Index("ix_instance_listing", "world_id", "key", "started_at"),
    Index("ix_instance_number", "number"),
    info=HOT,
)

task = Table(
    "task",
    metadata,
    Column("instance_id", Id, nullable=False),
    Column("id", Integer, nullable=False),
    Column("world_id", Integer, nullable=False),
    Column("definition_id", Integer, nullable=False),
    Column("node", String(100), nullable=False),
    Column("state", String(10), nullable=False),  # open, completed, cancelled
    Column("unit_id", Integer),  # offered to this unit (none: any) …
    Column("post_key", String(64)),  # … and this post
    Column("assignee_id", Integer),
    Column("item", Json),  # the element of a multi-instance collection
    Column("variables", Json),  # what its expressions see in front of the facts, as it was when it opened
    Column("within", Text),  # the call activities of the instance's own diagram it lies in: "Call/Inner"; none: in none
    Column("opened_at", Instant, nullable=False),
    Column("claimed_at", Instant),
    Column("closed_at", Instant),
    Column("closed_by", Integer),
    Column("warn_at", Instant),
    Column("due_at", Instant),
    PrimaryKeyConstraint("instance_id", "id"),
    Index(
        "ix_task_open",
        "instance_id",
        postgresql_where=text("state = 'open'"),
        sqlite_where=text("state = 'open'"),
    ),
    Index(
        "ix_task_offered",
        "world_id",
        "post_key",
        "unit_id",
        "due_at",
        postgresql_where=text("state = 'open' and assignee_id is null"),
        sqlite_where=text("state = 'open' and assignee_id is null"),
    ),
    Index(
        "ix_task_assigned",
        "assignee_id",
        "due_at",
        postgresql_where=text("state = 'open' and assignee_id is not null"),
        sqlite_where=text("state = 'open' and assignee_id is not null"),
    ),
    info=HOT,
)

involvement = Table(  # which units ever had a task of an instance: the scope of what a unit sees
    "involvement",
    metadata,
    Column("instance_id", Id, nullable=False),
    Column("unit_id", Integer, nullable=False),
    PrimaryKeyConstraint("unit_id", "instance_id"),
    info=HOT,
)

history = Table(
    "history",
    metadata,
    Column("instance_id", Id, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("node", String(100)),
    Column("task_id", Integer),
    Column("actor_id", Integer),  # null: the system itself
    Column("unit_id", Integer),
    Column("post_key", String(64)),
    # what was answered or said, and the nodes passed in this step: {"answers": {...}, "path": [...], "text": ...}
    Column("data", Json),
    PrimaryKeyConstraint("instance_id", "seq"),
    info=HOT,
)

job = Table(
    "job",
    metadata,
    Column("instance_id", Id, nullable=False),
    Column("id", String(80), nullable=False),  # kind, node task id and occurrence: a job cannot be made twice
    Column("world_id", Integer, nullable=False),
    Column("kind", String(20), nullable=False),  # timer, action, send, deliver, back
    Column("node", String(100)),
    Column("due_at", Instant, nullable=False),
    Column("payload", Json),
    Column("state", String(10), nullable=False),  # waiting, failed (an incident holds it)
    Column("tries", Integer, nullable=False),
    Column("lease_until", Instant),  # database time, never business time
    Column("fence", Integer, nullable=False),
    Column("error", Text),
    PrimaryKeyConstraint("instance_id", "id"),
    Index(
        "ix_job_due",
        "world_id",
        "due_at",
        postgresql_where=text("state = 'waiting'"),
        sqlite_where=text("state = 'waiting'"),
    ),
    info=HOT,
)

subscription = Table(  # a token that waits for a message or a signal; `idx` counts the events of its node
    "subscription",
    metadata,
    Column("instance_id", Id, nullable=False),
    Column("task_id", Integer, nullable=False),
    Column("idx", Integer, nullable=False),
    Column("world_id", Integer, nullable=False),
    Column("kind", String(10), nullable=False),  # message, signal
    Column("name", String(200), nullable=False),
    Column("key", String(200), nullable=False),  # the correlation; "": the name is enough
    Column("node", String(100), nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("instance_id", "task_id", "idx"),
    Index("ix_subscription_waiting", "world_id", "kind", "name", "key", "at"),
    info=HOT,
)

incident = Table(
    "incident",
    metadata,
    Column("instance_id", Id, nullable=False),
    Column("id", Integer, nullable=False),  # the history row that tells of it
    Column("at", Instant, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("node", String(100)),
    Column("job_id", String(80)),
    Column("message", Text, nullable=False),
    Column("message_zh", Text, nullable=False, server_default=""),  # "": told by the first version, in English only
    Column("resolved_at", Instant),
    Column("resolved_by", Integer),
    PrimaryKeyConstraint("instance_id", "id"),
    info=HOT,
)

receipt = Table(  # an idempotency key with the reply it got
    "receipt",
    metadata,
    Column("instance_id", Id, nullable=False),
    Column("key", String(200), nullable=False),  # person id and the key they sent
    Column("request", String(80), nullable=False),  # hash of the request
    Column("reply", Json, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("instance_id", "key"),
    info=HOT,
)

attachment = Table(
    "attachment",
    metadata,
    Column("instance_id", Id, nullable=False),
    Column("id", String(40), nullable=False),
    Column("hash", String(80), nullable=False),
    Column("thumbnail", String(80)),  # the blob of a small picture, for images
    Column("name", String(200), nullable=False),
    Column("type", String(100), nullable=False),
    Column("size", Integer, nullable=False),
    Column("purpose", String(40), nullable=False, server_default=""),  # the form field it answers
    Column("task_id", Integer),
    Column("by_id", Integer),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("instance_id", "id"),
    Index(None, "by_id", "at"),  # what one person sent today
    Index(None, "hash"),
    Index(None, "thumbnail"),
    info=HOT,
)

blob = Table(
    "blob",
    metadata,
    Column("hash", String(80), primary_key=True),
    Column("size", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("at", Instant, nullable=False),
)

link = Table(
    "link",
    metadata,
    Column("instance_id", Id, nullable=False),
    Column("other_id", Id, nullable=False),
    Column("kind", String(30), nullable=False),
    Column("at", Instant, nullable=False),
    Column("by_id", Integer),
    PrimaryKeyConstraint("instance_id", "other_id", "kind"),
    Index(None, "other_id", "instance_id"),
    info=HOT,
)

gram = Table(  # the search index: pairs of characters, the same on every database
    "gram",
    metadata,
    Column("instance_id", Id, nullable=False),
    Column("gram", String(8), nullable=False),
    PrimaryKeyConstraint("gram", "instance_id"),
    info=HOT,
)

LIVE = 1
"""The id of the live world, made by the first migration."""

DATA_VERSION = 2
"""Raised when the shape of a stored document changes."""
