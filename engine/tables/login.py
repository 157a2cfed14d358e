"""How people and programs come in, and who carries out jobs."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, PrimaryKeyConstraint, String, Table, Text

from engine.tables.columns import Instant, Json, metadata

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
    Column("method", String(20), nullable=False, server_default="password"),  # password, totp, oidc
    Column("stage", String(12), nullable=False, server_default="full"),  # full; totp: the second factor is still owed
    Column("rotated_at", Instant),  # when its cookie last got a new secret
    Column("previous", String(80)),  # the hash of the cookie before, for requests that were already under way
    Index(None, "person_id"),
    Index(None, "previous"),
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
    Column("scopes", Json, nullable=False, server_default='["*"]'),  # what it may be used for; "*": all its person may
    Index(None, "person_id"),
)

totp = Table(  # the second factor of a person (RFC 6238)
    "totp",
    metadata,
    Column("person_id", ForeignKey("person.id"), primary_key=True),
    Column("secret", Text, nullable=False),  # sealed, see engine/vault.py
    Column("made_at", Instant, nullable=False),
    Column("confirmed_at", Instant),  # none: shown, but not yet proven to be in somebody's phone
    Column("last_step", Integer, nullable=False, server_default="0"),  # a code is taken once
)

recovery_code = Table(  # for who lost the phone: each once
    "recovery_code",
    metadata,
    Column("person_id", ForeignKey("person.id"), nullable=False),
    Column("hash", String(80), nullable=False),
    Column("used_at", Instant),
    PrimaryKeyConstraint("person_id", "hash"),
)

past_password = Table(  # hashes of earlier passwords, where a policy forbids to use them again
    "past_password",
    metadata,
    Column("person_id", ForeignKey("person.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("hash", Text, nullable=False),
    PrimaryKeyConstraint("person_id", "at"),
)

login_link = Table(  # who an identity provider's subject is here
    "login_link",
    metadata,
    Column("issuer", String(200), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("person_id", ForeignKey("person.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("by_id", Integer),
    PrimaryKeyConstraint("issuer", "subject"),
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
