"""Everything into one file."""

from __future__ import annotations

import argparse
import sys
from contextlib import closing
from pathlib import Path

DESCRIPTION = """Write everything of the database of DATABASE_URL into one new file, from one snapshot, while people work on: cases,
history, attachments, definitions, people with the hashes of their passwords. Keep the file as safe as the database. Log-in sessions
are left out."""


def main(arguments: list[str]) -> int:
    """Run the command."""
    import escalation.tables  # noqa: F401  its tables belong to the city
    from engine import backup
    from engine.db import Database
    from web import settings

    parser = argparse.ArgumentParser(prog="liandong backup", description=DESCRIPTION)
    parser.add_argument("file", type=Path, help="such as liandong-2026-11-23.tar.gz")
    given = parser.parse_args(arguments)
    with closing(Database(settings.from_environment().database_url)) as db:
        counts = backup.write(db, given.file, lambda name, count: print(f"{name:<20}{count:>10}", file=sys.stderr))
    print(f"{given.file}: {sum(counts.values())} rows, {given.file.stat().st_size / 1e6:.1f} MB")
    return 0
