"""The first administrator."""

from __future__ import annotations

import argparse
import getpass
import sys
from contextlib import closing
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

if TYPE_CHECKING:
    from engine.core import Core
    from web.settings import Settings

DESCRIPTION = """Create the first administrator of a city without demo data: a person with the post of administrator, and a password
that is typed, or read from standard input with --password-stdin. Further people are made on the pages."""


def main(arguments: list[str]) -> int:
    """Run the command."""
    from web import settings

    parser = argparse.ArgumentParser(prog="liandong admin", description=DESCRIPTION)
    parser.add_argument("login")
    parser.add_argument("--name", help="as others read it (default: the log-in name)")
    parser.add_argument("--unit", help="key of the unit (default: the topmost)")
    parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    given = parser.parse_args(arguments)
    found = settings.from_environment()
    return _create(found, given.login, given.name or given.login, given.unit, stdin=given.password_stdin)


def ask(found: Settings) -> bool:
    """At a first start without demo data: ask for one, or say the line that makes one; answers whether there is one now."""
    from web.commands.seeding import can_log_in
    from web.wiring import open_city

    with closing(open_city(found.app_database_url)) as city:
        there = can_log_in(city.core, "administrator")
    if there:
        return True
    if not sys.stdin.isatty():
        print("Nobody can log in yet. Make the first administrator:\n\n    ./run admin LOGIN\n", file=sys.stderr)
        return False
    print("This city has no administrator yet.")
    login = input("log-in name: ").strip()
    name = input("name: ").strip()
    return _create(found, login, name or login, None, stdin=False) == 0


def _create(found: Settings, login: str, name: str, unit_key: str | None, *, stdin: bool) -> int:
    from web.commands import seeding
    from web.wiring import open_city

    seeding.prepare(found, people=False)
    city = open_city(found.app_database_url)
    try:
        if seeding.can_log_in(city.core, "administrator"):
            print("There is an administrator already; further people are made on the pages.", file=sys.stderr)
            return 1
        _make(city.core, login, name, unit_key, _password(stdin=stdin))
    finally:
        city.close()
    print(f"{login} can log in now, as administrator")
    return 0


def _password(*, stdin: bool) -> str:
    if stdin:
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass("password: ")
    if first != getpass.getpass("once more: "):
        raise OSError("The two passwords differ; nothing was made.")
    return first


def _make(core: Core, login: str, name: str, unit_key: str | None, password: str) -> None:
    from engine.errors import Invalid, NotFound
    from engine.passwords import hash_password
    from engine.tables import membership, person, unit
    from web.setting_up import pinyin

    if not login.isascii() or not login.replace("_", "").replace(".", "").isalnum() or len(login) > 64:
        raise Invalid(
            why_zh="登录名只能用字母、数字、点和下划线",
            why_en="a log-in name has letters, digits, dots and underscores",
        )
    hashed = hash_password(password)
    with core.db.write() as connection:
        units = select(unit.c.id).order_by(unit.c.parent_id.is_not(None), unit.c.id)
        unit_id = connection.execute(units.where(unit.c.key == unit_key) if unit_key else units.limit(1)).scalar()
        if unit_id is None:
            raise NotFound(what="unit")
        if connection.execute(select(person.c.id).where(person.c.login == login)).first() is not None:
            raise Invalid(why_zh=f"登录名 {login} 已被使用", why_en=f"the log-in name {login} is taken")
        row = connection.execute(
            insert(person)
            .values(login=login, name=name[:100], pinyin=pinyin(name)[:200], password_hash=hashed)
            .returning(person.c.id)
        ).scalar_one()
        connection.execute(insert(membership).values(person_id=row, unit_id=unit_id, post_key="administrator"))
