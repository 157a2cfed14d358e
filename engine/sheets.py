"""Excel in and out, the one place that knows how. Text is text: what begins with `=` never becomes a formula."""

from __future__ import annotations

import io
import itertools
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from engine.errors import LiandongError

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_BYTES = 20 * 1024 * 1024
MOST_UNPACKED = 200 * 1024 * 1024
MOST_TEXT = 32_767
"""Characters Excel takes in a cell."""

Value = str | int | float | bool | datetime | None

FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""How a text begins that a program for tables may take for a formula; the full-width signs are the same to a Chinese Excel."""
_HEAD = PatternFill("solid", start_color="E9EFF7", end_color="E9EFF7")


class SheetRefused(LiandongError):
    """A file that is no sheet we read."""

    code = "sheet_refused"
    status = 422
    zh = "不能读取该表格：{why_zh}。"
    en = "This sheet cannot be read: {why_en}."


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its title and its width in characters."""

    title: str
    width: int = 14


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a workbook, to be written."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Value]]


def write(title: str, columns: Sequence[Column], rows: Iterable[Sequence[Value]], zone: tzinfo) -> bytes:
    """A workbook of one sheet with a frozen head and filters. Aware instants are shown in `zone`."""
    return write_book([Sheet(title, columns, rows)], zone)


def write_book(parts: Sequence[Sheet], zone: tzinfo) -> bytes:
    """The same with several sheets."""
    book = Workbook(write_only=True)
    for part in parts:
        _write_sheet(book, part, zone)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(content: bytes, most_rows: int = 20_000) -> list[list[Value]]:
    """The values of the first sheet, every row as wide as the widest, formulas by the value Excel last saw. SheetRefused for what is
    no workbook, is too large, or would unpack into too much."""
    return next(iter(read_book(content, most_rows, most_sheets=1).values()))


def read_book(content: bytes, most_rows: int = 20_000, most_sheets: int = 20) -> dict[str, list[list[Value]]]:
    """The values of the first `most_sheets` sheets by their titles; otherwise as `read`."""
    _check_archive(content)
    found: dict[str, list[list[Value]]] = {}
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        for sheet in book.worksheets[:most_sheets]:
            lines = itertools.islice(sheet.iter_rows(values_only=True), most_rows + 1)
            found[sheet.title] = [[_plain(value) for value in row] for row in lines]
    except Exception as error:  # openpyxl raises whatever the broken part makes it raise
        raise SheetRefused(why_zh="文件已损坏或不是 .xlsx", why_en="it is broken, or no .xlsx file") from error
    if not found:
        raise SheetRefused(why_zh="其中没有工作表", why_en="it has no sheet")
    if any(len(rows) > most_rows for rows in found.values()):
        raise SheetRefused(why_zh=f"超过 {most_rows} 行", why_en=f"it has more than {most_rows} rows")
    return {title: _even(rows) for title, rows in found.items()}


# ---------------------------------------------------------------- inside


def _write_sheet(book: Any, part: Sheet, zone: tzinfo) -> None:
    sheet = book.create_sheet(_sheet_title(part.title))
    sheet.freeze_panes = "A2"
    for number, column in enumerate(part.columns, 1):
        sheet.column_dimensions[get_column_letter(number)].width = column.width
    head = []
    for column in part.columns:
        cell = _cell(sheet, column.title, zone)
        cell.font, cell.fill = Font(bold=True), _HEAD
        cell.alignment = Alignment(vertical="center", wrap_text=True)
        head.append(cell)
    sheet.append(head)
    count = 1
    for row in part.rows:
        sheet.append([_cell(sheet, value, zone) for value in row])
        count += 1
    sheet.auto_filter.ref = f"A1:{get_column_letter(max(1, len(part.columns)))}{count}"


def _even(rows: list[list[Value]]) -> list[list[Value]]:
    width = max(map(len, rows), default=0)
    return [[*row, *[None] * (width - len(row))] for row in rows]


def _cell(sheet: Any, value: Value, zone: tzinfo) -> Any:
    if isinstance(value, str):
        text = "".join(c for c in value if c in "\t\n" or (c >= " " and not "\ud800" <= c <= "\udfff"))[:MOST_TEXT]
        cell = WriteOnlyCell(sheet, text)
        cell.data_type = "s"
        if text.startswith(FORMULA):
            cell.quotePrefix = True  # stays text also when somebody edits the cell
        return cell
    if isinstance(value, datetime):
        local = value.astimezone(zone) if value.tzinfo is not None else value
        cell = WriteOnlyCell(sheet, local.replace(tzinfo=None, microsecond=0))
        cell.number_format = "yyyy-mm-dd hh:mm"
        return cell
    return WriteOnlyCell(sheet, value)


def _sheet_title(title: str) -> str:
    return "".join(" " if c in "[]:*?/\\'" else c for c in title)[:31].strip() or "Sheet"


def _plain(value: Any) -> Value:
    if value is None or isinstance(value, str | int | float | bool | datetime):
        return value
    return str(value)


def _check_archive(content: bytes) -> None:
    if len(content) > MOST_BYTES:
        raise SheetRefused(why_zh="文件超过 20 MB", why_en="it is larger than 20 MB")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(part.file_size for part in archive.infolist()) > MOST_UNPACKED:
                raise SheetRefused(why_zh="解压后过大", why_en="it unpacks into too much")
            for part in archive.infolist():
                if part.filename.endswith((".xml", ".rels")) and b"<!DOCTYPE" in archive.read(part)[:4096]:
                    raise SheetRefused(why_zh="含有 DOCTYPE", why_en="it holds a DOCTYPE")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
        raise SheetRefused(why_zh="文件已损坏或不是 .xlsx", why_en="it is broken, or no .xlsx file") from error
