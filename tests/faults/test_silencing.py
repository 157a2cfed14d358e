"""Promise 19: escalation cannot be silenced. The late unit tries everything it can reach, at random, before its clock runs out and after;
every breach escalates once, within a minute, and every clock that stands was allowed by another unit."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from engine.acts import assigning
from engine.calendars import changes
from engine.clock import ManualClock
from engine.errors import LiandongError, NotFound
from engine.operating import proposing, suspending
from engine.tables import history, instance, job
from escalation import asking
from escalation.requests import EXTENSION, SHELVING
from escalation.tables import clock as clock_table
from escalation.tables import clock_entry, rung
from forms import InvalidAnswers
from tests import laws
from tests.factories import OPERATOR, SECOND_OPERATOR, case_at, say
from tests.stories.test_case import give_post
from tests.stories.test_ladder import HEAD
from web.city import City

SECOND = timedelta(seconds=1)
THIRD_OPERATOR = "tanwenbo"
"""Of no unit that is late here."""
QUICK, LONG = 24, 10_000
AT_ONCE = 20
"""Cases in hand at a time."""

Try = Callable[[City, int], Any]


def _on_task(act: Callable[[City, Any], Any]) -> Try:
    def attempt(city: City, case: int) -> Any:
        return act(city, city.tasks(case)[0])

    return attempt


TRIES: dict[str, Try] = {
    "transfer": _on_task(lambda city, task: city.transfer(task, _other(city), HEAD)),
    "assign": _on_task(lambda city, task: assigning.assign(city.core, str(task), _other(city), HEAD)),
    "delegate": _on_task(lambda city, task: city.delegate(task, _other(city), HEAD)),
    "send back": _on_task(lambda city, task: city.back(task, HEAD, "不属本单位", "Dispatch")),
    "reject": _on_task(lambda city, task: city.reject(task, HEAD, "不办")),
    "claim": _on_task(lambda city, task: city.claim(task, HEAD)),
    "add a signer": _on_task(lambda city, task: city.add_signers(task, [_other(city)], HEAD, how="before")),
    "comment": lambda city, case: city.comment(case, "请勿督办", HEAD),
    "cancel": lambda city, case: city.cancel(case, HEAD, "重复"),
    "suspend": lambda city, case: suspending.suspend(city.core, case, HEAD, "等材料"),
    "set a fact": lambda city, case: proposing.propose(
        city.core, case, "set", {"name": "limit_amount", "value": 999}, HEAD, "改期限"
    ),
    "edit the calendar": lambda city, _case: changes.begin(city.core, HEAD),
    "ask for more time": lambda city, case: _ask(city, case, EXTENSION),
    "ask that it stand": lambda city, case: _ask(city, case, SHELVING),
    "end its supervision": lambda city, case: city.cancel(_ladder(city, case), HEAD, "不必督办"),
    "suspend its supervision": lambda city, case: suspending.suspend(city.core, _ladder(city, case), HEAD, "稍后"),
    "an operator of theirs ends it": lambda city, case: city.cancel(
        _its_ladder(city, case), SECOND_OPERATOR, "不必督办"
    ),
    "an operator of theirs suspends it": lambda city, case: suspending.suspend(
        city.core, _its_ladder(city, case), SECOND_OPERATOR, "稍后"
    ),
    "an operator of theirs asks another one": lambda city, case: _two_operators(
        city, _its_ladder(city, case), SECOND_OPERATOR
    ),
    "an operator of theirs allows it": lambda city, case: _two_operators(city, _its_ladder(city, case), OPERATOR),
    "an operator of theirs names another unit": lambda city, case: proposing.propose(
        city.core, _its_ladder(city, case), "set", {"name": "late_unit", "value": "drainage"}, SECOND_OPERATOR, "改单位"
    ),
    "one operator alone ends it": lambda city, case: city.cancel(_its_ladder(city, case), OPERATOR, "不必督办"),
    "do its supervisor's task": lambda city, case: _do(city, _ladder(city, case)),
}
"""What the head of the late unit, who is its handler too, may think of, and an operator who belongs to it."""


def _ask(city: City, case: int, kind: str) -> Any:
    """Ask about the clock, and decide it oneself."""
    offer = asking.offers(city.core, city.actor(HEAD), case, kind)[0]
    asked = asking.ask(city.core, kind, case, offer.value, HEAD, answers={"request_reason": "人手不足"})
    city.run_due()
    city.complete(city.tasks(asked["instance"])[0], {"decision": "approve"}, HEAD)


def _do(city: City, ladder: int) -> None:
    city.complete(city.tasks(ladder)[0], {"card_decision": "hold", "card_reason": "不必"}, HEAD)


def _other(city: City) -> int:
    return city.actor("lvshuhua").id


def _ladder(city: City, case: int) -> int:
    with city.core.db.read() as connection:
        found = connection.execute(select(rung.c.instance_id).where(rung.c.case_id == case)).scalars().first()
    return found or case


def _its_ladder(city: City, case: int) -> int:
    if (found := _ladder(city, case)) == case:
        raise NotFound(what="supervision")
    return found


def _two_operators(city: City, ladder: int, first: str) -> None:
    """One asks, the other allows; one of the two belongs to the late unit."""
    asked = proposing.propose(city.core, ladder, "cancel", {}, first, "不必督办")
    try:
        proposing.approve(city.core, ladder, asked["operation"], SECOND_OPERATOR)
    finally:
        proposing.refuse(city.core, ladder, asked["operation"], THIRD_OPERATOR, "督办继续")


def an_operator_of_theirs(city: City) -> None:
    """Somebody of the late unit may operate."""
    give_post(city, SECOND_OPERATOR, "water_supply", "operator")


def silence(city: City, case: int, draw: random.Random, tried: dict[str, int]) -> None:
    """Three attempts; what is refused is refused."""
    for name in draw.sample(sorted(TRIES), 3):
        try:
            TRIES[name](city, case)
        except (LiandongError, InvalidAnswers, IndexError):  # refused, or there is nothing of that kind to be done
            continue
        tried[name] = tried.get(name, 0) + 1


def play(city: City, clock: ManualClock, cases: int, seed: int = 19) -> dict[str, Any]:
    """So many cases; AssertionError at the first breach that does not escalate once and in time."""
    draw = random.Random(seed)
    an_operator_of_theirs(city)
    tried: dict[str, int] = {}
    breaches, slowest = 0, timedelta()
    for begin in range(0, cases, AT_ONCE):
        mine = [
            case_at(city, draw.choice(["SignFor", "Handle"]), place=f"章华中路 {begin + n} 号")
            for n in range(min(AT_ONCE, cases - begin))
        ]
        for case in mine:
            silence(city, case, draw, tried)
        for _ in range(2):
            for due in _dues(city, mine):
                clock.set(max(due + SECOND, clock.now()))
                city.run_due()
            for case in mine:
                silence(city, case, draw, tried)
        city.run_due()
        for case in mine:
            found, late = escalated(city, case)
            breaches, slowest = breaches + found, max(slowest, late)
    assert not [row for row in laws.rows(city, clock_entry) if row["approved_unit"] == row["asked_unit"]]
    return {"cases": cases, "breaches": breaches, "slowest": slowest.total_seconds(), "acts_that_were_possible": tried}


def _dues(city: City, cases: Iterable[int]) -> list[datetime]:
    query = select(clock_table.c.due_at).where(
        clock_table.c.instance_id.in_(list(cases)),
        clock_table.c.stopped_at.is_(None),
        clock_table.c.breached_at.is_(None),
        clock_table.c.due_at.is_not(None),
    )
    with city.core.db.read() as connection:
        return sorted(set(connection.execute(query).scalars()))


WATCHED = ("case", "sign", "handle", "sign_out", "assist_sign", "assist")


def escalated(city: City, case: int) -> tuple[int, timedelta]:
    """How many breaches a case had, and how late the slowest was told; each began a supervision or was noted in one, once."""
    with city.core.db.read() as connection:
        late = connection.execute(
            select(clock_table.c.name, clock_table.c.breached_at).where(
                clock_table.c.instance_id == case, clock_table.c.breached_at.is_not(None)
            )
        ).all()
        ladders = connection.execute(
            select(instance.c.id, instance.c.facts, instance.c.started_at, instance.c.status).where(
                instance.c.id.in_(select(rung.c.instance_id).where(rung.c.case_id == case))
            )
        ).all()
        waiting = connection.execute(
            select(func.count()).where(job.c.instance_id == case, job.c.kind == "send")
        ).scalar_one()
        said = connection.execute(
            select(history.c.at).where(history.c.instance_id == case, history.c.kind == "sent").order_by(history.c.seq)
        )
        told = list(said.scalars())
        firsts = connection.execute(
            select(func.count()).where(rung.c.case_id == case, rung.c.kind == "reminder")
        ).scalar_one()
    watched = sorted(row.breached_at for row in late if row.name.partition("#")[0] in WATCHED)
    noted = sum(int(row.facts.get("breaches_noted") or 0) for row in ladders)
    assert waiting == 0
    assert len(ladders) + noted == len(watched), f"{len(watched)} breaches, {len(ladders)} supervisions, {noted} noted"
    assert not {row.status for row in ladders} & {"cancelled", "suspended"}  # nobody ended one, nor let it stand still
    assert firsts == len(ladders)  # each begins with one reminder, at once
    after = [min((at - due for at in told if at >= due), default=timedelta(days=1)) for due in watched]
    assert max(after, default=timedelta()) <= timedelta(seconds=60)
    return len(watched), max(after, default=timedelta())


def test_the_late_unit_cannot_silence_it(city: City, clock: ManualClock, capsys: pytest.CaptureFixture[str]) -> None:
    found = play(city, clock, QUICK)
    assert found["breaches"] >= QUICK
    laws.check(city)
    say(capsys, **found)


@pytest.mark.faults
def test_ten_thousand_cases(city: City, clock: ManualClock, capsys: pytest.CaptureFixture[str]) -> None:
    found = play(city, clock, LONG)
    assert found["breaches"] >= LONG
    say(capsys, **found)
