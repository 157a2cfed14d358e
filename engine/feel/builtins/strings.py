"""String functions (DMN 1.5, 10.3.4.3). Positions count characters from 1, or from the end with -1."""

from __future__ import annotations

from collections.abc import Sequence

from engine.feel.builtins.patterns import Pattern, pattern
from engine.feel.builtins.registry import builtin
from engine.feel.running import MAX_STRING, Run, sized_string, too_long


@builtin("substring(string: string, start position: whole, length?: whole) string")
def substring(run: Run, string: str, start: int, length: int | None = None) -> str | None:
    if start == 0:
        return run.null("substring 的起始位置从 1 或 -1 数起", "substring counts its start position from 1 or -1")
    if length is not None and length < 1:
        return run.null("substring 的长度至少为 1", "the length for substring is at least 1")
    begin = start - 1 if start > 0 else max(len(string) + start, 0)
    return string[begin:] if length is None else string[begin : begin + length]


@builtin("string length(string: string) number")
def string_length(run: Run, string: str) -> int:
    return len(string)


@builtin("upper case(string: string) string")
def upper_case(run: Run, string: str) -> str:
    return sized_string(string.upper())


@builtin("lower case(string: string) string")
def lower_case(run: Run, string: str) -> str:
    return sized_string(string.lower())


@builtin("trim(string: string) string")
def trim(run: Run, string: str) -> str:
    return string.strip()


@builtin("substring before(string: string, match: string) string")
def substring_before(run: Run, string: str, match: str) -> str:
    before, found, _ = string.partition(match) if match else ("", "", "")
    return before if found else ""


@builtin("substring after(string: string, match: string) string")
def substring_after(run: Run, string: str, match: str) -> str:
    if not match:
        return string
    return string.partition(match)[2]


@builtin("contains(string: string, match: string) boolean")
def contains(run: Run, string: str, match: str) -> bool:
    return match in string


@builtin("starts with(string: string, match: string) boolean")
def starts_with(run: Run, string: str, match: str) -> bool:
    return string.startswith(match)


@builtin("ends with(string: string, match: string) boolean")
def ends_with(run: Run, string: str, match: str) -> bool:
    return string.endswith(match)


@builtin("matches(input: string, pattern: string, flags?: string) boolean")
def matches(run: Run, text: str, expression: str, flags: str | None = None) -> bool | None:
    found = pattern(expression, flags or "", run)
    return None if found is None else found.search(text)


@builtin("replace(input: string, pattern: string, replacement: string, flags?: string) string")
def replace(run: Run, text: str, expression: str, replacement: str, flags: str | None = None) -> str | None:
    found = pattern(expression, flags or "", run)
    return None if found is None else found.replace(text, replacement, run)


@builtin("split(string: string, delimiter: string) list")
def split(run: Run, string: str, delimiter: str) -> list[object] | None:
    found: Pattern | None = pattern(delimiter, "", run)
    return None if found is None else found.split(string, run)


@builtin("string join(list: list, delimiter?: string) string")
def string_join(run: Run, strings: Sequence[object], delimiter: str | None = None) -> str | None:
    parts = [part for part in strings if part is not None]
    total = len(delimiter or "") * len(parts)
    for part in parts:
        if not isinstance(part, str):
            return run.null("string join 的列表只能含文本", "the list for string join may hold only strings")
        total += len(part)
    run.spend(total >> 8)
    if total - len(delimiter or "") > MAX_STRING:
        raise too_long()
    return (delimiter or "").join(str(part) for part in parts)
