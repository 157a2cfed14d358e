"""Write the next revision of the schema from the tables as they are declared."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

DESCRIPTION = """Compare the declared tables with the newest revision and write the difference as a new one into
engine/migrations/versions. Read it, correct it, raise HEAD in engine/migrations/running.py, and commit. --again writes the
newest revision anew: only while no database outside tests has it."""


def main(arguments: list[str]) -> int:
    """Run the command."""
    from alembic.script import ScriptDirectory

    import escalation.tables  # noqa: F401  its tables belong to the schema
    from engine.db import Database
    from engine.migrations import HEAD, upgrade
    from engine.migrations.running import FOLDER
    from engine.migrations.writing import write

    parser = argparse.ArgumentParser(prog="liandong revision", description=DESCRIPTION)
    parser.add_argument("message", nargs="+")
    parser.add_argument("--again", action="store_true", help="write the newest revision anew")
    given = parser.parse_args(arguments)
    previous: str | None = HEAD
    if given.again:
        newest = ScriptDirectory(str(FOLDER)).get_revision(HEAD)
        if newest is None:
            parser.error(f"there is no revision {HEAD}")
        previous = newest.down_revision if isinstance(newest.down_revision, str) else None
        Path(newest.path).unlink()
    revision = HEAD if given.again else f"{int(HEAD) + 1:04}"
    with tempfile.TemporaryDirectory() as folder:
        db = Database(f"sqlite:///{folder}/empty.db")
        if previous is not None:
            upgrade(db, previous)
        with db.write() as connection:
            path = write(connection, revision, previous, " ".join(given.message))
        db.close()
    subprocess.run([sys.executable, "-m", "ruff", "check", "-q", "--fix-only", str(path)], check=False)  # noqa: S603
    subprocess.run([sys.executable, "-m", "ruff", "format", "-q", str(path)], check=False)  # noqa: S603
    print(path)
    return 0
