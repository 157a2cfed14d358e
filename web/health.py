"""What is looked at in a city that can be opened: rights, keys, content, workers, records. Each look tells what it found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from cryptography.fernet import InvalidToken
from sqlalchemy import func, select, text

from engine import calendars, definitions, vault, workers, worlds
from engine.audit import checkpoints, growth, results
from engine.audit.copies import copy_for
from engine.errors import LiandongError
from engine.files import hash_of
from engine.queries.instances import incidents
from engine.tables import LIVE, attachment, blob, definition, instance, job, post, subject_key, unit
from escalation import recounting
from escalation.sending import desk
from forms.errors import FormsError
from web.commands.seeding import can_log_in

if TYPE_CHECKING:
    from engine.core import Core

GOOD, WARNING, WRONG = "ok", "warning", "WRONG"
UNSEALED = timedelta(minutes=5)
RESTORE = "./run restore BACKUP   (into a new DATABASE_URL)"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `mend`: what to run."""

    state: str
    what: str
    mend: str = ""


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
    with core.db.read() as connection:
        units = connection.execute(select(func.count()).select_from(unit)).scalar_one()
        posts = connection.execute(select(func.count()).select_from(post)).scalar_one()
    yield (
        Finding(GOOD, f"{units} units, {posts} posts")
        if units and posts
        else Finding(WRONG, "there are no units or posts", "./run up --no-demo   or   ./run demo")
    )


def _people(core: Core) -> Iterator[Finding]:
    people, administrators = can_log_in(core), can_log_in(core, "administrator")
    yield (
        Finding(GOOD, f"{people} people can log in, {administrators} of them administrators")
        if administrators
        else Finding(WRONG, "no administrator can log in", "./run admin LOGIN   or   ./run demo --passwords")
    )


def _definitions(core: Core) -> Iterator[Finding]:
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
            RESTORE,
        )
    else:
        yield Finding(GOOD, f"attachments are whole (the newest {len(rows)} looked at)")


def _records(core: Core) -> Iterator[Finding]:
    """Whether records are sealed, copied outside, and were whole when they were last verified."""
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


def _sending(core: Core) -> Iterator[Finding]:
    """Whether people are told outside who want to be."""
    found = desk.troubles(core)
    for name, people in found["unset"].items():
        mend = "set mail_host and mail_from in the table setting, LIANDONG_MAIL_PASSWORD in the environment"
        yield Finding(
            WARNING, f"{people} people want notices by {name}, which is not set up", mend if name == "mail" else ""
        )
    if found["no_password"]:
        yield Finding(
            WARNING,
            "the mail server wants a log-in, and there is no password for it",
            "LIANDONG_MAIL_PASSWORD=… or LIANDONG_MAIL_PASSWORD_FILE=…",
        )
    if found["off"]:
        yield Finding(WARNING, f"notices by {', '.join(found['off'])} are switched off", "open /deliveries")
    if found["dead"]:
        yield Finding(WARNING, f"{found['dead']} notices could not be sent", "open /deliveries")
    if found["late"] is not None and found["late"] > timedelta(minutes=15):
        yield Finding(WARNING, f"notices wait to be sent for {found['late']}", "./run worker, or open /deliveries")
    if found["used"] and not any(found[each] for each in ("unset", "no_password", "off", "dead")):
        yield Finding(GOOD, "notices leave the house")


def _calendars(core: Core) -> Iterator[Finding]:
    """Whether a notice settles the holidays of this year and the next, and whether clocks and timers follow the calendars that count."""
    book = calendars.current(core)
    today = worlds.get(core, LIVE).now
    for year in (today.year, today.year + 1):
        keys = [one.key for one in book.calendars.values() if one.is_provisional(date(year, 7, 1))]
        if keys:
            yield Finding(
                WARNING,
                f"the holidays of {year} are not settled ({', '.join(keys)}): limits over its days are provisional",
                "open /calendars, change them, and bring in the State Council's notice",
            )
    with core.db.read() as connection:
        left = sum(each.left(connection, book.version) for each in recounting.FOLLOWERS)
    yield (
        Finding(GOOD, f"calendars are in version {book.version}, every clock is counted by it")
        if not left
        else Finding(WARNING, f"{left} clocks and timers are not counted by version {book.version} yet", "./run worker")
    )


LOOKS: tuple[Callable[[Core], Iterator[Finding]], ...] = (
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
    _sending,
    _calendars,
)
