"""What a case is found by, and how one asks: the same words on every database, right for Chinese and English.

Chinese has no spaces around its words (井盖 is found inside 路口井盖破损): a run of its characters is kept as pairs of neighbours. Anything
written in letters and digits is kept word by word with its beginnings, so that "leak" finds "leaking" and a case is found by the first
characters of its number. A hit has every word of what was asked.

The words of a case are one row (table `words`), written in the step that starts it or changes its texts. Beside them stands its `scope`:
world, process, starter, day and month of its start, and the units that had to do with it. A trigger adds those (`migrations/searching.py`).
Both are in one inverted index, GIN on PostgreSQL and FTS5 on SQLite: whose cases to look through and how far back is thus decided inside
the index, and `hits` never reads more rows than it was asked for, however common a word is. Only number, title, place and description
are indexed: never who reported (`engine.identities` takes that out before it becomes a fact)."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Self

from sqlalchemy import ColumnElement, Integer, Select, column, literal, literal_column, select, table
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import Boolean, Text

from engine.tables import LIVE

INDEX = "word_index"
"""GIN index on PostgreSQL, virtual table on SQLite (with tables of its own, named after it)."""

DOCUMENT = "array_to_tsvector(string_to_array((words || ' '::text) || scope, ' '::text))"
"""What the GIN index is over."""

TEXTS = ("title", "place", "description")
"""The facts that are indexed, beside the case's number."""

MOST_WORDS = 240
"""Per case: enough for number, title, place and the beginning of a description."""

MOST_ASKED = 24
"""Words of a search that count; the others are left out."""

_SHORTEST, _LONGEST = 3, 12
"""Characters of the beginnings of a word that are kept beside it."""

_CHINESE = "\u2e80-\u2fff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
"""Scripts without spaces between words: Han, kana; and Hangul, whose words carry endings."""

_RUN = re.compile(r"[^\W_]+")
_UNIT = re.compile(f"[{_CHINESE}]|[^{_CHINESE}]+")
_IS_CHINESE = re.compile(f"[{_CHINESE}]")


def normal(text: str) -> str:
    """Width, case and compatibility forms folded."""
    return unicodedata.normalize("NFKC", text).casefold()


def words_of(number: str, facts: dict[str, Any], world_id: int = LIVE) -> str:
    """The words of a case, as they are stored: parted by single spaces, none twice."""
    found: dict[str, None] = dict.fromkeys(_kept(number))
    for name in TEXTS:
        value = facts.get(name)
        if isinstance(value, str):
            found.update(dict.fromkeys(_kept(value)))
            if name == "title":
                found.update(dict.fromkeys(_IS_CHINESE.findall(normal(value))))
    return " ".join(in_world(world_id, word) for word in list(found)[:MOST_WORDS])


def asked(text: str) -> list[str]:
    """The words that a hit must have, all of them. A single Chinese character is looked for in titles."""
    found: dict[str, None] = {}
    for run in _runs(text):
        for unit in run:
            if not _IS_CHINESE.fullmatch(unit) or len(run) == 1:
                found[unit] = None
        found.update(dict.fromkeys(_pairs(run)))
    return list(found)[:MOST_ASKED]


def scope_of(world_id: int, process: str, starter_id: int | None, started_at: datetime, unit_ids: Iterable[int]) -> str:
    """Whose the case is and since when, as words of the index. Units that take part later are added by a trigger."""
    day = day_of(started_at)
    starter = [by(starter_id)] if starter_id is not None else []
    said = [f"of:{process}", f"day:{day}", f"month:{day // MONTH}", *starter, *map(unit, unit_ids)]
    return " ".join([f"in:{world_id}", *(in_world(world_id, word) for word in said)])


def in_world(world_id: int, word: str) -> str:
    """A word as cases of this world have it: those of others than the live one are kept apart by what stands before each, since a word
    that nearly every case has (its world) costs a search more than all others together."""
    return word if world_id == LIVE else f"{world_id}_{word}"


MONTH = 32
"""Days of what the index calls a month."""


def day_of(at: datetime) -> int:
    """The number of the day in UTC since 1970."""
    return int(at.astimezone(UTC).timestamp()) // 86400


def unit(unit_id: int) -> str:
    """The word of the cases that a unit had to do with."""
    return f"unit:{unit_id}"


def by(person_id: int) -> str:
    """The word of the cases that somebody started."""
    return f"by:{person_id}"


class Has(ColumnElement[bool]):
    """True of the rows of `words` that have a word of each group."""

    inherit_cache = False
    type = Boolean()

    def __init__(self, groups: Sequence[Sequence[str]]) -> None:
        self.for_gin = literal(_joined(groups, "'", " & ", " | "), Text())
        self.for_fts5 = literal(_joined(groups, '"', " AND ", " OR "), Text())

    def self_group(self, against: OperatorType | None = None) -> Self:  # noqa: ARG002  as SQLAlchemy names it
        """As it is. By default `= 1` is added on SQLite, which then reads every row of `words` instead of going by those found."""
        return self


def some(groups: Sequence[Sequence[str]], most: int) -> Select[Any]:
    """SQLite: ids of up to `most` of the cases that have a word of each group, in no order: the index is read no further than that."""
    index = table(INDEX, column("rowid", Integer))
    return select(index.c.rowid).where(literal_column(INDEX).op("MATCH")(Has(groups).for_fts5)).limit(most)


def _joined(groups: Sequence[Sequence[str]], quote: str, and_: str, or_: str) -> str:
    """Words hold no quotes: letters, digits and the signs of an XML name."""
    return and_.join("(" + or_.join(f"{quote}{word}{quote}" for word in group) + ")" for group in groups)


@compiles(Has)
def _gin(element: Has, compiler: Any, **more: Any) -> str:
    return f"{DOCUMENT} @@ CAST({compiler.process(element.for_gin, **more)} AS tsquery)"


@compiles(Has, "sqlite")
def _fts5(element: Has, compiler: Any, **more: Any) -> str:
    query = compiler.process(element.for_fts5, **more)
    return f"words.instance_id IN (SELECT rowid FROM {INDEX} WHERE {INDEX} MATCH {query})"  # noqa: S608  names of ours


# ---------------------------------------------------------------- inside


def _runs(text: str) -> list[list[str]]:
    """Runs of letters, digits and characters; each a list of its Chinese characters and of the words between them."""
    return [_UNIT.findall(run) for run in _RUN.findall(normal(text))]


def _pairs(run: list[str]) -> list[str]:
    """Neighbours of which one is Chinese: 井盖, 路12, 12号."""
    return [
        a + b
        for a, b in itertools.pairwise(run)
        if (_IS_CHINESE.fullmatch(a) or _IS_CHINESE.fullmatch(b)) and len(a) + len(b) <= _LONGEST
    ]


def _kept(text: str) -> Iterable[str]:
    for run in _runs(text):
        for one in run:
            if not _IS_CHINESE.fullmatch(one):
                yield one[:40]
                yield from (one[:length] for length in range(_SHORTEST, min(len(one), _LONGEST + 1)))
            elif len(run) == 1:
                yield one
        yield from _pairs(run)
