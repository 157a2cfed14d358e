"""What a step writes, as data, and the two ways it is written.

A step changes one instance. Its `WriteSet` holds one guarded update of the instance row (nothing is written when another step
was first), rows to insert, rows to change and rows to delete. SQLite, and any database that SQLAlchemy speaks to, takes it in one
transaction through Core; PostgreSQL takes it as one call of a server function whose text is generated from the tables, so that a
step costs two round trips. The number of statements is what a step costs, not the commit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    DefaultClause,
    Delete,
    Table,
    Update,
    bindparam,
    delete,
    select,
    update,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.sqlite import Insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from engine import tables
from engine.audit.chain import BEGINNING, HISTORY, link
from engine.tables import instant_text, metadata

if TYPE_CHECKING:
    from engine.db import Database

FUNCTION_NAME = "liandong_write"
Row = dict[str, Any]


@dataclass
class WriteSet:
    """Everything one step writes. Keys of `inserts`, `updates` and `deletes` are table names; rows are column values, an update row
    holds the primary key and the columns that change."""

    instance_id: int
    revision: int | None = None  # the revision that was read; none: the instance is new
    instance: Row = field(default_factory=dict)  # columns of the instance that change
    inserts: dict[str, list[Row]] = field(default_factory=dict)
    updates: dict[str, list[Row]] = field(default_factory=dict)
    deletes: dict[str, list[Row]] = field(default_factory=dict)
    person: tuple[int, int] | None = None  # id and access revision the rights were decided by
    fence: tuple[str, int] | None = None  # job id and fence under which a worker acts
    chained_to: str = BEGINNING  # the hash that the first history row follows

    @property
    def empty(self) -> bool:
        """True when there is nothing to write."""
        return not (self.instance or self.inserts or self.updates or self.deletes)

    def insert(self, table: Table, **values: Any) -> None:
        """Add a row."""
        self.inserts.setdefault(table.name, []).append({"instance_id": self.instance_id, **values})

    def update(self, table: Table, **values: Any) -> None:
        """Change a row, named by its key among `values`; one that this step adds is changed before it is written."""
        if table.name in self.inserts:
            key = {name: values[name] for name in _keys(table.name) if name != "instance_id"}
            for row in self.inserts[table.name]:
                if all(row.get(name) == value for name, value in key.items()):
                    row.update(values)
                    return
        self.updates.setdefault(table.name, []).append({"instance_id": self.instance_id, **values})

    def delete(self, table: Table, **key: Any) -> None:
        """Remove the row with this key."""
        self.deletes.setdefault(table.name, []).append({"instance_id": self.instance_id, **key})


# Outcomes of `commit`
DONE, STALE, RIGHTS, FENCED, DUPLICATE = "done", "stale", "rights", "fenced", "duplicate"


def commit(db: Database, writes: WriteSet) -> str:
    """Write all or nothing. Answers `done`; `stale` when another step was first; `rights` when the actor's rights changed
    meanwhile; `fenced` when the job was leased to another; `duplicate` when the new instance or receipt exists already."""
    if writes.revision is not None:
        writes.instance["revision"] = writes.revision + 1
    _chain(writes)
    return _commit_postgresql(db, writes) if db.postgresql else _commit_core(db, writes)


def _chain(writes: WriteSet) -> None:
    """Link the history rows of the step, now that nothing more is said in them."""
    before = writes.chained_to
    for row in writes.inserts.get(tables.history.name, ()):
        before = writes.instance["history_hash"] = row["hash"] = link(before, row, HISTORY)


# ---------------------------------------------------------------- any database


def _commit_core(db: Database, writes: WriteSet) -> str:
    with (
        db.engine.connect().execution_options(liandong_write=True) as connection,
        connection.begin() as transaction,
    ):
        outcome = _checks(connection, writes)
        if outcome == DONE:
            outcome = _guard(connection, writes)
        if outcome == DONE:
            _rows(connection, writes)
        else:
            transaction.rollback()
        return outcome


def _checks(connection: Connection, writes: WriteSet) -> str:
    iid = writes.instance_id
    if writes.person is not None:
        person_id, revision = writes.person
        if connection.execute(_RIGHTS, {"p": person_id, "r": revision}).first() is None:
            return RIGHTS
    if writes.fence is not None:
        job_id, fence = writes.fence
        if connection.execute(_FENCE, {"i": iid, "j": job_id, "f": fence}).first() is None:
            return FENCED
    for row in writes.inserts.get("receipt", ()):
        if connection.execute(_RECEIPT, {"i": iid, "k": row["key"]}).first() is not None:
            return DUPLICATE
    return DONE


def _guard(connection: Connection, writes: WriteSet) -> str:
    iid = writes.instance_id
    if writes.revision is not None:
        statement = _guarded_update(tuple(sorted(writes.instance)))
        changed = connection.execute(statement, {"_id": iid, "_revision": writes.revision, **writes.instance})
        if changed.rowcount != 1:
            return STALE
    elif writes.instance:
        if connection.execute(_EXISTS, {"i": iid}).first() is not None:
            return DUPLICATE
        connection.execute(_insert_statement("instance"), [{"id": iid, **writes.instance}])
    return DONE


def _rows(connection: Connection, writes: WriteSet) -> None:
    for name, rows in writes.deletes.items():
        connection.execute(_delete_statement(name), [{f"_{k}": v for k, v in row.items()} for row in rows])
    for name, rows in writes.updates.items():
        keys = _keys(name)
        for columns, group in _by_columns(rows, keys):
            connection.execute(
                _update_statement(name, columns),
                [{(f"_{k}" if k in keys else k): v for k, v in row.items()} for row in group],
            )
    for name, rows in writes.inserts.items():
        said = defaults(metadata.tables[name])
        given = {k: said.get(k) for row in rows for k in row}
        connection.execute(_insert_statement(name), [{**given, **row} for row in rows])


def _by_columns(rows: list[Row], keys: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], list[Row]]]:
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(sorted(k for k in row if k not in keys)), []).append(row)
    yield from groups.items()


# Statements are built once: building one costs more than running it.

_RIGHTS = select(tables.person.c.id).where(
    tables.person.c.id == bindparam("p"), tables.person.c.access_revision == bindparam("r"), tables.person.c.active
)
_FENCE = select(tables.job.c.fence).where(
    tables.job.c.instance_id == bindparam("i"), tables.job.c.id == bindparam("j"), tables.job.c.fence == bindparam("f")
)
_RECEIPT = select(tables.receipt.c.key).where(
    tables.receipt.c.instance_id == bindparam("i"), tables.receipt.c.key == bindparam("k")
)
_EXISTS = select(tables.instance.c.id).where(tables.instance.c.id == bindparam("i"))


@cache
def defaults(table: Table) -> dict[str, Any]:
    """The constants that columns hold where nothing is said, as a JSON reader of PostgreSQL takes them."""
    found: dict[str, Any] = {}
    for column in table.columns:
        if isinstance(column.server_default, DefaultClause):
            said = str(getattr(column.server_default.arg, "text", column.server_default.arg))
            found[column.name] = {"true": True, "false": False}.get(said, said)
    return found


def _keys(name: str) -> tuple[str, ...]:
    return tuple(c.name for c in metadata.tables[name].primary_key)


@cache
def _guarded_update(columns: tuple[str, ...]) -> Update:
    table = tables.instance
    return (
        update(table)
        .where(table.c.id == bindparam("_id"), table.c.revision == bindparam("_revision"))
        .values({c: bindparam(c) for c in columns})
    )


@cache
def _update_statement(name: str, columns: tuple[str, ...]) -> Update:
    table = metadata.tables[name]
    return update(table).where(*_key_is(table)).values({c: bindparam(c) for c in columns})


@cache
def _delete_statement(name: str) -> Delete:
    table = metadata.tables[name]
    return delete(table).where(*_key_is(table))


@cache
def _insert_statement(name: str) -> Insert:
    statement = sqlite_insert(metadata.tables[name])
    return statement.on_conflict_do_nothing() if name in _IGNORED else statement


def _key_is(table: Table) -> list[ColumnElement[bool]]:
    return [c == bindparam(f"_{c.name}") for c in table.primary_key]


_IGNORED = ("involvement", "recusal", "blob")
"""Tables whose rows say "this is so": writing one twice is no error."""

# ---------------------------------------------------------------- PostgreSQL


def _commit_postgresql(db: Database, writes: WriteSet) -> str:
    document: dict[str, Any] = {"i": writes.instance_id}
    if writes.revision is not None:
        document["r"] = writes.revision
    if writes.instance:
        document["v"] = writes.instance
    if writes.person is not None:
        document["p"] = writes.person
    if writes.fence is not None:
        document["f"] = writes.fence
    for letter, rows in (("+", writes.inserts), ("=", writes.updates), ("-", writes.deletes)):
        for name, values in rows.items():
            document[letter + name] = values
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), default=_plain)
    row = db.raw().execute(f"SELECT {FUNCTION_NAME}(%s::jsonb)", (text,)).fetchone()
    outcome: str = row[0]
    return outcome


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    raise TypeError(f"{type(value).__name__} cannot be written in a step")


def function_ddl() -> str:
    """The server function, generated from the hot tables: the same checks and writes as `_checks`, `_guard` and `_rows`, in one call."""
    hot = [t for t in metadata.sorted_tables if t.info.get("hot") and t.name != "instance"]
    body = [_CHECKS]
    columns = ", ".join(f'"{c.name}"' for c in tables.instance.columns)
    body.append(
        f"""
    if doc ? 'r' then
        update instance t set ({columns}) = (select {", ".join(f'n."{c.name}"' for c in tables.instance.columns)}
            from jsonb_populate_record(t, doc->'v') n)
            where t.id = iid and t.revision = (doc->>'r')::int;
        if not found then return 'stale'; end if;
    elsif doc ? 'v' then
        insert into instance select (jsonb_populate_record({_base(tables.instance)},
            doc->'v' || jsonb_build_object('id', iid))).*
            on conflict do nothing;
        if not found then return 'duplicate'; end if;
    end if;"""
    )
    body += [_delete(t) for t in hot] + [_update(t) for t in hot] + [_insert(t) for t in hot]
    return (
        f"CREATE FUNCTION {FUNCTION_NAME}(doc jsonb) RETURNS text LANGUAGE plpgsql AS $body$\n"
        "declare iid bigint := (doc->>'i')::bigint; x jsonb;\nbegin"
        + "".join(body)
        + "\n    return 'done';\nend $body$"
    ).replace("%", "%%")


_CHECKS = """
    if doc ? 'p' then
        perform 1 from person where id = (doc->'p'->>0)::int and access_revision = (doc->'p'->>1)::int and active;
        if not found then return 'rights'; end if;
    end if;
    if doc ? 'f' then
        perform 1 from job where instance_id = iid and id = doc->'f'->>0 and fence = (doc->'f'->>1)::int;
        if not found then return 'fenced'; end if;
    end if;
    if doc ? '+receipt' then
        perform 1 from receipt where instance_id = iid and key = doc->'+receipt'->0->>'key';
        if found then return 'duplicate'; end if;
    end if;"""


def _base(table: Table) -> str:
    """What a row holds where nothing is said: the defaults of its columns."""
    said = defaults(table)
    empty = f'null::"{table.name}"'
    return f"jsonb_populate_record({empty}, '{json.dumps(said, ensure_ascii=False)}')" if said else empty


def _key_is_row(table: Table) -> str:
    """The key of a row `x`: the instance is the step's own, so that the key's index serves whatever the planner believes."""
    rest = [c for c in table.primary_key if c.name != "instance_id"]
    return " and ".join(["t.instance_id = iid", *(f"t.\"{c.name}\" = (x->>'{c.name}')::{_type(c)}" for c in rest)])


def _type(column: Any) -> str:
    return str(column.type.compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]


def _delete(table: Table) -> str:
    return f"""
    if doc ? '-{table.name}' then
        for x in select v from jsonb_array_elements(doc->'-{table.name}') v loop
            delete from "{table.name}" t where {_key_is_row(table)};
        end loop;
    end if;"""


def _update(table: Table) -> str:
    keys = {c.name for c in table.primary_key}
    rest = [c.name for c in table.columns if c.name not in keys]
    if not rest:
        return ""
    names = ", ".join(f'"{c}"' for c in rest)
    values = ", ".join(f'n."{c}"' for c in rest)
    return f"""
    if doc ? '={table.name}' then
        for x in select v from jsonb_array_elements(doc->'={table.name}') v loop
            update "{table.name}" t set ({names}) = (select {values} from jsonb_populate_record(t, x) n)
                where {_key_is_row(table)};
        end loop;
    end if;"""


def _insert(table: Table) -> str:
    ending = " on conflict do nothing" if table.name in _IGNORED else ""
    return f"""
    if doc ? '+{table.name}' then
        insert into "{table.name}" select * from jsonb_populate_recordset({_base(table)}, doc->'+{table.name}'){ending};
    end if;"""
