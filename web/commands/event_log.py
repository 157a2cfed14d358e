"""The two commands that write an event log: the same arguments, another format."""

from __future__ import annotations

import argparse
import gzip
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from engine.core import Core
    from engine.queries.mining import Wanted

Write = Callable[["Core", "Wanted", str], Iterator[str]]


def run(name: str, description: str, arguments: list[str], write: Callable[[], Write]) -> int:
    """Read the arguments and write the file; a name that ends with `.gz` is compressed."""
    parser = argparse.ArgumentParser(prog=f"liandong {name}", description=description)
    parser.add_argument("file", type=Path)
    parser.add_argument("--from", dest="since", type=date.fromisoformat, help="cases that began on this day or later")
    parser.add_argument("--to", dest="until", type=date.fromisoformat, help="and on this day or earlier")
    parser.add_argument("--process", help="of one process only, by its key")
    parser.add_argument("--world", type=int, help="another world than the live one")
    parser.add_argument("--english", action="store_true", help="names in English")
    given = parser.parse_args(arguments)
    from engine import worlds
    from engine.audit import recording
    from engine.queries import mining
    from engine.tables import LIVE
    from web import settings
    from web.wiring import open_city

    with closing(open_city(settings.from_environment().app_database_url)) as city:
        world = worlds.get(city.core, given.world if given.world is not None else LIVE)
        if world.is_drill:
            print("a drill is in no event log", file=sys.stderr)
            return 2
        since = datetime.combine(given.since or date(1990, 1, 1), time(), world.zone)
        until = datetime.combine((given.until or date(2200, 1, 1)) + timedelta(days=1), time(), world.zone)
        wanted = mining.Wanted(since, until, given.process, world=world.id)
        cases, rows, tasks = mining.counts(city.core, wanted)
        said = {"format": name, "from": since.isoformat(), "to": until.isoformat(), "process": given.process or ""}
        with city.core.db.write() as connection:
            recording.record(city.core, connection, recording.CONTENT, "exported", about=f"command:{name}", data=said)
        given.file.parent.mkdir(parents=True, exist_ok=True)
        with _opened(given.file) as file:
            for piece in write()(city.core, wanted, "en" if given.english else "zh"):
                file.write(piece)
    print(f"{given.file}: {cases} cases, {rows} history rows, {tasks} tasks")
    return 0


def _opened(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "wt", encoding="utf-8", newline="\n")
    return path.open("w", encoding="utf-8", newline="\n")
