"""Write the next revision from the tables as they are declared; a person reads it, corrects it, and commits it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from alembic.autogenerate import compare_metadata, produce_migrations, render_python_code
from alembic.autogenerate.api import AutogenContext
from alembic.migration import MigrationContext
from alembic.operations.ops import MigrationScript
from sqlalchemy import Connection

from engine.migrations.searching import own
from engine.migrations.types import Id, Instant, Json
from engine.tables import metadata

VERSIONS = Path(__file__).resolve().parent / "versions"
_NAMES = {id(Json): "Json", id(Id): "Id"}

_TEMPLATE = '''"""{message}."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.migrations.types import Id, Instant, Json

revision = {revision!r}
down_revision = {previous!r}


def upgrade() -> None:
    """Forwards only: a backup is the way back."""
    {body}
'''

_LIVE_WORLD = """
    live_world()


def live_world() -> None:
    \"\"\"The world whose deadlines bind.\"\"\"
    postgresql = op.get_bind().dialect.name == "postgresql"
    now = "clock_timestamp()" if postgresql else "strftime('%Y-%m-%dT%H:%M:%f000+00:00', 'now')"
    columns = "(id, kind, name, clock, rate, zone, created_at)"
    op.execute(sa.text(f"INSERT INTO world {columns} VALUES (1, 'live', '潜江', 'real', 1.0, 'Asia/Shanghai', {now})"))  # noqa: S608
    if postgresql:
        op.execute("SELECT setval(pg_get_serial_sequence('world', 'id'), 1)")
"""
"""What the first revision adds to the tables."""


def differences(connection: Connection) -> list[Any]:
    """What the declared tables have that the database has not, or the other way round; empty when they agree."""
    return list(compare_metadata(_context(connection), metadata))


def write(connection: Connection, revision: str, previous: str | None, message: str) -> Path:
    """Write the revision that leads from this database to the declared tables; answers its file."""
    context = _context(connection)
    script: MigrationScript = produce_migrations(context, metadata)
    if script.upgrade_ops is None:
        raise RuntimeError("nothing to write")
    body = render_python_code(script.upgrade_ops, render_as_batch=previous is not None, render_item=_render)
    path = VERSIONS / f"r{revision}_{'_'.join(message.lower().split())}.py"
    body = "\n".join(line for line in body.splitlines() if "###" not in line).strip()
    if previous is None:
        body += _LIVE_WORLD
    path.write_text(_TEMPLATE.format(message=message, revision=revision, previous=previous, body=body))
    return path


def _context(connection: Connection) -> MigrationContext:
    options = {"target_metadata": metadata, "compare_type": True, "include_name": lambda name, *_: not own(name)}
    return MigrationContext.configure(connection, opts=options)


def _render(kind: str, item: Any, _: AutogenContext) -> str | Literal[False]:
    if kind == "type":
        if isinstance(item, Instant):
            return "Instant()"
        if id(item) in _NAMES:
            return _NAMES[id(item)]
    return False
