"""The first administrator."""

from __future__ import annotations

import argparse
import getpass
import sys
from contextlib import closing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.core import Core
    from web.settings import Settings

DESCRIPTION = """Create the first administrator of a city without demo data: a person with the post of administrator (--post: another of the
three), and a password that is typed, or read from standard input with --password-stdin; at the first log-in it must be changed.
Further people are made on the pages. --reset gives an administrator who cannot come in a password for a time, without second factor:
nobody else can do that for one of the three."""


def main(arguments: list[str]) -> int:
    """Run the command."""
    from engine.login.first import POSTS
    from web import settings

    parser = argparse.ArgumentParser(prog="liandong admin", description=DESCRIPTION)
    parser.add_argument("login")
    parser.add_argument("--name", help="as others read it (default: the log-in name)")
    parser.add_argument("--unit", help="key of the unit (default: the topmost)")
    parser.add_argument("--post", choices=POSTS, default=POSTS[0], help="which administrator (default: system)")
    parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    parser.add_argument("--reset", action="store_true", help="a password for a time for an administrator there is")
    given = parser.parse_args(arguments)
    found = settings.from_environment()
    if given.reset:
        return _reset(found, given.login)
    return _create(found, given.login, given.name or given.login, given.unit, given.post, stdin=given.password_stdin)


def ask(found: Settings) -> bool:
    """At a first start without demo data: tell the code with which the first administrators are made on the pages; answers whether
    somebody can log in already."""
    from engine.login import first
    from web.wiring import open_city

    with closing(open_city(found.app_database_url)) as city:
        code = first.new_code(city.core)
    if code is None:
        return True
    shown = "localhost" if found.host in ("127.0.0.1", "0.0.0.0", "::") else found.host  # noqa: S104
    print(
        "Nobody can log in yet. Open the address below and make the first administrators with this set-up code (once; a new start\n"
        f"tells a new one):\n\n    http://{shown}:{found.port}/first\n    {code}\n",
        flush=True,
    )
    return False


def _reset(found: Settings, login: str) -> int:
    from engine import origin
    from engine.errors import LiandongError
    from engine.login import accounts
    from web.wiring import open_city

    origin.say("command on the server")
    with closing(open_city(found.app_database_url)) as city:
        try:
            password = accounts.mend_administrator(city.core, login)
        except LiandongError as error:
            print(error.text("en"), file=sys.stderr)
            return 1
    print(f"{login} logs in with   {password}   and must change it at once; sessions and second factor are gone")
    return 0


def _create(found: Settings, login: str, name: str, unit_key: str | None, post: str, *, stdin: bool) -> int:
    from web.commands import seeding
    from web.wiring import open_city

    seeding.prepare(found, people=False)
    city = open_city(found.app_database_url)
    try:
        if seeding.can_log_in(city.core, post):
            print(
                "There is such an administrator already; further people are made on the pages. One who cannot come in:"
                f"\n\n    ./run admin --reset {login}\n",
                file=sys.stderr,
            )
            return 1
        _make(city.core, login, name, unit_key, post, _password(stdin=stdin))
    finally:
        city.close()
    print(f"{login} can log in now, as {post.replace('_', ' ')}, and then chooses another password")
    return 0


def _password(*, stdin: bool) -> str:
    if stdin:
        return sys.stdin.readline().rstrip("\n")
    given = getpass.getpass("password: ")
    if given != getpass.getpass("once more: "):
        raise OSError("The two passwords differ; nothing was made.")
    return given


def _make(core: Core, login: str, name: str, unit_key: str | None, post: str, password: str) -> None:
    from engine import origin
    from engine.audit import recording
    from engine.login import first, rules
    from engine.passwords import check_strength, hash_password
    from web.setting_up import pinyin

    origin.say("command on the server")
    first.check_login(login)
    with core.db.read() as connection:
        check_strength(rules.read(connection), password, login)
    hashed = hash_password(password)
    with core.db.write() as connection:
        made = first.add_person(core, connection, post, login, name, hashed, unit_key)
        recording.record(
            core, connection, recording.SECURITY, "first_administrators", about=f"person:{made}", data={"posts": [post]}
        )
    first.set_pinyin(core, login, pinyin(name))
