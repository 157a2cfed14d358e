"""Request bodies, read strictly: JSON that two parsers could read in two ways, or that no database keeps, is refused."""

from __future__ import annotations

import json
import math
import re
from typing import Any, Never

from flask import Request
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import RequestEntityTooLarge

from engine.errors import Invalid, LiandongError

MOST_BYTES = 1_000_000
MOST_LEVELS = 50
_MOST_DIGITS = 20
_NOT_KEPT = re.compile("[\x00\ud800-\udfff]")


class BadJson(LiandongError):
    """The body is not the JSON it should be."""

    code = "bad_json"
    status = 400
    zh = "请求内容不是有效的 JSON：{why_zh}。"
    en = "The request body is not valid JSON: {why_en}."


class BodyTooLarge(LiandongError):
    """A JSON body above the limit."""

    code = "body_too_large"
    status = 413
    zh = "请求内容超过 {most} 字节。"
    en = "The request body is larger than {most} bytes."


class NotJson(LiandongError):
    """Sent as something else."""

    code = "not_json"
    status = 415
    zh = "请用 Content-Type: application/json 发送。"
    en = "Send it with Content-Type: application/json."


def read_json(request: Request) -> Any:
    """The JSON body of a request. NotJson, BodyTooLarge, BadJson (also when nested deeper than 50 levels, when a key stands twice in
    one object, or a number is not one), Invalid for text with NUL or half a character."""
    if request.mimetype != "application/json":
        raise NotJson
    request.max_content_length = MOST_BYTES
    try:
        data = request.get_data()
    except RequestEntityTooLarge as error:
        raise BodyTooLarge(most=MOST_BYTES) from error
    return parse(data)


def parse(data: bytes) -> Any:
    """The same from bytes."""
    if len(data) > MOST_BYTES:
        raise BodyTooLarge(most=MOST_BYTES)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadJson(
            why_zh=f"不是 UTF-8 编码（第 {error.start + 1} 字节）", why_en=f"not UTF-8 (byte {error.start + 1})"
        ) from error
    try:
        document = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_no_constant,
            parse_int=_integer,
            parse_float=_number,
        )
    except json.JSONDecodeError as error:
        raise BadJson(
            why_zh=f"第 {error.lineno} 行第 {error.colno} 列", why_en=f"line {error.lineno}, column {error.colno}"
        ) from error
    except RecursionError as error:
        raise _too_deep() from error
    _check(document)
    return document


class StrictParser(FlaskParser):
    """Hands webargs what `read_json` read, and refuses names that no schema declares."""

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "json": "raise", "query": "raise"}  # noqa: RUF012

    def load_json(self, req: Request, schema: Any) -> Any:  # noqa: ARG002  the parent's signature
        """The body, read once."""
        return read_json(req)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise BadJson(why_zh=f"键“{_shown(key)}”重复", why_en=f"the key “{_shown(key)}” stands twice in one object")
        found[key] = value
    return found


def _no_constant(name: str) -> Never:
    raise BadJson(why_zh=f"{name} 不是数字", why_en=f"{name} is not a number")


def _integer(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise BadJson(why_zh=f"整数超过 {_MOST_DIGITS} 位", why_en=f"an integer has more than {_MOST_DIGITS} digits")
    return int(digits)


def _number(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise BadJson(why_zh="数字太大", why_en="a number is too large")
    return number


def _check(document: Any) -> None:
    waiting: list[tuple[Any, int]] = [(document, 1)]
    while waiting:
        value, level = waiting.pop()
        if isinstance(value, str):
            if _NOT_KEPT.search(value):
                raise Invalid(
                    why_zh=f"文字“{_shown(value)}”含有无法保存的字符",
                    why_en=f"the text “{_shown(value)}” holds characters that cannot be stored",
                )
        elif isinstance(value, dict | list):
            if level > MOST_LEVELS:
                raise _too_deep()
            if isinstance(value, dict):
                waiting.extend((key, level) for key in value)
                value = list(value.values())
            waiting.extend((each, level + 1) for each in value)


def _too_deep() -> BadJson:
    return BadJson(why_zh=f"嵌套超过 {MOST_LEVELS} 层", why_en=f"nested deeper than {MOST_LEVELS} levels")


def _shown(text: str) -> str:
    return _NOT_KEPT.sub("\ufffd", text[:40])
