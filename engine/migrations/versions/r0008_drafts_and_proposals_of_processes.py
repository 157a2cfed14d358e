"""drafts and proposals of processes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.migrations.types import Instant, Json

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Forwards only: a backup is the way back."""
    op.create_table(
        "process_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("beside", sa.Integer(), nullable=True),
        sa.Column("hash", sa.String(length=80), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("saved_by", sa.Integer(), nullable=False),
        sa.Column("saved_at", Instant(), nullable=False),
        sa.Column("saved_tab", sa.String(length=40), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_process_draft_made_by")),
        sa.ForeignKeyConstraint(["saved_by"], ["person.id"], name=op.f("fk_process_draft_saved_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_draft")),
    )
    with op.batch_alter_table("process_draft", schema=None) as batch_op:
        batch_op.create_index("ix_process_draft_state", ["state", "key"], unique=False)

    op.create_table(
        "process_presence",
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("tab", sa.String(length=40), nullable=False),
        sa.Column("draft_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_process_presence_person_id")),
        sa.PrimaryKeyConstraint("key", "tab", name=op.f("pk_process_presence")),
    )
    op.create_table(
        "process_draft_file",
        sa.Column("draft_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["draft_id"], ["process_draft.id"], name=op.f("fk_process_draft_file_draft_id")),
        sa.PrimaryKeyConstraint("draft_id", "name", name=op.f("pk_process_draft_file")),
    )
    op.create_table(
        "process_proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("draft_id", sa.Integer(), nullable=True),
        sa.Column("again", sa.Integer(), nullable=True),
        sa.Column("hash", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("proposed_by", sa.Integer(), nullable=False),
        sa.Column("proposed_at", Instant(), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("said", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("published_at", Instant(), nullable=True),
        sa.Column("try_at", Instant(), nullable=True),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error", Json, nullable=True),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_process_proposal_decided_by")),
        sa.ForeignKeyConstraint(["draft_id"], ["process_draft.id"], name=op.f("fk_process_proposal_draft_id")),
        sa.ForeignKeyConstraint(["proposed_by"], ["person.id"], name=op.f("fk_process_proposal_proposed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_proposal")),
    )
    with op.batch_alter_table("process_proposal", schema=None) as batch_op:
        batch_op.create_index("ix_process_proposal_state", ["state", "try_at"], unique=False)

    op.create_table(
        "process_proposal_file",
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["process_proposal.id"], name=op.f("fk_process_proposal_file_proposal_id")
        ),
        sa.PrimaryKeyConstraint("proposal_id", "name", name=op.f("pk_process_proposal_file")),
    )
