"""certificates searched, events, drills."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.migrations.types import Id, Instant, Json

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Forwards only: a backup is the way back."""
    op.create_table(
        "source_event",
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=120), nullable=False),
        sa.Column("request", sa.String(length=80), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("case_id", Id, nullable=True),
        sa.Column("joined", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["source"], ["event_source.key"], name=op.f("fk_source_event_source")),
        sa.PrimaryKeyConstraint("source", "id", name=op.f("pk_source_event")),
    )
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.add_column(sa.Column("words", sa.Text(), server_default="", nullable=False))

    with op.batch_alter_table("drill", schema=None) as batch_op:
        batch_op.drop_column("receivers")

    with op.batch_alter_table("register_row", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ended", sa.Boolean(), server_default=sa.text("false"), nullable=False))
        batch_op.add_column(sa.Column("why", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("cause", sa.String(length=120), server_default="", nullable=False))

    with op.batch_alter_table("world", schema=None) as batch_op:
        batch_op.add_column(sa.Column("receivers", Json, nullable=True))
