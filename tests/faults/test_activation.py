"""An activation in the middle of which workers are killed and the database is stopped as by a power cut: no order lost, none twice."""

from __future__ import annotations

import random
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.engine import make_url

from engine import sources
from engine.tables import incident, instance, job, membership, notice, person, source_event, task, unit
from escalation.tables import clock, contact
from tests import laws
from tests.conftest import MakeDatabase
from tests.emergency import COORDINATOR, actor
from tests.factories import OPERATOR, say
from tests.faults import responder
from tests.faults.drill import Nursery, hurry
from tests.faults.responder import EVENT, PLAN, SOURCE
from tests.faults.test_sending import _check
from tests.plans import LEVELS, REPORTS, rows_of
from tests.postgres import PostgresServer
from tests.receivers import Receiver, http_receiver
from tests.sending import HASTE, deliveries, hooks_at, put, reach
from web.city import City
from web.wiring import open_city

Row = dict[str, Any]

WORKERS = 3
MINUTES = 65
"""After every rank was told of what nobody signed, after every unit that carries out an order is late, after the first report."""
SMALL, LARGE = (PLAN, "plan_cover"), (PLAN, "plan_snow")
"""Two plans at once: level Ⅱ with Ⅳ, or both of level Ⅱ."""
POINTS = range(5, 95, 9)
"""Calls of the database from the first look at the source to the answer, at which those who bring the event are killed."""
TOLD = {
    "SubstituteDue": ("TellSubstitute",),
    "HeadDue": ("TellHead",),
    "LeaderDue": ("TellLeader",),
    "OrderLate": ("TellLate", "TellCoordinator"),
    "Missed": ("TellMissing",),
}
"""Timers, and the steps that tell of them."""


Restart = Callable[[], None]


class Stoppable:
    """A city on a server of its own, to be stopped: whoever else tests keeps theirs."""

    def __init__(self, server: PostgresServer, url: str) -> None:
        self.server, self.url = server, url

    def restart(self) -> None:
        """All its processes at once, nothing written down but what was committed; and up again."""
        self.server.kill()
        self.server.start()


@pytest.fixture
def stoppable(make_database: MakeDatabase, postgres_server: PostgresServer) -> Iterator[Stoppable]:
    name = make_url(make_database("postgresql", "city")).database or ""
    server = PostgresServer(more=("synchronous_commit=on",))
    try:
        server.create()
        yield Stoppable(server, server.copy_database(postgres_server, name))
    finally:
        server.remove()


def brought(city: City, nursery: Nursery) -> list[int]:
    """The signed event, sent ten times by those that are killed on the way, each further on, and once more: it begins one activation.
    Answers who brought it."""
    secret = sources.register(city.core, actor(city, OPERATOR), SOURCE, "雨量站", [str(EVENT["name"])])
    sent = []
    for point in POINTS:
        pid = nursery.fork("event", f"{point}:{secret}")
        while Path(f"/proc/{pid}").exists():
            time.sleep(0.005)
        sent.append(pid)
    answer = responder.send(responder.client(city), secret)
    assert answer.status_code == 200
    with city.core.db.read() as connection:
        begun = connection.execute(select(instance.c.id).where(instance.c.key == PLAN)).scalars().all()
        kept = connection.execute(select(source_event.c.case_id)).scalars().all()
    assert begun == kept == [int(answer.get_json()["instance"])]
    assert [row["kind"] for row in city.trail(begun[0])].count("started") == 1
    return sent


def reached(city: City, hook: Receiver, plans: Sequence[str]) -> None:
    """Everybody of the command centre, and everybody of a unit that is ordered, is told by webhook at once."""
    put(city, **{**HASTE, "sending_at_once": 8})
    hooks_at(city, hook)
    units = {"command_centre", "city_management_bureau", *(row["unit"] for plan in plans for row in rows_of(plan))}
    with city.core.db.read() as connection:
        query = select(person.c.login).join(membership, membership.c.person_id == person.c.id)
        query = query.join(unit, unit.c.id == membership.c.unit_id).where(unit.c.key.in_(units), person.c.active)
        people = connection.execute(query.distinct()).scalars().all()
    for who in people:
        reach(city, who, "webhook", f"http://127.0.0.1:{hook.port}/{who}")
    with city.core.db.write() as connection:
        connection.execute(update(contact).values(quiet_from=None, quiet_to=None, digest_minutes=0))


def activate(
    url: str,
    plans: Sequence[str],
    kills: int,
    rate: float,
    seed: int,
    restart: Restart | None = None,
    restarts: int = 0,
) -> Row:
    """Two plans at once, one of them begun by the event, answered by workers that are killed; answers figures."""
    rng = random.Random(seed)
    with (
        closing(open_city(url)) as city,
        closing(Nursery(url, "tests.faults.responder")) as nursery,
        http_receiver() as hook,
    ):
        hurry(city, rate)
        reached(city, hook, plans)
        sent = brought(city, nursery)
        for plan in plans:
            if plan != PLAN:
                city.start(plan, {"area": "qianjiang", **REPORTS[plan]}, COORDINATOR)
        begun = time.monotonic()
        workers = [nursery.fork("respond", MINUTES) for _ in range(WORKERS)]
        killed = 0
        when = {round(n * kills / restarts) for n in range(restarts)}
        while killed < kills and len(set(nursery.ended) - {*sent}) < WORKERS:
            time.sleep(rng.random() * 120 / rate * 60 / kills)
            place = rng.randrange(WORKERS)
            if killed in when and restart is not None:
                when.discard(killed)
                restart()
            killed += nursery.kill(workers[place])
            workers[place] = nursery.fork("respond", MINUTES)
        for pid in workers:
            assert nursery.wait(pid) == "done"
        took = time.monotonic() - begun
        city.core.db.close()
        assert killed == kills
        assert not when
        figures = check(city, hook, plans)
        return {
            "kills": killed,
            "died_bringing": len(set(sent) - set(nursery.ended)),
            "seconds": round(took, 1),
            **figures,
        }


def check(city: City, hook: Receiver, plans: Sequence[str]) -> Row:
    """What must be there once is there once, in every activation."""
    laws.check(city)
    assert laws.rows(city, incident) == []
    figures: Counter[str] = Counter()
    cases = {row["key"]: row for row in laws.rows(city, instance)}
    assert sorted(row["key"] for row in laws.rows(city, instance)) == sorted(plans)
    for plan, row in cases.items():
        figures.update(_ordered_once(city, plan, row))
        figures.update(_told_once(city, row["id"]))
        _reports_armed(city, row)
    rows = deliveries(city)
    assert {row["state"] for row in rows} == {"sent"}
    figures["notices"] = len(rows)
    return {**figures, "webhook": _check(hook, {row["letter"] for row in rows})}


def _ordered_once(city: City, plan: str, row: Row) -> Row:
    """Every row of the plan's orders from this level on is one order, and nothing else is."""
    tasks = laws.rows(city, task, row["id"])
    wanted = {each["key"]: each for each in rows_of(plan, LEVELS[plan])}
    assert Counter(t["node"] for t in tasks if t["node"] in ("Verify", "StartOrder")) == {"Verify": 1, "StartOrder": 1}
    assert row["facts"]["level"] == LEVELS[plan]
    assert sorted(row["facts"]["orders_issued"]) == sorted(wanted)
    given = [t for t in tasks if t["node"] == "SignOrder"]
    assert Counter(_order(t)["key"] for t in given) == dict.fromkeys(wanted, 1), "no order lost, none twice"
    assert {t["unit_id"] for t in given} == {city.core.unit_id(each["unit"]) for each in wanted.values()}
    taken = sorted(_order(t)["key"] for t in tasks if t["node"] == "CarryOut")
    assert taken == sorted(key for key, each in wanted.items() if each["level"] == 4), "what was signed for, once"
    return {"orders": len(given)}


def _told_once(city: City, case: int) -> Row:
    """Of each order that nobody signs each rank was told, once; of each that is late its head and the coordinator."""
    trail = city.trail(case)
    fired = Counter((row["data"] or {}).get("timer") for row in trail if row["kind"] == "timer_fired")
    acted = Counter(row["node"] for row in trail if row["kind"] == "action_done")
    for timer, nodes in TOLD.items():
        for node in nodes:
            assert acted[node] == fired[timer], (node, acted, fired)
    tasks = laws.rows(city, task, case)
    unsigned = Counter(_order(t)["order_zh"] for t in tasks if t["node"] == "SignOrder" and t["state"] == "open")
    signed = Counter(_order(t)["order_zh"] for t in tasks if t["node"] == "CarryOut")
    assert fired["OrderLate"] == signed.total()
    acts: dict[str, set[str]] = defaultdict(set)
    for row in laws.rows(city, notice, case):
        text = str((row["data"] or {}).get("zh") or "")
        if found := re.fullmatch("应急任务(未签收|逾期未完成)：(.*?)（.*", text):
            acts[found[2] + found[1]].add(row["id"].partition(".")[0])
    for text, count in unsigned.items():
        assert len(acts[text + "未签收"]) == 3 * count, f"told of each once by each rank: {text}"
    for text, count in signed.items():
        assert len(acts[text + "逾期未完成"]) == 2 * count, text
    return {"timers": fired.total(), "told": acted.total()}


def _reports_armed(city: City, row: Row) -> None:
    """Each unit that reports has one report to make, with its clock and the timer that sees it missing at the same moment."""
    units = row["facts"]["reporting_units"]
    asked = [t for t in laws.rows(city, task, row["id"]) if t["node"] == "SituationReport" and t["state"] == "open"]
    assert Counter(t["variables"]["report_unit"] for t in asked) == dict.fromkeys(units, 1)
    due = {t["id"]: datetime.fromisoformat(t["variables"]["report_due"]) for t in asked}
    running = [c for c in laws.rows(city, clock, row["id"]) if c["name"] == "report" and c["stopped_at"] is None]
    assert {c["task_id"]: c["due_at"] for c in running} == due
    armed = [j["due_at"] for j in laws.rows(city, job, row["id"]) if j["kind"] == "timer" and j["node"] == "Missed"]
    assert sorted(armed) == sorted(due.values())
    missed = [h for h in city.trail(row["id"]) if h["kind"] == "timer_fired" and h["data"]["timer"] == "Missed"]
    assert row["facts"]["reports_missing"] == len(missed)


def _order(row: Row) -> Row:
    found: Row = (row["variables"] or {})["order"]
    return found


def test_workers_killed_and_the_database_stopped_in_the_middle(
    stoppable: Stoppable, capsys: pytest.CaptureFixture[str]
) -> None:
    say(capsys, **activate(stoppable.url, SMALL, 4, 1200, 1, stoppable.restart, 1))


@pytest.mark.faults
def test_twenty_kills_and_five_stops(stoppable: Stoppable, capsys: pytest.CaptureFixture[str]) -> None:
    say(capsys, **activate(stoppable.url, LARGE, 20, 300, 2, stoppable.restart, 5))


@pytest.mark.faults
def test_twenty_kills(city_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    say(capsys, **activate(city_url, LARGE, 20, 300, 3))
