"""What a page offers is what can be done, for each kind of person at each kind of task: each act is tried, nothing of it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from engine import four_eyes, worlds
from engine import writes as writing
from engine.acts import (
    assisting,
    copying,
    delegating,
    holding,
    receiving,
    rejecting,
    returning,
    signers,
    urging,
    withdrawing,
)
from engine.errors import Invalid, LiandongError
from engine.operating import suspending
from engine.queries import cases as reading
from engine.queries import copies, earlier
from engine.queries.tasks import colleagues, user_task
from engine.tables import task
from tests import laws
from tests.db import organising
from tests.db.test_signers import SIGNED, VOTED
from tests.factories import DESIGNER, DISPATCHER, HANDLER, LEADER, OPERATOR, OTHER_DISPATCHER, STRANGER, case_at, do
from tests.web.letters import letter
from web.city import City
from web.dialogs import offered
from web.dialogs.asking import Subject

Row = dict[str, Any]
Act = Callable[[], object]
AWAY = "standin"
PEOPLE = (DISPATCHER, OTHER_DISPATCHER, LEADER, HANDLER, "cailihua", "jiangweimin", STRANGER, "colleague", AWAY)
"""Whose task it may be, who did a step, their substitute, colleagues, heads, and who has nothing to do with it."""
RECEIVERS = ("zhuxiaodong", STRANGER, "dingyumei")
"""Whom one may ask, copy to or delegate to."""


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


def some(acts: Iterable[Act]) -> Act:
    """Whether one of these can be done."""

    def act() -> None:
        last: LiandongError = Invalid(why_zh="", why_en="nothing to try")
        for each in acts:
            try:
                each()
            except LiandongError as error:
                last = error
            else:
                return
        raise last

    return act


def on_task(city: City, who: str, row: Row) -> dict[str, Act]:
    """Each act on a task, as this person would do it."""
    core, actor, ref = city.core, city.actor(who), f"{row['instance_id']}.{row['id']}"
    others = [each["id"] for each in colleagues(core, row, actor.id)] or [city.actor(STRANGER).id]
    asked = [city.actor(each).id for each in RECEIVERS]
    targets = (None, *(each.node for each in earlier.targets(core, actor, ref)))
    return {
        "claim": lambda: holding.claim(core, ref, who),
        "release": lambda: holding.release(core, ref, who),
        "sign": lambda: receiving.sign(core, ref, who),
        "transfer": lambda: holding.transfer(core, ref, others[0], who),
        "delegate": some(lambda to=to: delegating.delegate(core, ref, to, who) for to in asked),  # type: ignore[misc]
        "recall": lambda: delegating.recall(core, ref, who),
        "add": some(
            lambda to=to, how=how: signers.add(core, ref, who, people=[to], how=how)  # type: ignore[misc]
            for to in asked
            for how in ("before", "beside", "after")
        ),
        "assist": lambda: assisting.ask(core, ref, ["sanitation"], who),
        "reject": lambda: rejecting.reject(core, ref, who, reason="不同意"),
        "back": some(
            lambda to=to, again=again: returning.back(core, ref, who, to=to, again=again, reason="请补充")  # type: ignore[misc]
            for to in targets
            for again in (True, False)
        ),
    }


def on_case(city: City, who: str, case: int) -> dict[str, Act]:
    """Each act on a case."""
    core, to = city.core, city.actor(RECEIVERS[0]).id
    rows = laws.rows(city, task, case)
    done = [f"{case}.{row['id']}" for row in rows if row["state"] == "completed"]
    held = [f"{case}.{row['id']}" for row in rows if row["state"] == "open"]
    added = (None, *(city.actor(each).id for each in (*RECEIVERS, "cailihua")))
    return {
        "read": lambda: copying.read(core, case, who),
        "withdraw": some(lambda ref=ref: withdrawing.withdraw(core, ref, who) for ref in done),  # type: ignore[misc]
        "urge": lambda: urging.urge(core, case, who),
        "copy": lambda: copying.copy(core, case, [to], who),
        "circulate": lambda: copying.copy(core, case, [to], who, how="circulate"),
        "remove_signer": some(
            lambda ref=ref, one=one: signers.remove(core, ref, who, reason="不必了", person=one)  # type: ignore[misc]
            for ref in held
            for one in added
        ),
    }


def offers(city: City, who: str, row: Row) -> set[str]:
    """What the page of a task offers."""
    core, actor = city.core, city.actor(who)
    try:
        found = user_task(core, actor, f"{row['instance_id']}.{row['id']}")
    except LiandongError:
        return set()
    here = {**found.row, "process": found.case["key"]}
    blocked = bool(four_eyes.barred(core, [here], actor, worlds.get(core, found.row["world_id"])))
    return {one.act for one in offered.of_task(Subject(core, actor, found.case, found), blocked=blocked)}


def case_offers(city: City, who: str, case: int) -> set[str]:
    """What the page of a case offers."""
    core, actor = city.core, city.actor(who)
    try:
        found = reading.case(core, actor, case)
    except LiandongError:
        return set()
    return {one.act for one in offered.of_case(Subject(core, actor, found.row), found, copies.of_case(core, case))}


def unlike(city: City, case: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Where a page and the act itself disagree."""
    waiting = [row for row in laws.rows(city, task, case) if row["state"] in ("open", "suspended")]

    def can(act: Act) -> str:
        with monkeypatch.context() as patch:
            patch.setattr(writing, "commit", lambda *_given: writing.DONE)
            try:
                act()
            except LiandongError as error:
                return str(error)
            return ""

    for who in PEOPLE:
        shown = {row["id"]: offers(city, who, row) for row in waiting}
        tried = [
            (row, name, act, name in shown[row["id"]])
            for row in waiting
            for name, act in on_task(city, who, row).items()
        ]
        of_case = case_offers(city, who, case)
        of_case |= {"remove_signer"} & set().union(*shown.values())
        tried += [
            ({"node": "the case", "role": None}, name, act, name in of_case)
            for name, act in on_case(city, who, case).items()
        ]
        for row, name, act, is_offered in tried:
            why = can(act)
            if is_offered is bool(why):
                yield f"{who} at {row['node']} ({row['role']}): {name} {'is offered: ' + why if why else 'is not offered'}"


def test_what_is_offered_can_be_done_and_what_can_be_done_is_offered(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    core = city.core
    wrong: list[str] = []
    organising.hire(city, "colleague", "water_supply", "handler")
    organising.hire(city, AWAY, "supervision_centre", "collector")
    organising.lend(city, DISPATCHER, AWAY)

    def look(case: int, at: str) -> None:
        wrong.extend(f"{at}: {each}" for each in unlike(city, case, monkeypatch))

    def ref(case: int) -> str:
        return city.tasks(case)[0].ref

    case = letter(city)
    city.claim(ref(case), DISPATCHER)
    look(case, "claimed")
    delegating.delegate(core, ref(case), city.actor(STRANGER).id, DISPATCHER)
    look(case, "delegated")
    delegating.recall(core, ref(case), DISPATCHER)
    asked = [city.actor(each).id for each in (STRANGER, "cailihua")]
    signers.add(core, ref(case), DISPATCHER, people=asked, how="before", in_order=True)
    look(case, "held for signers")
    case = letter(city, "Sign")
    signers.add(core, ref(case), OTHER_DISPATCHER, people=asked[:1], how="beside")
    look(case, "signed beside")
    returning.back(core, city.tasks(case)[0].ref, OTHER_DISPATCHER, to="Draft", again=False, reason="请补充")
    look(case, "a detour")
    suspending.suspend(core, case, OPERATOR, "核对")
    look(case, "suspended")
    city.deploy(VOTED)
    case = city.start("voted", {}, DESIGNER)
    drains = next(each.ref for each in city.tasks(case) if each.unit == "drainage")
    signers.add(core, drains, "cailihua", people=[city.actor("dingyumei").id], how="beside")
    look(case, "a vote")
    city.deploy(SIGNED)
    case = city.start("signed", {}, DESIGNER)
    city.complete(ref(case), {}, "jiangweimin")
    look(case, "four eyes")
    case = case_at(city, "Handle")
    look(case, "offered")
    city.claim(ref(case), HANDLER)
    assisting.ask(core, ref(case), ["drainage"], HANDLER)
    look(case, "assisted")
    case = case_at(city, "Close")
    do(city, case, "Close")
    look(case, "ended")
    assert not wrong, "\n".join(wrong)
