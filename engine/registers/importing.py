"""A register as a sheet: out to Excel, and in again from Excel or CSV, with a preview of what would be added, changed and ended. What is
applied is what was looked at: the preview has a digest over the sheet and over the register as it was."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import forms
from engine import access, sheets
from engine.audit.chain import canonical
from engine.errors import LiandongError
from engine.people import Actor
from engine.registers.defined import Register
from engine.registers.keeping import reason
from engine.registers.loading import Writing
from engine.registers.typing import typed
from engine.sheets import Column, SheetRefused, Value
from forms.model import Property

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from engine.core import Core

Row = dict[str, Any]

MOST_ROWS = 3000
"""Rows of one sheet: more are brought in by the shipped tables or in parts."""

_CODINGS = ("utf-8-sig", "gb18030")
"""How a CSV may be written: as we write it, or as Excel does on a Chinese desktop."""


class NotAsPreviewed(LiandongError):
    """The register is not what it was when the preview was made."""

    code = "not_as_previewed"
    status = 409
    zh = "预览之后登记表已有变动，没有写入任何内容。请重新预览。"
    en = "The register changed after the preview; nothing was written. Make a new preview."


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a cell (or, without a column, with a row or the sheet): `line` counts as Excel does, the head is 1."""

    line: int
    column: str
    zh: str
    en: str

    def text(self, locale: str) -> str:
        """In words."""
        return self.zh if locale.startswith("zh") else self.en


@dataclass(frozen=True, slots=True)
class Changed:
    """A row that would be different: what it was and what it would be."""

    key: str
    before: Row
    after: Row

    @property
    def columns(self) -> list[str]:
        """The columns that differ."""
        return [name for name in {**self.before, **self.after} if self.before.get(name) != self.after.get(name)]


@dataclass(slots=True)
class Preview:
    """What a sheet would do. Nothing is done while there are `problems`."""

    rows: list[Row] = field(default_factory=list)
    ends: bool = False
    added: list[Row] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    same: int = 0
    problems: list[Wrong] = field(default_factory=list)
    digest: str = ""

    @property
    def does(self) -> int:
        """How many rows it touches."""
        return len(self.added) + len(self.changed) + len(self.ended)


# ---------------------------------------------------------------- out


def export(register: Register, rows: Sequence[Mapping[str, Any]], locale: str, zone: ZoneInfo, *, keeps: bool) -> bytes:
    """A workbook of these rows, every cell but numbers as text. Columns about a person only for who keeps the register."""
    columns = [one for one in register.columns if keeps or one.name not in register.personal]
    head = [Column(one.title.of(locale), _width(one)) for one in columns]
    body = ([_cell(one, row.get(one.name), locale) for one in columns] for row in rows)
    return sheets.write(register.name(locale), head, body, zone)


def _width(one: Property) -> int:
    return 30 if (one.max_length or 0) > 60 else 16


def _cell(one: Property, value: Any, locale: str) -> Value:
    if isinstance(value, bool):
        yes = ("是", "否") if locale.startswith("zh") else ("Yes", "No")
        return yes[0] if value else yes[1]
    for choice in one.choices or ():
        if choice.value == value:
            return choice.title.of(locale)
    return value if isinstance(value, int | float | str) or value is None else str(value)


# ---------------------------------------------------------------- in


def read(content: bytes, name: str) -> list[list[Value]]:
    """The cells of an uploaded file, by its name Excel or CSV. SheetRefused."""
    if not name.lower().endswith(".csv"):
        return sheets.read(content, most_rows=MOST_ROWS)
    if len(content) > sheets.MOST_BYTES:
        raise SheetRefused(why_zh="文件超过 20 MB", why_en="it is larger than 20 MB")
    for coding in _CODINGS:
        try:
            lines = list(csv.reader(io.StringIO(content.decode(coding), newline="")))
        except (UnicodeDecodeError, csv.Error):
            continue
        if len(lines) > MOST_ROWS + 1:
            raise SheetRefused(why_zh=f"超过 {MOST_ROWS} 行", why_en=f"it has more than {MOST_ROWS} rows")
        width = max(map(len, lines), default=0)
        return [[*(cell or None for cell in line), *[None] * (width - len(line))] for line in lines]
    raise SheetRefused(why_zh="不是 UTF-8 或 GB18030 编码的文本", why_en="it is no text in UTF-8 or GB18030")


def preview(core: Core, register: Register, table: Sequence[Sequence[Value]], *, ends: bool) -> Preview:
    """What the sheet would do. A column that it lacks stays as it is; with `ends`, rows that it lacks end."""
    found = Preview(ends=ends)
    columns = _columns(register, table[0] if table else (), found.problems)
    current = _now(core, register)
    if columns:
        _read_rows(register, table, columns, current, found)
    _compare(register, current, found)
    return found


def compare_now(core: Core, register: Register, found: Preview) -> None:
    """Hold the rows of a preview against the register as it is now, for showing them again."""
    _compare(register, _now(core, register), found)


def _now(core: Core, register: Register) -> dict[str, Row]:
    with core.db.read() as connection:
        current = Writing(core, connection, register.key, lock=False).current
        return {key: dict(row.data) for key, row in current.items()}


def apply(
    core: Core, actor: Actor, register: Register, rows: Sequence[Row], *, ends: bool, digest: str, why: str
) -> Preview:
    """Do what was previewed. NotAsPreviewed when the register is another meanwhile; NotAllowed; Invalid without a reason."""
    access.check_can_keep(actor, register.editors)
    ground = reason(why)
    with core.db.write() as connection:
        writing = Writing(core, connection, register.key, actor.id)
        found = Preview(rows=list(rows), ends=ends)
        _compare(register, {key: dict(row.data) for key, row in writing.current.items()}, found)
        if found.digest != digest:
            raise NotAsPreviewed
        for row in found.added:
            writing.put(str(row[register.row_key]), row, why=ground)
        for each in found.changed:
            writing.put(each.key, each.after, why=ground)
        for key in found.ended:
            writing.end(key, why=ground)
        writing.flush(said={"why": ground, "sheet": digest, "added": len(found.added)})
    return found


# ---------------------------------------------------------------- inside


def _columns(register: Register, head: Sequence[Value], problems: list[Wrong]) -> dict[int, Property]:
    """Which column of the sheet is which: by its title in either language, or its name."""
    known: dict[str, Property] = {}
    for one in register.columns:
        known |= {one.title.zh: one, one.title.en.lower(): one, one.name: one}
    found: dict[int, Property] = {}
    for index, cell in enumerate(head):
        title = str(cell or "").strip()
        if not title:
            continue
        named = title if title in known else title.lower()
        if named not in known:
            problems.append(Wrong(1, title, f"没有名为“{title}”的列。", f"There is no column “{title}”."))
        elif known[named] in found.values():
            problems.append(Wrong(1, title, "此列重复。", "This column stands twice."))
        else:
            found[index] = known[named]
    if register.row_key not in {one.name for one in found.values()}:
        wanted = next(one.title for one in register.columns if one.name == register.row_key)
        problems.append(Wrong(1, wanted.zh, f"缺少“{wanted.zh}”列。", f"The column “{wanted.en}” is missing."))
        return {}
    return found


def _read_rows(
    register: Register,
    table: Sequence[Sequence[Value]],
    columns: Mapping[int, Property],
    current: Mapping[str, Row],
    found: Preview,
) -> None:
    titles = {one.name: one.title for one in register.columns}
    given = {one.name for one in columns.values()}
    seen: set[str] = set()
    for line, cells in enumerate(table[1:], 2):
        texts = {one.name: _text(one, cells[index]) for index, one in columns.items()}
        if not any(texts.values()):
            continue
        key = (texts[register.row_key] or "").strip()
        stays = {n: v for n, v in current.get(key, {}).items() if n not in given}
        try:
            row = typed(register, texts, stays)
        except forms.InvalidAnswers as error:
            for each in error.problems:
                title = titles.get(each.path.split(".")[0])
                found.problems.append(Wrong(line, title.zh if title else each.path, each.text("zh"), each.text("en")))
            continue
        if key in seen:
            found.problems.append(Wrong(line, titles[register.row_key].zh, f"“{key}”重复。", f"“{key}” stands twice."))
            continue
        seen.add(key)
        found.rows.append(row)


def _compare(register: Register, current: Mapping[str, Row], found: Preview) -> None:
    named: set[str] = set()
    for row in found.rows:
        key = str(row[register.row_key])
        named.add(key)
        before = current.get(key)
        if before is None:
            found.added.append(row)
        elif before != row:
            found.changed.append(Changed(key, before, row))
        else:
            found.same += 1
    found.ended = sorted(set(current) - named) if found.ends else []
    whole = [register.key, found.ends, found.rows, sorted(current.items())]
    found.digest = hashlib.sha256(canonical(whole).encode()).hexdigest()


def _text(one: Property, value: Value) -> str | None:
    """A cell as somebody would type it into the form."""
    if value is None:
        return None
    if isinstance(value, datetime):
        return (
            value.date().isoformat() if one.format == "date" or not (value.hour or value.minute) else value.isoformat()
        )
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value).strip()
    for choice in one.choices or ():
        if text in (choice.title.zh, choice.title.en):
            return str(choice.value)
    return text
