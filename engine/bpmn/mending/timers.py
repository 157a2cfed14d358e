"""Mends of times: what people write for a duration, a date or a repetition, as ISO 8601 writes it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.bpmn.mending.drawing import Wrong
from engine.bpmn.mending.mend import Do, Mend, Step
from engine.bpmn.namespaces import local, text
from engine.bpmn.reading import timers

_WIDE = str.maketrans("０１２３４５６７８９：－／．", "0123456789:-/.")
_UNITS = (
    ("Y", r"y|years?|年"),
    ("M", r"months?|个月|月"),
    ("W", r"w|weeks?|周|星期|个星期"),
    ("D", r"d|days?|天|日"),
    ("TH", r"h|hours?|小时|个小时|时|钟头|个钟头"),
    ("TM", r"m|min|mins|minutes?|分钟|分"),
    ("TS", r"s|sec|secs|seconds?|秒|秒钟"),
)
_PART = re.compile(r"\s*(\d{1,6})\s*([a-z]+|[^\d\sa-z]+)\s*", re.IGNORECASE)
_DAY = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})日?(?:[T\s]*(\d{1,2})[:时](\d{1,2})?分?(?::(\d{1,2}))?)?(Z|[+-]\d{2}:\d{2})?"
)


def time(wrong: Wrong) -> Iterator[Mend]:
    """The nearest lawful spelling of what is written."""
    element = wrong.drawing.element(wrong.problem.element)
    for part in element.iter() if element is not None else ():
        kind = local(part) if isinstance(part.tag, str) else ""
        if kind not in _NEAREST:
            continue
        new = nearest_time(kind, text(part))
        if new is not None and new != text(part):
            yield Mend(f"改为 {new}", f"Write {new}", (Step(Do.REWRITE, wrong.problem.element, text(part), new),))


def nearest_time(kind: str, written: str) -> str | None:
    """A `timeDuration`, `timeDate` or `timeCycle` in the standard's spelling; None where none is like it."""
    return _NEAREST[kind](written.translate(_WIDE).strip())


def _duration(written: str) -> str | None:
    return _lawful("timeDuration", written.upper().replace(" ", "")) or _said(written) or _parts(written)


def _said(written: str) -> str | None:
    """`3天`, `2 h`, `1 day 6 hours`."""
    at, found = 0, dict.fromkeys((sign for sign, _ in _UNITS), 0)
    while part := _PART.match(written, at):
        sign = next((sign for sign, names in _UNITS if re.fullmatch(names, part[2], re.IGNORECASE)), None)
        if sign is None:
            return None
        found[sign] += int(part[1])
        at = part.end()
    return _lawful("timeDuration", _written(found)) if at and at == len(written) else None


def _parts(written: str) -> str | None:
    """`P2H`, `PT3D`, `2H`: the parts are there, the `P` or `T` stands wrong."""
    bare = re.sub(r"[\s]", "", written.upper())
    if not re.fullmatch(r"P?(T?\d+[YMWDHS])+", bare):
        return None
    found, after = dict.fromkeys((sign for sign, _ in _UNITS), 0), False
    for time_, number, sign in re.findall(r"(T?)(\d+)([YMWDHS])", bare):
        after = after or bool(time_)
        found[f"T{sign}" if sign in "HS" or (sign == "M" and after) else sign] += int(number)
    return _lawful("timeDuration", _written(found))


def _written(found: dict[str, int]) -> str:
    day = "".join(f"{number}{sign}" for sign, number in found.items() if number and not sign.startswith("T"))
    hour = "".join(f"{number}{sign[1]}" for sign, number in found.items() if number and sign.startswith("T"))
    return f"P{day}" + (f"T{hour}" if hour else "")


def _date(written: str) -> str | None:
    found = _DAY.fullmatch(written)
    if found is None:
        return None
    year, month, day, hour, minute, second, zone = found.groups()
    said = f"{year}-{int(month):02}-{int(day):02}"
    if hour is not None:
        said += f"T{int(hour):02}:{int(minute or 0):02}:{int(second or 0):02}"
    return _lawful("timeDate", said + (zone or ""))


def _cycle(written: str) -> str | None:
    """`R3/2H`, `3 × PT1H`, `every day`: a number of times (none: without end) and a duration."""
    bare = written.strip()
    found = re.fullmatch(r"[Rr]\s*(\d*)\s*/?\s*(?P<rest>.+)", bare) or re.fullmatch(
        r"(?:每|every\s*)()(?P<rest>.+)", bare
    )
    if found is None:
        return None
    period = found["rest"] if found["rest"][:1].isdigit() or found["rest"][:1] in "Pp" else f"1{found['rest']}"
    new = _duration(period)
    return _lawful("timeCycle", f"R{found[1]}/{new}") if new else None


def _lawful(kind: str, said: str) -> str | None:
    try:
        return {"timeDuration": timers.duration, "timeDate": timers.moment, "timeCycle": timers.cycle}[kind](said)
    except timers.BadTimer:
        return None


_NEAREST = {"timeDuration": _duration, "timeDate": _date, "timeCycle": _cycle}
