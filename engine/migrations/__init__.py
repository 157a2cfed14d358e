"""The schema of a database and its way from one version to the next.

`upgrade` brings an empty or an older database to the newest revision, makes PostgreSQL's write function anew when its text has
changed, and lets the application's own role in where there is one. When all that is done already it costs two reads."""

from engine.migrations.running import ABOVE, HEAD, Behind, check_current, check_declared, revision_of, upgrade

__all__ = ["ABOVE", "HEAD", "Behind", "check_current", "check_declared", "revision_of", "upgrade"]
