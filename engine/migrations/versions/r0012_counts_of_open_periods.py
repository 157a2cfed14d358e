"""Counts of open periods of a large city, kept for a while; cases found by when they ended, clocks with their case in the index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.migrations.types import Id, Instant

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Forwards only: a backup is the way back."""
    op.create_table(
        "assessment_count",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("begun_at", Instant(), nullable=True),
        sa.Column("at", Instant(), nullable=True),
        sa.Column("sums", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_count")),
    )
    with op.batch_alter_table("assessment_count", schema=None) as batch_op:
        batch_op.create_index("ix_assessment_count_period", ["kind", "since", "id"], unique=False)

    op.create_table(
        "assessment_count_mark",
        sa.Column("count_id", sa.Integer(), nullable=False),
        sa.Column("instance_id", Id, nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("area", sa.String(length=64), nullable=True),
        sa.Column("class", sa.String(length=64), nullable=True),
        sa.Column("source", sa.String(length=64), nullable=True),
        sa.Column("full", sa.BigInteger(), nullable=False),
        sa.Column("base", sa.BigInteger(), nullable=False),
        sa.Column("adjusted", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["count_id"], ["assessment_count.id"], name=op.f("fk_assessment_count_mark_count_id")),
        sa.PrimaryKeyConstraint("count_id", "instance_id", name=op.f("pk_assessment_count_mark")),
    )
    with op.batch_alter_table("clock", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_clock_stopped"))
        batch_op.create_index("ix_clock_stopped", ["world_id", "stopped_at", "instance_id"], unique=False)
        batch_op.drop_index(batch_op.f("ix_clock_term"))
        batch_op.create_index("ix_clock_term", ["world_id", "due_at", "instance_id"], unique=False)
        batch_op.create_index(
            "ix_clock_stood",
            ["world_id", "paused_at"],
            unique=False,
            postgresql_where=sa.text("paused_at is not null"),
            sqlite_where=sa.text("paused_at is not null"),
        )

    with op.batch_alter_table("instance", schema=None) as batch_op:
        batch_op.create_index(
            "ix_instance_ended",
            ["world_id", "ended_at"],
            unique=False,
            postgresql_where=sa.text("ended_at is not null"),
            sqlite_where=sa.text("ended_at is not null"),
        )
