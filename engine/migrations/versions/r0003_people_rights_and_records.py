"""People, rights, and records that stand up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.migrations.converting import overwrite_what_is_deleted, reporters_apart, who_saw_may_unmask
from engine.migrations.types import Id, Instant, Json

revision = "0003"
down_revision = "0002"


def upgrade() -> None:  # noqa: PLR0915  one revision is one list
    """Forwards only: a backup is the way back."""
    overwrite_what_is_deleted(op.get_bind())
    op.create_table(
        "alarm",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("about", sa.String(length=200), server_default="", nullable=False),
        sa.Column("said_zh", sa.Text(), nullable=False),
        sa.Column("said_en", sa.Text(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=True),
        sa.Column("seen_by", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm")),
    )
    with op.batch_alter_table("alarm", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_alarm_seen_at_at"), ["seen_at", "at"], unique=False)

    op.create_table(
        "audit",
        sa.Column("stream", sa.String(length=80), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("for_id", sa.Integer(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("post_key", sa.String(length=64), nullable=True),
        sa.Column("origin", sa.String(length=120), server_default="", nullable=False),
        sa.Column("about", sa.String(length=200), server_default="", nullable=False),
        sa.Column("data", Json, nullable=True),
        sa.Column("hash", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("stream", "seq", name=op.f("pk_audit")),
    )
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_about_at"), ["about", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_actor_id_at"), ["actor_id", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_at"), ["at"], unique=False)

    op.create_table(
        "audit_head",
        sa.Column("stream", sa.String(length=80), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("stream", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "checkpoint",
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(length=80), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("key_id", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_checkpoint")),
    )
    op.create_table(
        "identity",
        sa.Column("instance_id", Id, nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("fields", Json, nullable=False),
        sa.Column("sealed", sa.Text(), nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("deleted_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("instance_id", "id", name=op.f("pk_identity")),
        info={"hot": True},
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
    )
    op.create_table(
        "organisation_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("plan", Json, nullable=False),
        sa.Column("preview", Json, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("proposed_at", Instant(), nullable=False),
        sa.Column("proposed_by", sa.Integer(), nullable=True),
        sa.Column("reviewed_at", Instant(), nullable=True),
        sa.Column("reviewed_by", sa.Integer(), nullable=True),
        sa.Column("review_note", sa.Text(), server_default="", nullable=False),
        sa.Column("applied_at", Instant(), nullable=True),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("total", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("work", Json, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation_change")),
    )
    with op.batch_alter_table("organisation_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_organisation_change_state_id"), ["state", "id"], unique=False)

    op.create_table(
        "public_message",
        sa.Column("instance_id", Id, nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("code_hash", sa.String(length=80), nullable=True),
        sa.PrimaryKeyConstraint("instance_id", "id", name=op.f("pk_public_message")),
        info={"hot": True},
    )
    with op.batch_alter_table("public_message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_public_message_at"), ["at"], unique=False)

    op.create_table(
        "public_report",
        sa.Column("code_hash", sa.String(length=80), nullable=False),
        sa.Column("instance_id", Id, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("answers", Json, nullable=True),
        sa.Column("why_held", sa.String(length=200), server_default="", nullable=False),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("code_hash", "instance_id", name=op.f("pk_public_report")),
        info={"hot": True},
    )
    with op.batch_alter_table("public_report", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_public_report_instance_id"), ["instance_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_public_report_state_at"), ["state", "at"], unique=False)

    op.create_table(
        "recusal",
        sa.Column("instance_id", Id, nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("instance_id", "unit_id", name=op.f("pk_recusal")),
        info={"hot": True},
    )
    with op.batch_alter_table("recusal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recusal_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "subject_key",
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("wrapped", sa.Text(), nullable=True),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("destroyed_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_subject_key")),
    )
    op.create_table(
        "turn",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_turn")),
    )
    op.create_table(
        "duty",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("post_key", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_duty_person_id")),
        sa.ForeignKeyConstraint(["post_key"], ["post.key"], name=op.f("fk_duty_post_key")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_duty_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty")),
    )
    with op.batch_alter_table("duty", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_duty_unit_id_post_key_until"), ["unit_id", "post_key", "until"], unique=False
        )

    op.create_table(
        "login_link",
        sa.Column("issuer", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_login_link_person_id")),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_login_link")),
    )
    with op.batch_alter_table("login_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_login_link_person_id"), ["person_id"], unique=False)

    op.create_table(
        "past_password",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_past_password_person_id")),
        sa.PrimaryKeyConstraint("person_id", "at", name=op.f("pk_past_password")),
    )
    op.create_table(
        "post_conflict",
        sa.Column("post_key", sa.String(length=64), nullable=False),
        sa.Column("other_key", sa.String(length=64), nullable=False),
        sa.Column("why_zh", sa.Text(), nullable=False),
        sa.Column("why_en", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["other_key"], ["post.key"], name=op.f("fk_post_conflict_other_key")),
        sa.ForeignKeyConstraint(["post_key"], ["post.key"], name=op.f("fk_post_conflict_post_key")),
        sa.PrimaryKeyConstraint("post_key", "other_key", name=op.f("pk_post_conflict")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=80), nullable=False),
        sa.Column("used_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_recovery_code_person_id")),
        sa.PrimaryKeyConstraint("person_id", "hash", name=op.f("pk_recovery_code")),
    )
    op.create_table(
        "substitution",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("principal_id", sa.Integer(), nullable=False),
        sa.Column("substitute_id", sa.Integer(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("post_key", sa.String(length=64), nullable=True),
        sa.Column("processes", Json, nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["post_key"], ["post.key"], name=op.f("fk_substitution_post_key")),
        sa.ForeignKeyConstraint(["principal_id"], ["person.id"], name=op.f("fk_substitution_principal_id")),
        sa.ForeignKeyConstraint(["substitute_id"], ["person.id"], name=op.f("fk_substitution_substitute_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_substitution_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_substitution")),
    )
    with op.batch_alter_table("substitution", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_substitution_principal_id_until"), ["principal_id", "until"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_substitution_substitute_id_until"), ["substitute_id", "until"], unique=False
        )

    op.create_table(
        "totp",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("confirmed_at", Instant(), nullable=True),
        sa.Column("last_step", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_totp_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_totp")),
    )
    with op.batch_alter_table("api_token", schema=None) as batch_op:
        batch_op.add_column(sa.Column("scopes", Json, server_default='["*"]', nullable=False))

    with op.batch_alter_table("history", schema=None) as batch_op:
        batch_op.add_column(sa.Column("for_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("origin", sa.String(length=120), nullable=True))
        batch_op.add_column(sa.Column("hash", sa.String(length=80), nullable=True))
        batch_op.add_column(sa.Column("written_at", Instant(), nullable=True))
        batch_op.create_index("ix_history_written", ["written_at"], unique=False)
        batch_op.create_index(
            "ix_history_moved",
            ["instance_id", "seq"],
            unique=False,
            postgresql_where=sa.text("kind = 'moved'"),
            sqlite_where=sa.text("kind = 'moved'"),
        )

    with op.batch_alter_table("instance", schema=None) as batch_op:
        batch_op.add_column(sa.Column("history_hash", sa.String(length=80), nullable=True))

    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.add_column(sa.Column("since", Instant(), nullable=True))
        batch_op.add_column(sa.Column("until", Instant(), nullable=True))

    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("password_at", Instant(), nullable=True))
        batch_op.add_column(sa.Column("staff_no", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("left_at", Instant(), nullable=True))
        batch_op.create_index(batch_op.f("ix_person_staff_no"), ["staff_no"], unique=False)

    with op.batch_alter_table("post", schema=None) as batch_op:
        batch_op.add_column(sa.Column("heads", sa.Boolean(), server_default=sa.text("false"), nullable=False))

    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.add_column(sa.Column("method", sa.String(length=20), server_default="password", nullable=False))
        batch_op.add_column(sa.Column("stage", sa.String(length=12), server_default="full", nullable=False))
        batch_op.add_column(sa.Column("rotated_at", Instant(), nullable=True))
        batch_op.add_column(sa.Column("previous", sa.String(length=80), nullable=True))
        batch_op.create_index(batch_op.f("ix_session_previous"), ["previous"], unique=False)

    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.add_column(sa.Column("for_id", sa.Integer(), nullable=True))

    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ended_at", Instant(), nullable=True))
        batch_op.add_column(sa.Column("successor_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_unit_successor_id"), "unit", ["successor_id"], ["id"])

    op.execute("INSERT INTO organisation (id, revision) VALUES (1, 1)")
    reporters_apart(op.get_bind())
    who_saw_may_unmask(op.get_bind())
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE instance SET (fillfactor = 80)")
