"""Make a database ready: tables, the live world, the city's tables and processes. Everything here can be run again."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Callable, Iterable
from functools import partial
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from pypinyin import lazy_pinyin
from sqlalchemy import Connection, Table, insert, select, update

import forms
from engine import calendars, definitions, deployment, migrations, registers
from engine import settings as city_settings
from engine.core import Core
from engine.db import Database
from engine.organisation import revision
from engine.tables import area, definition, membership, person, post, post_conflict, setting, unit
from web import settings
from web.wiring import PROCESSES, SCHEMAS

Row = dict[str, Any]

_CALLED = re.compile(r'calledElement="(\w+)"')

REGISTERS = {
    "standards": "code",
    "responsibilities": "key",
    "areas": "key",
    "sources": "key",
    "automatic_dispatch": "key",
    "unit_rules": "unit",
}
"""Tables that become registers, with the column that names a row."""

NUMERIC = {"limit_amount", "lat", "lon", "trust"}


def migrate(db: Database, role: str | None = None, identity_role: str | None = None) -> bool:
    """Bring the schema up to date (the first revision makes the live world); answers whether there was anything to do. On PostgreSQL
    `role` (default `liandong_app`), if it exists, gets the application's rights, and `identity_role` (default: that of
    IDENTITY_DATABASE_URL, or `liandong_identity`) those to read who reported."""
    return migrations.upgrade(db, role=role, identity_role=identity_role or settings.identity_role())


def read_table(name: str, folder: Path = PROCESSES / "tables") -> list[Row]:
    """The rows of a table file (UTF-8 CSV), empty cells as none."""
    with (folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return [{k: (v if v != "" else None) for k, v in row.items()} for row in csv.DictReader(file)]


def load_organisation(core: Core) -> None:
    """Units, posts and areas of the tables. A row that was loaded before and is the same today is left as the city has changed it
    since (a unit renamed on the pages keeps its new name)."""
    for name, load in (
        ("units", load_units),
        ("posts", load_posts),
        ("post_conflicts", load_post_conflicts),
        ("areas", load_areas),
    ):
        _load_new(core, name, load)


def load_units(core: Core, rows: list[Row], realm: str = "") -> None:
    """Units with their parents."""
    with core.db.write() as connection:
        for row in rows:
            _put(
                connection,
                unit,
                {"key": row["key"]},
                name_zh=row["name_zh"],
                name_en=row["name_en"],
                kind=row["kind"],
                realm=realm,
                pinyin=pinyin(row["name_zh"]),
                source=row["source"] or "",
            )
        ids = _unit_ids(connection)
        for row in rows:
            if row["parent"]:
                connection.execute(update(unit).where(unit.c.key == row["key"]).values(parent_id=ids[row["parent"]]))


def load_posts(core: Core, rows: list[Row]) -> None:
    """Posts with the powers they carry."""
    with core.db.write() as connection:
        for row in rows:
            _put(
                connection,
                post,
                {"key": row["key"]},
                name_zh=row["name_zh"],
                name_en=row["name_en"],
                powers=(row["powers"] or "").split(),
                heads=bool(row["heads"]),
                source=row["source"] or "",
            )


def load_post_conflicts(core: Core, rows: list[Row]) -> None:
    """Which posts one human being may not hold together; each pair stands once and counts both ways."""
    with core.db.write() as connection:
        for row in rows:
            _put(
                connection,
                post_conflict,
                {"post_key": row["post"], "other_key": row["other"]},
                why_zh=row["why_zh"],
                why_en=row["why_en"],
                source=row["source"] or "",
            )


def load_areas(core: Core, rows: list[Row], realm: str = "") -> None:
    """Areas with their parents and the unit that is responsible for what nobody owns there."""
    with core.db.write() as connection:
        ids = _unit_ids(connection)
        for row in rows:
            _put(
                connection,
                area,
                {"key": row["key"]},
                name_zh=row["name_zh"],
                name_en=row["name_en"],
                kind=row["kind"],
                realm=realm,
                unit_id=ids.get(row["unit"] or ""),
                lat=float(row["lat"]) if row["lat"] else None,
                lon=float(row["lon"]) if row["lon"] else None,
                source=row["source"] or "",
            )
        for row in rows:
            if row["parent"]:
                connection.execute(update(area).where(area.c.key == row["key"]).values(parent_key=row["parent"]))


def load_people(core: Core, rows: Iterable[Row] | None = None) -> None:
    """People and their posts (of the tables: those that are new or changed there); without passwords nobody can log in yet."""
    if rows is None:
        _load_new(core, "people", load_people)
        return
    with core.db.write() as connection:
        ids = _unit_ids(connection)
        changed = set()
        for row in rows:
            values = {"staff_no": row["staff_no"]} if row.get("staff_no") else {}
            _put(connection, person, {"login": row["login"]}, name=row["name"], pinyin=pinyin(row["name"]), **values)
            person_id = connection.execute(select(person.c.id).where(person.c.login == row["login"])).scalar_one()
            key = {"person_id": person_id, "unit_id": ids[row["unit"]], "post_key": row["post"]}
            _put(connection, membership, key)
            changed.add(person_id)
        revision.touch(connection, changed)


def load_registers(core: Core) -> None:
    """The tables that processes look up."""
    for name, key in REGISTERS.items():
        rows = [
            {k: (_number(v) if k in NUMERIC and v is not None else v) for k, v in row.items()}
            for row in read_table(name)
        ]
        registers.load(core, name, key, rows)
    load_defined_registers(core)


def load_defined_registers(core: Core) -> None:
    """The registers with a definition, and those of their rows that are new or changed in the files since they were loaded last: what the
    city has changed since stays. ValueError names the file and row that its schema refuses."""
    documents = [json.loads(file.read_bytes()) for file in sorted((PROCESSES / "registers").glob("*.json"))]
    registers.define(core, documents)
    for document in documents:
        register = registers.Register.of(document)
        if (PROCESSES / "registers" / f"{register.key}.csv").exists():
            load = partial(_load_rows, register)
            _load_new(core, f"register_{register.key}", load, read_table(register.key, PROCESSES / "registers"))


def _load_rows(register: registers.Register, core: Core, rows: list[Row]) -> None:
    typed = []
    for row in rows:
        try:
            typed.append(registers.typed(register, row))
        except forms.InvalidAnswers as error:
            raise ValueError(f"{register.key}.csv, row {row.get(register.row_key)}: {error}") from error
    registers.load(core, register.key, register.row_key, typed, others_stay=True)


def shipped_registers() -> list[str]:
    """The names of the registers that are shipped: what a process may look up in a new city."""
    return sorted({*REGISTERS, *(file.stem for file in (PROCESSES / "registers").glob("*.json"))})


def load_settings(core: Core) -> None:
    """Settings of the table that nobody has set yet."""
    with core.db.write() as connection:
        known = set(connection.execute(select(setting.c.key)).scalars())
        for row in read_table("settings"):
            if row["key"] not in known:
                value = _value(row["type"], row["value"])
                city_settings.put(core, connection, row["key"], value, source=row["source"] or "")
        _starters(core, connection)


def _starters(core: Core, connection: Connection) -> None:
    """A process shipped since the city was set up is started by whom we mean, not by everybody; what the city says of others stays."""
    shipped = next(_value(r["type"], r["value"]) for r in read_table("settings") if r["key"] == "starters")
    own = city_settings.read(connection, {"starters": {}})["starters"]
    if isinstance(own, dict) and shipped.keys() - own.keys():
        city_settings.put(core, connection, "starters", {**shipped, **own}, source="processes/tables/settings.csv")


def load_processes(core: Core) -> None:
    """Deploy the shipped processes that are new or changed. One that was deployed before stays as the city has changed it since."""
    with core.db.read() as connection:
        known = set(connection.execute(select(definition.c.hash).where(definitions.IS_VERSION)).scalars())
    for folder in _called_first():
        files = bundle(folder)
        if definitions.bundle_hash(files) not in known:
            deployment.deploy(core, files, note="随产品提供 / shipped with the product")


def _called_first() -> list[Path]:
    """The folders of the shipped processes, each after those it calls."""
    texts = {
        f.name: f.joinpath(f"{f.name}.bpmn").read_text(encoding="utf-8")
        for f in PROCESSES.iterdir()
        if (f / f"{f.name}.bpmn").exists()
    }
    calls = {name: set(_CALLED.findall(text)) & texts.keys() - {name} for name, text in texts.items()}
    return [PROCESSES / name for name in TopologicalSorter({k: sorted(calls[k]) for k in sorted(calls)}).static_order()]


def bundle(folder: Path) -> dict[str, bytes]:
    """The files of a process folder with its forms."""
    files = {f.name: f.read_bytes() for kind in ("bpmn", "dmn") for f in sorted(folder.glob(f"*.{kind}"))}
    files.update({f.name: f.read_bytes() for f in sorted((SCHEMAS / folder.name).glob("*.json"))})
    return files


def load_everything(core: Core) -> None:
    """All of it, in order."""
    load_organisation(core)
    calendars.seed(core)
    load_people(core)
    load_registers(core)
    load_settings(core)
    load_processes(core)


def pinyin(text: str) -> str:
    """The key Chinese names sort by."""
    return "".join(lazy_pinyin(text)).lower()


def _load_new(core: Core, name: str, load: Callable[[Core, list[Row]], None], rows: list[Row] | None = None) -> None:
    """Load the rows of a table file that are not as they were when it was loaded last; what that was stands among the settings."""
    mark = f"seeded_{name}"
    rows = read_table(name) if rows is None else rows
    now = [hashlib.sha256(json.dumps(row, ensure_ascii=False).encode()).hexdigest()[:16] for row in rows]
    with core.db.read() as connection:
        before = connection.execute(select(setting.c.value).where(setting.c.key == mark)).scalar()
    known = set(before or ())
    new = [row for row, digest in zip(rows, now, strict=True) if digest not in known]
    if not new:
        return
    load(core, new)
    with core.db.write() as connection:
        city_settings.put(core, connection, mark, now, source="set by the program")
        revision.touch(connection)


def _value(kind: str, text: str) -> Any:
    if kind == "number":
        return _number(text)
    return json.loads(text) if kind == "json" else text


def _number(text: str) -> int | float:
    value = float(text)
    return int(value) if value.is_integer() else value


def _unit_ids(connection: Connection) -> dict[str, int]:
    return dict(connection.execute(select(unit.c.key, unit.c.id)).all())


def _put(connection: Connection, table: Table, key: Row, **values: Any) -> None:
    """Insert a row or bring it up to date."""
    condition = [table.c[k] == v for k, v in key.items()]
    if connection.execute(select(*table.primary_key.columns).where(*condition)).first() is None:
        connection.execute(insert(table).values(**key, **values))
    elif values:
        connection.execute(update(table).where(*condition).values(**values))
