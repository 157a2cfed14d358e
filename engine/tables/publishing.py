"""Processes on their way to a version: drafts, who has one open, proposals to publish; and plans by which running cases change to it."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, PrimaryKeyConstraint, String, Table, Text

from engine.tables.columns import Id, Instant, Json, metadata

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

process_migration = Table(  # a plan by which cases that run by one version go on by another
    "process_migration",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(100), nullable=False),
    Column("source_id", ForeignKey("definition.id"), nullable=False),
    Column("target_id", ForeignKey("definition.id"), nullable=False),
    Column("nodes", Json, nullable=False),  # node of the source to node of the target; what is not named has none
    # trying, tried (the dry run is there), proposed, running, done, stopped, refused, withdrawn
    Column("state", String(12), nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    Column("made_by", ForeignKey("person.id"), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("tried_at", Instant),
    Column("proposed_by", ForeignKey("person.id")),
    Column("proposed_at", Instant),
    Column("decided_by", ForeignKey("person.id")),  # none where no second person is asked for
    Column("decided_at", Instant),
    Column("said", Text, nullable=False, server_default=""),
    Column("ended_at", Instant),
    Column("lease_until", Instant),  # database time, never business time
    Index("ix_process_migration_state", "state", "id"),
    Index("ix_process_migration_key", "key", "id"),
)

process_migration_item = Table(  # what becomes of one case; written beside its step, which says the same in its history
    "process_migration_item",
    metadata,
    Column("migration_id", ForeignKey("process_migration.id"), nullable=False),
    Column("n", Integer, nullable=False),
    Column("instance_id", Id, nullable=False),
    Column("state", String(10), nullable=False),  # waiting, fits, refused, moved, stayed, gone
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("told", Json),  # what its tasks, timers and clocks become, by their nodes
    Column("code", String(40)),  # why not, in a word that groups them
    Column("text_zh", Text),
    Column("text_en", Text),
    Column("at", Instant),
    PrimaryKeyConstraint("migration_id", "n"),
    Index("ix_process_migration_item_state", "migration_id", "state", "n"),
)
