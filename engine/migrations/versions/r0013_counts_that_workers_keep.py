"""One table for whatever workers count of a large city and keep for a while: periods, live pictures, and periods that are to be closed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.migrations.types import Id, Instant, Json

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Forwards only: a backup is the way back. What was counted before is counted again when somebody asks."""
    op.drop_table("assessment_count_mark")
    op.drop_table("assessment_count")
    op.create_table(
        "kept_count",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=20), nullable=False),
        sa.Column("about", sa.String(length=200), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("asked", Json, nullable=True),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("at", Instant(), nullable=True),
        sa.Column("sums", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_count")),
    )
    with op.batch_alter_table("kept_count", schema=None) as batch_op:
        batch_op.create_index("ix_kept_count_matter", ["subject", "about", "since", "until", "id"], unique=False)
        batch_op.create_index(
            "uq_kept_count_waiting",
            ["subject", "about", "since", "until"],
            unique=True,
            postgresql_where=sa.text("at is null"),
            sqlite_where=sa.text("at is null"),
        )

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
        sa.ForeignKeyConstraint(["count_id"], ["kept_count.id"], name=op.f("fk_assessment_count_mark_count_id")),
        sa.PrimaryKeyConstraint("count_id", "instance_id", name=op.f("pk_assessment_count_mark")),
    )
    op.create_table(
        "kept_count_cases",
        sa.Column("count_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=200), nullable=False),
        sa.Column("ids", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["count_id"], ["kept_count.id"], name=op.f("fk_kept_count_cases_count_id")),
        sa.PrimaryKeyConstraint("count_id", "number", name=op.f("pk_kept_count_cases")),
    )
