"""What of a case is a unit's own in the assessment: rows beside the marks of editions and counts. What workers counted is counted anew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.migrations.types import Id

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Forwards only: a backup is the way back. Editions closed before have no such rows, and say so in their bodies; a closing that waits
    for a worker is begun anew."""
    op.create_table(
        "assessment_unit_mark",
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("instance_id", Id, nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("full", sa.BigInteger(), nullable=False),
        sa.Column("base", sa.BigInteger(), nullable=False),
        sa.Column("adjusted", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["assessment_edition.id"], name=op.f("fk_assessment_unit_mark_edition_id")
        ),
        sa.PrimaryKeyConstraint("edition_id", "instance_id", "unit_id", name=op.f("pk_assessment_unit_mark")),
    )
    op.create_table(
        "assessment_count_unit_mark",
        sa.Column("count_id", sa.Integer(), nullable=False),
        sa.Column("instance_id", Id, nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("full", sa.BigInteger(), nullable=False),
        sa.Column("base", sa.BigInteger(), nullable=False),
        sa.Column("adjusted", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["count_id"], ["kept_count.id"], name=op.f("fk_assessment_count_unit_mark_count_id")),
        sa.PrimaryKeyConstraint("count_id", "instance_id", "unit_id", name=op.f("pk_assessment_count_unit_mark")),
    )
    op.execute("DELETE FROM assessment_count_mark")
    op.execute("DELETE FROM kept_count WHERE subject = 'assessment'")
