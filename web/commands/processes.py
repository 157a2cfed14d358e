"""The processes of a city beside the files of a folder."""

from __future__ import annotations

import argparse
from contextlib import closing
from pathlib import Path

DESCRIPTION = """Say what differs between the newest versions in the database and the files on disk: a line for each process, one for each
file that differs. With --write the files of the database are written to disk, with --load those of the disk become new versions; only
of the processes named, or of all. Exit code 1 when something differs and nothing was done about it. Who can run this on the machine
needs no second person: what it deploys is in the audit like any version."""


def main(arguments: list[str]) -> int:
    """Run the command."""
    from web import disk, settings
    from web.wiring import PROCESSES, SCHEMAS, open_city

    parser = argparse.ArgumentParser(prog="liandong processes", description=DESCRIPTION)
    parser.add_argument("key", nargs="*", help="of these processes only")
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--write", action="store_true", help="write what is in the database to disk")
    way.add_argument("--load", action="store_true", help="deploy what is on disk")
    parser.add_argument("--processes", type=Path, default=PROCESSES, help="the folder of diagrams and tables, one each")
    parser.add_argument("--forms", type=Path, default=SCHEMAS, help="the folder of forms, one for each process")
    parser.add_argument("--note", default="", help="what --load says of the versions")
    given = parser.parse_args(arguments)
    folders = disk.Folders(given.processes, given.forms)
    with closing(open_city(settings.from_environment().app_database_url)) as city:
        found = disk.compared(city.core, folders, given.key)
        for one in found:
            print(one.line())
            for name, change in one.files:
                print(f"  {change} {name}")
        if given.write:
            for key, count in disk.write(city.core, folders, [one for one in found if one.version]):
                print(f"{key}: {count} files written")
        elif given.load:
            for definition in disk.load(city.core, folders, [one for one in found if one.on_disk], given.note):
                print(f"{definition.key} version {definition.version} {definition.hash}")
    differ = any(one.files for one in found)
    return 1 if differ and not (given.write or given.load) else 0
