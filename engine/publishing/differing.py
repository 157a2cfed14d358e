"""What a difference is made of: plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

Settings = Mapping[tuple[str, ...], str]
"""Everything a thing says, flat: where it stands in it, and the text."""


class Change(StrEnum):
    """What became of something."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that is said otherwise: `path` where (`("ld:candidates", "unit")`), the text before and after (none: it was not there)."""

    path: tuple[str, ...]
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Element:
    """An element of a diagram: its id, what it is (`userTask`), its names, and what it says otherwise."""

    id: str
    kind: str
    name_zh: str
    name_en: str
    change: Change
    settings: tuple[Setting, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field of a form."""

    name: str
    title_zh: str
    title_en: str
    change: Change
    settings: tuple[Setting, ...] = ()


@dataclass(frozen=True, slots=True)
class FormChange:
    """A form, or the schema of facts: its fields, and what else it says otherwise."""

    name: str
    title_zh: str
    title_en: str
    change: Change
    fields: tuple[FieldChange, ...] = ()
    settings: tuple[Setting, ...] = ()
    reordered: bool = False


@dataclass(frozen=True, slots=True)
class RowChange:
    """A rule of a decision table: its number before and after (from 1), and each cell as (column, before, after), all of them where the
    row is new or gone. Moved: it is tried at another place."""

    change: Change
    before: int | None
    after: int | None
    cells: tuple[tuple[str, str | None, str | None], ...]


@dataclass(frozen=True, slots=True)
class TableChange:
    """A decision: what it is called, its rows, its columns that came or went, and what else it says otherwise."""

    file: str
    id: str
    name: str
    change: Change
    rows: tuple[RowChange, ...] = ()
    columns: tuple[tuple[str, Change], ...] = ()
    settings: tuple[Setting, ...] = ()


def settings_between(before: Settings, after: Settings) -> tuple[Setting, ...]:
    """What is said otherwise, in the order in which it stands afterwards; what is gone comes last."""
    paths = [*after, *(path for path in before if path not in after)]
    return tuple(
        Setting(path, before.get(path), after.get(path)) for path in paths if before.get(path) != after.get(path)
    )
