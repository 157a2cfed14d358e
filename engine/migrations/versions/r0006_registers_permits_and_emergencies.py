"""registers, permits and emergencies."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.migrations.types import Id, Instant, Json

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Forwards only: a backup is the way back."""
    op.create_table(
        "application",
        sa.Column("code_hash", sa.String(length=80), nullable=False),
        sa.Column("instance_id", Id, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("code_hash", "instance_id", name=op.f("pk_application")),
        info={"hot": True},
    )
    with op.batch_alter_table("application", schema=None) as batch_op:
        batch_op.create_index("ix_application_instance", ["instance_id"], unique=False)

    op.create_table(
        "certificate",
        sa.Column("instance_id", Id, nullable=False),
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("world_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("code_hash", sa.String(length=80), nullable=False),
        sa.Column("issued_at", Instant(), nullable=False),
        sa.Column("valid_from", Instant(), nullable=True),
        sa.Column("valid_until", Instant(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("data", Json, nullable=False),
        sa.Column("public", Json, nullable=True),
        sa.Column("hash", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("instance_id", "id", name=op.f("pk_certificate")),
        info={"hot": True},
    )
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.create_index("ix_certificate_code", ["code_hash"], unique=False)
        batch_op.create_index("ix_certificate_kind", ["world_id", "kind", "issued_at"], unique=False)
        batch_op.create_index("ix_certificate_number", ["number"], unique=False)

    op.create_table(
        "reservation",
        sa.Column("instance_id", Id, nullable=False),
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("world_id", sa.Integer(), nullable=False),
        sa.Column("register", sa.String(length=64), nullable=False),
        sa.Column("row_key", sa.String(length=120), nullable=False),
        sa.Column("begins", sa.Float(), nullable=True),
        sa.Column("ends", sa.Float(), nullable=True),
        sa.Column("from_at", Instant(), nullable=False),
        sa.Column("until_at", Instant(), nullable=False),
        sa.Column("purpose", sa.String(length=40), server_default="", nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("data", Json, nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("instance_id", "id", name=op.f("pk_reservation")),
        info={"hot": True},
    )
    with op.batch_alter_table("reservation", schema=None) as batch_op:
        batch_op.create_index("ix_reservation_until", ["until_at"], unique=False)
        batch_op.create_index("ix_reservation_where", ["register", "row_key", "until_at"], unique=False)

    op.create_table(
        "drill",
        sa.Column("world_id", sa.Integer(), nullable=False),
        sa.Column("plan", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("started_by", sa.Integer(), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("receivers", Json, nullable=False),
        sa.Column("evaluation", Json, nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["started_by"], ["person.id"], name=op.f("fk_drill_started_by")),
        sa.ForeignKeyConstraint(["world_id"], ["world.id"], name=op.f("fk_drill_world_id")),
        sa.PrimaryKeyConstraint("world_id", name=op.f("pk_drill")),
    )
    op.create_table(
        "event_source",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("messages", Json, nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("last_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_event_source_person_id")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_event_source")),
    )
