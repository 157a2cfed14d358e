"""Many people at once: one task is completed once and the others are told by whom; two tasks of one case do not disturb each other."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

import pytest

from engine.errors import TaskGone
from tests import laws
from tests.factories import DISPATCHER, OTHER_DISPATCHER, case_at, only_task, say, task_at
from tests.stories.permits import MUNICIPAL, TRAFFIC, accepted
from web.city import City

PEOPLE = 50


def together(acts: list[Callable[[], object]]) -> list[object]:
    """Do all at the same moment; what each gave, or raised."""
    ready = threading.Barrier(len(acts))
    results: list[object] = [None] * len(acts)

    def one(place: int, act: Callable[[], object]) -> None:
        ready.wait(60)
        try:
            results[place] = act()
        except Exception as error:  # noqa: BLE001  told to the test
            results[place] = error

    threads = [threading.Thread(target=one, args=(n, act)) for n, act in enumerate(acts)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return results


def one_wins(city: City) -> Counter[str]:
    """Fifty complete the same task."""
    case = case_at(city, "Dispatch")
    task = only_task(city, case)
    units = ("water_supply", "drainage")

    def dispatch(number: int) -> Callable[[], object]:
        who = (DISPATCHER, OTHER_DISPATCHER)[number % 2]
        answers = {"dispatch_decision": "dispatch", "responsible_unit": units[number % 2]}
        return lambda: city.complete(task, answers, who)

    results = together([dispatch(n) for n in range(PEOPLE)])
    tally = Counter(type(r).__name__ for r in results)
    assert tally == {"dict": 1, "TaskGone": PEOPLE - 1}, (
        tally,
        [r for r in results if not isinstance(r, dict | TaskGone)][:3],
    )
    won = next(n for n, r in enumerate(results) if isinstance(r, dict))
    assert city.instance(case)["facts"]["responsible_unit"] == units[won % 2]
    winner = ("何建平", "郭红霞")[won % 2]
    assert all(winner in str(r) for r in results if isinstance(r, TaskGone))
    assert [r["kind"] for r in city.trail(case)].count("completed") == 2
    laws.check(city, case)
    return tally


def both_succeed(city: City) -> None:
    """Two tasks of one case are completed at the same moment: a lost race is run again."""
    case = accepted(city)
    traffic, municipal = task_at(city, case, "TrafficReview"), task_at(city, case, "MunicipalReview")
    results = together(
        [
            lambda: city.complete(traffic, {"traffic_opinion": "agree", "traffic_plan": "half"}, TRAFFIC),
            lambda: city.complete(municipal, {"municipal_opinion": "agree"}, MUNICIPAL),
            *(lambda: city.comment(case, "请加快", TRAFFIC) for _ in range(4)),
        ]
    )
    assert [r for r in results if not isinstance(r, dict)] == []
    assert only_task(city, case).node == "Decide"
    assert Counter(r["kind"] for r in city.trail(case)) == {
        "started": 1,
        "action_done": 1,
        "completed": 3,
        "commented": 4,
    }
    laws.check(city, case)


def test_of_fifty_one_completes_it(city: City, capsys: pytest.CaptureFixture[str]) -> None:
    say(capsys, **one_wins(city))


def test_two_tasks_of_one_case_are_both_completed(city: City) -> None:
    for _ in range(5):
        both_succeed(city)


def test_one_request_sent_many_times_at_once_is_one(city: City) -> None:
    case = case_at(city, "Dispatch")
    task = only_task(city, case)
    answers = {"dispatch_decision": "dispatch", "responsible_unit": "water_supply"}
    results = together([lambda: city.complete(task, answers, DISPATCHER, "same")] * 12)
    assert all(r == results[0] for r in results), results
    assert isinstance(results[0], dict)
    starts = together(
        [
            lambda: city.start(
                "case_dispatch",
                {"source": "collector", "title": "井盖", "area": "zhanghua", "place": "x"},
                "lijianguo",
                idempotency_key="one",
            )
        ]
        * 12
    )
    assert len(set(map(str, starts))) == 1, starts
    assert isinstance(starts[0], int)
    laws.check(city)
