"""JSON read strictly: what two parsers could read in two ways, or one could choke on, is refused."""

from __future__ import annotations

import json
import math
import re
from typing import Never

from forms.errors import FormProblem, Problem

MOST_BYTES = 64 * 1024
MOST_LEVELS = 32
_MOST_DIGITS = 20
_STRUCTURE = re.compile(r'["\\\[\]{}]')
UNSAFE_CHARACTERS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
"""Control characters and lone surrogates: PostgreSQL, XML or Excel refuse them later, so no text may hold them."""


def parse_object(data: bytes) -> dict[str, object]:
    """Returns the JSON object in `data` (UTF-8, a byte order mark is allowed); raises FormProblem."""
    if len(data) > MOST_BYTES:
        _refuse(
            f"文件有 {len(data)} 字节，最多 {MOST_BYTES} 字节。",
            f"The file has {len(data)} bytes; the most is {MOST_BYTES}.",
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        _refuse(
            f"文件不是 UTF-8 编码（第 {error.start + 1} 字节）。",
            f"The file is not UTF-8 (byte {error.start + 1}).",
        )
    _check_levels(text)
    try:
        document = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            parse_int=_integer,
            parse_float=_number,
        )
    except json.JSONDecodeError as error:
        _refuse(
            f"不是有效的 JSON：第 {error.lineno} 行第 {error.colno} 列。",
            f"Not valid JSON: line {error.lineno}, column {error.colno}: {error.msg}.",
        )
    if not isinstance(document, dict):
        _refuse("最外层应为对象 { }。", "The outermost value must be an object { }.")
    _check_texts(document)
    return document


def _check_levels(text: str) -> None:
    level = 0
    in_string = False
    escaped_at = -1
    for match in _STRUCTURE.finditer(text):
        at, mark = match.start(), match.group()
        if in_string:
            if at == escaped_at:
                continue
            if mark == "\\":
                escaped_at = at + 1
            elif mark == '"':
                in_string = False
        elif mark == '"':
            in_string = True
        elif mark in "[{":
            level += 1
            if level > MOST_LEVELS:
                line = text.count("\n", 0, at) + 1
                _refuse(
                    f"第 {line} 行嵌套超过 {MOST_LEVELS} 层。",
                    f"Line {line} is nested deeper than {MOST_LEVELS} levels.",
                )
        elif mark in "]}":
            level -= 1


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result: dict[str, object] = {}
    for key, value in pairs:
        if key in result:
            shown = clip(key)
            _refuse(f"键“{shown}”在同一对象中重复。", f"The key “{shown}” stands twice in one object.")
        result[key] = value
    return result


def _no_constant(name: str) -> Never:
    _refuse(f"{name} 不是 JSON 数字。", f"{name} is not a JSON number.")


def _integer(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        _refuse(f"整数超过 {_MOST_DIGITS} 位。", f"An integer has more than {_MOST_DIGITS} digits.")
    return int(digits)


def _number(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        _refuse(f"数字 {clip(digits)} 太大。", f"The number {clip(digits)} is too large.")
    return number


def _check_texts(document: dict[str, object]) -> None:
    waiting: list[object] = [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            if UNSAFE_CHARACTERS.search(value):
                shown = clip(value)
                _refuse(
                    f"文字“{shown}”含有控制字符或不完整的字符。",
                    f"The text “{shown}” holds a control character or half a character.",
                )
        elif isinstance(value, dict):
            waiting.extend(value.keys())
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)


def clip(text: object, most: int = 40) -> str:
    """`text` made harmless and short enough to stand inside a sentence."""
    shown = UNSAFE_CHARACTERS.sub("\ufffd", str(text)[: most + 1]).replace("\n", " ").replace("\r", " ")
    return shown if len(shown) <= most else shown[:most] + "…"


def _refuse(zh: str, en: str) -> Never:
    raise FormProblem([Problem("/", zh, en)])
