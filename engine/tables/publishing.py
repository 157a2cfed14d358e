"""Processes on their way to a version: drafts, who has one open, and proposals to publish."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, PrimaryKeyConstraint, String, Table, Text

from engine.tables.columns import Instant, Json, metadata

process_draft = Table(
    "process_draft",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(100), nullable=False),  # the process it is to be a version of
    Column("name_zh", String(200), nullable=False),
    Column("name_en", String(200), nullable=False),
    Column("base", Integer, nullable=False),  # the version it was made from; 0: it came from outside
    Column("revision", Integer, nullable=False),  # raised by whoever saves; who saved an older one made another draft
    Column("state", String(12), nullable=False),  # open, discarded, published
    Column("beside", Integer),  # the draft that somebody else had saved meanwhile
    Column("hash", String(80), nullable=False),
    Column("made_by", ForeignKey("person.id"), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("saved_by", ForeignKey("person.id"), nullable=False),
    Column("saved_at", Instant, nullable=False),
    Column(
        "saved_tab", String(40), nullable=False, server_default=""
    ),  # the page that saved it: its own saves never collide
    Index("ix_process_draft_state", "state", "key"),
)

process_draft_file = Table(
    "process_draft_file",
    metadata,
    Column("draft_id", ForeignKey("process_draft.id"), nullable=False),
    Column("name", String(200), nullable=False),
    Column("revision", Integer, nullable=False),  # of the draft, when this file was changed last
    Column("content", LargeBinary, nullable=False),
    PrimaryKeyConstraint("draft_id", "name"),
)

process_presence = Table(  # a page that has a draft, or a version to draw on, open: it says so again and again
    "process_presence",
    metadata,
    Column("key", String(100), nullable=False),
    Column("tab", String(40), nullable=False),
    Column("draft_id", Integer),  # none: nothing is saved yet
    Column("person_id", ForeignKey("person.id"), nullable=False),
    Column("since", Instant, nullable=False),
    Column("at", Instant, nullable=False),  # database time
    PrimaryKeyConstraint("key", "tab"),
)

process_proposal = Table(
    "process_proposal",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(100), nullable=False),
    Column("name_zh", String(200), nullable=False),
    Column("name_en", String(200), nullable=False),
    Column("base", Integer, nullable=False),  # the newest version when it was proposed: what it is to follow
    Column("draft_id", ForeignKey("process_draft.id")),
    Column("again", Integer),  # the former version that is to be the newest again
    Column("hash", String(80), nullable=False),  # of its files, as they were proposed
    Column("state", String(12), nullable=False),  # proposed, approved, published, refused, withdrawn, failed
    Column("note", Text, nullable=False),
    Column("due_at", Instant),  # database time from which it is published; none: as soon as it is approved
    Column("proposed_by", ForeignKey("person.id"), nullable=False),
    Column("proposed_at", Instant, nullable=False),
    Column("decided_by", ForeignKey("person.id")),  # none where no second person is asked for
    Column("decided_at", Instant),
    Column("said", Text, nullable=False, server_default=""),
    Column("version", Integer),  # what it became
    Column("published_at", Instant),
    Column("try_at", Instant),  # approved: when a worker publishes it, or tries again
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("error", Json),  # why it failed, in both languages
    Index("ix_process_proposal_state", "state", "try_at"),
)

process_proposal_file = Table(
    "process_proposal_file",
    metadata,
    Column("proposal_id", ForeignKey("process_proposal.id"), nullable=False),
    Column("name", String(200), nullable=False),
    Column("content", LargeBinary, nullable=False),
    PrimaryKeyConstraint("proposal_id", "name"),
)
