"""How well units are proposed: what was noted of live cases, and what waits. Numbers of classes and units only, no case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from engine import registers
from engine.dispatching import keeping
from engine.dispatching.keeping import Current, Place
from engine.tables import dispatch_model, dispatch_proposal

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

MOST = 20_000
"""The newest outcomes that are counted."""
MOST_SHOWN = 30


@dataclass(frozen=True, slots=True)
class InUse:
    """What became of proposals: `all`, by `weeks` and by `kinds` (each row: cases, spoke, right, table_right, decided, decided_right), and
    what was `confused`."""

    all: Row
    weeks: list[Row]
    kinds: list[Row]
    confused: list[Row]


@dataclass(frozen=True, slots=True)
class Standing:
    """One step of a process whose unit is proposed."""

    place: Place
    current: Current | None
    cases: int
    asked_at: datetime | None
    failed: str | None
    open: int
    in_use: InUse
    allowed: list[Row] = field(default_factory=list)


def standing(core: Core) -> list[Standing]:
    """Every step whose unit is proposed, with its model and figures."""
    return [_of(core, where) for where in keeping.places(core)]


def _of(core: Core, where: Place) -> Standing:
    rows = dispatch_model.c
    with core.db.read() as connection:
        newest = connection.execute(
            select(rows.state, rows.asked_at, rows.error, rows.cases)
            .where(rows.key == where.key, rows.node == where.node)
            .order_by(rows.id.desc())
            .limit(1)
        ).first()
        cases = connection.execute(
            select(rows.cases).where(rows.key == where.key, rows.node == where.node, rows.state == "current")
        ).scalar()
        waiting: int = connection.execute(
            select(func.count()).where(
                dispatch_proposal.c.state == "open",
                dispatch_proposal.c.key == where.key,
                dispatch_proposal.c.node == where.node,
            )
        ).scalar_one()
    return Standing(
        where,
        keeping.current(core, where.key, where.node),
        int(cases or 0),
        newest.asked_at if newest is not None and newest.state == "asked" else None,
        newest.error if newest is not None and newest.state == "failed" else None,
        waiting,
        in_use(core, where),
        registers.rows(core, where.wanted.register) if where.wanted.register else [],
    )


def in_use(core: Core, where: Place) -> InUse:
    """The newest settled proposals, counted."""
    rows = dispatch_proposal.c
    with core.db.read() as connection:
        found = [
            dict(row)
            for row in connection.execute(
                select(
                    rows["class"], rows.guessed, rows.by_table, rows.spoke, rows.decided, rows.handled, rows.settled_at
                )
                .where(rows.key == where.key, rows.node == where.node, rows.settled_at.is_not(None))
                .order_by(rows.settled_at.desc())
                .limit(MOST)
            ).mappings()
        ]
    wrong = Counter((r["handled"], r["guessed"], r["spoke"]) for r in found if r["guessed"] not in (None, r["handled"]))
    return InUse(
        counted(found),
        _groups(found, "week", lambda row: "{}-W{:02}".format(*row["settled_at"].isocalendar())),
        sorted(_groups(found, "class", lambda row: row["class"]), key=lambda row: -row["cases"])[:MOST_SHOWN],
        [
            {"unit": unit, "said": said, "spoke": spoke, "cases": n}
            for (unit, said, spoke), n in wrong.most_common(MOST_SHOWN)
        ],
    )


def counted(found: list[Row]) -> Row:
    """Coverage and rightness of these rows."""
    spoke = [row for row in found if row["spoke"]]
    decided = [row for row in found if row["decided"]]
    tables = [row for row in found if row["by_table"] is not None]
    return {
        "cases": len(found),
        "spoke": len(spoke),
        "right": sum(row["guessed"] == row["handled"] for row in spoke),
        "table_spoke": len(tables),
        "table_right": sum(row["by_table"] == row["handled"] for row in tables),
        "decided": len(decided),
        "decided_right": sum(row["guessed"] == row["handled"] for row in decided),
    }


def _groups(found: list[Row], name: str, key: Callable[[Row], str]) -> list[Row]:
    groups: dict[str, list[Row]] = {}
    for row in found:
        groups.setdefault(key(row), []).append(row)
    return [{name: each, **counted(of)} for each, of in sorted(groups.items())]
