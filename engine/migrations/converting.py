"""What older versions kept among a case's facts of who reported it, moved to where it is sealed (revision 0003).

The values leave the instance's facts and state, its tasks' variables, its jobs and its history. History is chained from this revision
on: only rows from before, which have no hash, are touched."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from cryptography.fernet import Fernet

from engine import vault
from engine.identities import BEFORE_MARKS, hash_of
from engine.migrations.types import Id, Instant, Json

Values = dict[str, list[Any]]
SAW_BEFORE = ("acceptor", "shift_leader")
"""Posts that were shown who reported where no setting said otherwise."""

# the tables as they are at this revision, whatever the code declares later
_instance = sa.table(
    "instance",
    sa.column("id", Id),
    sa.column("facts", Json),
    sa.column("state", sa.Text),
    sa.column("started_at", Instant()),
)
_history = sa.table(
    "history",
    sa.column("instance_id", Id),
    sa.column("seq", sa.Integer),
    sa.column("data", Json),
    sa.column("hash", sa.String),
)
_task = sa.table(
    "task",
    sa.column("instance_id", Id),
    sa.column("id", sa.Integer),
    sa.column("variables", Json),
    sa.column("item", Json),
)
_job = sa.table("job", sa.column("instance_id", Id), sa.column("id", sa.String), sa.column("payload", Json))
_post = sa.table("post", sa.column("key", sa.String), sa.column("powers", Json))
_setting = sa.table("setting", sa.column("key", sa.String), sa.column("value", Json))
_identity = sa.table(
    "identity",
    sa.column("instance_id", Id),
    sa.column("id", sa.String),
    sa.column("fields", Json),
    sa.column("sealed", sa.Text),
    sa.column("at", Instant()),
)
_subject_key = sa.table(
    "subject_key", sa.column("subject", sa.String), sa.column("wrapped", sa.Text), sa.column("made_at", Instant())
)


def reporters_apart(connection: sa.Connection) -> int:
    """Convert every case that names its reporter; answers how many."""
    classes = _classes(connection)
    return sum(_convert(connection, instance_id, classes) for instance_id in sorted(_cases(connection, classes)))


def who_saw_may_unmask(connection: sa.Connection) -> None:
    """Posts that were shown who reported (setting `personal_facts_posts`) may learn it from now on, with a reason."""
    named = _setting.c.key == "personal_facts_posts"
    given = connection.execute(sa.select(_setting.c.value).where(named)).scalar()
    for key in given if isinstance(given, list) else SAW_BEFORE:
        here = _post.c.key == key
        powers = connection.execute(sa.select(_post.c.powers).where(here)).scalar()
        if powers is not None and "unmask" not in powers:
            connection.execute(sa.update(_post).where(here).values(powers=[*powers, "unmask"]))
    connection.execute(sa.delete(_setting).where(named))


def overwrite_what_is_deleted(connection: sa.Connection) -> None:
    """SQLite leaves deleted values readable in the file unless told otherwise."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete=ON")


def _classes(connection: sa.Connection) -> dict[str, str]:
    """The fields that are personal, with their class: those that the city has set beside those of shipped forms."""
    given = connection.execute(sa.select(_setting.c.value).where(_setting.c.key == "personal_facts")).scalar()
    names = given if isinstance(given, list) else []
    return {**{str(name): "other" for name in names}, **BEFORE_MARKS}


def _cases(connection: sa.Connection, classes: Iterable[str]) -> set[int]:
    found: set[int] = set()
    for table, key, columns in (
        (_instance, "id", ("facts", "state")),
        (_history, "instance_id", ("data",)),
        (_task, "instance_id", ("variables", "item")),
        (_job, "instance_id", ("payload",)),
    ):
        named = [
            sa.cast(table.c[column], sa.Text).like(f'%"{name.replace("_", "!_")}"%', escape="!")
            for column in columns
            for name in classes
        ]
        query = sa.select(table.c[key]).where(sa.or_(*named))
        if table is _history:
            query = query.where(_history.c.hash.is_(None))
        found.update(connection.execute(query).scalars())
    return found


def _convert(connection: sa.Connection, instance_id: int, classes: Mapping[str, str]) -> bool:
    values: Values = {}
    row = connection.execute(sa.select(_instance).where(_instance.c.id == instance_id)).one()
    facts = _without(row.facts, classes, values)
    state = row.state
    if state is not None:
        state = json.dumps(_without(json.loads(state), classes, values), ensure_ascii=False, separators=(",", ":"))
    connection.execute(sa.update(_instance).where(_instance.c.id == instance_id).values(facts=facts, state=state))
    for table, key, columns in ((_task, "id", ("variables", "item")), (_job, "id", ("payload",))):
        here = table.c.instance_id == instance_id
        for each in connection.execute(sa.select(table).where(here)).mappings().all():
            new = {column: _without(each[column], classes, values) for column in columns if each[column] is not None}
            if any(new[column] != each[column] for column in new):
                connection.execute(sa.update(table).where(here, table.c[key] == each[key]).values(new))
    rows = sa.select(_history).where(_history.c.instance_id == instance_id, _history.c.hash.is_(None))
    changed = [
        (each["seq"], data)
        for each in connection.execute(rows.order_by(_history.c.seq)).mappings().all()
        if (data := _without(each["data"], classes, values)) != each["data"]
    ]
    told = _seal(connection, instance_id, values, classes, row.started_at)
    for n, (seq, data) in enumerate(changed):
        connection.execute(
            sa.update(_history)
            .where(_history.c.instance_id == instance_id, _history.c.seq == seq, _history.c.hash.is_(None))
            .values(data={**data, "identity": told} if n == 0 and told else data)
        )
    return bool(values)


def _without(document: Any, classes: Mapping[str, str], values: Values) -> Any:
    """A JSON value without the personal ones, which are added to `values`: each that differs, the first found first."""
    if isinstance(document, list):
        return [_without(each, classes, values) for each in document]
    if not isinstance(document, dict):
        return document
    kept = {}
    for key, value in document.items():
        if key == "identity":  # names of fields, of a case that was converted
            kept[key] = value
        elif key not in classes:
            kept[key] = _without(value, classes, values)
        elif value not in (None, "") and value not in values.setdefault(key, []):
            values[key].append(value)
    return kept


def _seal(
    connection: sa.Connection, instance_id: int, values: Values, classes: Mapping[str, str], at: Any
) -> list[dict[str, Any]]:
    """The rows of `identity`: the newest values together as one reporter, each older one that differed as another."""
    told = []
    for n in range(max((len(each) for each in values.values()), default=0)):
        reporter = secrets.token_hex(8)
        those = {name: each[n] for name, each in values.items() if n < len(each)}
        for of in sorted({classes[name] for name in those}):
            row_id = f"{reporter}.{of}"
            mine = {name: value for name, value in those.items() if classes[name] == of}
            key = Fernet.generate_key()
            sealed = vault.wrap(Fernet(key), mine)
            fields = dict.fromkeys(mine, of)
            connection.execute(
                sa.insert(_subject_key).values(
                    subject=vault.reporter(instance_id, row_id),
                    wrapped=vault.city_key().encrypt(key).decode(),
                    made_at=at,
                )
            )
            connection.execute(
                sa.insert(_identity).values(instance_id=instance_id, id=row_id, fields=fields, sealed=sealed, at=at)
            )
            told.append({"id": row_id, "fields": fields, "hash": hash_of(sealed)})
    return told
