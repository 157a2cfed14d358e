"""Raw rows as CSV."""

from __future__ import annotations

import argparse
import sys
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

DESCRIPTION = (
    "Write instances, steps, clocks and history of a world as CSV into a folder, for anyone to recompute every figure."
)


def main(arguments: list[str]) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="liandong export", description=DESCRIPTION)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--world", type=int, help="which world (default: the newest replay, else the live world)")
    given = parser.parse_args(arguments)
    if find_spec("web.export") is None:
        print("The export is not part of this version.", file=sys.stderr)
        return 1
    from importlib import import_module

    from web import settings
    from web.wiring import open_city

    with closing(open_city(settings.from_environment().app_database_url)) as city:
        counts = import_module("web.export").export(city.core, given.folder, given.world)
    for name, count in counts.items():
        print(f"{name:<24}{count}")
    return 0
