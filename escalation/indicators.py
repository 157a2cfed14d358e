"""Counts of a period, as conditions on cases, and figures made of them: a number and the list of the cases behind it are one question asked
twice. What the figures are, the register of definitions says (`assessment/key_figures.py`). Suspended cases are not subtracted: their
clocks run on. A case whose term stands (挂账、依法中止) is due when it runs again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, exists, or_, select

from engine.bpmn.values import Names
from engine.links import DUPLICATE
from engine.tables import instance, task
from escalation.filters import CASE
from escalation.tables import clock, rung


@dataclass(frozen=True, slots=True)
class Period:
    """From `since` up to, not including, `until`; a month under way ends now."""

    since: datetime
    until: datetime


Condition = Callable[[Period], ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Count:
    """A number of cases: its names, what it counts in words, and the condition."""

    key: str
    names: Names
    means: Names
    condition: Condition


@dataclass(frozen=True, slots=True)
class Indicator:
    """A figure: a count, or with `base` the share of it in another, in per cent."""

    key: str
    version: int
    names: Names
    formula: Names
    source: str
    part: Count
    base: Count | None = None
    missed: Count | None = None


PROCESS: Final = "case_dispatch"
"""The process whose cases are counted. Its elements are named here as the diagram names them: `File`, the clocks `file` and `case`,
the end `EndVoided`."""

VOIDED = "EndVoided"


def _ours() -> ColumnElement[bool]:
    return instance.c.key == PROCESS


def _counted() -> ColumnElement[bool]:
    return and_(
        _ours(),
        instance.c.status.not_in(("cancelled", "rejected")),
        or_(instance.c.outcome.is_(None), instance.c.outcome != VOIDED),
    )


def _came(period: Period) -> ColumnElement[bool]:
    return and_(_ours(), instance.c.started_at >= period.since, instance.c.started_at < period.until)


def _received(period: Period) -> ColumnElement[bool]:
    return and_(_came(period), or_(instance.c.outcome.is_(None), instance.c.outcome != DUPLICATE))


def _duplicates(period: Period) -> ColumnElement[bool]:
    return and_(_came(period), instance.c.outcome == DUPLICATE)


def _ended(period: Period) -> ColumnElement[bool]:
    return and_(_ours(), instance.c.ended_at >= period.since, instance.c.ended_at < period.until)


def _filed(period: Period) -> ColumnElement[bool]:
    return and_(
        _counted(),
        exists(
            select(task.c.id).where(
                task.c.instance_id == instance.c.id,
                task.c.node == "File",
                task.c.state == "completed",
                task.c.role.is_(None),  # an opinion that somebody was asked for there is no filing
                task.c.closed_at >= period.since,
                task.c.closed_at < period.until,
            )
        ),
    )


def _filed_late(period: Period) -> ColumnElement[bool]:
    return and_(
        _filed(period),
        exists(
            select(clock.c.instance_id).where(
                clock.c.instance_id == instance.c.id,
                clock.c.name == "file",
                clock.c.stopped_at >= period.since,
                clock.c.stopped_at < period.until,
                or_(clock.c.breached_at.is_not(None), clock.c.stopped_at > clock.c.due_at),
            )
        ),
    )


def _filed_in_time(period: Period) -> ColumnElement[bool]:
    return and_(_filed(period), ~_filed_late(period))


def _due(period: Period, *more: ColumnElement[bool]) -> ColumnElement[bool]:
    """Term ends in the period and not closed before it; or closed in the period ahead of a later term, or of one that stood then. A case
    whose term stands and that is open is not due."""
    due, stopped = clock.c.due_at, clock.c.stopped_at
    ends = and_(due >= period.since, due < period.until, or_(stopped.is_(None), stopped >= period.since))
    later = or_(due >= period.until, _stood())
    ahead = and_(later, stopped >= period.since, stopped < period.until)
    return and_(
        _counted(),
        exists(
            select(clock.c.instance_id).where(
                clock.c.instance_id == instance.c.id,
                clock.c.name == CASE,
                clock.c.task_id == 0,
                or_(ends, ahead),
                *more,
            )
        ),
    )


def _closed(period: Period) -> ColumnElement[bool]:
    return _due(period, clock.c.stopped_at < period.until)


def _closed_in_time(period: Period) -> ColumnElement[bool]:
    return _due(
        period,
        clock.c.stopped_at < period.until,
        or_(clock.c.stopped_at <= clock.c.due_at, _stood()),
        clock.c.breached_at.is_(None),
    )


def _stood() -> ColumnElement[bool]:
    """Its term stands, or stood when it was closed: it has none then."""
    return and_(clock.c.due_at.is_(None), clock.c.paused_at.is_not(None))


def _missed(period: Period) -> ColumnElement[bool]:
    return and_(_due(period), ~_closed_in_time(period))


def _not_closed(period: Period) -> ColumnElement[bool]:
    return and_(_due(period), ~_closed(period))


def _rung(period: Period, *kinds: str, but: str = "") -> ColumnElement[bool]:
    """A rung of these kinds about the case fell into the period: a card when it was shown, an order when its reply was due. `but`: not
    one with this outcome."""
    when = rung.c.at if "supervise" not in kinds else rung.c.due_at
    found = [rung.c.case_id == instance.c.id, rung.c.kind.in_(kinds), when >= period.since, when < period.until]
    if but:
        found.append(rung.c.outcome.is_distinct_from(but))
    return and_(_ours(), exists(select(rung.c.instance_id).where(*found)))


def _carded(period: Period) -> ColumnElement[bool]:
    return _rung(period, "yellow_card", "red_card", but="withdrawn")


def _ordered(period: Period) -> ColumnElement[bool]:
    return _rung(period, "supervise")


def _carried_out(period: Period) -> ColumnElement[bool]:
    done = (rung.c.case_id == instance.c.id, rung.c.kind == "supervise", rung.c.outcome.in_(("accepted", "resolved")))
    return and_(_ordered(period), exists(select(rung.c.instance_id).where(*done, rung.c.closed_at < period.until)))


def _not_carried_out(period: Period) -> ColumnElement[bool]:
    return and_(_ordered(period), ~_carried_out(period))


RECEIVED = Count(
    "received",
    Names("问题总数", "Problems"),
    Names(
        "本期受理的案件，不含并入其他案件的重复件", "cases received in the period, without duplicates joined to another"
    ),
    _received,
)
DUPLICATES = Count(
    "duplicates",
    Names("并入的重复件", "Duplicates"),
    Names("本期受理、后并入另一案件的", "cases received in the period that were joined to another"),
    _duplicates,
)
ENDED = Count(
    "ended",
    Names("结束数", "Ended"),
    Names("本期结束的案件，无论结果如何", "cases that ended in the period, whatever came of them"),
    _ended,
)
"""Of the chart of days alone: in no figure, for it tells nothing of how they ended."""
FILED = Count(
    "filed",
    Names("立案数", "Filed"),
    Names("本期完成立案的案件，不含作废", "cases whose filing was completed in the period, voided ones left out"),
    _filed,
)
FILED_IN_TIME = Count(
    "filed_in_time",
    Names("按时立案数", "Filed in time"),
    Names("其中立案环节未超时的", "of these, filing itself was not late"),
    _filed_in_time,
)
FILED_LATE = Count(
    "filed_late",
    Names("超时立案数", "Filed late"),
    Names("其中立案环节超时的", "of these, filing was late"),
    _filed_late,
)
FILED_TIMED = Count("filed_timed", FILED.names, FILED.means, _filed)
"""The same as filed, by the name that the formula of filing in time has for it."""
DUE = Count(
    "due",
    Names("应结案数", "Due to be closed"),
    Names(
        "案件时限在本期届满的，加上本期内提前结案的；不含作废和无时限案件",
        "cases whose term ended in the period, and those closed in it ahead of their term; without voided ones and those with no term",
    ),
    _due,
)
CLOSED = Count(
    "closed",
    Names("结案数", "Closed"),
    Names("其中本期末前已结案的", "of these, closed by the end of the period"),
    _closed,
)
CLOSED_IN_TIME = Count(
    "closed_in_time",
    Names("按时结案数", "Closed in time"),
    Names("其中在案件时限内结案的", "of these, closed within their term"),
    _closed_in_time,
)
NOT_CLOSED = Count(
    "not_closed",
    Names("应结未结数", "Due but not closed"),
    Names("应结案而期末尚未结案的", "due to be closed, and still open at the end of the period"),
    _not_closed,
)
MISSED = Count(
    "missed",
    Names("未按时结案数", "Not closed in time"),
    Names("应结案而未在时限内结案的", "due to be closed, and not closed within their term"),
    _missed,
)

CARDED = Count(
    "carded",
    Names("被出示黄牌、红牌的案件数", "Cases with a card"),
    Names(
        "本期因其出示黄牌或红牌的案件（已撤回的除外）",
        "cases on whose account a yellow or red card was shown in the period that was not withdrawn",
    ),
    _carded,
)
ORDERED = Count(
    "ordered",
    Names("督办应答复数", "Supervision due"),
    Names("督办答复期限在本期届满的案件", "cases of which the term to answer a supervision order ended in the period"),
    _ordered,
)
CARRIED_OUT = Count(
    "carried_out",
    Names("督办落实数", "Supervision carried out"),
    Names("其中答复经认可或事项已办结的", "of these, the reply was accepted or the matter resolved"),
    _carried_out,
)
NOT_CARRIED_OUT = Count(
    "not_carried_out",
    Names("督办未落实数", "Supervision not carried out"),
    Names("其中期末尚未落实的", "of these, not carried out by the end of the period"),
    _not_carried_out,
)

COUNTS: Mapping[str, Count] = {
    one.key: one
    for one in (
        RECEIVED,
        DUPLICATES,
        FILED,
        FILED_IN_TIME,
        FILED_LATE,
        FILED_TIMED,
        DUE,
        CLOSED,
        CLOSED_IN_TIME,
        NOT_CLOSED,
        MISSED,
        CARDED,
        ORDERED,
        CARRIED_OUT,
        NOT_CARRIED_OUT,
    )
}


def count(key: str) -> Count | None:
    """A count by its key."""
    return ENDED if key == ENDED.key else COUNTS.get(key)
