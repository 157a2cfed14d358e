"""Searching: Chinese and English, common and rare words, in what one may see, on both databases, by their indexes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Select, insert, select, text, update

from engine import access, search
from engine.clock import ManualClock
from engine.db import Database
from engine.people import Actor
from engine.queries import inbox, listing, searching
from engine.queries.inbox import Tab
from engine.queries.listing import Wanted
from engine.search import INDEX, Has
from engine.tables import LIVE, instance, involvement, task, words, world
from tests.factories import ACCEPTOR, COLLECTOR, DISPATCHER, HANDLER, LEADER, REPORT, STRANGER, case_at, do
from web.city import City

HYDRANT = {
    "title": "Leaking hydrants at 12 Zhanghua Road",
    "place": "章华中路12号B座",
    "description": "Ｆｕｌｌ　ＷＩＤＴＨ，消防栓漏水",
}


def found(city: City, who: str, wanted: str, **more: Any) -> set[int]:
    page = listing.page(city.core, city.actor(who), Wanted(text=wanted, **more))
    assert page.total == len(page.rows) or page.more or page.capped
    return {row["id"] for row in page.rows}


def test_words_are_found_as_people_write_them_in_what_they_may_see(city: City, clock: ManualClock) -> None:
    hydrant = case_at(city, "Verify", **HYDRANT, source="hotline_12345")
    number = city.instance(hydrant)["number"]
    for wanted in (
        "leak",
        "LEAKING",
        "hydrant road",
        "消防栓",
        "章华中路12号",
        "中路 12",
        "12号",
        "b座",
        "号b",
        "full width",
        number,
        number[-6:],
        number[-6:-2].lower(),
        "漏水，消防",
    ):
        assert found(city, LEADER, wanted) == {hydrant}, wanted
    for unwanted in (
        "eaking",
        "栓消",
        "华章",
        "13号",
        "leakings",
        '" OR "',
        "day:1",
        "in:1",
        f"unit:{city.core.unit_id('water_supply')}",
    ):
        assert found(city, LEADER, unwanted) == set(), unwanted
    for nothing in ("%", "' & ("):
        assert found(city, LEADER, nothing) == {hydrant}, "nothing is asked for"

    lamp = case_at(city, "Verify", title="路灯不亮", place="红梅路", source="hotline_12345")
    assert found(city, LEADER, "灯") == {lamp}, "one character is looked for in titles"
    assert found(city, LEADER, "红") == set()
    assert found(city, LEADER, "路灯", process="supervision") == set()
    assert found(city, LEADER, "路灯", until=clock.now()) == set(), "it began just then"

    # whose it is: nobody's of the water company until it is dispatched to them
    assert found(city, HANDLER, "消防栓") == set()
    for node in ("Verify", "File", "Dispatch"):
        do(city, hydrant, node)
    assert found(city, HANDLER, "消防栓") == {hydrant}, "the unit that takes part is added to its scope"
    assert found(city, STRANGER, "消防栓") == set()
    assert found(city, ACCEPTOR, "消防栓") == {hydrant}
    with city.core.db.read() as connection:
        scope = connection.execute(select(words.c.scope).where(words.c.instance_id == hydrant)).scalar_one().split()
        narrow = access.scope(connection, city.actor(HANDLER))
    assert narrow is not None
    assert narrow & set(scope)
    assert len(scope) == len(set(scope)), "each unit once"
    assert access.scope(connection, city.actor(DISPATCHER)) is None


@pytest.fixture
def many(city: City) -> City:
    """Four thousand cases with a common word, old and new, of which one narrow unit has every hundredth; and one rare word."""
    case = case_at(city, "Verify", source="hotline_12345")
    unit = city.core.unit_id("water_supply")
    assert unit is not None
    with city.core.db.write() as connection:
        known = dict(connection.execute(select(instance).where(instance.c.id == case)).mappings().one())
        rows, found_by, parts = [], [], []
        for n in range(4000):
            at = known["started_at"] - timedelta(hours=5 * n)
            rows.append({**known, "id": n + 1, "number": f"n{n}", "title": "井盖", "started_at": at})
            here = [unit] if n % 100 == 99 else []
            said = f"井盖 n{n}" + (" 木马" if n == 3900 else "")
            scope = search.scope_of(1, "case_dispatch", None, at, here)
            found_by.append({"instance_id": n + 1, "at": at, "words": said, "scope": scope})
            parts += [{"instance_id": n + 1, "unit_id": u} for u in here]
        connection.execute(insert(instance), rows)
        connection.execute(insert(words), found_by)
        connection.execute(insert(involvement), parts)
    if city.core.db.postgresql:
        with city.core.db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("vacuum analyze words"))
    return city


def test_common_and_rare_words_cost_what_is_asked_for_and_use_the_index(many: City, clock: ManualClock) -> None:
    city = many
    wide, narrow = city.actor(LEADER), city.actor(HANDLER)

    def newest(who: Actor, wanted: str, most: int, **more: Any) -> tuple[list[int], bool]:
        with city.core.db.read() as connection:
            hits = searching.hits(connection, who, wanted, most, clock.now(), **more)
        assert hits is not None
        return hits.ids, hits.whole

    ids, whole = newest(wide, "井盖", 200)
    assert (ids[1:], whole) == (list(range(1, 200)), False), "the newest first, no more than asked for"
    assert newest(wide, "木马", 200) == ([3901], True)
    assert newest(narrow, "井盖", 30) == ([100 * n for n in range(1, 31)], False), "its own, however many others have"
    assert newest(narrow, "井盖", 5) == ([100, 200, 300, 400, 500], False), "far apart among the newest"
    assert newest(narrow, "木马", 30) == ([3901], True)
    assert newest(wide, "井盖", 5, until=clock.now() - timedelta(days=400)) == ([1921, 1922, 1923, 1924, 1925], False)
    assert found(city, HANDLER, "木马") == set(), "and visible has the last word"
    assert len(found(city, HANDLER, "井盖", size=100)) == 40
    page = listing.page(city.core, wide, Wanted(text="井盖", page=9))
    assert (len(page.rows), page.more) == (25, True)
    window = searching.window(clock.now(), 3)
    assert window is not None
    found_by = select(words.c.instance_id).where(Has([["井盖"], window])).order_by(words.c.at.desc()).limit(200)
    plan = explained(city.core.db, found_by)
    assert (INDEX if city.core.db.postgresql else f"SCAN {INDEX} VIRTUAL TABLE INDEX") in plan, plan
    assert "SCAN words" not in plan, plan
    with city.core.db.read() as connection:
        query = (
            select(instance.c.id)
            .where(*searching.found_in(connection, 1, [1, 2], [instance.c.status == "active"]))
            .order_by(instance.c.started_at.desc())
        )
    plan = explained(city.core.db, query)
    assert city.core.db.postgresql or "SEARCH instance USING INTEGER PRIMARY KEY" in plan, plan


def test_cases_of_another_world_are_found_in_it_alone(city: City, clock: ManualClock) -> None:
    with city.core.db.write() as connection:
        live = dict(connection.execute(select(world).where(world.c.id == LIVE)).mappings().one())
        other = connection.execute(
            insert(world).values({**live, "id": 7, "kind": "drill", "name": "drill"}).returning(world.c.id)
        ).scalar_one()
    drilled = city.start("case_dispatch", {**REPORT, "title": "演练井盖"}, COLLECTOR, world=other)
    for node in ("File", "Dispatch"):
        do(city, drilled, node)
    with city.core.db.read() as connection:
        here, there = (
            searching.hits(connection, city.actor(LEADER), "演练", 5, clock.now(), world=w) for w in (LIVE, other)
        )
        row = connection.execute(select(words.c.words, words.c.scope).where(words.c.instance_id == drilled)).one()
    assert here is not None
    assert there is not None
    assert (here.ids, there.ids) == ([], [drilled])
    assert f"{other}_演练" in row.words.split()
    assert all(word.startswith((f"in:{other}", f"{other}_")) for word in row.scope.split()), (
        "also what the trigger adds"
    )


def explained(db: Database, query: Select[Any]) -> str:
    """How the database goes about it."""
    with db.read() as connection:
        said = str(query.compile(connection, compile_kwargs={"literal_binds": True}))
        rows = connection.exec_driver_sql(("explain " if db.postgresql else "explain query plan ") + said).all()
    return "\n".join(" ".join(map(str, row)) for row in rows)


@pytest.mark.parametrize("own", [2, 200])
def test_an_inbox_is_searched_beyond_the_cases_of_ones_units(
    city: City, clock: ManualClock, monkeypatch: pytest.MonkeyPatch, own: int
) -> None:
    monkeypatch.setattr(searching, "_OWN", own)  # 2: what they have is more than the front of it
    cases = [case_at(city, "SignFor", title=f"路灯不亮 {n}", description="孔明灯" if n == 3 else "") for n in range(5)]
    with city.core.db.write() as connection:  # they took these in a unit that they have left since
        mine = city.actor(STRANGER).id
        connection.execute(update(task).where(task.c.state == "open").values(assignee_id=mine))

    def waiting(text: str) -> set[int]:
        wanted = inbox.Wanted(tab=Tab.MINE, text=text)
        return {row["instance_id"] for row in inbox.page(city.core, city.actor(STRANGER), wanted, clock.now()).rows}

    assert waiting("孔明灯") == {cases[3]}
    assert waiting("路灯不亮") == set(cases)
