"""Plans from JSON: every value checked, every mistake told with its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from engine.organisation import plans
from engine.organisation.book_parts import title
from engine.organisation.plans import Problem

T = TypeVar("T")
Row = dict[str, Any]

TECHNICAL = frozenset({"public"})
"""Log-ins that are no human being: the starter of public reports. No plan makes, changes or ends one."""

_KEY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")
_WIDTHS = {"name_zh": 200, "name_en": 200, "name": 100, "staff_no": 64, "kind": 20, "note": 500, "reason": 500}


def read(kind: str, plan: Mapping[str, Any]) -> plans.Plan:
    """The plan of this kind. Invalid with every problem (`params["problems"]`) when it has not its shape."""
    problems: list[Problem] = []
    known = _KINDS.get(kind)
    if known is None:
        raise plans.refused([Problem(f"没有这种变更：{kind}", f"there is no such kind of change: {kind}")])
    found = known(_Fields(plan, problems))
    if problems:
        raise plans.refused(problems)
    return found


class _Fields:
    """The values of one JSON object; what is wrong with one goes to `problems`."""

    def __init__(self, values: Any, problems: list[Problem], sheet: str | None = None) -> None:
        self.values: Mapping[str, Any] = values if isinstance(values, Mapping) else {}
        self.problems = problems
        self.sheet = sheet
        row = self.values.get("row")
        self.row = row if isinstance(row, int) else None
        if not isinstance(values, Mapping):
            self.wrong("", "不是一个对象", "is no object")

    def wrong(self, name: str, zh: str, en: str) -> None:
        title_zh, title_en = title(name, self.sheet)
        self.problems.append(Problem(f"“{title_zh}”{zh}。", f"“{title_en}” {en}.", self.sheet, self.row, name))

    def text(self, name: str, *, needed: bool = False) -> str:
        value = self.values.get(name)
        if value is None or value == "":
            if needed:
                self.wrong(name, "未填写", "is missing")
            return ""
        most = _WIDTHS.get(name, 500)
        if not isinstance(value, str) or len(value.strip()) > most:
            self.wrong(name, f"应为不超过 {most} 个字的文字", f"must be a text of at most {most} characters")
            return ""
        if any(c < " " or "\ud800" <= c <= "\udfff" for c in value):
            self.wrong(name, "含有无法保存的字符", "holds characters that cannot be stored")
            return ""
        return value.strip()

    def key(self, name: str) -> str:
        return self.key_or_none(name, needed=True) or "?"

    def key_or_none(self, name: str, *, needed: bool = False) -> str | None:
        value = self.text(name, needed=needed)
        if value and not _KEY.fullmatch(value):
            self.wrong(
                name, f"的值“{value}”只能含字母、数字、_ . -", f"may hold letters, digits, _ . - only: “{value}”"
            )
        return value or None

    def login(self, name: str) -> str:
        value = self.key(name)
        if value in TECHNICAL:
            self.wrong(name, f"：“{value}”是系统账号，不能变更", f"names an account of the program itself: “{value}”")
        return value

    def keys(self, name: str) -> tuple[str, ...]:
        return tuple(each for each in self.texts(name) if each)

    def texts(self, name: str) -> Sequence[str]:
        value = self.values.get(name)
        if value is None:
            return ()
        if not isinstance(value, list | tuple) or not all(isinstance(v, str) for v in value):
            self.wrong(name, "应为文字的列表", "must be a list of texts")
            return ()
        return tuple(value)

    def instant(self, name: str) -> datetime | None:
        value = self.values.get(name)
        if value is None or value == "":
            return None
        try:
            found = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            found = None
        if found is None or found.tzinfo is None:
            self.wrong(name, "应为带时区的时间（ISO 8601）", "must be a time with an offset (ISO 8601)")
            return None
        return found

    def needed(self, name: str) -> datetime:
        found = self.instant(name)
        if found is None and self.values.get(name) in (None, ""):
            self.wrong(name, "未填写", "is missing")
        return found or datetime.max.replace(tzinfo=UTC)

    def number(self, name: str) -> float | None:
        value = self.values.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.wrong(name, "应为数字", "must be a number")
            return None
        return float(value)

    def rows(self, name: str, make: Callable[[_Fields], T]) -> tuple[T, ...]:
        return self.sheet_rows(name, make) or ()

    def sheet_rows(self, name: str, make: Callable[[_Fields], T]) -> tuple[T, ...] | None:
        value = self.values.get(name)
        if value is None:
            return None
        if not isinstance(value, list | tuple):
            self.wrong(name, "应为列表", "must be a list")
            return ()
        return tuple(make(_Fields(each, self.problems, name)) for each in value)

    def into(self, name: str) -> str | plans.Unit:
        value = self.values.get(name)
        return _unit(_Fields(value, self.problems)) if isinstance(value, Mapping) else self.key(name)


def _unit(f: _Fields) -> plans.Unit:
    name = f.text("name_zh", needed=True)
    return plans.Unit(
        f.key("key"), name, f.text("name_en") or name, f.text("kind", needed=True), f.key_or_none("parent"), f.row
    )


def _person(f: _Fields) -> plans.Person:
    number = f.text("staff_no")
    none = number == plans.NO_NUMBER
    return plans.Person(
        f.login("login"), f.text("name", needed=True), None if none else number or None, f.row, unnumbered=none
    )


def _held(f: _Fields) -> plans.Held:
    since, until = f.instant("since"), f.instant("until")
    if since is not None and until is not None and since >= until:
        f.wrong("until", "应晚于开始时间", "must be later than the beginning")
    return plans.Held(f.login("login"), f.key("unit"), f.key("post"), since, until, f.row)


def _area(f: _Fields) -> plans.Area:
    name = f.text("name_zh", needed=True)
    return plans.Area(
        f.key("key"),
        name,
        f.text("name_en") or name,
        f.text("kind", needed=True),
        f.key_or_none("parent"),
        f.key_or_none("unit"),
        f.number("lat"),
        f.number("lon"),
        f.row,
    )


def _substitute(f: _Fields) -> plans.Substitute:
    return plans.Substitute(
        f.login("principal"),
        f.login("substitute"),
        f.needed("since"),
        f.needed("until"),
        f.key_or_none("unit"),
        f.key_or_none("post"),
        f.keys("processes") or None,
        f.text("reason"),
        f.row,
    )


def _duty(f: _Fields) -> plans.Duty:
    return plans.Duty(
        f.key("unit"),
        f.key("post"),
        f.login("login"),
        f.needed("since"),
        f.needed("until"),
        f.text("note"),
        f.row,
    )


def _create(f: _Fields) -> plans.Create:
    return plans.Create(_unit(_Fields(f.values.get("unit"), f.problems)), f.keys("areas"))


def _rename(f: _Fields) -> plans.Rename:
    name = f.text("name_zh", needed=True)
    kind = f.text("kind") or None
    return plans.Rename(f.key("unit"), name, f.text("name_en") or name, kind, f.key_or_none("parent"))


def _merge(f: _Fields) -> plans.Merge:
    facts = f.keys("facts") or plans.FACTS
    return plans.Merge(f.keys("units"), f.into("into"), f.key_or_none("head"), facts)


def _split(f: _Fields) -> plans.Split:
    parts = f.rows("parts", _part)
    return plans.Split(f.key("unit"), parts, f.key("default"), f.keys("facts") or plans.FACTS)


def _part(f: _Fields) -> plans.Part:
    return plans.Part(f.into("into"), f.keys("areas"), f.keys("classes"), f.keys("people"))


def _people(f: _Fields) -> plans.People:
    return plans.People(f.rows("people", _person), f.rows("give", _held), f.rows("take", _held))


def _leave(f: _Fields) -> plans.Leave:
    return plans.Leave(f.login("login"), f.key_or_none("successor"))


def _import(f: _Fields) -> plans.Import:
    return plans.Import(
        units=f.sheet_rows("units", _unit),
        people=f.sheet_rows("people", _person),
        held=f.sheet_rows("held", _held),
        areas=f.sheet_rows("areas", _area),
        substitutes=f.sheet_rows("substitutes", _substitute),
        duty=f.sheet_rows("duty", _duty),
    )


_KINDS: dict[str, Callable[[_Fields], plans.Plan]] = {
    plans.CREATE: _create,
    plans.RENAME: _rename,
    plans.MERGE: _merge,
    plans.SPLIT: _split,
    plans.PEOPLE: _people,
    plans.LEAVE: _leave,
    plans.IMPORT: _import,
}
