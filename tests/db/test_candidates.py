"""Who gets a task: every rule of the diagram, its fallback, and an incident with a name when nobody fits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from xml.sax.saxutils import quoteattr

import pytest

from engine import access
from engine.errors import Invalid, NotAllowed, NotFound, StepFailed
from engine.organisation import snapshot
from engine.queries import inbox, waiting
from engine.queries.tasks import colleagues, user_task
from engine.tables import incident, recusal, task
from tests import laws
from tests.bpmn.drawing import chain, end, start, tag, user
from tests.conftest import A_WORKING_MORNING
from tests.db import organising
from tests.db.talking import OPERATOR, bundle, work
from tests.factories import only_task, task_at
from web.city import City, Task

TRADE = "market_regulation"
FIRST, SECOND, THIRD = "jia", "yi", "bing"


@pytest.fixture
def staffed(city: City) -> City:
    """Three reviewers of market regulation."""
    for login in (FIRST, SECOND, THIRD):
        organising.hire(city, login, TRADE, "reviewer")
    return city


def rule(**attributes: str) -> str:
    """An `ld:candidates`."""
    return "<ld:candidates" + "".join(f" {k}={quoteattr(v)}" for k, v in attributes.items()) + "/>"


def draw(city: City, **attributes: str) -> None:
    """A process with one task by this rule, then one of the operators."""
    parts = (start(), user("A", settings=rule(**attributes)), work("Z"), end(), chain("S", "A", "Z", "E"))
    city.deploy(bundle(*parts, key="ruled"))


def begun(city: City, by: str = OPERATOR, **facts: Any) -> Task:
    """The task of a new instance."""
    return only_task(city, city.start("ruled", {}, by, given=facts))


def person(city: City, login: str) -> int:
    return city.actor(login).id


REVIEWERS = {"unit": TRADE, "post": "reviewer"}
FALLBACK = {"fallbackUnit": "command_centre", "fallbackPost": "dispatcher"}


class TestOnEitherDatabase:
    """What each database does in its own way."""

    def test_turns_go_round_and_loads_are_even(self, staffed: City) -> None:
        draw(staffed, **REVIEWERS, choose="turn")
        given = [begun(staffed).assignee for _ in range(6)]
        assert given[:3] == given[3:] == sorted(person(staffed, who) for who in (FIRST, SECOND, THIRD))
        draw(staffed, **REVIEWERS, choose="load")
        staffed.complete(staffed.tasks(begun(staffed).instance)[0], {}, by=FIRST)  # the first had as few as anybody
        assert begun(staffed).assignee == person(staffed, FIRST)
        assert begun(staffed).assignee != person(staffed, FIRST)
        task_row = next(row for row in laws.rows(staffed, task) if row["node"] == "A")
        assert (task_row["post_key"], task_row["claimed_at"]) == ("reviewer", task_row["opened_at"])
        laws.check(staffed)

    def test_who_is_on_duty_now(self, staffed: City) -> None:
        organising.on_duty(staffed, SECOND, TRADE, "reviewer", A_WORKING_MORNING - timedelta(hours=1), 9)
        organising.on_duty(staffed, THIRD, TRADE, "reviewer", A_WORKING_MORNING + timedelta(hours=8), 8)
        draw(staffed, **REVIEWERS, choose="duty", **FALLBACK)
        assert begun(staffed).assignee == person(staffed, SECOND)
        staffed.advance(timedelta(hours=8))
        assert begun(staffed).assignee == person(staffed, THIRD)
        staffed.advance(timedelta(hours=8))
        nobody = begun(staffed)
        assert (nobody.unit, nobody.post, nobody.assignee) == ("command_centre", "dispatcher", None)
        assert staffed.trail(nobody.instance)[0]["data"]["fallback"] == [int(nobody.ref.partition(".")[2])]
        laws.check(staffed)

    def test_a_case_about_a_unit_is_kept_from_it(self, staffed: City) -> None:
        draw(staffed, unit="=responsible_unit", post="reviewer", **FALLBACK)
        organising.lead(staffed, "emergency", TRADE)
        organising.hire(staffed, "below", "emergency", "reviewer")
        organising.hire(staffed, "everywhere", "command_centre", "shift_leader")
        organising.put(staffed, "everywhere", "emergency", "reviewer")
        offered = begun(staffed, responsible_unit=TRADE, recused_unit=TRADE)
        assert (offered.unit, offered.post) == ("command_centre", "dispatcher")
        assert {r["unit_id"] for r in laws.rows(staffed, recusal)} == {
            staffed.core.unit_id(TRADE),
            staffed.core.unit_id("emergency"),
        }
        sees = {who: self._sees(staffed, who, offered.instance) for who in (FIRST, "below", "everywhere", "hejianping")}
        assert sees == {FIRST: False, "below": False, "everywhere": False, "hejianping": True}
        organising.put(staffed, FIRST, "command_centre", "dispatcher")  # by whatever post: it is about their unit
        assert self._inbox(staffed, FIRST) == []
        assert waiting.waiting(staffed.core, staffed.actor(FIRST)) == ([], 0)
        for act in (staffed.claim, lambda ref, who: staffed.complete(ref, {}, who)):
            with pytest.raises(NotFound):
                act(offered, FIRST)
        with pytest.raises(NotFound):
            user_task(staffed.core, staffed.actor(FIRST), offered.ref)
        with pytest.raises(Invalid):
            staffed.transfer(offered, FIRST, by="hejianping")
        assert self._inbox(staffed, "hejianping") == [offered.ref]
        staffed.complete(offered, {}, by="hejianping")
        laws.check(staffed)

    def test_what_turns_out_to_be_about_a_unit_is_taken_from_it(self, staffed: City) -> None:
        said = tag("scriptTask", tag("script", "{ recused_unit: [responsible_unit] }"), id="X", scriptFormat="feel")
        parts = (
            start(),
            tag("parallelGateway", id="F"),
            user("A", settings=rule(unit="=responsible_unit", post="reviewer", **FALLBACK)),
            work("Z"),
            said,
            tag("parallelGateway", id="J"),
            end(),
            chain("S", "F", "A", "J", "E") + chain("F", "Z", "X", "J"),
        )
        staffed.deploy(bundle(*parts, key="ruled"))
        case = staffed.start("ruled", {}, OPERATOR, given={"responsible_unit": TRADE})
        theirs, other = task_at(staffed, case, "A"), task_at(staffed, case, "Z")
        assert theirs.unit == TRADE
        staffed.claim(theirs, FIRST)
        staffed.complete(other, {}, OPERATOR)
        moved = only_task(staffed, case)
        assert (moved.ref, moved.unit, moved.post, moved.assignee) == (theirs.ref, "command_centre", "dispatcher", None)
        assert staffed.trail(case)[-1]["data"]["moved"] == [int(moved.ref.partition(".")[2])]
        with pytest.raises(NotFound):
            staffed.complete(moved, {}, FIRST)
        staffed.complete(moved, {}, "hejianping")
        laws.check(staffed)

    @staticmethod
    def _sees(city: City, login: str, case: int) -> bool:
        with city.core.db.read() as connection:
            return access.can(access.check_can_see, connection, city.actor(login), case)

    @staticmethod
    def _inbox(city: City, login: str) -> list[str]:
        rows = inbox.page(city.core, city.actor(login), inbox.Wanted(tab=inbox.Tab.ALL), city.world().now).rows
        return [f"{r['instance_id']}.{r['id']}" for r in rows]

    def test_the_inbox_of_a_substitute(self, staffed: City) -> None:
        draw(staffed, **REVIEWERS)
        theirs, nobodys = begun(staffed), begun(staffed)
        staffed.claim(theirs, FIRST)
        organising.hire(staffed, "stand_in", "command_centre", "dispatcher")
        organising.lend(staffed, FIRST, "stand_in", processes=["case_dispatch"])
        assert self._inbox(staffed, "stand_in") == []
        with pytest.raises(NotFound):
            staffed.claim(nobodys, "stand_in")
        organising.come_back(staffed, FIRST, "stand_in")
        organising.lend(staffed, FIRST, "stand_in", processes=["ruled"])
        assert set(self._inbox(staffed, "stand_in")) == {theirs.ref, nobodys.ref}
        now = staffed.world().now
        assert inbox.counts(staffed.core, staffed.actor("stand_in"), now)[inbox.Tab.MINE] == 1
        staffed.claim(nobodys, "stand_in")
        organising.come_back(staffed, FIRST, "stand_in")
        assert self._inbox(staffed, "stand_in") == []  # claimed for another, and their time is over
        with pytest.raises(NotFound):
            staffed.complete(nobodys, {}, by="stand_in")
        staffed.complete(nobodys, {}, by=FIRST)  # it was done for her, so it is hers
        staffed.complete(theirs, {}, by=FIRST)
        laws.check(staffed)


class TestRules:
    """What the database cannot matter to."""

    @pytest.fixture
    def database_kind(self) -> str:
        return "sqlite"

    def test_the_head_of_a_unit_and_of_those_above(self, city: City) -> None:
        organising.lead(city, "emergency", TRADE)
        draw(city, unit="=about", head="=levels", **FALLBACK)
        found = [begun(city, about="emergency", levels=levels) for levels in (0, 1)]
        assert [(t.unit, t.post) for t in found] == [("emergency", "unit_head"), (TRADE, "unit_head")]
        for wrong in (
            {"about": "emergency", "levels": 9},
            {"about": None, "levels": 0},
            {"about": TRADE, "levels": "x"},
        ):
            assert begun(city, **wrong).unit == "command_centre"
        draw(city, head="0")
        assert begun(city, by="hejianping").unit == "command_centre"  # the starter's own unit

    def test_the_starter_and_a_person_by_expression(self, staffed: City) -> None:
        draw(staffed, starter="true", **FALLBACK)
        mine = begun(staffed)
        assert (mine.assignee, mine.unit, mine.post) == (person(staffed, OPERATOR), None, None)
        with pytest.raises(Invalid, match="nobody to give it back to"):
            staffed.release(mine, OPERATOR)
        with pytest.raises(Invalid):
            staffed.transfer(mine, FIRST, by=OPERATOR)
        with pytest.raises(NotFound):
            staffed.complete(mine, {}, by=FIRST)  # meant for one, it is offered to nobody else
        assert colleagues(staffed.core, laws.rows(staffed, task)[0], 0) == []
        organising.lend(staffed, OPERATOR, SECOND)
        with pytest.raises(NotAllowed):  # a substitute does not act on what the principal started
            staffed.complete(mine, {}, by=SECOND)
        staffed.complete(mine, {}, by=OPERATOR)
        draw(staffed, person="=who", **FALLBACK)
        named: list[Any] = [SECOND, person(staffed, SECOND), str(person(staffed, SECOND)), ["nobody", SECOND, THIRD]]
        for who in named:
            assert begun(staffed, who=who).assignee == person(staffed, SECOND)
        nobodys: list[Any] = [None, "nobody", 987654, [], True]
        for who in nobodys:
            assert begun(staffed, who=who).post == "dispatcher"
        draw(staffed, person="=who", **REVIEWERS)
        both = begun(staffed, who=THIRD)
        assert (both.assignee, both.unit, both.post) == (person(staffed, THIRD), TRADE, "reviewer")
        assert begun(staffed, who="nobody").assignee is None
        laws.check(staffed)

    def test_nobody_fits_is_an_incident_with_a_name(self, city: City) -> None:
        organising.hire(city, FIRST, TRADE, "reviewer")
        parts = (start(), work("Z"), user("A", settings=rule(**REVIEWERS)), end(), chain("S", "Z", "A", "E"))
        city.deploy(bundle(*parts, key="ruled"))
        first, second = begun(city), begun(city)
        city.complete(first, {}, OPERATOR)
        assert only_task(city, first.instance).post == "reviewer"
        organising.dismiss(city, FIRST)
        with pytest.raises(StepFailed, match=f"'{TRADE}', post 'reviewer'"):
            city.complete(second, {}, OPERATOR)
        (row,) = laws.rows(city, incident)
        assert (row["node"], row["instance_id"]) == ("A", second.instance)
        assert only_task(city, second.instance).ref == second.ref  # not lost: the step before it is still open
        organising.hire(city, SECOND, TRADE, "reviewer")
        city.complete(second, {}, OPERATOR)
        laws.check(city)

    def test_memberships_hold_from_their_first_to_their_last_day(self, city: City) -> None:
        organising.hire(city, FIRST, TRADE, "reviewer")
        draw(city, **REVIEWERS, **FALLBACK)
        known = snapshot.of(city.core)
        unit_id, now = city.core.unit_id(TRADE), city.core.db.now()
        assert known.holders(unit_id, "reviewer", now) == [person(city, FIRST)]
        organising.dismiss(city, FIRST)
        assert begun(city).unit == "command_centre"
        later = snapshot.Term(1, since=now, until=now + timedelta(hours=1))
        assert [later.holds(now + timedelta(hours=h)) for h in (-1, 0, 1)] == [False, True, False]

    def test_a_forgotten_revision_is_noticed_before_anybody_is_said_to_be_missing(self, city: City) -> None:
        draw(city, **REVIEWERS)
        snapshot.of(city.core)
        from web.setting_up import load_people  # noqa: PLC0415

        load_people(city.core, [{"login": FIRST, "name": "甲", "unit": TRADE, "post": "reviewer"}])
        assert begun(city).unit == TRADE

    def test_who_is_away_comes_last(self, staffed: City) -> None:
        organising.lend(staffed, FIRST, "hejianping")
        draw(staffed, **REVIEWERS, choose="turn")
        assert {begun(staffed).assignee for _ in range(4)} == {person(staffed, SECOND), person(staffed, THIRD)}
        for who in (SECOND, THIRD):
            organising.lend(staffed, who, "hejianping")
        assert begun(staffed).assignee is not None
