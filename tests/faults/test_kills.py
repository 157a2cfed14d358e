"""kill -9 of workers at random moments while they drive steps, timers and actions: nothing is lost, nothing happens twice."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.factories import say
from tests.faults.drill import Nursery, active, begin, check_effects, hurry
from web.city import City
from web.wiring import open_city

WORKERS = 3


@pytest.fixture
def hasty(city_url: str) -> Iterator[City]:
    """A city on its database's own time, where a minute passes in a twentieth of a second."""
    with closing(open_city(city_url)) as opened:
        hurry(opened, 1200)
        yield opened


def rounds(city: City, url: str, kills: int, seed: int) -> tuple[int, int]:
    """So many kills while there is work; answers kills and instances."""
    rng = random.Random(seed)
    started = len(begin(city, 6))
    done = 0
    with closing(Nursery(url)) as nursery:
        workers = [nursery.fork("work", n) for n in range(WORKERS)]
        while done < kills:
            if active(city) < 4:
                started += len(begin(city, 6))
            time.sleep(rng.random() * 0.15)
            place = rng.randrange(WORKERS)
            done += nursery.kill(workers[place])
            workers[place] = nursery.fork("work", f"{seed}.{done}")
        for pid in workers:
            assert nursery.wait(pid) == "done"
    return done, started


def test_ten_kills_lose_and_repeat_nothing(hasty: City, city_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    killed, started = rounds(hasty, city_url, 10, seed=1)
    say(capsys, kills=killed, instances=started, **check_effects(hasty))


@pytest.mark.faults
def test_five_hundred_kills_lose_and_repeat_nothing(
    hasty: City, city_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    killed, started = rounds(hasty, city_url, 500, seed=2)
    say(capsys, kills=killed, instances=started, **check_effects(hasty))
