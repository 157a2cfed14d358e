"""The live board of one activation: level and since when, units and their orders, situation reports and the missing ones, decisions, what
is due next. Read from tasks, clocks and history of the nodes that all plans share (processes/emergency_*); nothing is kept for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from engine import access, worlds
from engine.people import Actor
from engine.queries import cases
from engine.tables import history, instance, job, task
from engine.worlds import World
from escalation.tables import clock

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

SIGN, CARRY_OUT, REASSIGN, REPORT = "SignOrder", "CarryOut", "Reassign", "SituationReport"
RECEIPT, HANDLE = "receipt", "handle"
DECISIONS: Final = ("StartOrder", "Assess", "ChangeOrder", "StandDownOrder")
"""Nodes whose answers are decisions of command."""
CONTRACT: Final[Mapping[str, str | None]] = {
    SIGN: RECEIPT, CARRY_OUT: HANDLE, REASSIGN: None, REPORT: None, **dict.fromkeys(DECISIONS),
}  # fmt: skip
"""User tasks that the shared processes of the plans must have, under these ids, with the clock that the board reads of each: whoever
renames one in the designer takes it off the board (tests/unit/test_board_contract.py)."""
FACTS: Final = (
    "level",
    "proposed_level",
    "ordered_at",
    "ended_at",
    "reporting_units",
    "missing_reports",
    "teams_out",
    "stock_taken",
    "orders_issued",
)
"""Facts that the board reads beside them."""
MOST_EVENTS = 40


class State(StrEnum):
    """How an order stands."""

    UNSIGNED = "unsigned"
    LATE_UNSIGNED = "late_unsigned"
    SIGNED = "signed"
    LATE = "late"  # signed, and not done in time
    REFUSED = "refused"  # somebody else is being found
    DONE = "done"
    DONE_LATE = "done_late"
    DROPPED = "dropped"  # cancelled by the coordinator, or withdrawn with a lower level or the stand-down


URGENT: Final = (
    State.LATE_UNSIGNED, State.LATE, State.REFUSED, State.UNSIGNED, State.SIGNED, State.DONE_LATE, State.DONE,
    State.DROPPED,
)  # fmt: skip
"""States, the most pressing first."""


@dataclass(frozen=True, slots=True)
class Order:
    """An order to a unit. `minutes`: left until it is due (negative: late), or, once done, that it took since it was given."""

    key: str
    unit: str
    zh: str
    en: str
    state: State
    minutes: int | None
    since: datetime
    due_at: datetime | None
    task: Row


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit and its orders, the most pressing first."""

    key: str
    orders: Sequence[Order]

    @property
    def worst(self) -> State:
        """The state that wants most."""
        return self.orders[0].state


@dataclass(slots=True)
class Reporting:
    """A unit that reports. `at`, `answers`: the last report; `due_at`: of the next, none: none is asked for now; `missing`: reports
    that did not come."""

    unit: str
    at: datetime | None = None
    answers: Row = field(default_factory=dict)
    due_at: datetime | None = None
    missing: int = 0
    late: bool = False


@dataclass(frozen=True, slots=True)
class Board:
    """What the board shows at the instant `now` of the activation's world."""

    case: Row
    world: World
    now: datetime
    level: int | None
    began_at: datetime
    """When the start order took effect; before it is signed, when the activation began."""
    ordered: bool
    over_at: datetime | None
    units: Sequence[Unit]
    counts: Mapping[State, int]
    reports: Sequence[Reporting]
    decisions: Sequence[Row]
    nexts: Sequence[Row]
    teams: Sequence[Row]
    """Teams that were sent out, those still out first: {team, unit, at, back}."""
    stock: Sequence[Row]
    """What was taken from the stores, the newest first: {stock, amount, left, unit, at, back}."""
    mine: Sequence[Row]
    """Open tasks that the reader may work."""

    @property
    def orders(self) -> int:
        """How many there are."""
        return sum(self.counts.values())

    @property
    def elapsed(self) -> timedelta:
        """How long it runs, or ran."""
        return max(timedelta(), (self.over_at or self.now) - self.began_at)


def read(core: Core, actor: Actor, instance_id: int) -> Board:
    """The board of an activation that the actor sees. NotFound otherwise."""
    case = cases.row(core, actor, instance_id)
    world = worlds.get(core, case["world_id"])
    facts = case["facts"] or {}
    with core.db.read() as connection:
        here = {"i": instance_id}
        tasks = [
            dict(row)
            for row in connection.execute(
                select(task).where(task.c.instance_id == instance_id).order_by(task.c.id)
            ).mappings()
        ]
        clocks = [
            dict(row) for row in connection.execute(select(clock).where(clock.c.instance_id == instance_id)).mappings()
        ]
        answered = connection.execute(
            select(history)
            .where(
                history.c.instance_id == here["i"],
                history.c.kind == "completed",
                history.c.node.in_([*DECISIONS, REPORT]),
            )
            .order_by(history.c.seq)
        ).mappings()
        said = [dict(row) for row in answered]
        timers = [
            dict(row)
            for row in connection.execute(
                select(job.c.id, job.c.node, job.c.due_at)
                .where(job.c.instance_id == instance_id, job.c.kind == "timer", job.c.state == "waiting")
                .order_by(job.c.due_at)
                .limit(5)
            ).mappings()
        ]
    now = world.now
    orders = orders_of(tasks, clocks, now, issued(facts))
    ordered_at = moment(facts.get("ordered_at"))
    ended = moment(facts.get("ended_at")) or case["ended_at"]
    return Board(
        case=case,
        world=world,
        now=now,
        level=whole(facts.get("level")) or whole(facts.get("proposed_level")),
        began_at=ordered_at or case["started_at"],
        ordered=ordered_at is not None,
        over_at=ended,
        units=by_unit(orders),
        counts={state: sum(one.state is state for one in orders) for state in State},
        reports=_reports(facts, tasks, said, now),
        decisions=[row for row in said if row["node"] in DECISIONS][::-1],
        nexts=_nexts(tasks, timers),
        teams=sorted(_rows(facts, "teams_out"), key=lambda one: bool(one.get("back"))),
        stock=_rows(facts, "stock_taken")[::-1],
        mine=_mine(actor, case, tasks),
    )


def orders_of(
    tasks: Iterable[Row], clocks: Iterable[Row], now: datetime, standing: frozenset[str] | None = None
) -> list[Order]:
    """Each order that was given, as its last task says. `standing`: keys of the orders that were given and not withdrawn (none: not
    known); an order that was withdrawn while its teams were being sent has no task that says so."""
    due = {(row["task_id"], row["name"]): row["due_at"] for row in clocks}
    by_key: dict[tuple[str, str], list[Row]] = {}
    for row in tasks:
        if row["node"] not in (SIGN, CARRY_OUT, REASSIGN):
            continue
        order = _order(row)
        by_key.setdefault((row["within"] or "", str(order.get("key") or row["item"])), []).append(row)
    newest = {key: within for within, key in by_key}
    return [
        _standing(rows, due, now, gone=newest[key] != within or (standing is not None and key not in standing))
        for (within, key), rows in by_key.items()
    ]


def issued(facts: Mapping[str, Any] | None) -> frozenset[str] | None:
    """Keys of the orders of an activation that stand; none where it does not say so."""
    found = (facts or {}).get("orders_issued")
    return frozenset(map(str, found)) if isinstance(found, list) else None


def by_unit(orders: Iterable[Order]) -> list[Unit]:
    """Orders by the unit that has them; units, and orders within one, the most pressing first."""
    found: dict[str, list[Order]] = {}
    for one in orders:
        found.setdefault(one.unit, []).append(one)
    units = [
        Unit(key, sorted(some, key=lambda one: (URGENT.index(one.state), _nearness(one))))
        for key, some in found.items()
    ]
    return sorted(units, key=lambda unit: (URGENT.index(unit.worst), _nearness(unit.orders[0]), unit.key))


def moment(value: Any) -> datetime | None:
    """An instant that a process keeps as text; none where it is none."""
    if isinstance(value, datetime):
        return value
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


def whole(value: Any) -> int | None:
    """A number that a process keeps, as an int; none where it is none."""
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


# ---------------------------------------------------------------- inside


def _rows(facts: Row, name: str) -> list[Row]:
    return [one for one in facts.get(name) or () if isinstance(one, dict)]


def _order(row: Row) -> Row:
    found = (row["variables"] or {}).get("order")
    return found if isinstance(found, dict) else {}


def _standing(
    rows: Sequence[Row], due: Mapping[tuple[int, str], datetime | None], now: datetime, *, gone: bool
) -> Order:
    last, first = rows[-1], rows[0]
    order, variables = _order(last), last["variables"] or {}
    due_at = due.get((last["id"], RECEIPT if last["node"] == SIGN else HANDLE)) or last["due_at"]
    state = _state(last, due_at, now, gone=gone)
    minutes: int | None
    if state in (State.DONE, State.DONE_LATE):
        minutes = _minutes(last["closed_at"] - first["opened_at"])
    else:
        minutes = _minutes(due_at - now) if due_at is not None and state is not State.DROPPED else None
    return Order(
        key=str(order.get("key") or last["item"] or last["id"]),
        unit=str(variables.get("order_unit") or order.get("unit") or ""),
        zh=str(order.get("order_zh") or ""),
        en=str(order.get("order_en") or order.get("order_zh") or ""),
        state=state,
        minutes=minutes,
        since=first["opened_at"],
        due_at=due_at,
        task=last,
    )


def _state(last: Row, due_at: datetime | None, now: datetime, *, gone: bool) -> State:
    late = due_at is not None and due_at < (last["closed_at"] or now)
    if last["state"] in ("open", "suspended"):
        if last["node"] == SIGN:
            return State.LATE_UNSIGNED if late else State.UNSIGNED
        if last["node"] == CARRY_OUT:
            return State.LATE if late else State.SIGNED
        return State.REFUSED
    if last["state"] == "completed" and last["node"] == CARRY_OUT:
        return State.DONE_LATE if late else State.DONE
    if last["state"] == "completed" and last["node"] == SIGN:
        return State.DROPPED if gone else State.SIGNED  # teams and stock are being sent, then the next task opens
    return State.DROPPED


def _minutes(span: timedelta) -> int:
    """Whole minutes, towards the past: what is late by a second is late by a minute."""
    return int(span.total_seconds() // 60)


def _nearness(one: Order) -> float:
    return one.due_at.timestamp() if one.due_at is not None else float("inf")


def _reports(facts: Row, tasks: Iterable[Row], said: Iterable[Row], now: datetime) -> list[Reporting]:
    found = {str(unit): Reporting(str(unit)) for unit in facts.get("reporting_units") or () if unit}
    unit_of: dict[int, str] = {}
    for row in tasks:
        if row["node"] != REPORT:
            continue
        unit = str((row["variables"] or {}).get("report_unit") or "")
        unit_of[row["id"]] = unit
        if row["state"] == "open":
            one = found.setdefault(unit, Reporting(unit))
            one.due_at = row["due_at"]
            one.late = row["due_at"] is not None and row["due_at"] < now
    for row in said:
        if row["node"] == REPORT:
            unit = unit_of.get(row["task_id"], "")
            one = found.setdefault(unit, Reporting(unit))
            one.at, one.answers = row["at"], (row["data"] or {}).get("answers") or {}
    last_missed: dict[str, datetime] = {}
    for missed in facts.get("missing_reports") or ():
        unit = str(missed.get("unit") or "") if isinstance(missed, dict) else ""
        if unit in found:
            found[unit].missing += 1
            last_missed[unit] = max(filter(None, (last_missed.get(unit), moment(missed.get("due")))), default=now)
    for unit, at in last_missed.items():
        reported = found[unit].at
        found[unit].late = found[unit].late or reported is None or reported < at
    return sorted(found.values(), key=lambda one: (not one.late, one.due_at is None, one.due_at or now, one.unit))


def _nexts(tasks: Iterable[Row], timers: Iterable[Row]) -> list[Row]:
    """What falls due next: open tasks with a due time, the nearest first; where there is none, the next timers."""
    waiting = sorted(
        (row for row in tasks if row["state"] == "open" and row["due_at"] is not None), key=lambda row: row["due_at"]
    )
    return waiting[:6] or list(timers)


def _mine(actor: Actor, case: Row, tasks: Iterable[Row]) -> list[Row]:
    return [row for row in tasks if row["state"] == "open" and access.is_offered(actor, row, case["key"])]


def summary(core: Core, ids: Iterable[int]) -> dict[int, dict[State, int]]:
    """How the orders of several activations stand, for lists: two statements for all of them."""
    wanted = list(ids)
    if not wanted:
        return {}
    with core.db.read() as connection:
        tasks: dict[int, list[Row]] = {}
        nodes = (SIGN, CARRY_OUT, REASSIGN)
        query = select(task).where(task.c.instance_id.in_(wanted), task.c.node.in_(nodes)).order_by(task.c.id)
        for row in connection.execute(query).mappings():
            tasks.setdefault(row["instance_id"], []).append(dict(row))
        clocks: dict[int, list[Row]] = {}
        for row in connection.execute(
            select(clock).where(clock.c.instance_id.in_(wanted), clock.c.task_id > 0)
        ).mappings():
            clocks.setdefault(row["instance_id"], []).append(dict(row))
        rows = connection.execute(
            select(instance.c.id, instance.c.world_id, instance.c.facts).where(instance.c.id.in_(wanted))
        )
        about = {row.id: row for row in rows}
    now = {world: worlds.get(core, world).now for world in {row.world_id for row in about.values()}}
    found = {}
    for one in wanted:
        here = about[one]
        orders = orders_of(tasks.get(one, ()), clocks.get(one, ()), now[here.world_id], issued(here.facts))
        found[one] = {state: sum(order.state is state for order in orders) for state in State}
    return found
