"""A crash before and after every database call on the way up a ladder: repeated, each rung is climbed once. Two workers begin one.

A stage is one act on one supervision, the one of the case it prepared, found by the case that it is about: before its first rung no rung
names it, and on a clock that every stage sets back many supervisions began at the same instant. It does only the job it is named after:
carried out once more after its last commit, an act that does "what is due" would do the next thing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from engine import instances, jobs
from engine.clock import ManualClock
from engine.tables import instance, job
from escalation.tables import rung
from tests import laws
from tests.conftest import A_WORKING_MORNING
from tests.factories import case_at, say
from tests.faults.scenes import _complete, _sweep
from tests.faults.wrecking import ConnectionLost, wrecked
from tests.stories.test_ladder import HEAD, YU, ZHU, ladder_of
from web.city import City

HOUR = timedelta(hours=1)
CARD = {"card_decision": "issue", "card_reason": "逾期"}
AGAIN = {"review_decision": "again", "review_note": "仍无进展"}


@dataclass(frozen=True)
class Stage:
    """`prepare` answers the case; `act` is what a worker or a person does next, and can be done again. `whole`: it is one transaction,
    beside the lease of its job."""

    name: str
    prepare: Callable[[City], int]
    act: Callable[[City, int], object]
    whole: bool = True


def _late(city: City) -> int:
    _clock(city).set(A_WORKING_MORNING)
    case = case_at(city, "Handle")
    _clock(city).advance(2 * HOUR + timedelta(seconds=1))
    return case


def _breached(city: City) -> int:
    case = _late(city)
    _sweep(city, case)
    return case


def _begun(city: City) -> int:
    case = _breached(city)
    _run_jobs(city, case, "send")
    return case


def _climbed_to(node: str) -> Callable[[City], int]:
    """The case of a ladder with a task at this node: what its supervisors must do on the way is done, the late unit does nothing."""

    def prepare(city: City) -> int:
        case = _begun(city)
        ladder = _ladder(city, case)
        for _ in range(60):
            opened = {task.node: task for task in city.tasks(ladder)}
            if node in opened:
                return case
            if "IssueCard" in opened:
                card = opened["IssueCard"]
                city.complete(card, CARD, ZHU if card.unit == "supervision_centre" else YU)
            elif "Demand" in opened:
                city.complete(opened["Demand"], {"demand": "立即处置", "reply_days": 1}, YU)
            elif not _run_jobs(city, ladder):
                with city.core.db.read() as connection:
                    times = select(job.c.due_at).where(job.c.instance_id == ladder).order_by(job.c.due_at)
                    _clock(city).set(connection.execute(times).scalars().first() or _clock(city).now())
        raise AssertionError(f"{node} never came: {city.trail(ladder)[-1]}")

    return prepare


def _clock(city: City) -> ManualClock:
    assert isinstance(city.core.clock, ManualClock)
    return city.core.clock


def _run_jobs(city: City, one: int, kind: str | None = None, node: str | None = None) -> int:
    """Carry out what is due of one instance, as a worker that may die; what others left lying is not looked at."""
    with city.core.db.write() as connection:  # the lease of whoever died runs out
        connection.execute(update(job).where(job.c.instance_id == one).values(lease_until=None))
    done = 0
    for leased in sorted(
        jobs.lease(city.core, 10_000), key=lambda each: each.id
    ):  # those due at one instant have no order
        if leased.instance_id == one and kind in (None, leased.kind) and node in (None, leased.node):
            jobs.execute(city.core, leased)
            done += 1
    return done


def _complete_of_ladder(node: str, answers: dict[str, Any], by: str) -> Callable[[City, int], int]:
    return lambda city, case: _complete(node, answers, by)(city, _ladder(city, case))


STAGES = (
    Stage("a breach", _late, _sweep),
    Stage("the ladder begins", _breached, lambda city, case: _run_jobs(city, case, "send"), whole=False),
    Stage("first rung", _begun, lambda city, case: _run_jobs(city, _ladder(city, case), "action", "CheckStanding")),
    Stage("yellow card", _climbed_to("IssueCard"), _complete_of_ladder("IssueCard", CARD, ZHU)),
    Stage(
        "answer to a card", _climbed_to("CardReply"), _complete_of_ladder("CardReply", {"card_reply": "正在组织"}, HEAD)
    ),
    Stage("reply", _climbed_to("Reply"), _complete_of_ladder("Reply", {"reply_text": "正在协调"}, HEAD)),
    Stage("review", _climbed_to("Review"), _complete_of_ladder("Review", AGAIN, ZHU)),
)


def _ladders(city: City, case: int) -> list[int]:
    """The supervisions of a case, by what they are about: also those without a rung."""
    with city.core.db.read() as connection:
        found = connection.execute(select(instance.c.id, instance.c.facts).where(instance.c.key == "supervision"))
        return [row.id for row in found if row.facts.get("case_id") == str(case)]


def _ladder(city: City, case: int) -> int:
    (one,) = _ladders(city, case)
    return one


def state(city: City, case: int) -> tuple[object, ...]:
    """What must be there once: the supervisions of a case, their rungs, open tasks and histories, and what is on its way."""
    ids = _ladders(city, case)
    with city.core.db.read() as connection:
        rungs = connection.execute(
            select(rung.c.kind, rung.c.round, rung.c.outcome, rung.c.answer)
            .where(rung.c.instance_id.in_(ids))
            .order_by(rung.c.instance_id, rung.c.id)
        ).all()
        waiting = connection.execute(
            select(job.c.kind, job.c.node).where(job.c.instance_id.in_([case, *ids])).order_by(job.c.kind, job.c.node)
        ).all()
    return (
        len(ids),
        tuple(tuple(row) for row in rungs),
        tuple(sorted(t.node for one in ids for t in city.tasks(one))),
        tuple(tuple(row) for row in waiting),
        tuple((row["kind"], row["node"]) for one in (case, *ids) for row in city.trail(one)),
    )


def climb(city: City, stage: Stage, every: bool) -> tuple[int, int]:
    """Crash at every point, or only around what makes a transaction last and in the midst of one; answers how many there were and how
    many crashed. AssertionError at the first that leaves half of it, or does it twice."""
    given = stage.prepare(city)
    before = state(city, given)
    with wrecked(city.core.db) as wreck:
        stage.act(city, given)
    whole = state(city, given)
    assert whole != before
    points = [
        point
        for point, name in enumerate(wreck.names)
        if every or any(word in name for word in ("commit", "liandong_write", "after INSERT INTO history"))
    ]
    crashed = 0
    for point in points:
        given = stage.prepare(city)
        with wrecked(city.core.db, point):
            try:
                stage.act(city, given)
            except ConnectionLost:
                crashed += 1
        where = f"{stage.name}: after a crash at point {point}, {wreck.names[point]}"
        assert not stage.whole or state(city, given) in (before, whole), f"{where}: half done"
        for _ in range(2):
            stage.act(city, given)
            assert state(city, given) == whole, f"{where}: repeated, it is not the same"
    laws.check(city)
    return len(points), crashed


@pytest.mark.parametrize("stage", STAGES, ids=lambda s: s.name)
def test_each_rung_is_climbed_once(city: City, stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    points, crashed = climb(city, stage, every=False)
    assert crashed
    say(capsys, points=points, crashed=crashed)


@pytest.mark.faults
@pytest.mark.parametrize("stage", STAGES, ids=lambda s: s.name)
def test_at_every_point(city: City, stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    points, crashed = climb(city, stage, every=True)
    say(capsys, points=points, crashed=crashed)


def test_two_workers_begin_one_ladder(city: City) -> None:
    """Both have seen that there is none before either has begun one: the second finds the place taken, and its message is noted in the
    first."""
    begin_at_once(city)


def begin_at_once(city: City) -> None:
    """Two breaches of a case, and each worker is about to begin the ladder; AssertionError when there are two, or a breach is lost."""
    case = _breached(city)
    first, second = [each for each in jobs.lease(city.core, 100) if each.kind == "send"]
    new, held, begun = instances._new, [second], 0

    def slowly(*args: Any) -> Any:
        nonlocal begun
        begun += 1
        while held:
            jobs.execute(city.core, held.pop())
        return new(*args)

    with pytest.MonkeyPatch.context() as slow:
        slow.setattr(instances, "_new", slowly)
        jobs.execute(city.core, first)
    assert begun == 2
    city.run_due()
    assert len(_ladders(city, case)) == 1
    assert city.instance(ladder_of(city, case))["facts"]["breaches_noted"] == 1
    laws.check(city)
