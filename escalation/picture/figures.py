"""The figures of a live picture for its reader: counted while they wait, or in a large city as a worker counted them. Who does not see all
has their own counted, as the same worker, under what they may see: a change of their rights is another count."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from engine import access
from engine.calendar import Unit
from engine.people import Actor
from engine.queries import flow_waits, flows
from engine.queries.flow_waits import Waiting
from engine.queries.flows import Asked, Lasted, Passed
from escalation import step_times
from escalation.kept import keeping
from escalation.kept.keeping import Matter
from escalation.step_times import Counted
from escalation.tables import kept_count_cases

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]
SUBJECT = "picture"
WAITING: Final = "waiting"
LATE: Final = "late"
PASSED: Final = "passed"
TIME: Final = "time"
ALL = "all"
"""All versions together."""
MOST = 1_000
"""Cases that are kept behind a number: the newest."""


@dataclass(frozen=True, slots=True)
class Figures:
    """By element: what waits now, what was passed, how long steps took on the wall and by their own clocks."""

    now: Mapping[str, Waiting] = field(default_factory=dict)
    passed: Passed = field(default_factory=Passed)
    lasted: Mapping[str, Lasted] = field(default_factory=dict)
    counted: Mapping[str, list[Counted]] = field(default_factory=dict)

    def of(self, show: str, element: str) -> int:
        """How many one of the numbers says: of times the steps that were done."""
        if show == PASSED:
            return self.passed.nodes[element] or self.passed.flows[element]
        if show == TIME:
            return self.lasted[element].times if element in self.lasted else 0
        here = self.now.get(element, Waiting())
        return here.late if show == LATE else here.waiting


@dataclass(frozen=True, slots=True)
class Read:
    """Figures and where they come from. `count`: a worker's, `at`: of when it is, `versions`: whose cases are in it; none: counted just
    now. `waits`: a newer count is on its way."""

    figures: Figures
    count: int | None = None
    at: datetime | None = None
    versions: tuple[str, ...] = ()
    waits: bool = False

    @property
    def is_missing(self) -> bool:
        """Nothing was counted yet."""
        return self.waits and self.count is None


def read(core: Core, actor: Actor, asked: Asked, now: datetime) -> Read:
    """The figures; of a large city those that were counted last, asked for anew where they are old."""
    return kept(core, actor, asked) or Read(live(core, actor, asked, now))


def kept(core: Core, actor: Actor, asked: Asked) -> Read | None:
    """The figures as a worker counts them. None where a page counts for itself."""
    with core.db.read() as connection:
        large = keeping.is_large(connection, asked.key, asked.world)
        if not large and not step_times.are_many(connection, actor, asked):
            return None
        reader = None if access.SEE_ALL in actor.powers else actor
        wanted = {"key": asked.key, "world": asked.world, "reader": reader.id if reader is not None else None}
        row, waits = keeping.newest(core, connection, matter(asked, reader), wanted)
    if row is None:
        return Read(Figures(), waits=True)
    sums: Row = json.loads(row["sums"])
    version = ALL if asked.definition_id is None else str(asked.definition_id)
    found = of_data(sums[version]) if version in sums else Figures()
    versions = tuple(one for one in sums if one != ALL) if version == ALL else (version,)
    return Read(found, row["id"], row["at"], versions, waits)


def live(core: Core, actor: Actor, asked: Asked, now: datetime) -> Figures:
    """The figures as the rows give them now."""
    return Figures(
        flow_waits.waiting(core, actor, asked, now),
        flows.passed(core, flows.patterns(core, actor, asked)),
        flows.lasted(core, actor, asked),
        step_times.counted(core, actor, asked),
    )


def behind(core: Core, read: Read, show: str, element: str) -> tuple[int, ...]:
    """The cases behind a number that a worker counted: the newest `MOST` of each version."""
    names = [number(show, version, element) for version in read.versions]
    c = kept_count_cases.c
    with core.db.read() as connection:
        lists = connection.execute(select(c.ids).where(c.count_id == read.count, c.number.in_(names))).scalars()
        return tuple(one for several in lists for one in json.loads(several))


def matter(asked: Asked, reader: Actor | None) -> Matter:
    """What is counted, for whom: none: for who sees all."""
    whose = f"/{reader.id}:{_sight(reader)}" if reader is not None else ""
    return Matter(SUBJECT, f"{asked.key}/{asked.world}{whose}", asked.since, asked.until)


def number(show: str, version: int | str, element: str) -> str:
    """The name under which the cases behind a number are kept."""
    return f"{show}/{version}/{element}"


def as_data(figures: Figures) -> Row:
    """Figures as JSON holds them."""
    return {
        "now": {k: [one.waiting, one.late, one.since and one.since.isoformat()] for k, one in figures.now.items()},
        "passed": [figures.passed.nodes, figures.passed.flows, figures.passed.untold],
        "lasted": {k: [one.times, one.median, one.p90] for k, one in figures.lasted.items()},
        "counted": {
            k: [[str(one.unit), one.times, str(one.median), str(one.p90)] for one in several]
            for k, several in figures.counted.items()
        },
    }


def of_data(data: Mapping[str, Any]) -> Figures:
    """And back."""
    return Figures(
        {k: Waiting(n, late, datetime.fromisoformat(at) if at else None) for k, (n, late, at) in data["now"].items()},
        Passed(*(Counter(one) for one in data["passed"])),
        {k: Lasted(*one) for k, one in data["lasted"].items()},
        {
            k: [Counted(Unit(unit), times, Decimal(median), Decimal(p90)) for unit, times, median, p90 in several]
            for k, several in data["counted"].items()
        },
    )


# ---------------------------------------------------------------- inside


def _sight(actor: Actor) -> str:
    """What decides which cases a person sees, in short."""
    posts = sorted(
        (p.unit_id, p.post, p.for_id or 0, sorted(p.processes) if p.processes is not None else ["*"], p.sees)
        for p in actor.posts
    )
    sight = (posts, sorted(actor.accounts), sorted(actor.account_units))
    return hashlib.sha256(repr(sight).encode()).hexdigest()[:16]
