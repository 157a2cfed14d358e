"""Item definitions: what values a name may have (DMN 1.5, 7.3.2 and 10.3.2.9). Checked at run; null is of every type."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from engine.bpmn.problems import clip
from engine.dmn.errors import Wrong
from engine.feel import printing
from engine.feel.compiling.tests import Tester
from engine.feel.running import Run
from engine.feel.temporal import parse_date, parse_date_time, parse_duration, parse_time
from engine.feel.values import KINDS_ZH, YearsMonths, kind, to_number, to_whole

BUILT_IN = {
    "Any": "Any",
    "string": "string",
    "number": "number",
    "boolean": "boolean",
    "date": "date",
    "time": "time",
    "date and time": "date and time",
    "dateTime": "date and time",
    "days and time duration": "days and time duration",
    "dayTimeDuration": "days and time duration",
    "years and months duration": "years and months duration",
    "yearMonthDuration": "years and months duration",
    "list": "list",
    "context": "context",
    "double": "number",
    "integer": "whole",
    "long": "whole",
}
"""The standard's names; `dateTime`, `dayTimeDuration` as DMN 1.1 has them; `integer`, `long`, `double` as Camunda has them."""

_FROM_TEXT: dict[str, Callable[[str], object]] = {
    "date": parse_date,
    "time": parse_time,
    "date and time": parse_date_time,
    "days and time duration": lambda text: _of(dt.timedelta, parse_duration(text)),
    "years and months duration": lambda text: _of(YearsMonths, parse_duration(text)),
}


def _of(wanted: type, value: object) -> object:
    return value if isinstance(value, wanted) else None


@dataclass(frozen=True, slots=True)
class Type:
    """`base` is a FEEL type, "whole" or "Any"; with `parts` it is a context that has them; with `under` it is that type,
    narrowed, or, with `many`, a list of it. `allowed` tests one item, `constraint` the whole value."""

    name: str
    base: str = "Any"
    parts: tuple[tuple[str, Type], ...] = ()
    under: Type | None = None
    many: bool = False
    allowed: tuple[tuple[Tester, str], ...] = ()
    constraint: tuple[tuple[Tester, str], ...] = ()

    @property
    def takes_lists(self) -> bool:
        """Whether a list may be its value."""
        if self.under is not None:
            return self.many or self.under.takes_lists
        return not self.parts and self.base in ("Any", "list")


ANY = Type("Any")
_NUMBERS = (Decimal, int, float)


def fit(value: object, of: Type, where: tuple[str, str], run: Run, *, from_facts: bool = False) -> object:
    """The value as its type wants it; raises Wrong. `where` names it in both languages. A value `from_facts` may be a date,
    time or duration written as text, for JSON has no others."""
    if of is ANY or value is None:
        return value
    if of.many:
        return _fit_list(value, of, where, run, from_facts)
    if isinstance(value, list | tuple) and len(value) == 1 and not of.takes_lists:
        value = value[0]  # from a list of one: 10.3.2.9.4
    if of.under is not None:
        found = fit(value, of.under, where, run, from_facts=from_facts)
    elif of.parts:
        found = _parts(value, of, where, run, from_facts)
    else:
        found = _scalar(value, of, where, from_facts)
    _tested(found, (*of.allowed, *of.constraint), of, where, run)
    return found


def _fit_list(value: object, of: Type, where: tuple[str, str], run: Run, from_facts: bool) -> object:  # noqa: FBT001 - passed on
    items = value if isinstance(value, list | tuple) else [value]  # to a list of one: the same
    run.spend(len(items))
    found = []
    for index, item in enumerate(items, 1):
        place = (f"{where[0]}的第 {index} 项", f"item {index} of {where[1]}")
        found.append(fit(item, of.under or ANY, place, run, from_facts=from_facts))
        _tested(found[-1], of.allowed, of, place, run)
    _tested(found, of.constraint, of, where, run)
    return found


def _scalar(value: object, of: Type, where: tuple[str, str], from_facts: bool) -> object:  # noqa: FBT001 - passed on
    if of.base == "Any" or value is None:
        return value
    found = kind(value)
    if of.base == "whole":
        if to_whole(value) is None:
            raise _mismatch(value, of, where)
        return value
    if found == of.base:
        if found == "number" and to_number(value) is None:
            raise _mismatch(value, of, where)
        return value
    if from_facts and isinstance(value, str) and of.base in _FROM_TEXT:
        made = _FROM_TEXT[of.base](value)
        if made is not None:
            return made
    raise _mismatch(value, of, where)


def _parts(value: object, of: Type, where: tuple[str, str], run: Run, from_facts: bool) -> object:  # noqa: FBT001 - passed on
    if value is None:
        return None
    if not isinstance(value, dict):
        raise _mismatch(value, of, where)
    run.spend(len(of.parts))
    made = dict(value)
    for key, part in of.parts:
        inner = (f"{where[0]}的“{key}”", f"“{key}” of {where[1]}")
        made[key] = fit(value.get(key), part, inner, run, from_facts=from_facts)
    return made


def _tested(value: object, tests: tuple[tuple[Tester, str], ...], of: Type, where: tuple[str, str], run: Run) -> None:
    for test, text in tests:
        if value is not None and test(as_number(value), {}, run) is not True:
            raise not_allowed(value, where, text, f"（类型 {of.name}）", f" (type {of.name})")


def as_number(value: object) -> object:
    """Numbers as Decimal, which the tests of cells take quickest (null if not finite); all else as it is."""
    return to_number(value) if value.__class__ in _NUMBERS else value


def _mismatch(value: object, of: Type, where: tuple[str, str]) -> Wrong:
    wanted = "number" if of.base == "whole" else "context" if of.parts else of.base
    whole_zh, whole_en = ("整数", "whole number") if of.base == "whole" else (KINDS_ZH[wanted], wanted)
    named = "" if of.name in BUILT_IN else f"（{of.name}）"
    found = kind(value)
    hint_zh = "；请用 date and time(…) 转换" if (found, wanted) == ("date", "date and time") else ""
    hint_en = "; convert it by date and time(…)" if hint_zh else ""
    return Wrong(
        f"{where[0]}应为{whole_zh}{named}，得到{KINDS_ZH[found]} {shown(value)}{hint_zh}",
        f"{where[1]} must be a {whole_en}{f' ({of.name})' if named else ''}, not a {found}: {shown(value)}{hint_en}",
    )


def not_allowed(value: object, where: tuple[str, str], tests: str, zh: str = "", en: str = "") -> Wrong:
    """The error for a value of the right type that is not among the allowed ones."""
    listed = clip(tests, 80)
    return Wrong(
        f"{where[0]}的值 {shown(value)} 不在允许的值 {listed} 之中{zh}",
        f"{where[1]} is {shown(value)}, which is not among the allowed values {listed}{en}",
    )


def shown(value: object) -> str:
    """A value as FEEL would write it, cut short."""
    if value is None:
        return "null"
    if isinstance(value, str):
        return printing.quote(clip(value, 40))
    if isinstance(value, list | tuple | dict):
        return f"[…{len(value)}]" if not isinstance(value, dict) else f"{{…{len(value)}}}"
    return clip(printing.print_value(value), 40)
