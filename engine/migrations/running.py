"""Run migrations: from inside the program, in one transaction, on a connection of ours."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, inspect, text

from engine.db import Database
from engine.errors import LiandongError
from engine.migrations.roles import admit, is_admitted
from engine.tables import metadata
from engine.trials import sweeping
from engine.writes import FUNCTION_NAME, function_ddl

HEAD = "0015"
"""The newest revision. A test holds it to what the folder says; stands here so that a start need not load the folder."""

FOLDER = Path(__file__).resolve().parent
ABOVE = frozenset(
    {
        "assessment_count_mark",
        "assessment_count_unit_mark",
        "assessment_document",
        "assessment_edition",
        "assessment_mark",
        "assessment_unit_mark",
        "clock",
        "clock_entry",
        "contact",
        "delivery",
        "exemption",
        "exemption_decision",
        "kept_count",
        "kept_count_cases",
        "plan_filing",
        "rung",
    }
)
"""Tables of the schema that a package above this one declares. A test holds them to what is declared."""
_LOCK = 20428  # any number; the same for every Liandong


class Behind(LiandongError):
    """The program is newer or older than the database it was pointed at."""

    code = "schema_behind"
    status = 503
    zh = "数据库结构版本为 {found}，程序需要 {wanted}。请运行：./run migrate"
    en = "The database is at revision {found}, this program needs {wanted}. Run: ./run migrate"


def upgrade(db: Database, to: str = "head", role: str | None = None, identity_role: str | None = None) -> bool:
    """Bring the schema to revision `to`; answers whether anything had to be done. On PostgreSQL `role` (default `liandong_app`), if
    there is one of that name, may then read and write rows, but not change the schema, and `identity_role` (`liandong_identity`)
    read who reported. Two that start at once wait for each other."""
    if to in {"head", HEAD} and _is_done(db, role, identity_role):
        return False
    with _alone(db) as connection:
        config = Config()
        config.set_main_option("script_location", str(FOLDER))
        config.attributes["connection"] = connection
        command.upgrade(config, to)
        if _revision(connection) == HEAD:
            check_declared(connection)
            if db.postgresql:
                _install_function(connection)
                admit(connection, role, identity_role)
    return True


def revision_of(db: Database) -> str | None:
    """The revision a database is at; none when it has no schema."""
    with db.read() as connection:
        return _revision(connection)


def check_current(db: Database) -> None:
    """Behind when the schema is not the one this program was written for."""
    found = revision_of(db)
    if found != HEAD:
        raise Behind(found=found or "-", wanted=HEAD)


def _is_done(db: Database, role: str | None, identity_role: str | None) -> bool:
    with db.read() as connection:
        if _revision(connection) != HEAD:
            return False
        return not db.postgresql or (
            _installed(connection) == _fingerprint() and is_admitted(connection, role, identity_role)
        )


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


@contextmanager
def _alone(db: Database) -> Iterator[Connection]:
    """A transaction that no other migration shares. SQLite's foreign keys rest meanwhile: a table that is copied to change it
    would else take its children's rows along. They are checked before the commit."""
    with db.engine.connect().execution_options(liandong_write=True) as connection:
        if db.postgresql:
            with connection.begin():
                connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _LOCK})
                yield connection
            return
        raw: Any = connection.connection.driver_connection
        raw.execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                yield connection
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
                if broken is not None:
                    raise RuntimeError(f"a migration left a row without its parent: {tuple(broken)}")
        finally:
            raw.execute("PRAGMA foreign_keys=ON")


def check_declared(connection: Connection) -> None:
    """RuntimeError unless all packages that declare tables of this schema have been imported: the write function follows from what is
    declared, and so does what a backup holds."""
    unknown = ABOVE & set(inspect(connection).get_table_names()) - set(metadata.tables)
    if unknown:
        raise RuntimeError(f"import the packages that declare {sorted(unknown)} first")


def _install_function(connection: Connection) -> None:
    if _installed(connection) == _fingerprint():
        return
    connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {FUNCTION_NAME}(jsonb)")
    connection.exec_driver_sql(function_ddl())
    connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {sweeping.FUNCTION_NAME}(integer)")
    connection.exec_driver_sql(sweeping.ddl())
    connection.exec_driver_sql(f"REVOKE EXECUTE ON FUNCTION {sweeping.FUNCTION_NAME}(integer) FROM PUBLIC")
    connection.exec_driver_sql(f"COMMENT ON FUNCTION {FUNCTION_NAME}(jsonb) IS '{_fingerprint()}'")


def _fingerprint() -> str:
    return "sha256:" + hashlib.sha256((function_ddl() + sweeping.ddl()).encode()).hexdigest()


def _installed(connection: Connection) -> str | None:
    found: str | None = connection.execute(
        text("SELECT obj_description(to_regprocedure(:f), 'pg_proc')"), {"f": f"{FUNCTION_NAME}(jsonb)"}
    ).scalar()
    return found
