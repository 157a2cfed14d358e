"""A backup into an empty database."""

from __future__ import annotations

import argparse
from contextlib import closing
from pathlib import Path

DESCRIPTION = """Restore a backup into the database of DATABASE_URL, which must be empty; it may be of the other kind (SQLite,
PostgreSQL). Every row and every attachment is checked against its hash; what does not fit restores nothing. A backup of an
older version is brought to the newest schema."""


def main(arguments: list[str]) -> int:
    """Run the command."""
    from engine import backup
    from engine.db import Database
    from web import setting_up, settings

    parser = argparse.ArgumentParser(prog="liandong restore", description=DESCRIPTION)
    parser.add_argument("file", type=Path)
    given = parser.parse_args(arguments)
    found = settings.from_environment()
    with closing(Database(found.database_url)) as db:
        counts = backup.restore(db, given.file, found.app_role)
        setting_up.migrate(db, found.app_role)
    print(
        f"restored {sum(counts.values())} rows: {counts['instance']} cases, {counts['history']} lines of history, ",
        end="",
    )
    print(f"{counts['blob']} contents of attachments; all verified")
    print(
        "Next: ./run verify-audit. If it says that the copy outside knows more, that is what the backup lost: --accept REASON."
    )
    return 0
