"""Plans by which running cases change to another version of their process, and what becomes of each case."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.migrations.types import Id, Instant, Json

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Forwards only: a backup is the way back."""
    op.create_table(
        "process_migration",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.Column("nodes", Json, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("tried_at", Instant(), nullable=True),
        sa.Column("proposed_by", sa.Integer(), nullable=True),
        sa.Column("proposed_at", Instant(), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("said", sa.Text(), server_default="", nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_process_migration_decided_by")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_process_migration_made_by")),
        sa.ForeignKeyConstraint(["proposed_by"], ["person.id"], name=op.f("fk_process_migration_proposed_by")),
        sa.ForeignKeyConstraint(["source_id"], ["definition.id"], name=op.f("fk_process_migration_source_id")),
        sa.ForeignKeyConstraint(["target_id"], ["definition.id"], name=op.f("fk_process_migration_target_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_migration")),
    )
    with op.batch_alter_table("process_migration", schema=None) as batch_op:
        batch_op.create_index("ix_process_migration_key", ["key", "id"], unique=False)
        batch_op.create_index("ix_process_migration_state", ["state", "id"], unique=False)

    op.create_table(
        "process_migration_item",
        sa.Column("migration_id", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("instance_id", Id, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("told", Json, nullable=True),
        sa.Column("code", sa.String(length=40), nullable=True),
        sa.Column("text_zh", sa.Text(), nullable=True),
        sa.Column("text_en", sa.Text(), nullable=True),
        sa.Column("at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["migration_id"], ["process_migration.id"], name=op.f("fk_process_migration_item_migration_id")
        ),
        sa.PrimaryKeyConstraint("migration_id", "n", name=op.f("pk_process_migration_item")),
    )
    with op.batch_alter_table("process_migration_item", schema=None) as batch_op:
        batch_op.create_index("ix_process_migration_item_state", ["migration_id", "state", "n"], unique=False)
