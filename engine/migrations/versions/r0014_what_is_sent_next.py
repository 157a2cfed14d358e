"""What is sent next is found at once, however much waits: in the order of sending, with what came before it and what is on its way."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    """Forwards only: a backup is the way back."""
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_delivery_waiting"), postgresql_where=WAITING, sqlite_where=WAITING)
        batch_op.drop_index(batch_op.f("ix_delivery_contact"), postgresql_where=WAITING, sqlite_where=WAITING)
        for name, columns in (
            ("ix_delivery_waiting", ["channel", "next_at", "at", "instance_id", "seq"]),
            ("ix_delivery_order", ["instance_id", "person_id", "channel", "seq"]),
            ("ix_delivery_contact", ["contact_id", "lease_until"]),
        ):
            batch_op.create_index(name, columns, unique=False, postgresql_where=WAITING, sqlite_where=WAITING)
