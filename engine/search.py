"""Our own search index: pairs of neighbouring characters, the same on every database and right for Chinese, where a word has no
spaces around it (井盖 is found inside 路口井盖破损)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from sqlalchemy import ColumnElement, func, select

from engine.tables import gram, instance

MOST_GRAMS = 120
"""Per instance: enough for number, title, place and the beginning of a description."""

_BREAK = re.compile(r"[\W_]+")


def normal(text: str) -> str:
    """Width, case and compatibility forms folded."""
    return unicodedata.normalize("NFKC", text).casefold()


def pairs(text: str) -> list[str]:
    """The pairs of neighbouring characters in each run of letters and digits; a run of one character stands alone."""
    found: dict[str, None] = {}
    for run in _BREAK.split(normal(text)):
        if len(run) == 1:
            found[run] = None
        for i in range(len(run) - 1):
            found[run[i : i + 2]] = None
    return list(found)


def grams(*texts: object) -> Iterable[str]:
    """What an instance is found by."""
    found: dict[str, None] = {}
    for text in texts:
        if isinstance(text, str):
            found.update(dict.fromkeys(pairs(text)))
    return list(found)[:MOST_GRAMS]


def matching(text: str) -> ColumnElement[bool] | None:
    """The filter on `instance` for a search text; none when there is nothing to search for. A hit has every pair of the text."""
    wanted = pairs(text)
    if not wanted:
        return None
    hits = (
        select(gram.c.instance_id)
        .where(gram.c.gram.in_(wanted))
        .group_by(gram.c.instance_id)
        .having(func.count() == len(wanted))
    )
    return instance.c.id.in_(hits)
