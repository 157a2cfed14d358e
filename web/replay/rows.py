"""Read a file of requests as Analyze Boston publishes them (311 service requests, CSV, also gzipped).

The free text of closures (`closure_reason`) is never read: it holds e-mail addresses and telephone numbers."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from engine.errors import Invalid

ZONE = ZoneInfo("America/New_York")
SANE_BEFORE = datetime(2014, 1, 1, tzinfo=UTC)
"""A target from here on is taken for a slip of the keyboard (data/SOURCES.md: sane targets lie before 2014)."""

COLUMNS = (
    "case_enquiry_id",
    "open_dt",
    "target_dt",
    "closed_dt",
    "ontime",
    "case_title",
    "type",
    "queue",
    "department",
    "location",
    "neighborhood",
    "latitude",
    "longitude",
    "source",
)


@dataclass(frozen=True, slots=True)
class Request:
    """One request. Times are aware UTC; `target` is none when missing or insane; `label` is the city's own verdict."""

    line: int
    id: str
    opened: datetime
    target: datetime | None
    closed: datetime | None
    label: str
    title: str
    type: str
    department: str
    queue: str
    place: str
    neighbourhood: str
    lat: float | None
    lon: float | None
    source: str


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be replayed, and why."""

    line: int
    why_zh: str
    why_en: str


def file_hash(path: Path) -> str:
    """The identity of the file: a replay of the same file goes on where it stopped."""
    return "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()


def read(path: Path) -> Iterator[Request | BadRow]:
    """Every row of the file. Invalid when it is no such file: not UTF-8, not CSV, columns missing."""
    try:
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid(
            why_zh=f"{path.name} 不是 UTF-8 编码（第 {error.start} 字节）",
            why_en=f"{path.name} is not UTF-8 (byte {error.start})",
        ) from error
    except (OSError, EOFError) as error:
        raise Invalid(why_zh=f"无法读取 {path.name}：{error}", why_en=f"{path.name} cannot be read: {error}") from error
    reader = csv.DictReader(io.StringIO(text, newline=""))
    missing = [c for c in COLUMNS if c not in (reader.fieldnames or ())]
    if missing:
        raise Invalid(
            why_zh=f"{path.name} 缺少列：{'、'.join(missing)}",
            why_en=f"{path.name} lacks the columns {', '.join(missing)}",
        )
    return _rows(reader)


def _rows(reader: csv.DictReader[str]) -> Iterator[Request | BadRow]:
    known: set[str] = set()
    try:
        for row in reader:
            found = _row(reader.line_num, row, known)
            if isinstance(found, Request):
                known.add(found.id)
            yield found
    except csv.Error as error:
        yield BadRow(reader.line_num, f"不是有效的 CSV：{error}", f"not valid CSV: {error}")


def _row(line: int, row: dict[str, str], known: set[str]) -> Request | BadRow:
    if None in row or any(row[c] is None for c in COLUMNS):
        return BadRow(line, "列数与表头不符", "the number of cells differs from the header")
    if any("\x00" in row[c] for c in COLUMNS):
        return BadRow(line, "含有空字符", "it holds a NUL character")
    if not row["case_enquiry_id"]:
        return BadRow(line, "没有编号", "it has no id")
    if row["case_enquiry_id"] in known:
        return BadRow(line, f"编号 {row['case_enquiry_id']} 重复", f"the id {row['case_enquiry_id']} came before")
    row = {c: row[c].strip() for c in COLUMNS}
    times = {}
    for column in ("open_dt", "target_dt", "closed_dt"):
        try:
            times[column] = _instant(row[column])
        except ValueError:
            if column != "target_dt":
                return BadRow(
                    line, f"{column} 不是时间：{row[column][:40]}", f"{column} is no time: {row[column][:40]}"
                )
            times[column] = None
    opened, target, closed = times["open_dt"], times["target_dt"], times["closed_dt"]
    if opened is None:
        return BadRow(line, "没有 open_dt", "open_dt is empty")
    if closed is not None and closed < opened:
        return BadRow(line, "closed_dt 早于 open_dt", "closed_dt lies before open_dt")
    if target is not None and not opened <= target < SANE_BEFORE:
        target = None
    return Request(
        line=line,
        id=row["case_enquiry_id"],
        opened=opened,
        target=target,
        closed=closed,
        label=row["ontime"],
        title=row["case_title"] or row["type"],
        type=row["type"],
        department=row["department"],
        queue=row["queue"],
        place=" ".join(row["location"].split()),
        neighbourhood=row["neighborhood"],
        lat=_number(row["latitude"]),
        lon=_number(row["longitude"]),
        source=row["source"],
    )


def _instant(text: str) -> datetime | None:
    if not text:
        return None
    value = datetime.fromisoformat(text)
    return (value if value.tzinfo else value.replace(tzinfo=ZONE)).astimezone(UTC)


def _number(text: str) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
