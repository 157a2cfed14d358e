"""Write a backup."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, select

from engine.backup import format as shape
from engine.db import Database
from engine.migrations import check_current, check_declared, revision_of
from engine.tables import DATA_VERSION, blob, metadata

NOT_KEPT = frozenset({"session", "attempt", "worker"})
"""Who is logged in, who tried to, and which workers run: of no use elsewhere, and a way in for whoever finds the file."""

Progress = Callable[[str, int], None]


def write(db: Database, path: Path, progress: Progress | None = None) -> dict[str, int]:
    """Write everything into a new file, from one snapshot of the database; answers rows by table. The file appears whole or not at
    all, and only its owner may read it: it holds the hashes of passwords. FileExistsError when there is one of that name."""
    check_current(db)
    if path.exists():
        raise FileExistsError(f"{path} exists already; a backup never overwrites another")
    part = path.with_name(path.name + f".{os.getpid()}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            with tarfile.open(fileobj=file, mode="w:gz", compresslevel=5) as archive:
                counts = _fill(db, archive, progress)
            file.flush()
            os.fsync(file.fileno())
        os.link(part, path)  # unlike a rename, never over another
    finally:
        part.unlink(missing_ok=True)
    return counts


def _fill(db: Database, archive: tarfile.TarFile, progress: Progress | None) -> dict[str, int]:
    sums: dict[str, dict[str, Any]] = {}
    blobs = 0
    with db.snapshot() as connection:
        check_declared(connection)
        tables = [t for t in metadata.sorted_tables if t.name not in NOT_KEPT]
        _add(archive, shape.MANIFEST, _manifest(db, connection, tables))
        for table in tables:
            if table is blob:
                blobs = _blobs(connection, archive)
                count = blobs
            else:
                sums[table.name] = _table(connection, archive, table)
                count = sums[table.name]["rows"]
            if progress is not None:
                progress(table.name, count)
    _add(archive, shape.SUMS, _json({"tables": sums, "blobs": blobs}))
    return {**{name: each["rows"] for name, each in sums.items()}, blob.name: blobs}


def _manifest(db: Database, connection: Connection, tables: list[Table]) -> bytes:
    try:
        product = version("liandong")
    except PackageNotFoundError:
        product = "?"
    return _json(
        {
            "format": "liandong-backup",
            "version": shape.VERSION,
            "product": product,
            "revision": revision_of(db),
            "data_version": DATA_VERSION,
            "made_at": db.now_on(connection).isoformat(),
            "from": "postgresql" if db.postgresql else "sqlite",
            "tables": {t.name: shape.columns_of(t) for t in tables if t is not blob},
        }
    )


def _table(connection: Connection, archive: tarfile.TarFile, table: Table) -> dict[str, Any]:
    digest = hashlib.sha256()
    count = part = 0
    lines: list[bytes] = []
    size = 0
    kinds = [kind for _, kind in shape.columns_of(table)]
    for row in _rows(connection, table):
        line = _json([shape.encode(kind, value) for kind, value in zip(kinds, row, strict=True)]) + b"\n"
        digest.update(line)
        lines.append(line)
        size += len(line)
        count += 1
        if size >= shape.CHUNK_BYTES:
            _add(archive, shape.member(table.name, part), b"".join(lines))
            lines, size, part = [], 0, part + 1
    if lines:
        _add(archive, shape.member(table.name, part), b"".join(lines))
    return {"rows": count, "hash": f"sha256:{digest.hexdigest()}"}


def _rows(connection: Connection, table: Table) -> Iterable[Any]:
    query = select(table).order_by(*table.primary_key.columns)
    rows = connection.execution_options(yield_per=1000).execute(query)
    itself = [k for k in table.foreign_keys if k.column.table is table]
    if not itself:
        return rows
    return _parents_first(rows, list(table.columns.keys()), itself[0].parent.name, itself[0].column.name)


def _parents_first(rows: Iterable[Any], names: list[str], child: str, parent: str) -> Iterator[Any]:
    """Rows of a small table that points at itself, each after the one it points at."""
    waiting = list(rows)
    up, key = names.index(child), names.index(parent)
    known = {None}
    while waiting:
        ready = [row for row in waiting if row[up] in known]
        if not ready:
            raise RuntimeError(f"rows point at each other in a ring: {waiting[0]}")
        yield from ready
        known |= {row[key] for row in ready}
        waiting = [row for row in waiting if row[key] not in known]


def _blobs(connection: Connection, archive: tarfile.TarFile) -> int:
    count = 0
    query = select(blob.c.hash, blob.c.content, blob.c.at).order_by(blob.c.hash)
    for row in connection.execution_options(yield_per=10).execute(query):
        _add(archive, shape.BLOBS + row.hash.replace(":", "-"), bytes(row.content))
        count += 1
    return count


def _json(document: Any) -> bytes:
    # Sorted: PostgreSQL keeps no order of keys, and the same city gives the same sums from either database.
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False, sort_keys=True).encode()


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    info.mode = 0o600
    archive.addfile(info, io.BytesIO(content))
