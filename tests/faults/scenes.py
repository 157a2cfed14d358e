"""The acts that are made to crash: each brings an instance to a point, then does one thing that can be done again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import select, update

from engine import jobs
from engine.acts import signature
from engine.clock import ManualClock
from engine.steps import run
from engine.tables import instance, job
from escalation import sweep
from tests.emergency import COORDINATOR, HEAD, ORDER
from tests.factories import (
    ANSWERS,
    COLLECTOR,
    DISPATCHER,
    OPERATOR,
    OTHER_DISPATCHER,
    REPORT,
    case_at,
    only_task,
    task_at,
)
from tests.stories.permits import MUNICIPAL, TRAFFIC, accepted
from tests.stories.test_processes import RAISED, SU, ZHU
from web.city import City
from web.demo import pictures


@dataclass(frozen=True)
class Scene:
    """`prepare` answers the instance (0: the act makes it), `act` does the thing and answers the instance."""

    name: str
    prepare: Callable[[City], int]
    act: Callable[[City, int], int]


def _complete(node: str, answers: dict[str, Any] | None = None, by: str | None = None) -> Callable[[City, int], int]:
    def act(city: City, case: int) -> int:
        opened = [t for t in city.tasks(case) if t.node == node]
        ref = opened[0].ref if opened else _closed(city, case, node)
        who, usual = ANSWERS.get(node, ("", {}))
        city.complete(ref, answers if answers is not None else usual, by or who, f"complete-{ref}")
        return case

    return act


def _closed(city: City, case: int, node: str) -> str:
    """The task that the lost reply was about: a page that sends again knows its own task."""
    task_id = [row["task_id"] for row in city.trail(case) if row["node"] == node and row["task_id"]][-1]
    return f"{case}.{task_id}"


def _task_act(name: str, *more: Any) -> Callable[[City, int], int]:
    def act(city: City, case: int) -> int:
        task = only_task(city, case)
        getattr(city, name)(task, *more, DISPATCHER, idempotency_key=f"{name}-{task}")
        return case

    return act


def _claimed(city: City) -> int:
    case = case_at(city, "Dispatch")
    city.claim(only_task(city, case), DISPATCHER)
    return case


def _comment(city: City, case: int) -> int:
    city.comment(case, "请尽快", DISPATCHER, "comment")
    return case


def _cancel(city: City, case: int) -> int:
    city.cancel(case, OPERATOR, "演练结束", idempotency_key="cancel")
    return case


_starts = iter(range(1_000_000))


def _start(city: City, case: int) -> int:
    return city.start("case_dispatch", REPORT, COLLECTOR, idempotency_key=f"start-{case}")


def _supervised(city: City) -> int:
    """A supervision that somebody raised, whose unit was told of it."""
    case = city.start("supervision", RAISED, ZHU)
    _run_jobs("action")(city, case)
    return case


def _urge_due(city: City) -> int:
    case = _supervised(city)
    _clock(city).advance(timedelta(days=2))
    return case


def _notice_due(city: City) -> int:
    case = _urge_due(city)
    _run_jobs("timer")(city, case)
    return case


def _reviewed(city: City) -> int:
    """A permit of which one authority agreed, at the same place every time; the one before is called off, as it holds the place."""
    _call_off(city, "excavation_permit")
    case = accepted(city, begins_m=0, ends_m=1)
    city.complete(task_at(city, case, "MunicipalReview"), {"municipal_opinion": "agree"}, MUNICIPAL)
    return case


def _ordering(city: City) -> int:
    """An emergency plan that waits for its signed order; the one before is called off, as a plan runs once at a time."""
    _call_off(city, "plan_cover")
    case = city.start("plan_cover", {"title": "井盖缺失", "missing_count": 1, "area": "zhanghua"}, COORDINATOR)
    city.complete(only_task(city, case), {"verify_decision": "real"}, COORDINATOR)
    return case


def _call_off(city: City, process: str) -> None:
    with city.core.db.read() as connection:
        running = select(instance.c.id).where(instance.c.key == process, instance.c.status == "active")
        before = connection.execute(running).scalars().all()
    for case in before:
        city.cancel(case, OPERATOR, "另办一件")


def _order(city: City, case: int) -> int:
    opened = [t for t in city.tasks(case) if t.node == "StartOrder"]
    ref = opened[0].ref if opened else _closed(city, case, "StartOrder")
    signed = signature.drawn(city.core, pictures.signature(1))
    city.complete(ref, ORDER, HEAD, f"complete-{ref}", signed=signed)
    return case


def _late(city: City) -> int:
    case = case_at(city, "Handle")
    _clock(city).advance(timedelta(hours=2, seconds=1))
    return case


def _clock(city: City) -> ManualClock:
    assert isinstance(city.core.clock, ManualClock)
    return city.core.clock


def _run_jobs(kind: str) -> Callable[[City, int], int]:
    def act(city: City, case: int) -> int:
        with city.core.db.write() as connection:  # the lease of whoever died runs out
            connection.execute(update(job).where(job.c.instance_id == case).values(lease_until=None))
        for leased in jobs.lease(city.core, 100):
            if (leased.instance_id, leased.kind) == (case, kind):
                jobs.execute(city.core, leased)  # not by `run_due`, which sees to failures: here the worker dies
        return case

    return act


def _sweep(city: City, case: int) -> int:
    run(city.core, case, partial(sweep._breach, city.core))
    return case


SCENES = (
    Scene("start", lambda _city: next(_starts), _start),
    Scene("file, with look-ups", lambda city: case_at(city, "File"), _complete("File")),
    Scene("close, the end", lambda city: case_at(city, "Close"), _complete("Close")),
    Scene("a reply takes its timer along", _supervised, _complete("Reply", {"reply_text": "已整改"}, SU)),
    Scene(
        "the second of two branches",
        _reviewed,
        _complete("TrafficReview", {"traffic_opinion": "agree", "traffic_plan": "half"}, TRAFFIC),
    ),
    Scene("orders to many and a timer", _ordering, _order),
    Scene("claim", lambda city: case_at(city, "Dispatch"), _task_act("claim")),
    Scene("release", _claimed, _task_act("release")),
    Scene("transfer", _claimed, _task_act("transfer", OTHER_DISPATCHER)),
    Scene("comment", lambda city: case_at(city, "Dispatch"), _comment),
    Scene("cancel", lambda city: case_at(city, "Dispatch"), _cancel),
    Scene("a timer's job", _urge_due, _run_jobs("timer")),
    Scene("an action's job", _notice_due, _run_jobs("action")),
    Scene("a breach", _late, _sweep),
)
