"""history by business time: what was passed in a period."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Forwards only: a backup is the way back."""
    op.create_index(op.f("ix_history_at"), "history", ["at"])
