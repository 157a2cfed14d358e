"""Older versions kept who reported among a case's facts. Coming up to today's schema moves it to where it is sealed: nothing of it stays
in the database, nor in the bytes of an SQLite file, and the cases finish as they would have."""

from __future__ import annotations

import gzip
import json
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, insert, select, text, update

from engine import migrations, unmasking
from engine.clock import ManualClock
from engine.db import Database
from engine.migrations.converting import reporters_apart
from engine.tables import definition, history, identity, instance
from tests.db.test_identities import NAME, PHONE, WHY, places
from tests.factories import LEADER
from tests.golden.making import BEGAN, FOLDER
from tests.golden.test_golden import finish
from tests.postgres import PostgresServer
from web.setting_up import migrate
from web.wiring import open_city

OLD = ("0001", "0002")
OTHER_PHONE = "13900002222"


@pytest.fixture(params=OLD)
def planted(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """A golden file in which reporters were named, as these versions kept them; and its cases."""
    file = tmp_path / "golden.db"
    file.write_bytes(gzip.decompress((FOLDER / f"{request.param}.db.gz").read_bytes()))
    cases: dict[str, str] = json.loads((FOLDER / f"{request.param}.json").read_text())["cases"]
    with closing(sqlite3.connect(file)) as raw:
        for case in cases.values():
            _plant(raw, int(case), PHONE)
        corrected = int(cases["handling"])
        _json(
            raw,
            "history",
            "data",
            corrected,
            f"seq = {_last(raw, corrected)}",
            {"answers": {"reporter_phone": OTHER_PHONE}},
        )
        if request.param == "0002":
            _json(raw, "task", "variables", corrected, "state = 'open'", {"reporter_phone": PHONE, "n": 1})
        raw.commit()
    return file, cases


def _plant(raw: sqlite3.Connection, case: int, phone: str) -> None:
    named = {"reporter_name": NAME, "reporter_phone": phone}
    _json(raw, "instance", "facts", case, "1 = 1", named, key="id")
    _json(raw, "history", "data", case, "seq = 0", {"answers": named})
    (state,) = raw.execute("SELECT state FROM instance WHERE id = ?", (case,)).fetchone()
    document = json.loads(state)
    if document["v"] > 1:
        document["l"] = {**document.get("l", {}), **named}
    raw.execute("UPDATE instance SET state = ? WHERE id = ?", (json.dumps(document, ensure_ascii=False), case))


def _last(raw: sqlite3.Connection, case: int) -> int:
    (seq,) = raw.execute("SELECT max(seq) FROM history WHERE instance_id = ?", (case,)).fetchone()
    return int(seq)


def _json(
    raw: sqlite3.Connection,
    table: str,
    column: str,
    case: int,
    where: str,
    more: dict[str, Any],
    key: str = "instance_id",
) -> None:
    rows = f"FROM {table} WHERE {key} = {case} AND {where}"
    for rowid, old in raw.execute(f"SELECT rowid, {column} {rows}").fetchall():
        document = json.loads(old) if old else {}
        for name, value in more.items():
            document[name] = {**document.get(name, {}), **value} if isinstance(value, dict) else value
        raw.execute(
            f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (json.dumps(document, ensure_ascii=False), rowid)
        )


def check(url: str, cases: dict[str, str]) -> None:
    """What must be so after the way up."""
    with closing(open_city(url, ManualClock(BEGAN + timedelta(days=1)))) as city:
        assert places(city.core.db, NAME, PHONE, OTHER_PHONE) == []
        for place, case in cases.items():
            found = unmasking.unmask(city.core, int(case), LEADER, WHY)
            assert found[-1].values or found[0].values
            phones = {one.values.get("reporter_phone") for one in found}
            assert phones == ({PHONE, OTHER_PHONE} if place == "handling" else {PHONE})
            assert NAME in {one.values.get("reporter_name") for one in found}
            first = city.trail(int(case))[0]
            assert first["hash"] is None
            assert {name for one in first["data"]["identity"] for name in one["fields"]} == {
                "reporter_name",
                "reporter_phone",
            }
        finish(city, cases)
        assert all(row["hash"] for row in city.trail(int(cases["reported"]))[1:])


def test_an_older_file_keeps_no_reporter_in_the_open(planted: tuple[Path, dict[str, str]]) -> None:
    file, cases = planted
    assert PHONE.encode() in file.read_bytes()
    with closing(Database(f"sqlite:///{file}")) as database:
        migrate(database)
    left = b"".join(part.read_bytes() for part in file.parent.glob("golden.db*"))
    for canary in (NAME, PHONE, OTHER_PHONE):
        assert canary.encode() not in left, "SQLite leaves what it deletes in the file unless told otherwise"
        assert json.dumps(canary)[1:-1].encode() not in left
    check(f"sqlite:///{file}", cases)


@pytest.fixture
def older_postgresql(postgres_server: PostgresServer) -> Iterator[str]:
    name = "older_" + uuid.uuid4().hex
    yield postgres_server.create_database(name)
    postgres_server.drop_database(name)


def test_and_so_on_postgresql(planted: tuple[Path, dict[str, str]], older_postgresql: str) -> None:
    file, cases = planted
    with closing(Database(f"sqlite:///{file}")) as source, closing(Database(older_postgresql)) as target:
        revision = migrations.revision_of(source)
        assert revision is not None
        migrations.upgrade(target, revision)
        _copy(source, target)
        migrate(target)
    check(older_postgresql, cases)


def _copy(source: Database, target: Database) -> None:
    known = MetaData()
    with target.write() as to, source.read() as there:
        known.reflect(to)
        to.execute(text("DELETE FROM world"))
        for table in known.sorted_tables:
            if table.name == "alembic_version":
                continue
            rows = [dict(r) for r in there.execute(text(f'SELECT * FROM "{table.name}"')).mappings()]
            if not rows:
                continue
            for row in rows:
                for column in table.columns:
                    row[column.name] = _value(str(column.type), row[column.name])
            later = [c.name for c in table.columns if any(f.column.table is table for f in c.foreign_keys)]
            to.execute(insert(table), [{**row, **dict.fromkeys(later)} for row in rows])
            for row in rows:
                if later and any(row[c] is not None for c in later):
                    key = [column == row[column.name] for column in table.primary_key]
                    to.execute(update(table).where(*key).values({c: row[c] for c in later}))


def _value(kind: str, value: Any) -> Any:
    if value is None:
        return None
    if kind.startswith("JSON"):
        return json.loads(value) if isinstance(value, str) else value
    if kind.startswith("TIMESTAMP"):
        return datetime.fromisoformat(value)
    return bool(value) if kind == "BOOLEAN" else value


def test_what_is_chained_is_not_touched(database: Database) -> None:
    """A row written since chains are kept stays as it is, whatever stands in it."""
    data = {"answers": {"reporter_phone": PHONE}}
    with database.write() as connection:
        at = datetime.fromisoformat("2026-01-01T00:00:00+00:00")
        about = {"key": "k", "version": 1, "hash": "h", "name_zh": "z", "name_en": "e", "data_version": 1}
        connection.execute(insert(definition).values(id=1, at=at, **about))
        row = {"id": 7, "world_id": 1, "definition_id": 1, "key": "k", "number": "n", "status": "active", "revision": 1}
        connection.execute(
            insert(instance).values(**row, facts=data["answers"], started_at=at, history_count=2, data_version=1)
        )
        for seq, hashed in ((0, None), (1, "sha256:x")):
            connection.execute(
                insert(history).values(instance_id=7, seq=seq, at=at, kind="commented", data=data, hash=hashed)
            )
        assert reporters_apart(connection) == 1
        old, new = connection.execute(select(history.c.data).order_by(history.c.seq)).scalars()
        assert (old["answers"], new) == ({}, data)
        assert len(connection.execute(select(identity)).all()) == 1
        assert reporters_apart(connection) == 0
