"""Three roles on PostgreSQL: the owner migrates, backs up and restores; the application reads and writes rows, and what happened it
can only add to; who reported it can add, and see which fields are known, but not read: that is for the role of identities, which
reads and destroys that and nearly nothing else. Where nobody made the other roles, the owner does it all."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, text

from engine.trials import sweeping
from engine.writes import FUNCTION_NAME

APPLICATION = "liandong_app"
IDENTITY = "liandong_identity"
APPEND_ONLY = (
    "history", "definition", "definition_file", "audit", "checkpoint",
    "assessment_edition", "assessment_mark", "assessment_unit_mark", "assessment_document",
    "exemption", "exemption_decision", "plan_filing",
)  # fmt: skip
"""Rows that nobody changes or deletes once they are written."""
READ_ONLY = ("alembic_version",)
SEALED = "identity"
SEALED_SEEN = ("instance_id", "id", "fields", "at", "deleted_at")
"""What the application may read of who reported: never the column `sealed`."""

IDENTITY_READS = (
    "world", "setting", "person", "post", "unit", "membership", "substitution",
    "instance", "task", "involvement", "recusal", "copy",
)  # fmt: skip
"""What decides whether somebody may unmask, and when a time is over."""
IDENTITY_WRITES = {
    "identity": "SELECT, UPDATE",
    "subject_key": "SELECT, INSERT, UPDATE",
    "audit": "SELECT, INSERT",
    "audit_head": "SELECT, INSERT, UPDATE",
    "alarm": "SELECT, INSERT",
}


def admit(connection: Connection, role: str | None = None, identity_role: str | None = None) -> None:
    """Give the application's role, and that of identities, their rights, if they exist and are not the owner itself."""
    role, identity_role = role or APPLICATION, identity_role or IDENTITY
    statements: list[str] = []
    if _needs_rights(connection, role):
        statements += _application(_quoted(role))
    if _needs_rights(connection, identity_role):
        statements += _identities(_quoted(identity_role))
    for statement in statements:
        connection.exec_driver_sql(statement.replace("%", "%%"))


def is_admitted(connection: Connection, role: str | None = None, identity_role: str | None = None) -> bool:
    """True when nothing is left to grant."""
    role, identity_role = role or APPLICATION, identity_role or IDENTITY
    if _needs_rights(connection, role) and not _reads_all(connection, role):
        return False
    if not _needs_rights(connection, identity_role):
        return True
    return all(_may(connection, identity_role, table, "SELECT") for table in (*IDENTITY_READS, *IDENTITY_WRITES))


def _application(name: str) -> Iterator[str]:
    yield f"GRANT USAGE ON SCHEMA public TO {name}"
    yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}"
    yield f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {name}"
    yield f"GRANT EXECUTE ON FUNCTION {FUNCTION_NAME}(jsonb) TO {name}"
    yield f"GRANT EXECUTE ON FUNCTION {sweeping.FUNCTION_NAME}(integer) TO {name}"
    for table in APPEND_ONLY:
        yield f"REVOKE UPDATE, DELETE ON {table} FROM {name}"
    for table in READ_ONLY:
        yield f"REVOKE INSERT, UPDATE, DELETE ON {table} FROM {name}"
    yield f"REVOKE ALL ON {SEALED} FROM {name}"
    yield f"GRANT INSERT, SELECT ({', '.join(SEALED_SEEN)}) ON {SEALED} TO {name}"


def _identities(name: str) -> Iterator[str]:
    yield f"GRANT USAGE ON SCHEMA public TO {name}"
    yield f"GRANT SELECT ON {', '.join(IDENTITY_READS)} TO {name}"
    for table, rights in IDENTITY_WRITES.items():
        yield f"GRANT {rights} ON {table} TO {name}"
    yield f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {name}"


def _reads_all(connection: Connection, role: str) -> bool:
    missing = connection.execute(
        text(
            "SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'"
            " WHERE c.relkind = 'r' AND c.relname <> :sealed AND NOT has_table_privilege(:role, c.oid, 'SELECT') LIMIT 1"
        ),
        {"role": role, "sealed": SEALED},
    ).first()
    return missing is None and _may(connection, role, SEALED, "INSERT") and not _may(connection, role, SEALED, "SELECT")


def _may(connection: Connection, role: str, table: str, right: str) -> bool:
    found: bool = connection.execute(
        text("SELECT has_table_privilege(:role, :table, :right)"), {"role": role, "table": table, "right": right}
    ).scalar_one()
    return found


def _needs_rights(connection: Connection, role: str) -> bool:
    found = connection.execute(
        text("SELECT 1 FROM pg_roles WHERE rolname = :role AND rolname <> current_user"), {"role": role}
    ).first()
    return found is not None


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
