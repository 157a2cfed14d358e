"""What is wrong, and the line that mends it."""

from __future__ import annotations

import argparse
import os
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, NoSuchModuleError

if TYPE_CHECKING:
    from engine.core import Core
    from engine.db import Database
    from web.settings import Settings

DESCRIPTION = "Look at machine, database, workers and content. For each fault a line that can be run. Exit code 1 when anything is wrong."

GOOD, WARNING, WRONG = "ok", "warning", "WRONG"
MOST_CLOCK_DIFFERENCE = timedelta(seconds=30)
LEAST_FREE_BYTES = 1_000_000_000
UNSEALED = timedelta(minutes=5)
_RESTORE = "./run restore BACKUP   (into a new DATABASE_URL)"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `mend`: what to run."""

    state: str
    what: str
    mend: str = ""


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
        for look in (
            _role,
            _key,
            _organisation,
            _people,
            _definitions,
            _workers,
            _late,
            _incidents,
            _contents,
            _records,
        ):
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
                else Finding(WRONG, f"the SQLite file is damaged: {damaged}", _RESTORE)
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


# ---------------------------------------------------------------- the city


def _role(core: Core) -> Iterator[Finding]:
    if not core.db.postgresql:
        return
    with core.db.read() as connection:
        owner = connection.execute(
            text("SELECT tableowner = current_user FROM pg_tables WHERE tablename = 'history'")
        ).scalar()
    if owner:
        yield Finding(
            WARNING,
            "pages and workers run as the owner of the tables: whoever gets at them can change history",
            "CREATE ROLE liandong_app LOGIN PASSWORD '…';  then APP_DATABASE_URL=postgresql://liandong_app:…@host/name and ./run migrate",
        )
    else:
        yield Finding(GOOD, "pages and workers run under a role that cannot change history")
    with core.identities.read() as connection:
        reads = connection.execute(text("SELECT has_column_privilege('identity', 'sealed', 'SELECT')")).scalar()
    if not reads:
        yield Finding(
            WARNING,
            "nobody can be shown who reported, and nothing of it is deleted in time: no role here may read it",
            "CREATE ROLE liandong_identity LOGIN PASSWORD '…';  then IDENTITY_DATABASE_URL=postgresql://liandong_identity:…@host/name "
            "and ./run migrate",
        )
    elif not owner:
        yield Finding(GOOD, "who reported is read under a role of its own")


def _key(core: Core) -> Iterator[Finding]:
    from cryptography.fernet import InvalidToken

    from engine import vault
    from engine.tables import subject_key

    with core.db.read() as connection:
        there = select(subject_key.c.wrapped).where(subject_key.c.wrapped.is_not(None)).limit(1)
        # the oldest and the newest: a service that ran with a wrong key for a while sealed with that one
        ends = (subject_key.c.made_at, subject_key.c.made_at.desc())
        wrapped = [one for end in ends if (one := connection.execute(there.order_by(end)).scalar()) is not None]
    mend = "set LIANDONG_KEY or LIANDONG_KEY_FILE to the key this city was run with; no backup holds it, so keep a copy apart"
    try:
        with core.db.read() as connection:
            vault.check(connection)  # first: it does not make a missing key file anew
        for one in wrapped:
            vault.city_key().decrypt(one.encode())
    except (vault.WrongKey, InvalidToken, ValueError):
        yield Finding(WRONG, "the city's key is missing, or another than the one that sealed what is personal", mend)
    else:
        yield Finding(GOOD, "what is personal opens with the city's key" if wrapped else "nothing is sealed yet")


def _organisation(core: Core) -> Iterator[Finding]:
    from engine.tables import post, unit

    with core.db.read() as connection:
        units = connection.execute(select(func.count()).select_from(unit)).scalar_one()
        posts = connection.execute(select(func.count()).select_from(post)).scalar_one()
    yield (
        Finding(GOOD, f"{units} units, {posts} posts")
        if units and posts
        else Finding(WRONG, "there are no units or posts", "./run up --no-demo   or   ./run demo")
    )


def _people(core: Core) -> Iterator[Finding]:
    from web.commands.seeding import can_log_in

    people, administrators = can_log_in(core), can_log_in(core, "administrator")
    yield (
        Finding(GOOD, f"{people} people can log in, {administrators} of them administrators")
        if administrators
        else Finding(WRONG, "no administrator can log in", "./run admin LOGIN   or   ./run demo --passwords")
    )


def _definitions(core: Core) -> Iterator[Finding]:
    from engine import definitions
    from engine.errors import LiandongError
    from engine.tables import definition, instance
    from forms.errors import FormsError

    with core.db.read() as connection:
        newest = definitions.newest_ids(connection)
        used = set(
            connection.execute(
                select(instance.c.definition_id).where(instance.c.status == "active").distinct()
            ).scalars()
        )
        names = {r.id: f"{r.key} version {r.version}" for r in connection.execute(select(definition))}
    broken = 0
    for definition_id in sorted({*newest.values(), *used}):
        try:
            definitions.get(core, definition_id)
        except (LiandongError, FormsError) as error:
            broken += 1
            yield Finding(WRONG, f"{names[definition_id]} cannot be read: {error}", "./run deploy FILE…   (mended)")
    if not newest:
        yield Finding(WRONG, "no process is deployed", "./run deploy FILE…")
    elif not broken:
        yield Finding(GOOD, f"{len(newest)} processes, all readable")


def _workers(core: Core) -> Iterator[Finding]:
    from engine import workers

    rows = workers.listing(core)
    alive = [r for r in rows if r["alive"]]
    if alive:
        yield Finding(GOOD, f"{len(alive)} worker(s) at work")
    else:
        yield Finding(WRONG, "no worker is at work: timers, jobs and clocks stand still", "./run worker")
    for row in alive:
        if row["error"]:
            yield Finding(WARNING, f"{row['name']}: {row['error']}")
    killed = [r for r in rows if not r["alive"] and r["stopped_at"] is None]
    if killed:
        yield Finding(
            WARNING, f"{len(killed)} worker(s) ended without saying so in the last days, last {killed[0]['name']}"
        )


def _late(core: Core) -> Iterator[Finding]:
    from engine import worlds
    from engine.tables import LIVE, job

    now = worlds.get(core, LIVE).now
    with core.db.read() as connection:
        late = connection.execute(
            select(func.count())
            .select_from(job)
            .where(job.c.world_id == LIVE, job.c.state == "waiting", job.c.due_at < now - timedelta(minutes=2))
        ).scalar_one()
    yield (
        Finding(GOOD, "no job is late")
        if not late
        else Finding(WARNING, f"{late} jobs are more than two minutes late", "./run worker")
    )


def _incidents(core: Core) -> Iterator[Finding]:
    from engine.queries.instances import incidents

    rows = incidents(core)
    yield (
        Finding(GOOD, "no open incident")
        if not rows
        else Finding(
            WARNING,
            f"{len(rows)} open incident(s), the newest: {rows[0]['message'][:100]}",
            "open /operations",
        )
    )


def _contents(core: Core) -> Iterator[Finding]:
    """The newest hundred contents of attachments, against their hashes."""
    from engine.files import hash_of
    from engine.tables import attachment, blob

    with core.db.read() as connection:
        rows = connection.execute(select(blob.c.hash, blob.c.content).order_by(blob.c.at.desc()).limit(100)).all()
        missing = connection.execute(
            select(func.count())
            .select_from(attachment.outerjoin(blob, blob.c.hash == attachment.c.hash))
            .where(blob.c.hash.is_(None))
        ).scalar_one()
    changed = [row.hash for row in rows if hash_of(bytes(row.content)) != row.hash]
    if missing or changed:
        yield Finding(
            WRONG,
            f"attachments: {missing} contents are missing, {len(changed)} changed",
            _RESTORE,
        )
    else:
        yield Finding(GOOD, f"attachments are whole (the newest {len(rows)} looked at)")


def _records(core: Core) -> Iterator[Finding]:
    """Whether records are sealed, copied outside, and were whole when they were last verified."""
    from engine.audit import checkpoints, growth, results
    from engine.audit.copies import copy_for

    copy = copy_for(core.db.url)
    with core.db.read() as connection:
        newest = checkpoints.newest(connection)
        standing = results.standing(connection)
        rows = growth.rows_since(connection, newest.until if newest is not None else None)
        late = newest is not None and core.db.now_on(connection) - newest.until > UNSEALED
    outside = copy.last()
    if newest is None:
        if rows:
            yield Finding(WARNING, "no record is sealed yet: nothing would show tampering", "./run worker")
        return
    if rows and late:
        yield Finding(WARNING, f"{rows} records wait for minutes to be sealed", "./run worker")
    if outside is None or outside.n != newest.n:
        yield Finding(
            WARNING, f"the copy of the checkpoints at {copy.folder} is not that of the database", "./run verify-audit"
        )
    elif standing.summary and not standing.summary["good"]:
        yield Finding(
            WRONG, f"records were tampered with: {standing.summary['findings']} finding(s)", "./run verify-audit"
        )
    else:
        yield Finding(GOOD, f"records are sealed, the newest checkpoint is {newest.n}, copied to {copy.folder}")


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).strip().splitlines()[0] if error.orig is not None else str(error)
