"""What nobody may rewrite, and what only few may read: audit chains, their checkpoints, keys, and who reported."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, String, Table, Text

from engine.tables.columns import HOT, Id, Instant, Json, metadata

audit = Table(  # important acts that belong to no instance, a hash chain for each stream; acts on cases are chained in `history`
    "audit",
    metadata,
    Column("stream", String(80), nullable=False),  # organisation, security, identity, content, read:<person id>
    Column("seq", Integer, nullable=False),
    Column("at", Instant, nullable=False),  # database time
    Column("kind", String(40), nullable=False),
    Column("actor_id", Integer),  # null: the system itself
    Column("for_id", Integer),  # whom the actor stood in for
    Column("unit_id", Integer),
    Column("post_key", String(64)),
    Column(
        "origin", String(120), nullable=False, server_default=""
    ),  # where it came from: address, session or token, command
    Column("about", String(200), nullable=False, server_default=""),  # "person:12", "unit:town_yuanlin", "case:…"
    Column("data", Json),  # before, after, reason; personal values only sealed
    Column("hash", String(80), nullable=False),  # over the hash before and this row, see engine/audit/chain.py
    PrimaryKeyConstraint("stream", "seq"),
    Index(None, "at"),
    Index(None, "actor_id", "at"),
    Index(None, "about", "at"),
)

audit_head = Table(  # the end of each chain: locked by who adds to it
    "audit_head",
    metadata,
    Column("stream", String(80), primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("hash", String(80), nullable=False),
)

checkpoint = Table(  # the ends of all chains that grew, signed by a key that the database never holds
    "checkpoint",
    metadata,
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("body", Text, nullable=False),  # canonical JSON: n, at, hash of the one before, heads
    Column("hash", String(80), nullable=False),
    Column("signature", Text, nullable=False),
    Column("key_id", String(80), nullable=False),
)

subject_key = Table(  # the key of one person's values, wrapped by the city's key; destroyed, and the values are gone
    "subject_key",
    metadata,
    Column("subject", String(120), primary_key=True),  # "reporter:<instance>:<id>", "person:<id>"
    Column("wrapped", Text),  # null: destroyed
    Column("made_at", Instant, nullable=False),
    Column("destroyed_at", Instant),
)

identity = Table(  # who reported: sealed, under a right and (on PostgreSQL) a role of its own
    "identity",
    metadata,
    Column("instance_id", Id, nullable=False),
    Column("id", String(40), nullable=False),
    Column("fields", Json, nullable=False),  # the names of what is known: {"reporter_phone": "contact"}, name and class
    Column("sealed", Text),  # null: deleted, because its time was over or somebody asked for it
    Column("at", Instant, nullable=False),
    Column("deleted_at", Instant),
    PrimaryKeyConstraint("instance_id", "id"),
    info=HOT,
)

# A report from the public, known by its receipt code; one that was reopened has a row for each case.
public_report = Table(
    "public_report",
    metadata,
    Column("code_hash", String(80), nullable=False),  # of the receipt code, never the code
    Column("instance_id", Id, nullable=False),  # the case it is or will be; with `joined` the case it was joined to
    Column("state", String(10), nullable=False),  # held, started, joined, refused
    Column("at", Instant, nullable=False),
    Column("answers", Json),  # of a held report, without what says who reported
    Column("why_held", String(200), nullable=False, server_default=""),
    Column("decided_at", Instant),
    Column("decided_by", Integer),
    Column("note", Text, nullable=False, server_default=""),
    PrimaryKeyConstraint("code_hash", "instance_id"),
    Index(None, "instance_id"),
    Index(None, "state", "at"),
    info=HOT,
)

public_message = Table(  # what the reporter and the office wrote to each other
    "public_message",
    metadata,
    Column("instance_id", Id, nullable=False),
    Column("id", String(40), nullable=False),
    Column("at", Instant, nullable=False),
    Column("kind", String(12), nullable=False),  # note, question, answer, reply, seen, solved, unsolved
    Column("text", Text, nullable=False, server_default=""),
    Column("by_id", Integer),  # who of the office wrote it; null: the reporter
    Column("code_hash", String(80)),  # which reporter; of the office's: to whom, null: to all who reported it
    PrimaryKeyConstraint("instance_id", "id"),
    Index(None, "at"),
    info=HOT,
)

alarm = Table(  # something that those responsible for security must look at
    "alarm",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("about", String(200), nullable=False, server_default=""),
    Column("said_zh", Text, nullable=False),
    Column("said_en", Text, nullable=False),
    Column("seen_at", Instant),
    Column("seen_by", Integer),
    Index(None, "seen_at", "at"),
)

recusal = Table(  # a unit that a case is about: none of it handles, checks or reads it
    "recusal",
    metadata,
    Column("instance_id", Id, nullable=False),
    Column("unit_id", Integer, nullable=False),
    PrimaryKeyConstraint("instance_id", "unit_id"),
    Index(None, "unit_id"),
    info=HOT,
)
