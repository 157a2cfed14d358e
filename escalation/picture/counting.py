"""A worker's count of a live picture: everything that waits and all steps of a period, read one by one from one moment of the database,
some thousand rows at a statement. What is held grows with what there is to see, not with how many cases there are, but for sixteen bytes
for each time that was taken: medians are exact.

Live (`figures.py`) the same numbers come from statements that group: quicker where there are few rows; where there are millions the
database would sort them all."""

from __future__ import annotations

import json
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Select, and_, insert, not_

from engine import access, worlds
from engine.calendar import Unit
from engine.errors import NotFound
from engine.people import load_actor
from engine.queries import flow_waits, flows
from engine.queries.flow_waits import Waiting
from engine.queries.flows import Asked, Lasted, Pattern
from engine.tables import instance, task
from escalation import step_times
from escalation.kept import keeping
from escalation.kept.keeping import Held
from escalation.picture import figures
from escalation.picture.figures import ALL, LATE, MOST, PASSED, TIME, WAITING, Figures
from escalation.step_times import Amounts, Counted
from escalation.tables import kept_count_cases

if TYPE_CHECKING:
    from engine.core import Core

Reading = Callable[[Select[Any]], Iterator[Any]]
FEWEST, MOST_ROWS = 1_000, 4_000
"""A statement reads so long a part of the period that it finds about so many steps: few enough to look each up by its key."""
SHORTEST = timedelta(minutes=1)


def _times() -> array[float]:
    return array("d")


class Newest:
    """The newest of many cases, each once; at most twice as many are held."""

    def __init__(self) -> None:
        self._began: dict[int, datetime] = {}
        self._since: datetime | None = None

    def add(self, case: int, began: datetime) -> None:
        """One more, or the same again."""
        if self._since is None or began >= self._since:
            self._began[case] = began
            if len(self._began) >= 2 * MOST:
                kept = self.ids()
                self._since = self._began[kept[-1]]
                self._began = {one: self._began[one] for one in kept}

    def ids(self) -> list[int]:
        """The newest `MOST`, the newest first."""
        return sorted(self._began, key=lambda one: (self._began[one], one), reverse=True)[:MOST]


@dataclass(slots=True)
class Gathered:
    """Of one version."""

    now: dict[str, Waiting] = field(default_factory=lambda: defaultdict(Waiting))
    steps: Counter[Pattern] = field(default_factory=Counter)
    seconds: dict[str, array[float]] = field(default_factory=lambda: defaultdict(_times))
    amounts: dict[tuple[str, Unit], Amounts] = field(default_factory=lambda: defaultdict(Amounts))
    newest: dict[tuple[str, str], Newest] = field(default_factory=lambda: defaultdict(Newest))

    def add(self, other: Gathered) -> None:
        """All of another version, but for the cases."""
        for element, one in other.now.items():
            self.now[element].add(one.waiting, one.late, one.since)
        self.steps.update(other.steps)
        for node, several in other.seconds.items():
            self.seconds[node].extend(several)
        for key, amounts in other.amounts.items():
            self.amounts[key].extend(amounts)

    def figures(self, core: Core) -> Figures:
        """What it comes to."""
        counted: dict[str, list[Counted]] = {}
        for (node, unit), several in self.amounts.items():
            counted.setdefault(node, []).append(several.counted(unit))
        steps = [replace(one, times=times) for one, times in self.steps.items()]
        lasted = {node: _lasted(several) for node, several in self.seconds.items()}
        return Figures(self.now, flows.passed(core, steps), lasted, counted)


def work(core: Core, held: Held) -> None:
    """Count one picture that was asked for; nothing is kept for a reader whose rights are others by now. LeaseLost when another does."""
    row = held.row
    wanted = row["asked"]
    asked = Asked(wanted["key"], row["since"], row["until"], None, wanted["world"])
    who = _sees(core, asked, held)
    if who is None:
        return
    at = worlds.get(core, asked.world).now
    found = gather(core, asked, who, at, held)
    with core.db.write() as connection:
        held.hold(connection)
        lists = [
            {"count_id": held.id, "number": figures.number(show, version, element), "ids": json.dumps(one.ids())}
            for version, part in found.items()
            for (show, element), one in part.newest.items()
        ]
        if lists:
            connection.execute(insert(kept_count_cases), lists)
    whole = Gathered()
    for part in found.values():
        whole.add(part)
    sums = {str(version): figures.as_data(part.figures(core)) for version, part in found.items()}
    sums[ALL] = figures.as_data(whole.figures(core))
    with core.db.write() as connection:
        held.finish(connection, at, json.dumps(sums))


def gather(core: Core, asked: Asked, who: ColumnElement[bool], at: datetime, held: Held) -> dict[int, Gathered]:
    """By version, what cases that fit `who` give. `at`: what is due before is late."""
    found: dict[int, Gathered] = defaultdict(Gathered)
    with core.db.snapshot() as connection:
        read = partial(_read, connection, who, held)
        for one in flow_waits.each(core, asked, at, read):
            part = found[one.definition_id]
            part.now[one.element].add(1, int(one.late), one.since)
            part.newest[WAITING, one.element].add(one.case, one.began)
            if one.late:
                part.newest[LATE, one.element].add(one.case, one.began)
        known: dict[Pattern, tuple[str, ...]] = {}
        for part_asked in _parts(asked, partial(_steps, core, found, known, read)):
            _done(core, connection, found, part_asked, read, who)
            held.hold_on()
    return dict(found)


# ---------------------------------------------------------------- inside


def _sees(core: Core, asked: Asked, held: Held) -> ColumnElement[bool] | None:
    """Whose cases are counted: of the whole city those that are not confidential; of a reader those they see. None: they are gone."""
    if held.row["asked"]["reader"] is None:
        return and_(instance.c.id > 0, not_(instance.c.confidential))
    try:
        with core.db.read() as connection:
            actor = load_actor(connection, held.row["asked"]["reader"])
            if figures.matter(asked, actor).about == held.row["about"]:
                return access.visible(connection, actor)
    except NotFound:
        pass
    with core.db.write() as connection:
        keeping.drop(connection, held.id)
    return None


def _read(connection: Connection, who: ColumnElement[bool], held: Held, query: Select[Any]) -> Iterator[Any]:
    with connection.execute(query.where(who), execution_options={"yield_per": 1000}) as rows:
        for some in rows.partitions():
            yield from some
            held.hold_on()


def _parts(asked: Asked, steps: Callable[[Asked], int]) -> Iterator[Asked]:
    """The period in parts, each after its steps were read: `steps` answers how many there were; the next part is as long as that says."""
    begin, length = asked.since, timedelta(hours=1)
    while begin < asked.until:
        part = replace(asked, since=begin, until=min(begin + length, asked.until))
        many = steps(part)
        yield part
        begin = part.until
        if many < FEWEST:
            length *= 2
        elif many > MOST_ROWS:
            length = max(SHORTEST, length / 2)


def _steps(
    core: Core, found: dict[int, Gathered], known: dict[Pattern, tuple[str, ...]], read: Reading, asked: Asked
) -> int:
    many = 0
    for definition_id, path, opened, case, began in read(flows.each_step(core, asked)):
        many += 1
        pattern = Pattern(definition_id, path, opened, 0)
        touched = known.get(pattern)
        if touched is None:
            nodes, ways, _ = flows.taken(core, pattern)
            touched = known[pattern] = (*nodes, *ways)
        part = found[definition_id]
        part.steps[pattern] += 1
        for element in touched:
            part.newest[PASSED, element].add(case, began)
    return many


def _done(
    core: Core,
    connection: Connection,
    found: dict[int, Gathered],
    asked: Asked,
    read: Reading,
    who: ColumnElement[bool],
) -> None:
    columns = (instance.c.definition_id, task.c.node, flows.seconds(core), instance.c.id, instance.c.started_at)
    for definition_id, node, seconds, case, began in read(flows.done(connection, None, asked, *columns)):
        part = found[definition_id]
        part.seconds[node].append(float(seconds))
        part.newest[TIME, node].add(case, began)
    clocks = step_times.of_clocks(flows.done(connection, None, asked, *step_times.COLUMNS)).where(who)
    for row, used in step_times.each(core, connection, clocks):
        found[row["definition_id"]].amounts[row["node"], used.unit].add(used.amount)


def _lasted(seconds: Iterable[float]) -> Lasted:
    ordered = sorted(seconds)
    many = len(ordered)
    return Lasted(many, ordered[step_times.rank(many, 5)], ordered[step_times.rank(many, 9)])
