"""Two roles on PostgreSQL: the owner migrates, backs up and restores; the application reads and writes rows, and what happened it
can only add to. Where nobody made a second role, the owner does both."""

from __future__ import annotations

from sqlalchemy import Connection, text

from engine.writes import FUNCTION_NAME

APPLICATION = "liandong_app"
APPEND_ONLY = ("history", "definition", "definition_file", "audit", "checkpoint")
"""Rows that nobody changes or deletes once they are written."""
READ_ONLY = ("alembic_version",)


def admit(connection: Connection, role: str | None = None) -> None:
    """Give the application's role its rights, if that role exists and is not the owner itself."""
    role = role or APPLICATION
    if not _needs_rights(connection, role):
        return
    name = _quoted(role)
    for statement in (
        f"GRANT USAGE ON SCHEMA public TO {name}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {name}",
        f"GRANT EXECUTE ON FUNCTION {FUNCTION_NAME}(jsonb) TO {name}",
        *(f"REVOKE UPDATE, DELETE ON {table} FROM {name}" for table in APPEND_ONLY),
        *(f"REVOKE INSERT, UPDATE, DELETE ON {table} FROM {name}" for table in READ_ONLY),
    ):
        connection.exec_driver_sql(statement.replace("%", "%%"))


def is_admitted(connection: Connection, role: str | None = None) -> bool:
    """True when nothing is left to grant."""
    role = role or APPLICATION
    if not _needs_rights(connection, role):
        return True
    missing = connection.execute(
        text(
            "SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'"
            " WHERE c.relkind = 'r' AND NOT has_table_privilege(:role, c.oid, 'SELECT') LIMIT 1"
        ),
        {"role": role},
    ).first()
    return missing is None


def _needs_rights(connection: Connection, role: str) -> bool:
    found = connection.execute(
        text("SELECT 1 FROM pg_roles WHERE rolname = :role AND rolname <> current_user"), {"role": role}
    ).first()
    return found is not None


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
