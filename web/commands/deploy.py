"""Deploy a process."""

from __future__ import annotations

import argparse
from contextlib import closing
from pathlib import Path

DESCRIPTION = """Deploy BPMN files with their forms and facts schema as a new version. Running cases stay on the version they began
with. Nothing is stored when any file has an error. Who can run this command on the machine needs no post for it."""


def main(arguments: list[str]) -> int:
    """Run the command."""
    from web import settings
    from web.commands.bundles import companions, named
    from web.wiring import open_city

    parser = argparse.ArgumentParser(prog="liandong deploy", description=DESCRIPTION)
    parser.add_argument("file", nargs="+", type=Path)
    parser.add_argument("--by", help="log-in name of the person who deploys; must hold the power to design")
    parser.add_argument("--note", default="")
    given = parser.parse_args(arguments)
    files = named(given.file)
    bundle = {Path(name).name: content for name, content in {**files, **companions(files)}.items()}
    with closing(open_city(settings.from_environment().app_database_url)) as city:
        for definition in city.deploy(bundle, given.by, given.note):
            print(f"{definition.key} version {definition.version} {definition.hash}")
    return 0
