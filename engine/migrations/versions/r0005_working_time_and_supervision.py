"""working time, clocks as a ledger, supervision, notices that leave the house."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.migrations import searching
from engine.migrations.types import Id, Instant, Json

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Forwards only: a backup is the way back."""
    op.create_table(
        "clock_entry",
        sa.Column("instance_id", Id, nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("ground", sa.String(length=40), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("basis", sa.Text(), server_default="", nullable=False),
        sa.Column("document", sa.Text(), server_default="", nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=True),
        sa.Column("asked_unit", sa.Integer(), nullable=True),
        sa.Column("approved_by", sa.Integer(), nullable=True),
        sa.Column("approved_unit", sa.Integer(), nullable=True),
        sa.Column("request_id", Id, nullable=True),
        sa.Column("amount", sa.String(length=40), nullable=True),
        sa.Column("until", Instant(), nullable=True),
        sa.Column("due_before", Instant(), nullable=True),
        sa.Column("due_after", Instant(), nullable=True),
        sa.Column("calendar_version", sa.Integer(), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("instance_id", "name", "task_id", "n", name=op.f("pk_clock_entry")),
        info={"hot": True},
    )
    op.create_table(
        "delivery",
        sa.Column("instance_id", Id, nullable=False),
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("notice_id", sa.String(length=60), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("letter", sa.String(length=120), nullable=True),
        sa.Column("world_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("next_at", Instant(), nullable=False),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("instance_id", "id", name=op.f("pk_delivery")),
        info={"hot": True},
    )
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.create_index(
            "ix_delivery_dead",
            ["at"],
            unique=False,
            postgresql_where=sa.text("state = 'dead'"),
            sqlite_where=sa.text("state = 'dead'"),
        )
        batch_op.create_index(
            "ix_delivery_contact",
            ["contact_id"],
            unique=False,
            postgresql_where=sa.text("state = 'waiting'"),
            sqlite_where=sa.text("state = 'waiting'"),
        )
        batch_op.create_index(
            "ix_delivery_letter",
            ["letter"],
            unique=False,
            postgresql_where=sa.text("state = 'waiting'"),
            sqlite_where=sa.text("state = 'waiting'"),
        )
        batch_op.create_index("ix_delivery_at", ["at"], unique=False)
        batch_op.create_index("ix_delivery_person", ["person_id", "at"], unique=False)
        batch_op.create_index(
            "ix_delivery_waiting",
            ["next_at"],
            unique=False,
            postgresql_where=sa.text("state = 'waiting'"),
            sqlite_where=sa.text("state = 'waiting'"),
        )

    op.create_table(
        "rung",
        sa.Column("instance_id", Id, nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("world_id", sa.Integer(), nullable=False),
        sa.Column("case_id", Id, nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("round", sa.Integer(), server_default="0", nullable=False),
        sa.Column("node", sa.String(length=100), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("by_unit_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("basis", sa.Text(), server_default="", nullable=False),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("answered_at", Instant(), nullable=True),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), server_default="", nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("closed_by", sa.Integer(), nullable=True),
        sa.Column("closing", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("instance_id", "id", name=op.f("pk_rung")),
        info={"hot": True},
    )
    with op.batch_alter_table("rung", schema=None) as batch_op:
        batch_op.create_index("ix_rung_case", ["case_id"], unique=False)
        batch_op.create_index("ix_rung_unit", ["world_id", "unit_id", "at"], unique=False)

    op.create_table(
        "calendar_book",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("rows", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("base", sa.Integer(), server_default="0", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("preview", Json, nullable=True),
        sa.Column("proposed_by", sa.Integer(), nullable=True),
        sa.Column("proposed_at", Instant(), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("said", sa.Text(), server_default="", nullable=False),
        sa.Column("moved_at", Instant(), nullable=True),
        sa.Column("moved", Json, nullable=True),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_calendar_book_decided_by")),
        sa.ForeignKeyConstraint(["proposed_by"], ["person.id"], name=op.f("fk_calendar_book_proposed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_book")),
        sa.UniqueConstraint("version", name=op.f("uq_calendar_book_version")),
    )
    with op.batch_alter_table("calendar_book", schema=None) as batch_op:
        batch_op.create_index("ix_calendar_book_state", ["state", "id"], unique=False)

    op.create_table(
        "contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("shown", sa.String(length=100), server_default="", nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("quiet_from", sa.Integer(), nullable=True),
        sa.Column("quiet_to", sa.Integer(), nullable=True),
        sa.Column("digest_minutes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("kinds", Json, nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("verified_at", Instant(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("code_until", Instant(), nullable=True),
        sa.Column("code_tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("codes", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_contact_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
        sa.UniqueConstraint("person_id", "channel", name=op.f("uq_contact_person_id_channel")),
    )
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contact_person_id"), ["person_id"], unique=False)

    with op.batch_alter_table("clock", schema=None) as batch_op:
        batch_op.add_column(sa.Column("running_since", Instant(), nullable=True))
        batch_op.add_column(sa.Column("counted", sa.String(length=40), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("extra", sa.String(length=40), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("extensions", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("paused_at", Instant(), nullable=True))
        batch_op.add_column(sa.Column("paused_until", Instant(), nullable=True))
        batch_op.add_column(sa.Column("left_hours", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("entries", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("remind", sa.Integer(), server_default="0", nullable=False))
        batch_op.create_index(
            "ix_clock_late",
            ["world_id", "breached_at"],
            unique=False,
            postgresql_where=sa.text("breached_at is not null and stopped_at is null"),
            sqlite_where=sa.text("breached_at is not null and stopped_at is null"),
        )
        batch_op.create_index(
            "ix_clock_paused",
            ["world_id", "paused_until"],
            unique=False,
            postgresql_where=sa.text("paused_at is not null and stopped_at is null"),
            sqlite_where=sa.text("paused_at is not null and stopped_at is null"),
        )
        batch_op.create_index(
            "ix_clock_remind",
            ["world_id", "warn_at"],
            unique=False,
            postgresql_where=sa.text("remind = 1 and stopped_at is null"),
            sqlite_where=sa.text("remind = 1 and stopped_at is null"),
        )
        batch_op.create_index(
            "ix_clock_version",
            ["calendar_version", "instance_id"],
            unique=False,
            postgresql_where=sa.text("stopped_at is null"),
            sqlite_where=sa.text("stopped_at is null"),
        )

    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.add_column(sa.Column("calendars", sa.Integer(), nullable=True))
        batch_op.create_index(
            "ix_job_calendars",
            ["calendars", "instance_id"],
            unique=False,
            postgresql_where=sa.text("calendars is not null"),
            sqlite_where=sa.text("calendars is not null"),
        )

    with op.batch_alter_table("instance", schema=None) as batch_op:
        batch_op.add_column(sa.Column("confidential", sa.Boolean(), server_default=sa.text("false"), nullable=False))
        batch_op.add_column(sa.Column("about_id", Id, nullable=True))
        batch_op.create_index(
            "ix_instance_confidential",
            ["id"],
            unique=False,
            postgresql_where=sa.text("confidential"),
            sqlite_where=sa.text("confidential"),
        )

    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.add_column(sa.Column("pending", sa.Boolean(), server_default=sa.text("false"), nullable=False))
        batch_op.create_index(
            "ix_notice_pending",
            ["at"],
            unique=False,
            postgresql_where=sa.text("pending"),
            sqlite_where=sa.text("pending"),
        )

    for table in ("subscription", "process_start"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("inside", sa.Boolean(), server_default=sa.text("false"), nullable=False))

    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("calendars", sa.Integer(), server_default="1", nullable=False))

    searching.part_worlds(op.get_bind())
