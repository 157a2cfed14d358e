"""From an empty database to a city: schema, organisation, tables and processes, each only when it is new or changed."""

from __future__ import annotations

import hashlib
from contextlib import closing
from typing import TYPE_CHECKING

from sqlalchemy import func, select

if TYPE_CHECKING:
    from engine.core import Core
    from web.settings import Settings

SEEDED = "seeded"
"""The setting that names the shipped content a city was seeded with."""


def prepare(found: Settings, *, people: bool = True) -> bool:
    """Migrate and seed; answers whether the city is new. What somebody changed in the city stays: shipped content comes in only when
    it has changed itself."""
    from engine import calendars
    from engine.db import Database
    from web import setting_up
    from web.wiring import open_city

    with closing(Database(found.database_url)) as db:
        setting_up.migrate(db, found.app_role)
    with closing(open_city(found.database_url)) as city:
        core = city.core
        shipped = _shipped()
        before = read_mark(core, SEEDED)
        if before != shipped:
            setting_up.load_organisation(core)
            calendars.seed(core)
            if people:
                setting_up.load_people(core)
            setting_up.load_registers(core)
            setting_up.load_settings(core)
            setting_up.load_processes(core)
            write_mark(core, SEEDED, shipped)
    return before is None


def has_cases(core: Core) -> bool:
    """True when the live world has any case."""
    from engine.tables import LIVE, instance

    with core.db.read() as connection:
        return connection.execute(select(instance.c.id).where(instance.c.world_id == LIVE).limit(1)).first() is not None


def can_log_in(core: Core, post: str | None = None) -> int:
    """How many active people have a password (and hold this post)."""
    from engine.tables import membership, person

    query = select(func.count(func.distinct(person.c.id))).where(person.c.active, person.c.password_hash.is_not(None))
    if post is not None:
        query = query.join(membership, membership.c.person_id == person.c.id).where(membership.c.post_key == post)
    with core.db.read() as connection:
        return int(connection.execute(query).scalar_one())


def read_mark(core: Core, name: str) -> str | None:
    """A note the program left for itself among the settings."""
    from engine.tables import setting

    with core.db.read() as connection:
        found: str | None = connection.execute(select(setting.c.value).where(setting.c.key == name)).scalar()
    return found


def write_mark(core: Core, name: str, value: str) -> None:
    """Leave such a note."""
    from engine import settings

    with core.db.write() as connection:
        settings.put(core, connection, name, value, source="set by the program")


def _shipped() -> str:
    from web.wiring import PROCESSES, SCHEMAS

    digest = hashlib.sha256()
    for folder in (PROCESSES, SCHEMAS):
        for file in sorted(folder.rglob("*")):
            if file.is_file() and file.suffix in {".csv", ".bpmn", ".json"}:
                content = file.read_bytes()
                digest.update(f"{file.relative_to(folder)}\0{len(content)}\0".encode() + content)
    return f"sha256:{digest.hexdigest()}"
