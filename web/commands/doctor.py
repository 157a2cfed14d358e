"""What is wrong, and the line that mends it."""

from __future__ import annotations

import argparse
import os
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, NoSuchModuleError

from web.health import GOOD, LOOKS, RESTORE, WARNING, WRONG, Finding

if TYPE_CHECKING:
    from engine.core import Core
    from engine.db import Database
    from web.settings import Settings

DESCRIPTION = "Look at machine, database, workers and content. For each fault a line that can be run. Exit code 1 when anything is wrong."

MOST_CLOCK_DIFFERENCE = timedelta(seconds=30)
LEAST_FREE_BYTES = 1_000_000_000


def main(arguments: list[str]) -> int:
    """Run the command."""
    from web import settings

    argparse.ArgumentParser(prog="liandong doctor", description=DESCRIPTION).parse_args(arguments)
    worst = 0
    for finding in examine(settings.from_environment()):
        print(f"{finding.state:<8}{finding.what}")
        if finding.mend:
            print(f"{'':<8}    {finding.mend}")
        worst |= finding.state == WRONG
    return worst


def examine(found: Settings) -> Iterator[Finding]:
    """Every finding, from the machine upwards; what stands on something broken is not looked at."""
    yield from _machine(found)
    db = None
    try:
        db, finding = _reached(found)
        yield finding
        if db is None:
            return
        yield from _server(db)
        finding = _schema(db)
        yield finding
        if finding.state == WRONG:
            return
    finally:
        if db is not None:
            db.close()
    from web.wiring import open_city

    city = open_city(found.app_database_url)
    try:
        for look in LOOKS:
            yield from _safely(look, city.core)
    finally:
        city.close()


def _safely(look: Callable[[Core], Iterator[Finding]], core: Core) -> Iterator[Finding]:
    try:
        yield from look(core)
    except DBAPIError as error:
        name = look.__name__.strip("_")
        yield Finding(WRONG, f"{name}: {_first_line(error)}", "./run migrate")


# ---------------------------------------------------------------- machine and database


def _machine(found: Settings) -> Iterator[Finding]:
    yield Finding(GOOD, f"Python {'.'.join(map(str, sys.version_info[:3]))}")
    from web.settings import ROOT

    pages = ROOT / "web" / "static" / "dist" / ".stamp"
    yield (
        Finding(GOOD, "pages are built") if pages.exists() else Finding(WRONG, "the pages are not built", "./run setup")
    )
    if found.secret_file.exists() and not os.environ.get("LIANDONG_SECRET"):
        mode = stat.S_IMODE(found.secret_file.stat().st_mode)
        if mode & 0o077:
            yield Finding(WRONG, f"others can read {found.secret_file}", f"chmod 600 {found.secret_file}")
    folder = _database_file(found).parent if _database_file(found) else Path.cwd()
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE_BYTES:
        yield Finding(
            WRONG, f"only {free / 1e6:.0f} MB are free at {folder}", f"du -xh --max-depth=2 {folder} | sort -h | tail"
        )
    else:
        yield Finding(GOOD, f"{free / 1e9:.0f} GB are free at {folder}")


def _database_file(found: Settings) -> Any:
    from sqlalchemy.engine import make_url

    url = make_url(found.database_url)
    return Path(url.database or ".") if url.get_backend_name() == "sqlite" else None


def _reached(found: Settings) -> tuple[Database | None, Finding]:
    from sqlalchemy.engine import make_url

    from engine.db import Database

    url = make_url(found.database_url)
    shown = url.render_as_string(hide_password=True)
    file = _database_file(found)
    if file is not None and not file.exists():
        return None, Finding(WRONG, f"there is no database {file} yet", "./run migrate")
    try:
        db = Database(found.database_url)
    except NoSuchModuleError:
        mend = "export DATABASE_URL=postgresql://user:password@host/name"
        return None, Finding(WRONG, f"{shown}: no such kind of database", mend)
    try:
        db.now()
    except DBAPIError as error:
        db.close()
        mend = f"pg_isready -h {url.host or 'localhost'} -p {url.port or 5432}" if file is None else f"ls -l {file}"
        return None, Finding(WRONG, f"{shown} cannot be reached: {_first_line(error)}", mend)
    return db, Finding(GOOD, f"database {shown}")


def _server(db: Database) -> Iterator[Finding]:
    with db.read() as connection:
        if db.postgresql:
            version = int(connection.execute(text("SHOW server_version_num")).scalar_one())
            encoding = connection.execute(text("SHOW server_encoding")).scalar_one()
            yield (
                Finding(GOOD, f"PostgreSQL {version // 10000}")
                if version >= 130000
                else Finding(WRONG, f"PostgreSQL {version // 10000} is too old", "install PostgreSQL 13 or newer")
            )
            if encoding != "UTF8":
                yield Finding(
                    WRONG,
                    f"the database's encoding is {encoding}",
                    "createdb --encoding=UTF8 --template=template0 NAME",
                )
            sync = connection.execute(text("SHOW synchronous_commit")).scalar_one()
            if sync == "off":
                yield Finding(
                    WARNING,
                    "synchronous_commit is off: a crash loses what was just acknowledged",
                    "ALTER SYSTEM SET synchronous_commit = on",
                )
        else:
            damaged = connection.execute(text("PRAGMA quick_check(1)")).scalar_one()
            yield (
                Finding(GOOD, "the SQLite file is sound")
                if damaged == "ok"
                else Finding(WRONG, f"the SQLite file is damaged: {damaged}", RESTORE)
            )
        from engine.clock import RealClock

        apart = abs(RealClock().now() - db.now_on(connection))
    if apart > MOST_CLOCK_DIFFERENCE:
        yield Finding(
            WARNING,
            f"this machine's clock is {apart.total_seconds():.0f} s from the database's",
            "timedatectl set-ntp true",
        )


def _schema(db: Database) -> Finding:
    from engine.migrations import HEAD, revision_of

    revision = revision_of(db)
    if revision == HEAD:
        return Finding(GOOD, f"schema at revision {HEAD}")
    if revision is not None and revision > HEAD:
        return Finding(
            WRONG,
            f"the database is at revision {revision}, newer than this program ({HEAD})",
            "git pull && ./run setup",
        )
    return Finding(WRONG, f"schema at revision {revision or 'none'}, not {HEAD}", "./run migrate")


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).strip().splitlines()[0] if error.orig is not None else str(error)
