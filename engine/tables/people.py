"""The organisation: units, posts, people, areas, who stands in for whom, who is on duty, and reviewed changes of all that."""

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
    # a unit that was merged, split or dissolved stays as a row: what it did stays its own; what is meant for it goes to its successor
    Column("ended_at", Instant),
    Column("successor_id", ForeignKey("unit.id")),
)

post = Table(
    "post",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("name_zh", String(100), nullable=False),
    Column("name_en", String(100), nullable=False),
    Column("powers", Json, nullable=False),
    Column("source", Text, nullable=False, server_default=""),
    Column("heads", Boolean, nullable=False, server_default=text("false")),  # who holds it is head of the unit
)

post_conflict = Table(  # posts that one person may not hold together, in whatever units: separation of duties
    "post_conflict",
    metadata,
    Column("post_key", ForeignKey("post.key"), nullable=False),
    Column("other_key", ForeignKey("post.key"), nullable=False),
    Column("why_zh", Text, nullable=False),
    Column("why_en", Text, nullable=False),
    Column("source", Text, nullable=False, server_default=""),
    PrimaryKeyConstraint("post_key", "other_key"),
)

stamp = Table(  # the picture of their signature or seal that a person keeps, to sign acts with
    "stamp",
    metadata,
    Column("person_id", ForeignKey("person.id"), primary_key=True, autoincrement=False),
    Column("hash", String(80), nullable=False),  # of its content in `blob`
    Column("at", Instant, nullable=False),
    Index(None, "hash"),
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
    Column("password_at", Instant),  # when the password was set
    # the city's number of an employee: accounts with the same number are one human being (四眼 counts human beings)
    Column("staff_no", String(64)),
    Column("left_at", Instant),
    # raised by every change of rights: a step that was planned under older rights is planned again
    Column("access_revision", Integer, nullable=False, server_default="1"),
    Index(None, "staff_no"),
)

membership = Table(
    "membership",
    metadata,
    Column("person_id", ForeignKey("person.id"), nullable=False),
    Column("unit_id", ForeignKey("unit.id"), nullable=False),
    Column("post_key", ForeignKey("post.key"), nullable=False),
    Column("since", Instant),  # none: from ever
    Column("until", Instant),  # none: for ever; from this instant on no more
    PrimaryKeyConstraint("person_id", "unit_id", "post_key"),
    Index(None, "unit_id", "post_key"),
)

substitution = Table(  # somebody acts for another for a time; what they do is recorded as done for that person
    "substitution",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("principal_id", ForeignKey("person.id"), nullable=False),
    Column("substitute_id", ForeignKey("person.id"), nullable=False),
    Column("since", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    Column("unit_id", ForeignKey("unit.id")),  # only the posts of this unit; none: of every unit
    Column("post_key", ForeignKey("post.key")),  # only this post; none: every post
    Column("processes", Json),  # only tasks of these processes, by their keys; none: of all
    Column("reason", Text, nullable=False, server_default=""),
    Column("made_at", Instant, nullable=False),
    Column("made_by", Integer),
    Column("ended_at", Instant),  # ended before its time
    Index(None, "substitute_id", "until"),
    Index(None, "principal_id", "until"),
)

duty = Table(  # who is on duty for a unit's post, and when
    "duty",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("unit_id", ForeignKey("unit.id"), nullable=False),
    Column("post_key", ForeignKey("post.key"), nullable=False),
    Column("person_id", ForeignKey("person.id"), nullable=False),
    Column("since", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    Index(None, "unit_id", "post_key", "until"),
)

organisation = (
    Table(  # one row: counts every change of the organisation, so that nodes know when what they remember is old
        "organisation",
        metadata,
        Column("id", Integer, primary_key=True, autoincrement=False),
        Column("revision", Integer, nullable=False),
        Column("calendars", Integer, nullable=False, server_default="1"),  # the version of the book of calendars
    )
)

organisation_change = Table(  # a change that somebody proposes and somebody else approves
    "organisation_change",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(20), nullable=False),  # create, rename, merge, split, people, leave, import
    Column("plan", Json, nullable=False),  # what is to be done
    Column("preview", Json, nullable=False),  # what it would have changed when it was proposed
    Column("state", String(12), nullable=False),  # proposed, approved, applying, applied, refused, withdrawn, failed
    Column("reason", Text, nullable=False, server_default=""),
    Column("proposed_at", Instant, nullable=False),
    Column("proposed_by", Integer),
    Column("reviewed_at", Instant),
    Column("reviewed_by", Integer),
    Column("review_note", Text, nullable=False, server_default=""),
    Column("applied_at", Instant),
    Column("done", Integer, nullable=False, server_default="0"),  # tasks moved so far
    Column("total", Integer, nullable=False, server_default="0"),
    Column("lease_until", Instant),  # database time
    Column("work", Json),  # what workers move: made when it is carried out, see engine/organisation/work.py
    Column("error", Text),
    Index(None, "state", "id"),
)

turn = Table(  # whose turn it is where the diagram says round robin; a turn may be lost, never two persons get one
    "turn",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("n", Integer, nullable=False),
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
