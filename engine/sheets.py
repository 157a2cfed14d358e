"""Excel in and out, the one place that knows how. Text is text: what begins with `=` never becomes a formula."""

from __future__ import annotations

import io
import itertools
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

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
_FIRST_AT, _TEXT_AT = (Alignment(vertical="center", horizontal="left", indent=n) for n in (0, 1))
_LONG_FIRST_AT, _LONG_AT = (Alignment(vertical="center", horizontal="left", indent=n, wrap_text=True) for n in (0, 1))
_NUMBER_AT = Alignment(vertical="center", horizontal="right")
_LINE, _MOST_LINES = 16, 25
"""Points of a line of text; and how many of them Excel lets a row have (409 points)."""
_TEXT = "@"
_A4 = 9
_ONE_PAGE = 185
"""Characters of all columns that a page across can still be read with."""
_UNBROKEN = re.compile(r"[^\s\u2e80-\uffff]+")


class SheetRefused(LiandongError):
    """A file that is no sheet we read."""

    code = "sheet_refused"
    status = 422
    zh = "不能读取该表格：{why_zh}。"
    en = "This sheet cannot be read: {why_en}."


@dataclass(frozen=True, slots=True)
class Number:
    """A number and how it is written, in Excel's words for it (`#,##0`, `0.0%`): what people see is what they reckon with."""

    value: int | float
    written: str


Cell = Value | Number


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its title and its width in characters. `numeric`: it stands to the right, dashes too."""

    title: str
    width: int = 14
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a workbook, to be written. `names`: how many columns from the left say what a row is: they stay in sight, and stand on
    every page; `filters`: whether the head offers them."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Cell]]
    names: int = 0
    filters: bool = True


def width(text: str) -> int:
    """How wide a text is, in characters: a Chinese one takes two."""
    return sum(2 if c >= "\u2e80" else 1 for c in text)


def head_width(title: str) -> int:
    """How wide a column must be for its title in up to three lines, without a word cut in two, beside the button of its filter."""
    words = max((len(one) for one in _UNBROKEN.findall(title)), default=0)
    return max(words, -(-width(title) // 3), min(width(title), 8)) + 4


def write(title: str, columns: Sequence[Column], rows: Iterable[Sequence[Cell]], zone: tzinfo) -> bytes:
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
    sheet.freeze_panes = f"{get_column_letter(part.names + 1)}2"
    for number, column in enumerate(part.columns, 1):
        sheet.column_dimensions[get_column_letter(number)].width = column.width
    sheet.sheet_format.defaultRowHeight, sheet.sheet_format.customHeight = _LINE + 2, True
    _for_paper(sheet, part)
    head = []
    for number, column in enumerate(part.columns):
        cell = _cell(sheet, column.title, zone)
        cell.font, cell.fill = Font("Calibri", 11, bold=True), _HEAD
        at = "right" if column.numeric else "left"
        cell.alignment = Alignment(
            vertical="center", wrap_text=True, horizontal=at, indent=int(number > 0 and at == "left")
        )
        head.append(cell)
    _height(sheet, 1, head, part.columns)
    sheet.append(head)
    count = 1
    for row in part.rows:
        count += 1
        cells = [_cell(sheet, value, zone) for value in row]
        _align(cells, part.columns)
        _height(sheet, count, cells, part.columns)
        sheet.append(cells)
    whole = f"A1:{get_column_letter(max(1, len(part.columns)))}{count}"
    sheet.print_area = whole
    if part.filters:
        sheet.auto_filter.ref = whole


def _align(cells: list[Any], columns: Sequence[Column]) -> None:
    """Numbers to the right, texts to the left and a little away from the number before; what is wider than its column goes on below."""
    for number, (cell, of) in enumerate(zip(cells, columns, strict=False)):
        if of.numeric:
            cell.alignment = _NUMBER_AT
        elif not isinstance(cell.value, str):
            cell.alignment = _FIRST_AT
        elif _lines(cell.value, of.width) > 1:
            cell.alignment = _LONG_AT if number else _LONG_FIRST_AT
        else:
            cell.alignment = _TEXT_AT if number else _FIRST_AT


def _height(sheet: Any, row: int, cells: list[Any], columns: Sequence[Column]) -> None:
    """A row is as high as its longest text asks for: not every program finds that out by itself."""
    lines = [
        _lines(cell.value, of.width) for cell, of in zip(cells, columns, strict=False) if isinstance(cell.value, str)
    ]
    most = max(lines, default=1)
    if most > 1:
        sheet.row_dimensions[row].height = _LINE * min(most, _MOST_LINES) + 2


def _lines(text: str, wide: int) -> int:
    """How many lines a text takes in a column so wide, with a margin for words that break early."""
    return sum(max(1, -(-(width(line) + 1) // max(1, wide - 2))) for line in text.split("\n"))


def _for_paper(sheet: Any, part: Sheet) -> None:
    """A4 across, the head on every page, as many pages beside each other as can be read."""
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.paperSize, sheet.page_setup.orientation = _A4, "landscape"
    sheet.page_setup.fitToWidth = max(1, -(-sum(one.width for one in part.columns) // _ONE_PAGE))
    sheet.page_setup.fitToHeight = 0
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.page_margins.top = sheet.page_margins.bottom = 0.8
    sheet.page_margins.header = sheet.page_margins.footer = 0.35
    sheet.print_options.gridLines = True
    sheet.print_title_rows = "1:1"
    if part.names:
        sheet.print_title_cols = f"A:{get_column_letter(part.names)}"
    sheet.oddHeader.left.text, sheet.oddFooter.right.text = "&A", "&P / &N"


def _even(rows: list[list[Value]]) -> list[list[Value]]:
    width = max(map(len, rows), default=0)
    return [[*row, *[None] * (width - len(row))] for row in rows]


def _cell(sheet: Any, value: Cell, zone: tzinfo) -> Any:
    if isinstance(value, Number):
        cell = WriteOnlyCell(sheet, value.value)
        cell.number_format = value.written
        return cell
    if isinstance(value, str):
        text = "".join(c for c in value if c in "\t\n" or (c >= " " and not "\ud800" <= c <= "\udfff"))[:MOST_TEXT]
        cell = WriteOnlyCell(sheet, text)
        cell.data_type = "s"
        if text.startswith(FORMULA):
            cell.quotePrefix = True  # stays text also when somebody edits the cell
            cell.number_format = _TEXT
        return cell
    if isinstance(value, datetime):
        local = value.astimezone(zone) if value.tzinfo is not None else value
        cell = WriteOnlyCell(sheet, local.replace(tzinfo=None, microsecond=0))
        cell.number_format = "yyyy-mm-dd hh:mm"
        return cell
    return WriteOnlyCell(sheet, value)


def _sheet_title(title: str) -> str:
    allowed = "".join(" " if c in "[]:*?/\\'" else c for c in title)
    return " ".join(allowed.split())[:31].strip() or "Sheet"


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
