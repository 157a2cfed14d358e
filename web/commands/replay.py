"""Replay real requests."""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import closing
from pathlib import Path

DESCRIPTION = """Run each request of a file through the real process at its real times, in a replay world of the configured database.
Can be stopped at any moment; the same command goes on without doing anything twice. All figures are read back from stored rows."""


def main(arguments: list[str]) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="liandong replay", description=DESCRIPTION)
    parser.add_argument("file", type=Path)
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures there too")
    parser.add_argument(
        "--working-time",
        action="store_true",
        help="with limits in working time by a test mapping (processes/replay/boston/test_limits.csv) instead of the file's own due times",
    )
    given = parser.parse_args(arguments)
    from web import settings
    from web.commands.seeding import prepare
    from web.replay import replay
    from web.replay.realm import limits_of_tests
    from web.wiring import open_city

    found = settings.from_environment()
    prepare(found)
    with closing(open_city(found.app_database_url, durable=False)) as city:  # it can be continued
        limits = limits_of_tests() if given.working_time else None
        figures = replay(city, given.file, progress, lambda row: print(f"\r{row}", file=sys.stderr), limits).as_json()
    print(file=sys.stderr)
    shown = {name: value for name, value in figures.items() if name != "disagreements"}
    for name, value in shown.items():
        print(f"{name:<18}{value}")
    for each in figures.get("disagreements", ())[:20]:
        print(f"disagrees: {each}")
    if given.json is not None:
        given.json.write_text(json.dumps(figures, ensure_ascii=False, indent=2, default=str) + "\n")
    return 0


def progress(done: int, of: int) -> None:
    """A line that counts, on a terminal; on a file every tenth."""
    if sys.stderr.isatty():
        if done % 20 == 0 or done == of:
            print(f"\r{done} / {of}", end="", file=sys.stderr, flush=True)
    elif done == of or done % max(1, of // 10) == 0:
        print(f"{done} / {of}", file=sys.stderr, flush=True)
