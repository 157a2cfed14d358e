"""One text for one value: what is hashed, signed and written into the file. Keys sorted, UTF-8, no spaces, instants in UTC, and each
number in one spelling: 1 and 1.0, which a database may give back as one another, are both 1."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from engine.errors import LiandongError
from engine.tables import instant_text


class NotCanonical(LiandongError):
    """These bytes are no dossier, or not written as one is."""

    code = "dossier_not_canonical"
    status = 422
    zh = "不是卷宗文件：{why_zh}。"
    en = "This is no dossier: {why_en}."


def text(value: Any) -> str:
    """The text of a JSON value; tuples are lists. TypeError for what JSON does not know, and for numbers that are none."""
    if value is None or isinstance(value, bool | str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, datetime):
        return f'"{instant_text(value)}"'
    if isinstance(value, int | float | Decimal):
        return _number(value)
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{text(str(k))}:{text(v)}" for k, v in sorted(value.items(), key=_key)) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(text, value)) + "]"
    raise TypeError(f"{type(value).__name__} cannot stand in a dossier")


def data(value: Any) -> bytes:
    """The bytes of a value."""
    return text(value).encode()


def digest(value: Any) -> str:
    """The hash of a value's text, with the algorithm's name."""
    return digest_of(data(value))


def digest_of(content: bytes) -> str:
    """The hash of bytes."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


def read(content: bytes) -> Any:
    """The value of such bytes. NotCanonical when they are no JSON, or not spelt as `data` spells them: so each value has one file, and
    a changed byte changes the value."""
    try:
        value = json.loads(content.decode(), parse_float=Decimal, parse_constant=_none_such)
    except (ValueError, RecursionError) as error:
        raise NotCanonical(why_zh=f"不是 UTF-8 编码的 JSON（{error}）", why_en=f"no JSON in UTF-8 ({error})") from error
    try:
        again = data(value)
    except (ArithmeticError, RecursionError, UnicodeEncodeError) as error:
        raise NotCanonical(why_zh=f"写法不规范（{error}）", why_en=f"not spelt as a dossier is ({error})") from error
    if again != content:
        place = next(
            (i for i, (a, b) in enumerate(zip(again, content, strict=False)) if a != b), min(len(again), len(content))
        )
        raise NotCanonical(
            why_zh=f"第 {place} 字节起写法不规范：文件被改动或重新排版",
            why_en=f"from byte {place} on it is not spelt as a dossier is: it was changed or reformatted",
        )
    return value


def _key(pair: tuple[Any, Any]) -> str:
    return str(pair[0])


def _number(value: float | Decimal) -> str:
    if isinstance(value, int):
        return str(value)
    number = Decimal(repr(value)) if isinstance(value, float) else value
    if not number.is_finite() or abs(number.adjusted()) > _LARGEST:
        raise TypeError(f"{number} cannot stand in a dossier")
    whole = number.to_integral_value()
    return str(int(whole)) if whole == number else format(number.normalize(), "f")


_LARGEST = 400
"""Digits: what a float can hold, with room."""


def _none_such(name: str) -> Any:
    raise ValueError(f"{name} is no number")
