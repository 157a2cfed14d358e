"""First."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.migrations.types import Id, Instant, Json

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Forwards only: a backup is the way back."""
    op.create_table(
        "attachment",
        sa.Column("instance_id", Id, nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("hash", sa.String(length=80), nullable=False),
        sa.Column("thumbnail", sa.String(length=80), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=40), server_default="", nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("instance_id", "id", name=op.f("pk_attachment")),
        info={"hot": True},
    )
    op.create_index(op.f("ix_attachment_by_id_at"), "attachment", ["by_id", "at"], unique=False)
    op.create_index(op.f("ix_attachment_hash"), "attachment", ["hash"], unique=False)
    op.create_index(op.f("ix_attachment_thumbnail"), "attachment", ["thumbnail"], unique=False)
    op.create_table(
        "attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("good", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
    )
    op.create_index(op.f("ix_attempt_what_key_at"), "attempt", ["what", "key", "at"], unique=False)
    op.create_table(
        "blob",
        sa.Column("hash", sa.String(length=80), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_blob")),
    )
    op.create_table(
        "clock",
        sa.Column("instance_id", Id, nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("world_id", sa.Integer(), nullable=False),
        sa.Column("amount", sa.String(length=40), nullable=True),
        sa.Column("unit", sa.String(length=20), nullable=True),
        sa.Column("calendar", sa.String(length=64), nullable=False),
        sa.Column("calendar_version", sa.Integer(), nullable=False),
        sa.Column("warn_share", sa.String(length=10), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("warn_at", Instant(), nullable=True),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("stopped_at", Instant(), nullable=True),
        sa.Column("breached_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("instance_id", "name", "task_id", name=op.f("pk_clock")),
        info={"hot": True},
    )
    op.create_index(
        "ix_clock_due",
        "clock",
        ["world_id", "due_at"],
        unique=False,
        postgresql_where=sa.text("stopped_at is null and breached_at is null"),
        sqlite_where=sa.text("stopped_at is null and breached_at is null"),
    )
    op.create_index(
        "ix_clock_open",
        "clock",
        ["instance_id"],
        unique=False,
        postgresql_where=sa.text("stopped_at is null"),
        sqlite_where=sa.text("stopped_at is null"),
    )
    op.create_table(
        "gram",
        sa.Column("instance_id", Id, nullable=False),
        sa.Column("gram", sa.String(length=8), nullable=False),
        sa.PrimaryKeyConstraint("gram", "instance_id", name=op.f("pk_gram")),
        info={"hot": True},
    )
    op.create_table(
        "history",
        sa.Column("instance_id", Id, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("node", sa.String(length=100), nullable=True),
        sa.Column("task_id", sa.Integer(), nullable=True),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("post_key", sa.String(length=64), nullable=True),
        sa.Column("data", Json, nullable=True),
        sa.PrimaryKeyConstraint("instance_id", "seq", name=op.f("pk_history")),
        info={"hot": True},
    )
    op.create_table(
        "incident",
        sa.Column("instance_id", Id, nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("node", sa.String(length=100), nullable=True),
        sa.Column("job_id", sa.String(length=80), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("resolved_at", Instant(), nullable=True),
        sa.Column("resolved_by", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("instance_id", "id", name=op.f("pk_incident")),
        info={"hot": True},
    )
    op.create_table(
        "involvement",
        sa.Column("instance_id", Id, nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("unit_id", "instance_id", name=op.f("pk_involvement")),
        info={"hot": True},
    )
    op.create_table(
        "job",
        sa.Column("instance_id", Id, nullable=False),
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("world_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("node", sa.String(length=100), nullable=True),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("payload", Json, nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("instance_id", "id", name=op.f("pk_job")),
        info={"hot": True},
    )
    op.create_index(
        "ix_job_due",
        "job",
        ["world_id", "due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
        sqlite_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "link",
        sa.Column("instance_id", Id, nullable=False),
        sa.Column("other_id", Id, nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("instance_id", "other_id", "kind", name=op.f("pk_link")),
        info={"hot": True},
    )
    op.create_index(op.f("ix_link_other_id_instance_id"), "link", ["other_id", "instance_id"], unique=False)
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("pinyin", sa.String(length=200), server_default="", nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("locale", sa.String(length=8), server_default="zh", nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("must_change", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("access_revision", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("login", name=op.f("uq_person_login")),
    )
    op.create_table(
        "post",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("name_zh", sa.String(length=100), nullable=False),
        sa.Column("name_en", sa.String(length=100), nullable=False),
        sa.Column("powers", Json, nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_post")),
    )
    op.create_table(
        "receipt",
        sa.Column("instance_id", Id, nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("request", sa.String(length=80), nullable=False),
        sa.Column("reply", Json, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("instance_id", "key", name=op.f("pk_receipt")),
        info={"hot": True},
    )
    op.create_table(
        "register_row",
        sa.Column("register", sa.String(length=64), nullable=False),
        sa.Column("row_key", sa.String(length=120), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("match_key", sa.String(length=200), server_default="", nullable=False),
        sa.Column("data", Json, nullable=False),
        sa.Column("current", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("register", "row_key", "version", name=op.f("pk_register_row")),
    )
    op.create_index("ix_register_row_match", "register_row", ["register", "match_key", "current"], unique=False)
    op.create_table(
        "setting",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("value", Json, nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_setting")),
    )
    op.create_table(
        "task",
        sa.Column("instance_id", Id, nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("world_id", sa.Integer(), nullable=False),
        sa.Column("definition_id", sa.Integer(), nullable=False),
        sa.Column("node", sa.String(length=100), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("post_key", sa.String(length=64), nullable=True),
        sa.Column("assignee_id", sa.Integer(), nullable=True),
        sa.Column("item", Json, nullable=True),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("claimed_at", Instant(), nullable=True),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("closed_by", sa.Integer(), nullable=True),
        sa.Column("warn_at", Instant(), nullable=True),
        sa.Column("due_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("instance_id", "id", name=op.f("pk_task")),
        info={"hot": True},
    )
    op.create_index(
        "ix_task_assigned",
        "task",
        ["assignee_id", "due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'open' and assignee_id is not null"),
        sqlite_where=sa.text("state = 'open' and assignee_id is not null"),
    )
    op.create_index(
        "ix_task_offered",
        "task",
        ["world_id", "post_key", "unit_id", "due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'open' and assignee_id is null"),
        sqlite_where=sa.text("state = 'open' and assignee_id is null"),
    )
    op.create_index(
        "ix_task_open",
        "task",
        ["instance_id"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
        sqlite_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "unit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("realm", sa.String(length=20), server_default="", nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("pinyin", sa.String(length=400), server_default="", nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["unit.id"], name=op.f("fk_unit_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("key", name=op.f("uq_unit_key")),
    )
    op.create_table(
        "worker",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("host", sa.String(length=100), nullable=False),
        sa.Column("process", sa.Integer(), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("stopped_at", Instant(), nullable=True),
        sa.Column("passes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("fenced", sa.Integer(), server_default="0", nullable=False),
        sa.Column("breaches", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_worker")),
    )
    op.create_table(
        "world",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("clock", sa.String(length=10), nullable=False),
        sa.Column("now", Instant(), nullable=True),
        sa.Column("set_at", Instant(), nullable=True),
        sa.Column("rate", sa.Float(), server_default="1", nullable=False),
        sa.Column("zone", sa.String(length=40), nullable=False),
        sa.Column("realm", sa.String(length=20), server_default="", nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_world")),
    )
    op.create_table(
        "api_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=80), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=True),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_api_token_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("hash", name=op.f("uq_api_token_hash")),
    )
    op.create_index(op.f("ix_api_token_person_id"), "api_token", ["person_id"], unique=False)
    op.create_table(
        "area",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("name_zh", sa.String(length=100), nullable=False),
        sa.Column("name_en", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("realm", sa.String(length=20), server_default="", nullable=False),
        sa.Column("parent_key", sa.String(length=64), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["parent_key"], ["area.key"], name=op.f("fk_area_parent_key")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_area_unit_id")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_area")),
    )
    op.create_table(
        "definition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=80), nullable=False),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("data_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_definition_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_definition")),
        sa.UniqueConstraint("key", "version", name=op.f("uq_definition_key_version")),
    )
    op.create_table(
        "membership",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("post_key", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_membership_person_id")),
        sa.ForeignKeyConstraint(["post_key"], ["post.key"], name=op.f("fk_membership_post_key")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_membership_unit_id")),
        sa.PrimaryKeyConstraint("person_id", "unit_id", "post_key", name=op.f("pk_membership")),
    )
    op.create_index(op.f("ix_membership_unit_id_post_key"), "membership", ["unit_id", "post_key"], unique=False)
    op.create_table(
        "session",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("address", sa.String(length=64), server_default="", nullable=False),
        sa.Column("agent", sa.String(length=300), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_session_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
    )
    op.create_index(op.f("ix_session_person_id"), "session", ["person_id"], unique=False)
    op.create_table(
        "definition_file",
        sa.Column("definition_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["definition_id"], ["definition.id"], name=op.f("fk_definition_file_definition_id")),
        sa.PrimaryKeyConstraint("definition_id", "name", name=op.f("pk_definition_file")),
    )
    op.create_table(
        "instance",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("world_id", sa.Integer(), nullable=False),
        sa.Column("definition_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("outcome", sa.String(length=100), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("facts", Json, nullable=False),
        sa.Column("title", sa.String(length=300), server_default="", nullable=False),
        sa.Column("class", sa.String(length=64), nullable=True),
        sa.Column("area", sa.String(length=64), nullable=True),
        sa.Column("place", sa.String(length=300), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("source", sa.String(length=64), nullable=True),
        sa.Column("grade", sa.String(length=32), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("starter_id", sa.Integer(), nullable=True),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("history_count", sa.Integer(), nullable=False),
        sa.Column("data_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["definition_id"], ["definition.id"], name=op.f("fk_instance_definition_id")),
        sa.ForeignKeyConstraint(["world_id"], ["world.id"], name=op.f("fk_instance_world_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instance")),
        info={"hot": True},
    )
    op.create_index("ix_instance_listing", "instance", ["world_id", "key", "started_at"], unique=False)
    op.create_index("ix_instance_number", "instance", ["number"], unique=False)
    live_world()


def live_world() -> None:
    """The world whose deadlines bind."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    now = "clock_timestamp()" if postgresql else "strftime('%Y-%m-%dT%H:%M:%f000+00:00', 'now')"
    columns = "(id, kind, name, clock, rate, zone, created_at)"
    op.execute(sa.text(f"INSERT INTO world {columns} VALUES (1, 'live', '潜江', 'real', 1.0, 'Asia/Shanghai', {now})"))  # noqa: S608
    if postgresql:
        op.execute("SELECT setval(pg_get_serial_sequence('world', 'id'), 1)")
