"""Raw rows as CSV."""

from __future__ import annotations

import argparse
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.core import Core

DESCRIPTION = (
    "Write instances, steps, clocks and history of a world as CSV into a folder, for anyone to recompute every figure."
)


def main(arguments: list[str]) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="liandong export", description=DESCRIPTION)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--world", type=int, help="which world (default: the newest replay, else the live world)")
    given = parser.parse_args(arguments)
    from web import settings
    from web.export import export
    from web.wiring import open_city

    with closing(open_city(settings.from_environment().app_database_url)) as city:
        world_id = given.world if given.world is not None else _newest_replay(city.core)
        counts = export(city.core, given.folder, world_id)
    print(f"world {world_id}, written to {given.folder}:")
    for name, count in counts.items():
        print(f"{name:<24}{count}")
    return 0


def _newest_replay(core: Core) -> int:
    from engine import worlds
    from engine.tables import LIVE

    return max((w.id for w in worlds.every(core) if w.kind == "replay"), default=LIVE)
