"""Bring the database to the newest schema."""

from __future__ import annotations

import argparse
from contextlib import closing

DESCRIPTION = """Bring the database of DATABASE_URL to the newest schema. On PostgreSQL the role of APP_DATABASE_URL (or a role
called liandong_app, if there is one) then gets the rights of the application: to read and write rows, not to change tables, and
not to rewrite history, nor to read who reported: that is for the role of IDENTITY_DATABASE_URL (or liandong_identity). Make these
roles once, as the owner of the database: CREATE ROLE liandong_app LOGIN PASSWORD '…'; CREATE ROLE liandong_identity LOGIN PASSWORD '…';"""


def main(arguments: list[str]) -> int:
    """Run the command."""
    argparse.ArgumentParser(prog="liandong migrate", description=DESCRIPTION).parse_args(arguments)
    from engine import vault
    from engine.db import Database
    from engine.migrations import HEAD, revision_of
    from web import settings
    from web.setting_up import migrate

    given = settings.from_environment()
    with closing(Database(given.database_url)) as db:
        if revision_of(db) == HEAD:  # before that, keys may have no table yet
            with db.read() as connection:
                vault.check(connection)
        changed = migrate(db, given.app_role)
    print(f"{'brought to' if changed else 'already at'} revision {HEAD}")
    return 0
