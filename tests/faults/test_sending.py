"""Promise 11: notices leave at least once, receivers can tell. Workers are killed while they decide and send to receivers that fail, hang,
answer late and cut connections: none lost, a repetition is the same message under the same id, and the order of each case is kept."""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import update

from escalation.tables import contact
from tests.factories import COLLECTOR, DISPATCHER, LEADER, case_at, say
from tests.faults.drill import Nursery
from tests.receivers import Receiver, http_receiver, mail_receiver, wild
from tests.sending import HASTE, deliveries, hooks_at, left, mail_by, put, reach, tell
from web.city import City
from web.wiring import open_city

WORKERS = 3
PEOPLE = (LEADER, DISPATCHER, COLLECTOR, "hulijuan", "guohongxia", "wangxiuying", "zhouxiaoyan", "fuxiaolin")


@pytest.fixture
def real(city_url: str) -> Iterator[City]:
    """A city on its database's own time."""
    with closing(open_city(city_url)) as opened:
        yield opened


def rounds(city: City, url: str, count: int, kills: int, seed: int) -> dict[str, object]:
    """So many notices, each by mail and by webhook, and so many kills while they are sent."""
    rng = random.Random(seed)
    cases = [case_at(city, "Dispatch") for _ in range(max(2, min(40, count // 50)))]
    with (
        closing(Nursery(url)) as nursery,
        mail_receiver(wild(seed, 0.1), silence=0.6) as mail,
        http_receiver(wild(seed + 1, 0.1), silence=0.6) as hook,
    ):
        put(city, **{**HASTE, "sending_timeout_seconds": 0.3, "sending_at_once": 8})
        mail_by(city, mail)
        hooks_at(city, hook)
        for who in PEOPLE:
            reach(city, who, "mail", f"{who}@city.example")
            reach(city, who, "webhook", f"http://127.0.0.1:{hook.port}/{who}")
        _reach_at_once(city)
        each = count // (len(cases) * len(PEOPLE)) + 1
        told = sum(len(tell(city, case, who, each)) for case in cases for who in PEOPLE)
        begun = time.monotonic()
        workers = [nursery.fork("send", n) for n in range(WORKERS)]
        killed = 0
        while killed < kills and left(city):
            time.sleep(0.1 + rng.random() * 0.3)
            place = rng.randrange(WORKERS)
            killed += nursery.kill(workers[place])
            workers[place] = nursery.fork("send", f"{seed}.{killed}")
        for pid in workers:
            assert nursery.wait(pid) == "done"
        took = time.monotonic() - begun
    rows = deliveries(city)
    assert {row["state"] for row in rows} == {"sent"}
    assert len(rows) == 2 * told
    return {
        "notices": told,
        "kills": killed,
        "seconds": round(took, 1),
        "mail": _check(mail, {row["letter"] for row in rows if row["channel"] == "mail"}),
        "webhook": _check(hook, {row["letter"] for row in rows if row["channel"] == "webhook"}),
    }


def _reach_at_once(city: City) -> None:
    """Nobody's quiet hours or digests are in the way, at whatever hour this runs."""
    with city.core.db.write() as connection:
        connection.execute(update(contact).values(quiet_from=None, quiet_to=None, digest_minutes=0))


def _check(receiver: Receiver, letters: set[str]) -> str:
    """None lost, none unknown, the same content on repeats, each case in order; tells the figures."""
    said: dict[str, set[str]] = defaultdict(set)
    for _, id_, what in receiver.arrived:
        said[id_].add(str(what["text"] if isinstance(what, dict) else what.get_content()))
    assert letters == set(said), f"{len(letters - set(said))} lost, {len(set(said) - letters)} unknown"
    assert all(len(each) == 1 for each in said.values())
    order: dict[tuple[str, str], list[int]] = defaultdict(list)
    seen: set[str] = set()
    for address, id_, _ in receiver.arrived:
        if id_ not in seen:
            seen.add(id_)
            case, number, *_ = id_.split(".")
            order[address, case].append(int(number))
    assert all(each == sorted(each) for each in order.values())
    again = len(receiver.arrived) - len(said)
    return f"{len(said)} arrived, {again} of them again, " + "/".join(f"{n} {how}" for how, n in receiver.did.items())


def test_two_hundred_notices_with_kills_are_all_told_in_order(
    real: City, city_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    say(capsys, **rounds(real, city_url, 100, 5, seed=11))


@pytest.mark.faults
def test_ten_thousand_notices_with_kills_are_all_told_in_order(
    real: City, city_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    say(capsys, **rounds(real, city_url, 10_000, 40, seed=12))
