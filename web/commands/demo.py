"""The demonstration: a month of cases, and people who can log in."""

from __future__ import annotations

import argparse
import secrets
import sys
from contextlib import closing
from typing import TYPE_CHECKING

from sqlalchemy import select, update

if TYPE_CHECKING:
    from engine.core import Core
    from web.settings import Settings

DESCRIPTION = """Fill a city that has no cases with a month of them, ending today, and give its people a password made for this
set-up. --passwords only gives them a new one."""

DEMO = "demo"
SHOWN = (
    "collector", "acceptor", "shift_leader", "dispatcher", "handler", "supervisor", "coordinator", "window", "reviewer",
    "unit_head", "grid_worker", "designer", "operator", "administrator", "security_administrator", "audit_administrator",
    "register_keeper", "third_party_inspector", "assessor", "inspector", "discipline_officer", "review_officer", "reporter",
    "applicant",
)  # fmt: skip
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # no two that look alike


def main(arguments: list[str]) -> int:
    """Run the command."""
    from web import settings

    parser = argparse.ArgumentParser(prog="liandong demo", description=DESCRIPTION)
    parser.add_argument(
        "--passwords", action="store_true", help="only give the people of the demonstration a new password"
    )
    given = parser.parse_args(arguments)
    found = settings.from_environment()
    if given.passwords:
        from web.wiring import open_city

        with closing(open_city(found.app_database_url)) as city:
            _tell(city.core, _give_password(city.core))
        return 0
    return 0 if fill(found) else 1


def is_filled(found: Settings) -> bool:
    """True when nothing is to be made: the demo data is there, or a city that people work in already."""
    from web.commands import seeding
    from web.wiring import open_city

    with closing(open_city(found.app_database_url)) as city:
        state = seeding.read_mark(city.core, DEMO)
        return state == "filled" or (state is None and seeding.can_log_in(city.core) > 0)


def fill(found: Settings) -> bool:
    """Seed, fill and tell the password; answers whether the city has its demo data now."""
    from web.commands import seeding
    from web.commands.replay import progress
    from web.wiring import open_city

    seeding.prepare(found)
    city = open_city(found.app_database_url, durable=False)  # it can be made again
    try:
        state = seeding.read_mark(city.core, DEMO)
        if state == "filled":
            return True
        if state == "filling":
            print(
                "Demo data was being made when this stopped; the city is not whole. Begin with an empty database, for example:\n"
                "    rm -f var/liandong.db*  &&  ./run",
                file=sys.stderr,
            )
            return False
        if seeding.has_cases(city.core):
            print("This city has cases already: no demo data is mixed into them.", file=sys.stderr)
            return False
        from web import demo

        print("making a month of cases …", file=sys.stderr)
        seeding.write_mark(city.core, DEMO, "filling")
        demo.fill(city, progress)
        password = _give_password(city.core)
        seeding.write_mark(city.core, DEMO, "filled")
        _tell(city.core, password)
    finally:
        city.close()
    return True


def _give_password(core: Core) -> str:
    """One password for everybody the demonstration invented, made now; it is stored only as a hash."""
    from engine.passwords import hash_password
    from engine.tables import person, session
    from web.setting_up import read_table

    password = "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))
    hashed = hash_password(password)
    logins = {row["login"] for row in read_table("people")}
    with core.db.write() as connection:
        ids = connection.execute(
            update(person).where(person.c.login.in_(logins)).values(password_hash=hashed).returning(person.c.id)
        ).scalars()
        connection.execute(session.delete().where(session.c.person_id.in_(list(ids))))
    return password


def _tell(core: Core, password: str) -> None:
    from engine.tables import membership, person, post, unit

    with core.db.read() as connection:
        rows = connection.execute(
            select(membership.c.post_key, post.c.name_zh, unit.c.name_zh.label("unit"), person.c.login, person.c.name)
            .join(person, person.c.id == membership.c.person_id)
            .join(post, post.c.key == membership.c.post_key)
            .join(unit, unit.c.id == membership.c.unit_id)
            .where(person.c.password_hash.is_not(None))
            .order_by(person.c.id)
        ).all()
    first = {row.post_key: row for row in reversed(rows)}
    print(
        f"\nEverybody of the demonstration logs in with the password   {password}   (made for this set-up, shown once;"
    )
    print(
        "./run demo --passwords makes a new one). One person of each post, of",
        len({r.login for r in rows}),
        "in all:\n",
    )
    for key in SHOWN:
        if key in first:
            row = first[key]
            print(f"    {row.login:<18}{row.name}  {row.unit} {row.name_zh} ({key})")
    print(flush=True)
