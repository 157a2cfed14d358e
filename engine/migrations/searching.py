"""The inverted index over the table `words`, and the triggers that keep it and `scope`: what each database has of its own for this.

PostgreSQL: a GIN index over both columns. SQLite: an FTS5 table that keeps no text of its own (`content=words`). On both, a trigger adds
a unit to a case's scope the first time that it takes part, whoever wrote that row."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from engine import search
from engine.migrations.types import Id, Instant, Json
from engine.search import DOCUMENT, INDEX

_PENDING_KB = 512
"""Words that wait to be sorted into the GIN index: enough to do it in batches, little enough to be read at each search."""

_BATCH = 2000

# the tables as they are at this revision, whatever the code declares later
_instance = sa.table(
    "instance",
    sa.column("id", Id),
    sa.column("world_id", sa.Integer),
    sa.column("key", sa.String),
    sa.column("number", sa.String),
    sa.column("facts", Json),
    sa.column("starter_id", sa.Integer),
    sa.column("started_at", Instant()),
)
_involvement = sa.table("involvement", sa.column("instance_id", Id), sa.column("unit_id", sa.Integer))
_words = sa.table(
    "words",
    sa.column("instance_id", Id),
    sa.column("at", Instant()),
    sa.column("words", sa.Text),
    sa.column("scope", sa.Text),
)


def own(name: str | None) -> bool:
    """Whether an index or table is made here, and by no declaration."""
    return name is not None and name.startswith(INDEX)


def convert(connection: sa.Connection) -> int:
    """A row of `words` for every case there is; answers how many."""
    last, count = -1, 0
    while True:
        query = sa.select(_instance).where(_instance.c.id > last).order_by(_instance.c.id).limit(_BATCH)
        rows = connection.execute(query).mappings().all()
        if not rows:
            return count
        units: dict[int, list[int]] = {}
        here = _involvement.c.instance_id.in_([row["id"] for row in rows])
        for instance_id, unit_id in connection.execute(sa.select(_involvement).where(here)):
            units.setdefault(instance_id, []).append(unit_id)
        connection.execute(sa.insert(_words), [_row(row, sorted(units.get(row["id"], ()))) for row in rows])
        last, count = rows[-1]["id"], count + len(rows)


def _row(row: Any, unit_ids: list[int]) -> dict[str, Any]:
    return {
        "instance_id": row["id"],
        "at": row["started_at"],
        "words": search.words_of(row["number"], row["facts"], row["world_id"]),
        "scope": search.scope_of(row["world_id"], row["key"], row["starter_id"], row["started_at"], unit_ids),
    }


def make_index(connection: sa.Connection) -> None:
    """The index over the rows there are."""
    for statement in _GIN if connection.dialect.name == "postgresql" else _FTS5:
        connection.exec_driver_sql(statement)


def make_triggers(connection: sa.Connection) -> None:
    """What keeps `scope`, and on SQLite the index."""
    for statement in _POSTGRESQL if connection.dialect.name == "postgresql" else _SQLITE:
        connection.exec_driver_sql(statement)


def part_worlds(connection: sa.Connection) -> None:
    """Since revision 0005 the words of other worlds than the live one bear its number: rows and trigger are brought to that."""
    postgresql = connection.dialect.name == "postgresql"
    connection.exec_driver_sql("DROP TRIGGER takes_part" + (" ON involvement" if postgresql else ""))
    if postgresql:
        connection.exec_driver_sql("DROP FUNCTION liandong_takes_part()")
    for statement in _POSTGRESQL if postgresql else _SQLITE[:1]:
        connection.exec_driver_sql(statement)
    old = sa.and_(_words.c.scope.like("in:%"), _words.c.scope.not_like("in:1 %"), _words.c.scope.like("% of:%"))
    old = sa.and_(old, _words.c.scope.not_like("%\\_of:%", escape="\\"))
    rows = connection.execute(sa.select(_words.c.instance_id, _words.c.words, _words.c.scope).where(old)).all()
    for instance_id, text, scope in rows:
        first, _, more = scope.partition(" ")
        world = int(first.removeprefix("in:"))
        connection.execute(
            sa.update(_words)
            .where(_words.c.instance_id == instance_id)
            .values(
                words=" ".join(search.in_world(world, word) for word in text.split()),
                scope=" ".join([first, *(search.in_world(world, word) for word in more.split())]),
            )
        )


_GIN = (f"CREATE INDEX {INDEX} ON words USING gin (({DOCUMENT})) WITH (gin_pending_list_limit = {_PENDING_KB})",)

_FTS5 = (
    (
        f"CREATE VIRTUAL TABLE {INDEX} USING fts5(words, scope, content='words', content_rowid='instance_id', detail='none',"
        " columnsize=0, tokenize=\"unicode61 remove_diacritics 0 tokenchars ':_-.'\")"
    ),
    f"INSERT INTO {INDEX} ({INDEX}) VALUES ('rebuild')",  # noqa: S608  a name of ours
)


def _takes_part(world: str) -> str:
    """`world`: the expression that reads the world's number from a scope, which begins with it."""
    word = f"case when scope like 'in:1 %' then '' else {world} || '_' end || 'unit:' || NEW.unit_id"
    return (
        f"UPDATE words SET scope = scope || ' ' || {word} WHERE instance_id = NEW.instance_id"  # noqa: S608  names of ours
        f" AND ' ' || scope || ' ' NOT LIKE '% ' || {word} || ' %'"
    )


_WORLD_ON_POSTGRESQL = "split_part(split_part(scope, ' ', 1), ':', 2)"
_WORLD_ON_SQLITE = "substr(scope, 4, instr(scope, ' ') - 4)"

_POSTGRESQL = (
    (
        "CREATE FUNCTION liandong_takes_part() RETURNS trigger LANGUAGE plpgsql AS $body$\nbegin\n"
        f"    {_takes_part(_WORLD_ON_POSTGRESQL).replace('%', '%%')};\n    return null;\nend $body$"
    ),
    "CREATE TRIGGER takes_part AFTER INSERT ON involvement FOR EACH ROW EXECUTE FUNCTION liandong_takes_part()",
)

_FORGET = (
    f"INSERT INTO {INDEX} ({INDEX}, rowid, words, scope) VALUES ('delete', OLD.instance_id, OLD.words, OLD.scope);"  # noqa: S608
)
_LEARN = f"INSERT INTO {INDEX} (rowid, words, scope) VALUES (NEW.instance_id, NEW.words, NEW.scope);"  # noqa: S608

_SQLITE = (
    ("CREATE TRIGGER takes_part AFTER INSERT ON involvement BEGIN " + _takes_part(_WORLD_ON_SQLITE) + "; END"),
    f"CREATE TRIGGER words_added AFTER INSERT ON words BEGIN {_LEARN} END",
    f"CREATE TRIGGER words_gone AFTER DELETE ON words BEGIN {_FORGET} END",
    f"CREATE TRIGGER words_changed AFTER UPDATE ON words BEGIN {_FORGET} {_LEARN} END",
)
