"""`notOf`: who is late does not judge itself. Nobody of the named unit, of one below it or just above it is given the task or does it, by
no way; everybody else still can."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from engine.acts import assigning, delegating, rejecting, returning, signers
from engine.errors import Invalid, NotAllowed, StepFailed
from engine.explaining import allowed, working
from engine.organisation import revision
from engine.queries import inbox
from engine.tables import incident, person, unit
from tests import laws
from tests.bpmn.drawing import chain, end, start, user
from tests.db import organising
from tests.db.talking import OPERATOR, at_border, bundle, error, work
from tests.factories import task_at
from web.city import City

LATE, PARENT, BELOW, BESIDE = "drainage", "city_management_bureau", "pump_station", "sanitation"
OF = {"late": LATE, "boss": PARENT, "below": BELOW}
ACTS = '<ld:acts allow="reject back back_any add_before add_beside delegate transfer"/>'
JUDGE = f'<ld:candidates unit="command_centre" post="dispatcher" notOf="=late_unit"/>{ACTS}'


def draw(city: City, rule: str = JUDGE, key: str = "judging") -> None:
    """A first step, the judgement, and one more for what cannot be judged."""
    parts = (
        start(),
        work("First"),
        user("Judge", settings=rule),
        at_border("B", "Judge", "error", "bad"),
        work("Bad"),
        end(),
        chain("S", "First", "Judge", "E") + chain("B", "Bad", "E"),
    )
    city.deploy(bundle(*parts, key=key, outside=error("bad")))


def staff(city: City) -> None:
    """Dispatchers who belong to the late unit, to the one above it and to one below it as well, and two who do not."""
    with city.core.db.write() as connection:
        row = dict(connection.execute(select(unit).where(unit.c.key == LATE)).mappings().one())
        row.pop("id")
        row |= {"key": BELOW, "name_zh": "泵站", "name_en": "Pump station", "parent_id": city.core.unit_id(LATE)}
        connection.execute(unit.insert().values(**row))
        revision.touch(connection)
    for login, home in (*OF.items(), ("beside", BESIDE), ("judge", "command_centre"), ("other", "command_centre")):
        organising.hire(city, login, home, "dispatcher" if home == "command_centre" else "handler")
        if home != "command_centre":
            organising.put(city, login, "command_centre", "dispatcher")


@pytest.fixture
def staffed(city: City) -> City:
    """The city with them."""
    staff(city)
    return city


def case_of(city: City, late: object = LATE, key: str = "judging") -> int:
    case = city.start(key, {}, OPERATOR, given={"late_unit": late})
    city.complete(task_at(city, case, "First"), {}, OPERATOR)
    return case


def refused(act: Callable[[], object]) -> bool:
    try:
        act()
    except (NotAllowed, Invalid):
        return True
    return False


def ways(city: City, case: int, login: str, *, in_person: bool = True) -> list[str]:
    """By which acts somebody gets through; each is tried on a task that nobody has. `in_person`: they cannot be given it either."""
    ref, me = task_at(city, case, "Judge").ref, city.actor(login).id
    other, core = city.actor("other").id, city.core
    tried: dict[str, Callable[[], object]] = {
        "claim": lambda: city.claim(ref, login),
        "complete": lambda: city.complete(ref, {}, login),
        "transfer": lambda: city.transfer(ref, other, by=login),
        "delegate": lambda: delegating.delegate(core, ref, other, login),
        "fail": lambda: city.fail(ref, "bad", login),
        "reject": lambda: rejecting.reject(core, ref, login, reason="不同意"),
        "back": lambda: returning.back(core, ref, login, reason="退回"),
        "add": lambda: signers.add(core, ref, login, people=[other], how="beside"),
    }
    found = [name for name, act in tried.items() if not refused(act)]
    city.claim(ref, "judge")
    given: dict[str, Callable[[], object]] = {
        "handed": lambda: city.transfer(ref, me, by="judge"),
        "delegated": lambda: delegating.delegate(core, ref, me, "judge"),
        "asked": lambda: signers.add(core, ref, "judge", people=[me], how="beside"),
    }
    found += [name for name, act in given.items() if in_person and not refused(act)]
    city.release(ref, "judge")
    return found


class TestOnEitherDatabase:
    """What is read and decided in the step itself."""

    def test_no_act_leads_through_for_the_unit_its_parent_and_those_below(self, staffed: City) -> None:
        draw(staffed)
        for login in OF:
            case = case_of(staffed)
            assert ways(staffed, case, login) == [], login
            seen = inbox.page(
                staffed.core, staffed.actor(login), inbox.Wanted(tab=inbox.Tab.UNIT), staffed.world().now
            ).rows
            assert {row["instance_id"] for row in seen if row["barred"]} >= {case}, "shown to wait for somebody else"
            staffed.complete(task_at(staffed, case, "Judge"), {}, "beside")  # a unit beside it may
        laws.check(staffed)

    def test_neither_a_second_account_nor_a_substitute(self, staffed: City) -> None:
        draw(staffed)
        case = case_of(staffed)
        with staffed.core.db.write() as connection:
            connection.execute(update(person).where(person.c.login == "late").values(staff_no="h1"))
            revision.touch(connection, [staffed.actor("late").id])
        organising.hire(staffed, "late_again", "command_centre", "dispatcher", "h1")
        assert ways(staffed, case, "late_again") == []
        organising.hire(staffed, "stands_in", "transport", "handler")
        organising.lend(staffed, "late", "stands_in", post_key="dispatcher")
        assert ways(staffed, case, "stands_in", in_person=False) == [], "a substitute of somebody of the late unit"
        organising.hire(staffed, "of_late", LATE, "handler")
        organising.lend(staffed, "judge", "of_late")
        assert ways(staffed, case, "of_late") == [], "somebody of the late unit for another"
        staffed.complete(task_at(staffed, case, "Judge"), {}, "judge")
        laws.check(staffed)

    def test_who_joins_the_late_unit_with_the_task_in_hand_does_it_no_more(self, staffed: City) -> None:
        draw(staffed)
        case = case_of(staffed)
        ref = task_at(staffed, case, "Judge").ref
        staffed.claim(ref, "judge")
        organising.put(staffed, "judge", LATE, "handler")
        with pytest.raises(NotAllowed, match="concerns your unit"):
            staffed.complete(ref, {}, "judge")
        staffed.release(ref, "judge")
        staffed.complete(ref, {}, "other")


class TestRules:
    """No database makes a difference."""

    @pytest.fixture
    def database_kind(self) -> str:
        return "sqlite"

    def test_a_unit_that_is_kept_out_is_not_given_it_nor_is_the_fallback(self, staffed: City) -> None:
        draw(staffed)
        with pytest.raises(StepFailed, match="nobody fits"):
            case_of(staffed, ["sanitation", "command_centre"])
        assert laws.rows(staffed, incident)
        better = JUDGE.replace("notOf", 'fallbackUnit="sanitation" fallbackPost="handler" notOf')
        draw(staffed, better)
        assert task_at(staffed, case_of(staffed, "command_centre"), "Judge").unit == "sanitation"
        with pytest.raises(StepFailed, match="nobody fits"):
            case_of(staffed, ["command_centre", "sanitation"])

    def test_one_of_several_is_never_one_who_is_kept_out(self, staffed: City) -> None:
        draw(staffed, JUDGE.replace("notOf", 'choose="turn" notOf'))
        own = {staffed.actor(login).id for login in OF}
        given = {task_at(staffed, case_of(staffed), "Judge").assignee for _ in range(6)}
        assert given.isdisjoint(own)
        assert len(given) > 1
        draw(staffed, f'<ld:candidates person="=[&quot;late&quot;, &quot;beside&quot;]" notOf="=late_unit"/>{ACTS}')
        assert task_at(staffed, case_of(staffed), "Judge").assignee == staffed.actor("beside").id

    def test_a_head_who_is_kept_out_is_not_asked(self, staffed: City) -> None:
        rule = '<ld:candidates unit="=late_unit" head="%s" notOf="=late_unit" fallbackUnit="sanitation" fallbackPost="handler"/>'
        for levels in (0, 1):
            draw(staffed, rule % levels)
            assert task_at(staffed, case_of(staffed), "Judge").unit == "sanitation"

    def test_what_names_no_unit_lets_nobody_through_and_an_empty_list_keeps_nobody(self, staffed: City) -> None:
        draw(staffed)
        for wrong in ("nowhere", None, 7, [LATE, None]):
            with pytest.raises(StepFailed, match="names no unit"):
                case_of(staffed, wrong)
        case = case_of(staffed, [])
        staffed.complete(task_at(staffed, case, "Judge"), {}, "late")

    def test_why_not_is_told_as_it_is_decided(self, staffed: City) -> None:
        draw(staffed)
        case = case_of(staffed)
        ref = task_at(staffed, case, "Judge").ref
        for login, may in (("late", False), ("boss", False), ("beside", True), ("judge", True)):
            assert allowed(working(staffed.core, staffed.actor(login), ref, "complete")) is may, login
        assert not refused(lambda: staffed.complete(ref, {}, "judge"))

    def test_the_head_of_the_office_does_not_assign_it_to_somebody_kept_out(self, staffed: City) -> None:
        draw(staffed)
        case = case_of(staffed)
        ref = task_at(staffed, case, "Judge").ref
        organising.hire(staffed, "chief", "command_centre", "unit_head")
        organising.put(staffed, "chief", "command_centre", "dispatcher")
        late, judge = staffed.actor("late").id, staffed.actor("judge").id
        with pytest.raises((Invalid, NotAllowed)):
            assigning.assign(staffed.core, ref, late, "chief")
        assert not refused(lambda: assigning.assign(staffed.core, ref, judge, "chief"))
        organising.put(staffed, "chief", LATE, "handler")
        with pytest.raises(NotAllowed):
            assigning.assign(staffed.core, ref, staffed.actor("other").id, "chief")

    def test_an_operator_of_the_late_unit_does_not_end_it(self, staffed: City) -> None:
        draw(staffed)
        ref = task_at(staffed, case_of(staffed, "police"), "Judge").ref
        organising.put(staffed, OPERATOR, "police", "handler")
        with pytest.raises(NotAllowed):
            staffed.fail(ref, "bad", OPERATOR)
        organising.dismiss(staffed, OPERATOR, "police")
        assert not refused(lambda: staffed.fail(ref, "bad", OPERATOR))
