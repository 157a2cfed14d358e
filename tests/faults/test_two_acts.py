"""Two people do different things to one task at the same moment: one of them wins, the other is told what became of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import combinations

import pytest

from engine.acts import delegating, rejecting, returning, signers
from engine.errors import Invalid, LiandongError, NotAllowed, NotFound, Suspended, TaskGone
from engine.operating import suspending
from engine.tables import history, task
from tests import laws
from tests.bpmn.drawing import chain, end, ext, process, start, user
from tests.db import organising
from tests.factories import OPERATOR, say, task_at
from tests.faults.test_races import together
from tests.properties.acts.trees import ALLOWED, WORKER
from web.city import City

WHO = ("jia1", "jia2", "jia3")
FILES = {
    "two.bpmn": process(
        ext(f'<ld:acts allow="{ALLOWED}"/>'),
        start(),
        user("A", settings=WORKER),
        user("B", settings=WORKER),
        user("C", settings=WORKER),
        end(),
        chain("S", "A", "B", "C", "E"),
        id="two",
    )
}
CLOSES = ("complete", "back", "detour", "reject", "add before", "suspend", "cancel")
"""What leaves nothing of the task to be done: of two of these one wins."""

Act = Callable[[], object]


def acts(city: City, case: int, by: str) -> dict[str, Act]:
    """What a person, or the operator, may do to the task B of a case."""
    core, ref = city.core, task_at(city, case, "B").ref
    other = city.actor(WHO[2]).id
    return {
        "complete": lambda: city.complete(ref, {}, by),
        "back": lambda: returning.back(core, ref, by, to="A", reason="x"),
        "detour": lambda: returning.back(core, ref, by, to="A", again=False, reason="x"),
        "reject": lambda: rejecting.reject(core, ref, by, reason="x"),
        "add before": lambda: signers.add(core, ref, by, people=[other], how="before"),
        "add beside": lambda: signers.add(core, ref, by, people=[other], how="beside"),
        "claim": lambda: city.claim(ref, by),
        "delegate": lambda: delegating.delegate(core, ref, other, by),
        "suspend": lambda: suspending.suspend(core, case, OPERATOR, "x"),
        "cancel": lambda: city.cancel(case, OPERATOR, "x"),
    }


def race(city: City, one: str, other: str) -> str:
    """Both at once, by two people; answers what came of it."""
    case = city.start("two", {}, WHO[0])
    city.complete(task_at(city, case, "A"), {}, WHO[0])
    mine, theirs = acts(city, case, WHO[0])[one], acts(city, case, WHO[1])[other]
    results = together([mine, theirs])
    done = [not isinstance(r, Exception) for r in results]
    for result in results:
        if isinstance(result, Exception):
            refused = isinstance(result, TaskGone | Suspended | NotFound | NotAllowed | Invalid)
            assert refused, f"{one} and {other}: {result!r}"
            assert isinstance(result, LiandongError)
            assert result.text("zh")
    laws.check(city, case)
    if one in CLOSES and other in CLOSES and {one, other} != {"suspend", "cancel"}:
        # an operator may still end what a person has just done something to
        later = {"cancel", "suspend"} & {one, other}
        assert sum(done) == 1 or (later and all(done)), f"{one} and {other}: {results}"
    assert any(done), f"{one} and {other}: {results}"
    closed = [t for t in laws.rows(city, task, case) if t["node"] == "B" and t["state"] not in ("open", "suspended")]
    told = Counter(h["task_id"] for h in laws.rows(city, history, case) if h["kind"] == "completed")
    assert all(told[t["id"]] == (t["state"] == "completed") for t in closed)
    return "both" if all(done) else "one"


def test_every_pair_of_acts_at_once(city: City, capsys: pytest.CaptureFixture[str]) -> None:
    city.deploy(FILES)
    for login in WHO:
        organising.hire(city, login, "market_regulation", "reviewer")
    names = sorted({*CLOSES, "add beside", "claim", "delegate"})
    tally = Counter(race(city, one, other) for one, other in combinations(names, 2))
    say(capsys, pairs=sum(tally.values()), **tally)
