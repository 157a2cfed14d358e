"""What is known of a case when it is to be dispatched, and nothing that is known only later."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

MOST_TEXT = 300
"""Characters of the text that are read: what it is about is said first, and a long description costs time."""

GRAMS = (2, 3, 4)
"""Lengths of the pieces of text that are compared: two characters are a Chinese word, four most English stems."""


@dataclass(frozen=True, slots=True)
class Matter:
    """A case before its dispatch. `places` from the finest to the coarsest; `table` the unit that the table of duties names."""

    text: str = ""
    kind: str = ""
    places: tuple[str, ...] = ()
    source: str = ""
    table: str | None = None


@dataclass(frozen=True, slots=True)
class Closed:
    """A case whose unit is known. `opened`: when it arrived; `known`: when the unit was beyond doubt, which is when it was closed."""

    matter: Matter
    unit: str
    opened: datetime
    known: datetime
    corrected: bool = False


def cleaned(text: str) -> str:
    """What is read of a text: its beginning, in small letters, spaces as one, with its ends marked by one."""
    return f" {' '.join(text[:MOST_TEXT].lower().split())} "


def grams(text: str) -> frozenset[str]:
    """The pieces of a text."""
    clean = cleaned(text)
    return frozenset(clean[i : i + n] for n in GRAMS for i in range(len(clean) - n + 1))


def features(matter: Matter) -> dict[str, float]:
    """What the classifier sees: pieces of text (weighing as much together, however long the text), class, places, source, the table's
    unit, and each of these together with the class."""
    found: dict[str, float] = {}
    pieces = grams(matter.text) if matter.text else frozenset()
    for piece in pieces:
        found[f"g:{piece}"] = len(pieces) ** -0.5
    for name in _names(matter):
        found[name] = 1.0
    return found


def _names(matter: Matter) -> Iterator[str]:
    kind = matter.kind
    if kind:
        yield f"c:{kind}"
    others = [(f"p{n}", place) for n, place in enumerate(matter.places) if place]
    others += [(name, value) for name, value in (("s", matter.source), ("t", matter.table)) if value]
    for name, value in others:
        yield f"{name}:{value}"
        if kind:
            yield f"{name}c:{value}\x1f{kind}"


def of_facts(
    facts: Mapping[str, Any], text: tuple[str, ...], kind: str, places: tuple[str, ...], table: str | None
) -> Matter:
    """The matter of a case by its facts; `text`, `kind` and `places` are names of facts (`place_area.town`: an entry of one)."""
    return Matter(
        text=" ".join(filter(None, (_word(facts, name) for name in text))),
        kind=_word(facts, kind),
        places=tuple(_word(facts, name) for name in places),
        source=_word(facts, "source"),
        table=table,
    )


def _word(facts: Mapping[str, Any], path: str) -> str:
    value: Any = facts
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
