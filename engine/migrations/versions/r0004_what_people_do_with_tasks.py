"""what people do with tasks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.migrations import searching
from engine.migrations.types import Id, Instant, Json

revision = "0004"
down_revision = "0003"


def upgrade() -> None:  # noqa: PLR0915  one revision is one list
    """Forwards only: a backup is the way back."""
    op.create_table(
        "copy",
        sa.Column("instance_id", Id, nullable=False),
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("task_id", sa.Integer(), nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("read_at", Instant(), nullable=True),
        sa.Column("opinion", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("instance_id", "id", name=op.f("pk_copy")),
        info={"hot": True},
    )
    with op.batch_alter_table("copy", schema=None) as batch_op:
        batch_op.create_index("ix_copy_person", ["person_id", "at"], unique=False)

    op.create_table(
        "draft",
        sa.Column("instance_id", Id, nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("answers", Json, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("instance_id", "task_id", "person_id", name=op.f("pk_draft")),
        info={"hot": True},
    )
    op.create_table(
        "notice",
        sa.Column("instance_id", Id, nullable=False),
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("world_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("data", Json, nullable=True),
        sa.Column("read_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("instance_id", "id", name=op.f("pk_notice")),
        info={"hot": True},
    )
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index("ix_notice_person", ["person_id", "at"], unique=False)
        batch_op.create_index(
            "ix_notice_unread",
            ["person_id", "at"],
            unique=False,
            postgresql_where=sa.text("read_at is null"),
            sqlite_where=sa.text("read_at is null"),
        )

    op.create_table(
        "operation",
        sa.Column("instance_id", Id, nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("data", Json, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("reviewed_by", sa.Integer(), nullable=True),
        sa.Column("reviewed_at", Instant(), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("instance_id", "id", name=op.f("pk_operation")),
        info={"hot": True},
    )
    with op.batch_alter_table("operation", schema=None) as batch_op:
        batch_op.create_index("ix_operation_state", ["state", "at"], unique=False)

    op.create_table(
        "batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("request", sa.String(length=80), nullable=False),
        sa.Column("act", sa.String(length=20), nullable=False),
        sa.Column("params", Json, nullable=False),
        sa.Column("origin", sa.String(length=120), server_default="", nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
        sa.UniqueConstraint("by_id", "key", name=op.f("uq_batch_by_id_key")),
    )
    with op.batch_alter_table("batch", schema=None) as batch_op:
        batch_op.create_index("ix_batch_state", ["state", "id"], unique=False)

    op.create_table(
        "batch_item",
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=True),
        sa.Column("text_zh", sa.Text(), nullable=True),
        sa.Column("text_en", sa.Text(), nullable=True),
        sa.Column("reply", Json, nullable=True),
        sa.Column("at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_batch_item_batch_id")),
        sa.PrimaryKeyConstraint("batch_id", "n", name=op.f("pk_batch_item")),
    )
    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.add_column(sa.Column("owner_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("role", sa.String(length=10), nullable=True))
        batch_op.add_column(sa.Column("signed_at", Instant(), nullable=True))
        batch_op.add_column(sa.Column("signed_by", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("urged_at", Instant(), nullable=True))
        batch_op.create_index(
            "ix_task_suspended",
            ["instance_id"],
            unique=False,
            postgresql_where=sa.text("state = 'suspended'"),
            sqlite_where=sa.text("state = 'suspended'"),
        )

    op.create_table(
        "saved_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("query", Json, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_saved_view_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
    )
    with op.batch_alter_table("saved_view", schema=None) as batch_op:
        batch_op.create_index("ix_saved_view_person_id", ["person_id"], unique=False)
        batch_op.create_index("ix_saved_view_unit_id", ["unit_id"], unique=False)

    op.create_table(
        "feed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=80), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=True),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_feed_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed")),
        sa.UniqueConstraint("hash", name=op.f("uq_feed_hash")),
    )
    with op.batch_alter_table("feed", schema=None) as batch_op:
        batch_op.create_index("ix_feed_person_id", ["person_id"], unique=False)

    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.create_index(
            "ix_task_done",
            ["closed_by", "closed_at"],
            unique=False,
            postgresql_where=sa.text("closed_by is not null"),
            sqlite_where=sa.text("closed_by is not null"),
        )

    op.create_table(
        "stamp",
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(length=80), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_stamp_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_stamp")),
    )
    with op.batch_alter_table("stamp", schema=None) as batch_op:
        batch_op.create_index("ix_stamp_hash", ["hash"], unique=False)

    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.create_index(
            "ix_task_owner",
            ["owner_id"],
            unique=False,
            postgresql_where=sa.text("state = 'open' and owner_id is not null"),
            sqlite_where=sa.text("state = 'open' and owner_id is not null"),
        )

    op.create_table(
        "words",
        sa.Column("instance_id", Id, autoincrement=False, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("instance_id", name=op.f("pk_words")),
        info={"hot": True},
    )
    searching.convert(op.get_bind())
    op.drop_table("gram")
    searching.make_index(op.get_bind())
    searching.make_triggers(op.get_bind())

    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.create_index(
            "ix_task_offered_node",
            ["world_id", "post_key", "unit_id", "node", "due_at"],
            unique=False,
            postgresql_where=sa.text("state = 'open' and assignee_id is null"),
            sqlite_where=sa.text("state = 'open' and assignee_id is null"),
        )
    with op.batch_alter_table("instance", schema=None) as batch_op:
        batch_op.create_index("ix_instance_started", ["world_id", "started_at"], unique=False)
        for name, column in (("class", "class"), ("area", "area"), ("status", "status"), ("unit", "unit_id")):
            batch_op.create_index(f"ix_instance_{name}", ["world_id", column, "started_at"], unique=False)

    op.create_table(
        "dispatch_model",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("node", sa.String(length=100), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=True),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("trained_at", Instant(), nullable=True),
        sa.Column("cases", sa.Integer(), server_default="0", nullable=False),
        sa.Column("content", sa.Text(), nullable=True),
        sa.Column("digest", sa.String(length=80), nullable=True),
        sa.Column("figures", Json, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispatch_model")),
    )
    with op.batch_alter_table("dispatch_model", schema=None) as batch_op:
        batch_op.create_index("ix_dispatch_model_state", ["key", "node", "state"], unique=False)

    op.create_table(
        "dispatch_proposal",
        sa.Column("instance_id", Id, nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=True),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("node", sa.String(length=100), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("class", sa.String(length=64), server_default="", nullable=False),
        sa.Column("proposed", sa.String(length=64), nullable=True),
        sa.Column("guessed", sa.String(length=64), nullable=True),
        sa.Column("by_table", sa.String(length=64), nullable=True),
        sa.Column("trust", sa.Float(), server_default="0", nullable=False),
        sa.Column("spoke", sa.Boolean(), nullable=False),
        sa.Column("decided", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("chosen", sa.String(length=64), nullable=True),
        sa.Column("handled", sa.String(length=64), nullable=True),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("instance_id", "task_id", name=op.f("pk_dispatch_proposal")),
        info={"hot": True},
    )
    with op.batch_alter_table("dispatch_proposal", schema=None) as batch_op:
        batch_op.create_index("ix_dispatch_proposal_settled", ["key", "settled_at"], unique=False)
        batch_op.create_index(
            "ix_dispatch_proposal_waiting",
            ["state", "instance_id"],
            unique=False,
            postgresql_where=sa.text("state in ('open', 'sent')"),
            sqlite_where=sa.text("state in ('open', 'sent')"),
        )
    with op.batch_alter_table("involvement", schema=None) as batch_op:
        batch_op.create_index("ix_involvement_case", ["instance_id", "unit_id"], unique=False)
