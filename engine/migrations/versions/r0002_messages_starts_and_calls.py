"""Messages between instances, what starts a process beside people, and tasks of called processes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.migrations.types import Id, Instant, Json

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Forwards only: a backup is the way back."""
    op.create_table(
        "subscription",
        sa.Column("instance_id", Id, nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("idx", sa.Integer(), nullable=False),
        sa.Column("world_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("node", sa.String(length=100), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("instance_id", "task_id", "idx", name=op.f("pk_subscription")),
        info={"hot": True},
    )
    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.create_index("ix_subscription_waiting", ["world_id", "kind", "name", "key", "at"], unique=False)

    op.create_table(
        "letter",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("world_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("payload", Json, nullable=False),
        sa.Column("request", sa.String(length=80), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("receivers", Json, nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("done_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["world_id"], ["world.id"], name=op.f("fk_letter_world_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
    )
    with op.batch_alter_table("letter", schema=None) as batch_op:
        batch_op.create_index(
            "ix_letter_open",
            ["at"],
            unique=False,
            postgresql_where=sa.text("done_at is null"),
            sqlite_where=sa.text("done_at is null"),
        )

    op.create_table(
        "process_start",
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("node", sa.String(length=100), nullable=False),
        sa.Column("idx", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("definition_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["definition_id"], ["definition.id"], name=op.f("fk_process_start_definition_id")),
        sa.PrimaryKeyConstraint("key", "node", "idx", name=op.f("pk_process_start")),
    )
    with op.batch_alter_table("process_start", schema=None) as batch_op:
        batch_op.create_index("ix_process_start_name", ["kind", "name"], unique=False)

    op.create_table(
        "process_timer",
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("node", sa.String(length=100), nullable=False),
        sa.Column("idx", sa.Integer(), nullable=False),
        sa.Column("definition_id", sa.Integer(), nullable=False),
        sa.Column("began_at", Instant(), nullable=False),
        sa.Column("occurrence", sa.Integer(), nullable=False),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["definition_id"], ["definition.id"], name=op.f("fk_process_timer_definition_id")),
        sa.PrimaryKeyConstraint("key", "node", "idx", name=op.f("pk_process_timer")),
    )
    with op.batch_alter_table("process_timer", schema=None) as batch_op:
        batch_op.create_index("ix_process_timer_due", ["due_at"], unique=False)

    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.add_column(sa.Column("variables", Json, nullable=True))
        batch_op.add_column(sa.Column("within", sa.Text(), nullable=True))

    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.add_column(sa.Column("message_zh", sa.Text(), server_default="", nullable=False))
