"""The links of a chain: each row's hash covers the hash before it and the row itself, in a form that both databases give back alike."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from engine.tables.columns import instant_text

Row = Mapping[Any, Any]

BEGINNING = ""
"""The hash before the first row of a chain."""

HISTORY = (
    "instance_id",
    "seq",
    "at",
    "kind",
    "node",
    "task_id",
    "actor_id",
    "unit_id",
    "post_key",
    "data",
    "for_id",
    "origin",
    "written_at",
)
AUDIT = ("stream", "seq", "at", "kind", "actor_id", "for_id", "unit_id", "post_key", "origin", "about", "data")
"""What a row's hash covers."""


def link(before: str, row: Row, columns: tuple[str, ...]) -> str:
    """The hash of a row that follows the hash `before`. It names its algorithm, so that another can take over."""
    text = canonical([before, [row.get(column) for column in columns]])
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def canonical(value: Any) -> str:
    """One text for what is one value: keys sorted, numbers without needless digits, instants in UTC."""
    return json.dumps(_plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _plain(value: Any) -> Any:
    # PostgreSQL keeps numbers of JSON as decimals: 1.0 and 1, or 1e3 and 1000, may come back as one another.
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, int):
        return ["#", str(value)]
    if isinstance(value, float | Decimal):
        number = Decimal(repr(value)) if isinstance(value, float) else value
        whole = number.to_integral_value()
        return ["#", str(int(whole)) if whole == number else format(number.normalize(), "f")]
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    raise TypeError(f"{type(value).__name__} cannot be chained")
