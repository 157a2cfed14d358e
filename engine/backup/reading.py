"""Read a backup into an empty database: all of it, verified, or nothing."""

from __future__ import annotations

import hashlib
import json
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, LargeBinary, TableClause, column, func, inspect, select, table, text
from sqlalchemy.types import NullType, TypeEngine

from engine import migrations
from engine.backup import format as shape
from engine.backup.writing import NOT_KEPT
from engine.db import Database
from engine.definitions import bundle_hash
from engine.errors import LiandongError
from engine.files import hash_of
from engine.migrations import HEAD, searching
from engine.tables import LIVE, Instant, Json, blob, definition, definition_file, metadata, organisation, world

_TYPES: dict[str, TypeEngine[Any]] = {
    shape.PLAIN: NullType(),
    shape.INSTANT: Instant(),
    shape.JSON: Json,
    shape.BYTES: LargeBinary(),
}
_BATCH = 500
MADE_BY_MIGRATIONS = frozenset({world.name, organisation.name})
"""Tables in which a migration puts the row 1; a backup brings its own."""
_READ_ERRORS = (
    tarfile.TarError,
    EOFError,
    zlib.error,
    json.JSONDecodeError,
    UnicodeDecodeError,
    KeyError,
    ValueError,
    TypeError,
)


class NotEmpty(LiandongError):
    """The database holds something already."""

    code = "not_empty"
    status = 409
    zh = "目标数据库不是空的（表 {table} 中已有数据），没有恢复任何内容。请改用空数据库。"
    en = "The database is not empty (table {table} holds rows); nothing was restored. Use an empty one."


class BackupBroken(LiandongError):
    """The file is no backup, was cut off, or was changed."""

    code = "backup_broken"
    status = 422
    zh = "备份文件无法使用：{why_zh}。没有恢复任何内容。"
    en = "The backup cannot be used: {why_en}. Nothing was restored."


def restore(db: Database, path: Path, role: str | None = None) -> dict[str, int]:
    """Restore a backup, bring it to the newest schema, and verify it; answers rows by table. NotEmpty, BackupBroken; OSError when
    the file cannot be read. What fails leaves the database empty."""
    check_empty(db)
    manifest = _manifest(path)
    revision = manifest["revision"]
    there = migrations.revision_of(db)
    if there is not None and there != revision:
        raise NotEmpty(table="alembic_version")
    migrations.upgrade(db, revision, role)
    try:
        with db.write() as connection:
            _check_whole(connection, manifest)
            counts = _load(connection, path, manifest)
            _verify(connection, counts)
            _sequences(db, connection)
    except _READ_ERRORS as error:
        raise BackupBroken(
            why_zh="内容损坏或不完整", why_en=f"damaged or incomplete ({type(error).__name__})"
        ) from error
    migrations.upgrade(db, role=role)
    return counts


def check_empty(db: Database) -> None:
    """NotEmpty when any table holds a row, besides what a migration makes."""
    with db.read() as connection:
        there = inspect(connection).get_table_names()
        for name in sorted(set(there) - {"alembic_version"}):
            if searching.own(name):  # the index that SQLite keeps in tables of its own
                continue
            rows = select(func.count()).select_from(table(name))
            if name in MADE_BY_MIGRATIONS:
                rows = rows.where(column("id") != LIVE)
            if connection.execute(rows).scalar_one():
                raise NotEmpty(table=name)


def _manifest(path: Path) -> dict[str, Any]:
    for name, content in _members(path):
        if name != shape.MANIFEST:
            break
        manifest: dict[str, Any] = json.loads(content)
        if manifest.get("format") != "liandong-backup":
            break
        if manifest["version"] > shape.VERSION or manifest["revision"] > HEAD:
            raise BackupBroken(
                why_zh=f"由更新的版本（{manifest['product']}）制作",
                why_en=f"it was made by a newer version ({manifest['product']})",
            )
        return manifest
    raise BackupBroken(why_zh="不是联动的备份文件", why_en="it is no backup of Liandong")


def _check_whole(connection: Connection, manifest: dict[str, Any]) -> None:
    """Every table of that revision is in the backup: one that was left out would come back empty, and nobody would know."""
    ours = (migrations.ABOVE | set(metadata.tables)) & set(inspect(connection).get_table_names())
    missing = sorted(ours - set(manifest["tables"]) - NOT_KEPT - {blob.name})
    if missing:
        raise BackupBroken(why_zh=f"缺少表 {'、'.join(missing)}", why_en=f"it lacks the tables {', '.join(missing)}")


def _members(path: Path) -> Iterator[tuple[str, bytes]]:
    try:
        with tarfile.open(path, "r|gz") as archive:
            for info in archive:
                file = archive.extractfile(info)
                if file is not None:
                    yield info.name, file.read()
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise BackupBroken(why_zh="不是完整的压缩包", why_en=f"it is no whole archive ({error})") from error


def _load(connection: Connection, path: Path, manifest: dict[str, Any]) -> dict[str, int]:
    for name in MADE_BY_MIGRATIONS & set(inspect(connection).get_table_names()):
        connection.execute(text(f"DELETE FROM {name}"))  # they come with the backup  # noqa: S608
    counts = dict.fromkeys(manifest["tables"], 0)
    digests = {name: hashlib.sha256() for name in counts}
    sums: dict[str, Any] | None = None
    blobs = 0
    for name, content in _members(path):
        if sums is not None:
            raise BackupBroken(why_zh="结尾之后还有内容", why_en="something follows its end")
        if name.startswith("tables/"):
            of = name.split("/")[1]
            digests[of].update(content)
            counts[of] += _rows(connection, of, manifest["tables"][of], content)
        elif name.startswith(shape.BLOBS):
            _blob(connection, name.removeprefix(shape.BLOBS).replace("-", ":", 1), content, manifest["made_at"])
            blobs += 1
        elif name == shape.SUMS:
            sums = json.loads(content)
    if sums is None:
        raise BackupBroken(why_zh="文件不完整", why_en="it was cut off")
    for of, expected in sums["tables"].items():
        found = {"rows": counts[of], "hash": f"sha256:{digests[of].hexdigest()}"}
        if found != expected:
            raise BackupBroken(
                why_zh=f"表 {of} 的内容与校验值不符", why_en=f"the rows of {of} are not those that were written"
            )
    if blobs != sums["blobs"] or set(sums["tables"]) != set(counts):
        raise BackupBroken(why_zh="内容缺失", why_en="something is missing")
    return {**counts, blob.name: blobs}


def _rows(connection: Connection, name: str, columns: shape.Columns, content: bytes) -> int:
    target = _target(name, columns)
    count = 0
    batch: list[dict[str, Any]] = []
    for line in content.splitlines():
        values = json.loads(line)
        batch.append({n: shape.decode(k, v) for (n, k), v in zip(columns, values, strict=True)})
        if len(batch) == _BATCH:
            connection.execute(target.insert(), batch)
            count, batch = count + len(batch), []
    if batch:
        connection.execute(target.insert(), batch)
    return count + len(batch)


def _target(name: str, columns: shape.Columns) -> TableClause:
    """The table as it was when the backup was made, whatever the code declares today."""
    return table(name, *(column(n, _TYPES[k]) for n, k in columns))


def _blob(connection: Connection, hashed: str, content: bytes, at: str) -> None:
    if hash_of(content) != hashed:
        raise BackupBroken(
            why_zh=f"附件 {hashed} 的内容已改变", why_en=f"the content of attachment {hashed} was changed"
        )
    columns = [("hash", shape.PLAIN), ("size", shape.PLAIN), ("content", shape.BYTES), ("at", shape.INSTANT)]
    values = {"hash": hashed, "size": len(content), "content": content, "at": shape.decode(shape.INSTANT, at)}
    connection.execute(_target(blob.name, columns).insert(), values)


def _verify(connection: Connection, counts: dict[str, int]) -> None:
    """What is in the database now is what was in the file, and fits together."""
    for name, expected in counts.items():
        found = connection.execute(select(func.count()).select_from(table(name))).scalar_one()
        if found != expected:
            raise BackupBroken(why_zh=f"表 {name} 的行数不符", why_en=f"{name} has {found} rows, not {expected}")
    files: dict[int, dict[str, bytes]] = {}
    for row in connection.execute(
        select(definition_file.c.definition_id, definition_file.c.name, definition_file.c.content)
    ):
        files.setdefault(row.definition_id, {})[row.name] = bytes(row.content)
    for row in connection.execute(select(definition.c.id, definition.c.key, definition.c.hash)):
        if bundle_hash(files.get(row.id, {})) != row.hash:
            raise BackupBroken(
                why_zh=f"流程 {row.key} 的文件已改变", why_en=f"the files of process {row.key} were changed"
            )
    missing = connection.execute(
        text(
            "SELECT a.hash FROM attachment a LEFT JOIN blob b ON b.hash = a.hash WHERE b.hash IS NULL"
            " UNION ALL SELECT a.thumbnail FROM attachment a LEFT JOIN blob b ON b.hash = a.thumbnail"
            " WHERE a.thumbnail IS NOT NULL AND b.hash IS NULL"
        )
    ).scalar()
    if missing is not None:
        raise BackupBroken(why_zh=f"缺少附件内容 {missing}", why_en=f"the content {missing} is missing")
    torn = connection.execute(
        text(
            "SELECT i.id FROM instance i LEFT JOIN (SELECT instance_id, count(*) AS n FROM history GROUP BY instance_id) h"
            " ON h.instance_id = i.id WHERE i.history_count <> coalesce(h.n, 0)"
        )
    ).scalar()
    if torn is not None:
        raise BackupBroken(why_zh=f"案件 {torn} 的历史不完整", why_en=f"the history of case {torn} is incomplete")


def _sequences(db: Database, connection: Connection) -> None:
    """New rows get numbers after the restored ones."""
    if not db.postgresql:
        return
    for each in metadata.sorted_tables:
        for c in each.primary_key.columns:
            name = connection.execute(
                text("SELECT pg_get_serial_sequence(:t, :c)"), {"t": f'"{each.name}"', "c": c.name}
            ).scalar()
            if name is not None:
                connection.execute(
                    text(f'SELECT setval(:s, greatest(1, (SELECT max("{c.name}") FROM "{each.name}")))'),  # noqa: S608
                    {"s": name},
                )
