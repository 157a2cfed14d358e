"""The ten emergency plans from trigger to review, and what a response does while it runs."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from engine import dmn, registers, signed_events, sources
from engine.acts import completing
from engine.errors import LiandongError
from engine.registers import keeping
from engine.tables import event_source, history, membership, notice, person, source_event
from escalation.emergencies import plans
from escalation.tables import clock
from forms.errors import InvalidAnswers
from tests import laws
from tests.emergency import COORDINATOR, HEAD, ORDER, actor, answer, open_at
from tests.plans import LEVELS, OWN, REPORTS, SHARED, WAITING, WRITTEN, assess, opened, play, rows_of, started
from web.city import City
from web.wiring import PROCESSES

MAYOR = "baoguoping"
KEEPER = COORDINATOR
MINUTE = timedelta(minutes=1)
COVER = "plan_cover"


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # that steps are the same on both databases is shown where they are tested


def units(city: City, case: int, node: str) -> list[str]:
    return sorted(str(task.unit) for task in city.tasks(case) if task.node == node)


def facts(city: City, case: int) -> dict[str, Any]:
    found: dict[str, Any] = city.instance(case)["facts"]
    return found


@pytest.mark.parametrize("plan", sorted(REPORTS))
def test_a_plan_from_trigger_to_review(city: City, plan: str) -> None:
    case = started(city, plan)
    level = LEVELS[plan]
    assert facts(city, case)["proposed_level"] == level
    done = play(city, case, plan)
    assert {row["node"] for row in opened(city, case)} <= {*WAITING, "SignOrder"}
    assess(city, case, "end")
    done += play(city, case, plan)
    found = city.instance(case)
    assert (found["status"], found["outcome"]) == ("completed", "EndReviewed")
    assert set(OWN[plan]) - set(done) == set(), "each step of its own was done"
    answers = found["facts"]["order_answers"]
    assert sorted(a["key"] for a in answers) == sorted(r["key"] for r in rows_of(plan, level)), (
        "no order lost, none twice"
    )
    results = [a["result"] for a in answers]
    assert (results.count("done"), {*results} - {"done", "withdrawn"}) == (done.count("CarryOut"), set())
    assert results.count("withdrawn") == max(0, len(rows_of(plan, level)) - 3), "what was still open is taken back"
    if plan in WRITTEN:
        register, key, columns = WRITTEN[plan]
        (row,) = [row for row in registers.rows(city.core, register) if row["key"] == key]
        assert {name: row.get(name) for name in columns} == columns, "the register is brought up to date"
    laws.check(city)


@pytest.mark.parametrize("plan", sorted(REPORTS))
def test_a_plan_begins_by_its_message_with_what_its_table_reads(city: City, plan: str) -> None:
    table = (PROCESSES / plan / f"{plan}_level.dmn").read_bytes()
    model = dmn.read(f"{plan}_level.dmn", table).model
    assert model is not None
    typed = re.findall(r'<inputData id="(\w+)".*?typeRef="(\w+)"', table.decode())
    readings = {name: False if kind == "boolean" else 0 for name, kind in typed if kind != "string"} | REPORTS[plan]
    where = {"area": "zhanghua", "place": "章华中路", "lat": 30.4062, "lon": 112.8945, "source": "sensor"}
    case = city.message(f"{plan}_triggered", plan, {**readings, **where})
    known = facts(city, case)
    assert {name: known[name] for name in (*readings, *where)} == {**readings, **where}
    assert {*model.decisions[f"{plan}_level"].inputs} <= {*readings}, "the test gives every reading"
    assert [row["node"] for row in opened(city, case)] == ["Verify"]
    answer(
        city,
        case,
        "Verify",
        {"verify_decision": "real", **{name: v for name, v in readings.items() if name not in ("title", "area")}},
    )
    assert facts(city, case)["proposed_level"] == LEVELS[plan]


def test_the_order_is_signed_by_who_may_start_that_level(city: City) -> None:
    case = started(city, COVER)
    task = open_at(city, case, "StartOrder")[0]
    with pytest.raises(LiandongError):  # the law's four things, and a signature (突发事件应对法 72)
        completing.complete(city.core, f"{case}.{task['id']}", ORDER, HEAD)
    with pytest.raises(InvalidAnswers):
        answer(city, case, "StartOrder", {"order_decision": "start", "matter": "井盖"}, by=HEAD)
    assert units(city, case, "StartOrder") == ["city_management_bureau"]
    answer(city, case, "StartOrder", {"order_decision": "other_level", "ordered_level": 1}, by=HEAD)
    assert units(city, case, "StartOrder") == ["city_government"], "level I is the city's commander's"
    with pytest.raises(LiandongError):
        answer(city, case, "StartOrder", ORDER, by=HEAD)
    answer(city, case, "StartOrder", {"order_decision": "refuse", "order_note": "已盖好"}, by=MAYOR)
    assert city.instance(case)["outcome"] == "EndNotStarted"
    laws.check(city)


def test_up_adds_only_what_the_level_adds_and_down_takes_back_what_it_no_longer_wants(city: City) -> None:
    case = started(city, COVER)
    answer(city, case, "StartOrder", ORDER)
    first = {r["key"] for r in rows_of(COVER, 4)}
    assert {*facts(city, case)["orders_issued"]} == first
    assert len(open_at(city, case, "SignOrder")) == len(first)

    assess(city, case, "regrade", wanted_level=2)
    assert units(city, case, "ChangeOrder") == ["city_government"]
    change = {"change_decision": "approve", "duration_hours": 8, "measures": "全市排查"}
    answer(city, case, "ChangeOrder", change, by=MAYOR)
    city.run_due()
    known = facts(city, case)
    added = {r["key"] for r in rows_of(COVER, 2)} - first
    assert (known["level"], {*known["orders_issued"]}) == (2, first | added)
    assert {r["key"] for r in known["added_rows"]} == added
    assert len(open_at(city, case, "SignOrder")) == len(first | added), "each order once"
    assert {*units(city, case, "SituationReport")} == {*known["reporting_units"]}, (
        "new units report, at the new interval"
    )

    assess(city, case, "regrade", wanted_level=3)
    assert units(city, case, "ChangeOrder") == ["city_government"], "who orders the graver of both levels"
    answer(city, case, "ChangeOrder", change, by=MAYOR)
    city.run_due()
    kept = {r["key"] for r in rows_of(COVER, 3)}
    assert {*facts(city, case)["orders_issued"]} == kept
    assert len(open_at(city, case, "SignOrder")) == len(kept)

    assess(city, case, "regrade", wanted_level=2)
    answer(city, case, "ChangeOrder", change, by=MAYOR)
    assert {r["key"] for r in facts(city, case)["added_rows"]} == added - kept, "only those taken back"
    assess(city, case, "end")
    answer(city, case, "StandDownOrder", {"end_decision": "go_on", "end_reason": "仍有险情"}, by=MAYOR)
    assert open_at(city, case, "Assess")
    laws.check(city)


def test_a_change_that_is_signed_after_the_term_is_told_to_the_coordinator_in_words(city: City) -> None:
    case = started(city, COVER)
    answer(city, case, "StartOrder", {**ORDER, "duration_hours": 2})
    city.run_due()
    assess(city, case, "extend")
    city.advance(timedelta(hours=2))
    assert (told_of(city, case, "调整令尚未签署"), told_of(city, case, "之后才签署")) == (1, 0)
    city.advance(90 * MINUTE)
    answer(city, case, "ChangeOrder", {"change_decision": "approve", "duration_hours": 6, "measures": "继续"})
    city.run_due()
    coordinators = {"liangzihao", "songyaqin"}
    assert told_whom(city, case, "迟 90 分钟，其间没有有效期限") == coordinators
    assert told_whom(city, case, "新期限 6 小时，从签署起算") == coordinators
    assess(city, case, "extend")
    answer(city, case, "ChangeOrder", {"change_decision": "approve", "duration_hours": 6, "measures": "继续"})
    city.run_due()
    assert told_of(city, case, "之后才签署") == len(coordinators), "in time: nothing to say"
    laws.check(city)


def test_an_order_only_for_where_it_is_goes_to_that_town_alone(city: City) -> None:
    case = started(city, "plan_illegal_building", area="zhanghua", resistance=False)
    answer(city, case, "StartOrder", ORDER)
    assert units(city, case, "SignOrder") == ["enforcement_brigade", "natural_resources", "town_yuanlin"]
    assess(city, case, "regrade", wanted_level=3)
    answer(city, case, "ChangeOrder", {"change_decision": "approve", "duration_hours": 8, "measures": "增派"})
    city.run_due()
    assert [key for key in facts(city, case)["orders_issued"] if ":town_" in key] == [
        "plan_illegal_building:4:town_yuanlin"
    ]
    laws.check(city)


def test_unsigned_orders_climb_and_missing_reports_are_counted(city: City) -> None:
    case = started(city, COVER)
    answer(city, case, "StartOrder", ORDER)
    city.run_due()
    rule = facts(city, case)["level_rule"]
    running = {(row["name"], row["due_at"] - row["started_at"]) for row in laws.rows(city, clock, case)}
    minutes = {r["receipt_minutes"] for r in rows_of(COVER, 4)}
    assert {("receipt", m * MINUTE) for m in minutes} <= running, "counted day and night from the order"

    told = {}
    for rank in ("substitute", "head", "leader"):
        after = rule[f"{rank}_minutes"]
        city.advance(after * MINUTE - (city.world().now - started_at(city, case)))
        told[rank] = told_of(city, case, "未签收")
    assert 0 < told["substitute"] < told["head"] < told["leader"]
    assert {r["node"] for r in opened(city, case)} >= {"SignOrder"}, "telling interrupts nothing"

    city.advance(rule["report_minutes"] * MINUTE)
    known = facts(city, case)
    assert known["reports_missing"] == len(known["reporting_units"]) == len(known["missing_reports"])
    assert {row["unit"] for row in known["missing_reports"]} == {*known["reporting_units"]}
    assert {*units(city, case, "SituationReport")} == {*known["reporting_units"]}, "the next one is due"
    laws.check(city)


def started_at(city: City, case: int) -> Any:
    with city.core.db.read() as connection:
        query = select(history.c.at).where(history.c.instance_id == case, history.c.node == "StartOrder")
        return connection.execute(query.order_by(history.c.seq.desc()).limit(1)).scalar_one()


def told_of(city: City, case: int, word: str) -> int:
    """Notices of a case in whose text a word stands."""
    with city.core.db.read() as connection:
        found = connection.execute(select(notice.c.data).where(notice.c.instance_id == case)).scalars()
        return sum(word in str((data or {}).get("zh")) for data in found)


def told_whom(city: City, case: int, word: str) -> set[str]:
    """Log-ins of those who were told so."""
    with city.core.db.read() as connection:
        query = select(person.c.login, notice.c.data).join(notice, notice.c.person_id == person.c.id)
        found = connection.execute(query.where(notice.c.instance_id == case)).all()
    return {login for login, data in found if word in str((data or {}).get("zh"))}


def told_by(city: City, case: int, kind: str) -> int:
    """Notices of a case of a kind."""
    with city.core.db.read() as connection:
        found = connection.execute(select(notice.c.kind).where(notice.c.instance_id == case)).scalars()
        return [*found].count(kind)


def test_an_order_that_cannot_be_done_goes_to_another_unit(city: City) -> None:
    case = started(city, COVER)
    answer(city, case, "StartOrder", ORDER)
    for task in list(open_at(city, case, "SignOrder")):
        assert task
        answer(city, case, "SignOrder", {"receipt_decision": "cannot", "receipt_note": "无人可派"})
    answer(
        city, case, "Reassign", {"reassign_decision": "other_unit", "order_unit": "drainage", "reassign_note": "代办"}
    )
    assert "drainage" in units(city, case, "SignOrder")
    answer(city, case, "SignOrder", {"receipt_decision": "accept"})
    answer(city, case, "CarryOut", {"order_result": "unable", "done_note": "没有备件"})
    for _ in range(2):
        answer(city, case, "Reassign", {"reassign_decision": "drop", "reassign_note": "不再需要"})
    results = facts(city, case)["order_answers"]
    assert [r["result"] for r in results] == ["dropped", "dropped"]
    laws.check(city)


def test_an_order_stands_as_it_was_given_whatever_the_register_says_later(city: City) -> None:
    """Somebody changes and ends rows of the register while the plan runs: what is ordered stays, with its minutes; the next time is
    by the new rows."""
    case = started(city, COVER)
    answer(city, case, "StartOrder", ORDER)
    register = registers.find(city.core, "plan_orders")
    assert register is not None
    keeper, given = actor(city, KEEPER), rows_of(COVER, 4)
    now = {row["key"]: row for row in registers.rows(city.core, "plan_orders")}
    for row in given:
        as_kept = {name: value for name, value in now[row["key"]].items() if name in register.schema["properties"]}
        later = {**as_kept, "unit": "drainage", "receipt_minutes": 99, "minutes": 999}
        keeping.change(city.core, keeper, register, row["key"], 1, later, "重新核定")

    answer(city, case, "SignOrder", {"receipt_decision": "cannot", "receipt_note": "无人可派"})
    refused = open_at(city, case, "Reassign")[0]["variables"]["order"]
    again = {"reassign_decision": "other_unit", "order_unit": refused["unit"], "reassign_note": "仍由你办"}
    answer(city, case, "Reassign", again)
    asked = {t["id"]: t["variables"]["order"] for t in open_at(city, case, "SignOrder")}
    assert {order["key"]: (order["unit"], order["receipt_minutes"]) for order in asked.values()} == {
        row["key"]: (row["unit"], row["receipt_minutes"]) for row in given
    }
    due = {c["task_id"]: c["due_at"] - c["started_at"] for c in laws.rows(city, clock, case) if c["name"] == "receipt"}
    assert {t: due[t] for t in asked} == {t: order["receipt_minutes"] * MINUTE for t, order in asked.items()}
    laws.check(city)


def test_a_second_trigger_begins_nothing_and_is_graded_again(city: City) -> None:
    first = city.message("plan_cover_triggered", COVER, {"title": "井盖缺失", "area": "zhanghua", "missing_count": 1})
    city.run_due()
    while_verified = city.message("plan_cover_triggered", COVER, {"title": "又报缺失", "missing_count": 2})
    assert (while_verified, told_by(city, first, "joined") >= 1) == (first, True), "nobody listens yet: it joins"
    answer(city, first, "Verify", {"verify_decision": "real", "missing_count": 1})
    answer(city, first, "StartOrder", ORDER)
    again = city.message("plan_cover_triggered", COVER, {"title": "有人坠井", "injuries": 1})
    city.run_due()
    known = facts(city, first)
    assert (again, known["proposed_level"], known["level"], known["further_reports"]) == (first, 2, 4, 1)
    assert told_of(city, first, "续报") >= 1
    assert city.start(COVER, {"title": "又一处", "area": "zhanghua"}, COORDINATOR) == first
    laws.check(city)


def sent(city: City, number: int) -> dict[str, Any]:
    """A signed event of a camera that saw a cover missing, as it is taken once its signature was found good."""
    with city.core.db.read() as connection:
        row = dict(connection.execute(select(event_source)).mappings().one())
    payload = {"title": "视频发现井盖缺失", "area": "zhanghua", "missing_count": 1}
    wanted = signed_events.Wanted(f"e{number}", f"{COVER}_triggered", None, payload)
    return signed_events.take(city.core, row, wanted, b"%d" % number)


def test_the_next_storm_after_the_stand_down_is_answered_while_the_last_one_is_reviewed(city: City) -> None:
    """By a signed event, a message and a form, each while steps of the one before are still open: a sensor that came between belongs
    to the response that runs."""

    def stand_down(case: int) -> None:
        answer(city, case, "Verify", {"verify_decision": "real", "missing_count": 1})
        answer(city, case, "StartOrder", ORDER)
        assess(city, case, "end")
        answer(city, case, "StandDownOrder", SHARED["StandDownOrder"])
        city.run_due()
        assert facts(city, case)["standdown"] is True
        assert open_at(city, case, "Guard"), "a step of its own is still open"
        assert plans.running(city.core, COVER) is None

    trigger = {"title": "井盖缺失", "area": "zhanghua", "missing_count": 1}
    sources.register(city.core, actor(city, "fuxiaolin"), "camera", "视频平台", [f"{COVER}_triggered"])
    first = city.start(COVER, trigger, COORDINATOR)
    assert (sent(city, 1)["instance"], told_of(city, first, "续报")) == (first, 0), "before the start order it is kept"
    stand_down(first)
    with city.core.db.write() as connection:
        connection.execute(update(source_event).values(case_id=None))  # as if its bringer had died before it was noted
    assert sent(city, 1)["instance"] == first, "what came before the stand-down begins nothing when it comes again"

    second = sent(city, 2)
    assert (second["instance"] != first, second["joined"]) == (True, False)
    again = sent(city, 3)
    assert (again["instance"], again["joined"]) == (second["instance"], True)
    with city.core.db.read() as connection:
        mine = select(notice.c.person_id).where(notice.c.kind == "joined", notice.c.instance_id == second["instance"])
        assert actor(city, COORDINATOR).id in set(connection.execute(mine).scalars()), (
            "nobody began it: who verifies is told"
        )
    assert city.start(COVER, trigger, COORDINATOR) == second["instance"]
    stand_down(second["instance"])

    third = city.message(f"{COVER}_triggered", COVER, trigger)
    assert third not in (first, second["instance"])
    stand_down(third)
    fourth = city.start(COVER, trigger, COORDINATOR)
    (shown,) = [one for one in plans.every(city.core, actor(city, COORDINATOR)) if one.key == COVER]
    assert shown.running is not None
    assert shown.running["id"] == fourth
    assert {row["id"] for row in shown.reviews} == {first, second["instance"], third}

    for case in (first, second["instance"], third):
        play(city, case, COVER)
        assert city.instance(case)["outcome"] == "EndReviewed"
        assert facts(city, case)["further_reports"] == 0
        laws.check(city)
    assert open_at(city, fourth, "Verify")


def test_who_takes_an_order_over_has_its_whole_time(city: City) -> None:
    """What the first unit used up is not counted against the second: to sign for it and to carry it out counts from when it was theirs."""
    case = started(city, COVER)
    answer(city, case, "StartOrder", ORDER)
    rule = min(rows_of(COVER, 4), key=lambda r: r["receipt_minutes"])
    city.advance((rule["minutes"] + 5) * MINUTE)
    which = next(
        i for i, row in enumerate(open_at(city, case, "SignOrder")) if row["variables"]["order_unit"] == rule["unit"]
    )
    answer(city, case, "SignOrder", {"receipt_decision": "cannot", "receipt_note": "无人可派"}, which=which)
    answer(
        city, case, "Reassign", {"reassign_decision": "other_unit", "order_unit": "drainage", "reassign_note": "代办"}
    )
    now = city.world().now
    newest = max((r for r in laws.rows(city, clock, case) if r["name"] == "receipt"), key=lambda r: r["started_at"])
    assert (newest["started_at"], newest["due_at"]) == (now, now + rule["receipt_minutes"] * MINUTE)
    before = told_of(city, case, "逾期未完成")
    which = next(
        i for i, row in enumerate(open_at(city, case, "SignOrder")) if row["variables"]["order_unit"] == "drainage"
    )
    answer(city, case, "SignOrder", {"receipt_decision": "accept"}, which=which)
    city.run_due()
    assert told_of(city, case, "逾期未完成") == before, "not late before it began"
    handle = max((r for r in laws.rows(city, clock, case) if r["name"] == "handle"), key=lambda r: r["started_at"])
    assert handle["due_at"] == now + rule["minutes"] * MINUTE
    laws.check(city)


def test_all_who_had_an_order_hear_that_it_is_over(city: City) -> None:
    """Not only who reports: a crew that stands by the road because it was told to is told to go home."""
    case = started(city, COVER)
    answer(city, case, "StartOrder", ORDER)
    quiet = {r["unit"] for r in rows_of(COVER, 4)} - {*facts(city, case)["reporting_units"]}
    assert quiet
    for _ in list(open_at(city, case, "SignOrder")):
        answer(city, case, "SignOrder", {"receipt_decision": "accept"})
        city.run_due()
    for _ in list(open_at(city, case, "CarryOut")):
        answer(city, case, "CarryOut", SHARED["CarryOut"])
        city.run_due()
    answer(city, case, "Assess", {"assess_decision": "end", "assess_reason": "险情解除"})
    answer(city, case, "StandDownOrder", SHARED["StandDownOrder"])
    city.run_due()
    told = told_whom(city, case, "应急响应终止")
    for unit in quiet:
        unit_id = city.core.unit_id(unit)
        with city.core.db.read() as connection:
            query = select(person.c.login).join(membership, membership.c.person_id == person.c.id)
            mine = {*connection.execute(query.where(membership.c.unit_id == unit_id)).scalars()}
        assert mine & told, unit
    laws.check(city)
