"""延期, 挂账, 依法中止 told from the asking to the end, with due times computed here from the calendar by hand. The handler of the drainage
centre has a case of two working days, handed on a Wednesday at nine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.clock import ManualClock
from engine.errors import BusinessError, Invalid, NotAllowed, NotFound
from engine.operating import proposing
from engine.tables import link
from escalation import asking, granting, requests
from escalation.tables import clock, clock_entry
from tests import laws
from tests.factories import do, task_at
from tests.receivers import http_receiver
from tests.sending import hooks_at, reach
from tests.sending import work as send
from web.city import City

HANDLER, HEAD = "cailihua", "jiabaoshan"
DISPATCHER, CENTRE_HEAD = "hejianping", "zhengguodong"
REVIEWER, COMMITTEE = "zhuxiaodong", "yuhaiyan"
WINDOW = "chengsiyuan"
HERE = ZoneInfo("Asia/Shanghai")


def at(month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=HERE)


@pytest.fixture(autouse=True)
def _laws(city: City) -> Iterator[None]:
    yield
    laws.check(city)


def drains(city: City) -> int:
    """A case of two working days that the drainage centre handles."""
    case = city.start(
        "case_dispatch",
        {"source": "collector", "title": "井盖异响", "area": "zhanghua", "place": "章华中路"},
        "lijianguo",
    )
    do(city, case, "File", standard_code="C-0102-3")
    do(city, case, "Dispatch", responsible_unit="drainage")
    do(city, case, "SignFor", HANDLER)
    return case


def clocks(city: City, case: int) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in laws.rows(city, clock, case) if row["stopped_at"] is None}


def due(city: City, case: int, name: str = "handle") -> datetime | None:
    found = clocks(city, case)[name]["due_at"]
    return found.astimezone(HERE) if found is not None else None


def ask(city: City, case: int, kind: str, by: str = HANDLER, name: str = "handle", **answers: str) -> int:
    """Ask, and let what the server does be done."""
    task_id = clocks(city, case)[name]["task_id"]
    given = {"request_reason": "管网改造，须分段施工", **answers}
    started = asking.ask(city.core, kind, case, f"{name}.{task_id}", by, answers=given)
    city.run_due()
    return int(started["instance"])


def say(city: City, request: int, node: str, by: str, word: str = "approve", **more: str) -> None:
    field = {"Department": "department_decision", "Supervise": "supervise_decision", "DecideHigher": "higher_decision"}
    city.complete(task_at(city, request, node), {field.get(node, "decision"): word, **more}, by)
    city.run_due()


def outcome(city: City, request: int) -> str:
    return str(city.instance(request)["outcome"])


def kinds(city: City, case: int) -> list[str]:
    return [row["kind"] for row in city.trail(case) if row["kind"].startswith("clock_")]


class TestExtension:
    """Twice at most, each one original limit, the second by the head of the centre."""

    def test_two_extensions_and_no_third(self, city: City) -> None:
        case = drains(city)
        assert due(city, case) == at(6, 12)  # Wednesday nine + two working days
        first = ask(city, case, "extension")
        facts = city.instance(first)["facts"]
        assert datetime.fromisoformat(facts["clock_would_be"]) == at(6, 16)
        assert facts["kept_out"] == ["drainage"]
        with pytest.raises((NotAllowed, NotFound)):
            city.complete(task_at(city, first, "Department"), {"department_decision": "approve"}, HANDLER)
        say(city, first, "Department", HEAD)
        assert due(city, case) == at(6, 12), "asked is not granted"
        say(city, first, "Decide", DISPATCHER)
        assert outcome(city, first) == "EndExtended"
        assert due(city, case) == due(city, case, "case") == at(6, 16)  # Friday, Monday, Tuesday: a weekend between
        assert task_at(city, case, "Handle").ref
        (row,) = [r for r in laws.rows(city, clock_entry, case) if r["name"] == "handle"]
        asker, said = city.actor(HANDLER).id, city.actor(DISPATCHER).id
        assert (row["asked_by"], row["approved_by"], row["amount"]) == (asker, said, "2")
        assert row["approved_unit"] == city.core.unit_id("command_centre") != row["asked_unit"]

        with pytest.raises(Invalid, match="signed form"):
            ask(city, case, "extension")
        second = ask(city, case, "extension", request_document="延期签批单〔2026〕3 号")
        say(city, second, "Department", HEAD)
        say(city, second, "Decide", DISPATCHER)
        assert due(city, case) == at(6, 16), "the second one needs the head of the centre"
        say(city, second, "DecideHigher", CENTRE_HEAD)
        assert outcome(city, second) == "EndExtended"
        assert due(city, case) == at(6, 18)
        with pytest.raises(Invalid, match="as often as it may be"):
            ask(city, case, "extension", request_document="再批")
        assert kinds(city, case) == ["clock_asked", "clock_extended", "clock_extended"] * 2

    def test_refused_lapsed_and_asked_for_by_others(self, city: City, clock: ManualClock) -> None:
        case = drains(city)
        for who in (DISPATCHER, "xiahexiang"):
            with pytest.raises((Invalid, NotFound)):
                ask(city, case, "extension", by=who)
        refused = ask(city, case, "extension", by=HEAD)
        with pytest.raises(Invalid, match="waiting already"):
            ask(city, case, "extension")
        assert [task.node for task in city.tasks(refused)] == ["Decide"], "the head has spoken by asking"
        say(city, refused, "Decide", DISPATCHER, "refuse", decision_note="不属于工程性问题")
        assert outcome(city, refused) == "EndRefused"
        with http_receiver() as hook:
            hooks_at(city, hook)
            reach(city, HEAD, "webhook", f"http://127.0.0.1:{hook.port}/")
            send(city)
            texts = [body["text"] for _, _, body in hook.arrived]
        assert any("已办结：未批准" in text for text in texts), texts
        assert due(city, case) == at(6, 12)
        last = city.trail(case)[-1]
        assert (last["kind"], last["data"]["outcome"], last["data"]["text"]) == (
            "clock_refused",
            "refused",
            "不属于工程性问题",
        )
        lapsed = ask(city, case, "extension")  # a refusal does not count
        say(city, lapsed, "Department", HEAD)
        clock.set(at(6, 12, 9))
        city.run_due()
        assert outcome(city, lapsed) == "EndLapsed"
        assert due(city, case) == at(6, 12)
        assert kinds(city, case) == ["clock_asked", "clock_refused"] * 2

    def test_late_is_late(self, city: City, clock: ManualClock) -> None:
        """Asked in time and agreed to too late: nothing is made good, whichever of timer and approval comes first."""
        case = drains(city)
        request = ask(city, case, "extension")
        say(city, request, "Department", HEAD)
        clock.set(at(6, 12, 9, 1))
        city.complete(task_at(city, request, "Decide"), {"decision": "approve"}, DISPATCHER)  # before any worker came
        city.run_due()
        assert outcome(city, request) in ("EndNotPossible", "EndLapsed")
        assert due(city, case) == at(6, 12)
        assert not laws.rows(city, clock_entry, case)
        with pytest.raises(Invalid, match="no later act undoes"):
            ask(city, case, "extension")
        do(city, case, "Handle", HANDLER)
        found = {r["name"]: r["breached_at"] for r in laws.rows(city, clock_table(), case)}
        assert found["handle"].astimezone(HERE) == at(6, 12)


def clock_table() -> Any:
    return clock


class TestStanding:
    """挂账 and lawful suspension."""

    def test_shelved_once_and_ended_by_itself(self, city: City, clock: ManualClock) -> None:
        case = drains(city)
        for wrong in ("2026-06-09", "2027-06-12", "nie"):
            with pytest.raises(Exception, match=r"last day|request_until|date"):
                ask(city, case, "shelving", request_until=wrong)
        request = ask(city, case, "shelving", request_until="2026-07-31")
        say(city, request, "Supervise", REVIEWER)
        assert due(city, case) == at(6, 12)
        clock.set(at(6, 10, 15))  # six hours later: what was used of the eight hours of a day stays used
        say(city, request, "Decide", COMMITTEE)
        assert due(city, case) is None
        assert clocks(city, case)["case"]["due_at"] is None
        assert task_at(city, request, "Stands").unit == "drainage"
        clock.set(at(8, 1, 0, 0))
        city.run_due()
        city.run_due()
        assert outcome(city, request) == "EndResumed"
        # of twice six and a half hours three and a half were used (nine to twelve, half past two to three); the nine and a half that
        # are left are Monday 3 August and three hours of Tuesday: till noon, and not till work begins again in the afternoon
        assert due(city, case) == at(8, 4, 12)
        with pytest.raises(Invalid, match="as often as it may be"):
            ask(city, case, "shelving", request_until="2026-12-31")
        assert kinds(city, case).count("clock_resumed") == 2

    def test_handled_while_it_is_shelved(self, city: City, clock: ManualClock) -> None:
        case = drains(city)
        request = ask(city, case, "shelving", request_until="2026-07-31")
        say(city, request, "Supervise", REVIEWER)
        say(city, request, "Decide", COMMITTEE)
        clock.set(at(6, 22))
        do(city, case, "Handle", HANDLER)
        rows = {r["name"]: r for r in laws.rows(city, clock_table(), case)}
        assert rows["handle"]["breached_at"] is None, "it stood"
        city.complete(task_at(city, request, "Stands"), {"resume_note": "已处置"}, HEAD)
        city.run_due()
        assert outcome(city, request) == "EndResumed"
        assert due(city, case, "case") is not None, "what still runs of the case goes on"

    def test_emergency_hours_never_stand(self, city: City) -> None:
        case = city.start(
            "case_dispatch", {"source": "collector", "title": "缺失", "area": "zhanghua", "place": "路"}, "lijianguo"
        )
        do(city, case, "File")
        do(city, case, "Dispatch")
        do(city, case, "SignFor")
        with pytest.raises(Invalid, match="mergency"):
            ask(city, case, "shelving", by="xiahexiang", request_until="2026-07-31")

    def test_suspended_by_law_and_resumed_by_an_act(self, city: City, clock: ManualClock) -> None:
        case = drains(city)
        with pytest.raises(Exception, match=r"document|ground|request"):
            ask(city, case, "clock_suspension", request_until="2026-07-31")
        request = ask(
            city,
            case,
            "clock_suspension",
            request_until="2026-07-31",
            request_ground="appraisal",
            request_document="委托鉴定书〔2026〕8 号",
        )
        say(city, request, "Department", HEAD)
        say(city, request, "Decide", COMMITTEE)
        entry = next(r for r in laws.rows(city, clock_entry, case) if r["name"] == "handle")
        assert (entry["ground"], entry["basis"]) == ("appraisal", "行政许可法第四十五条")
        assert entry["document"] == "委托鉴定书〔2026〕8 号"
        clock.set(at(6, 22))  # a Monday; the Friday before was a holiday
        city.complete(task_at(city, request, "Stands"), {"resume_note": "鉴定已完成"}, HEAD)
        city.run_due()
        assert outcome(city, request) == "EndResumed"
        assert due(city, case) == at(6, 24)  # two whole working days were left


class TestBeyond:
    """What goes round the process."""

    @pytest.fixture
    def database_kind(self) -> str:
        return "sqlite"

    def test_a_request_started_by_hand_is_not_one(self, city: City) -> None:
        with pytest.raises(NotAllowed):
            city.start("extension", {"request_reason": "直接发起"}, HEAD)
        assert not laws.rows(city, link)

    def test_what_an_operator_touched_is_not_carried_out(self, city: City) -> None:
        case = drains(city)
        request = ask(city, case, "extension")
        asked = proposing.propose(city.core, request, "set", {"name": "kept_out", "value": []}, "fuxiaolin", "更正")
        proposing.approve(city.core, request, asked["operation"], "shenjiahao")
        say(city, request, "Department", HEAD)
        say(city, request, "Decide", DISPATCHER)
        assert outcome(city, request) == "EndNotPossible"
        assert city.instance(request)["facts"]["answer_code"] == "touched"
        assert due(city, case) == at(6, 12)

    def test_the_actions_ask_nobody_else(self, city: City) -> None:
        """Whoever deploys another diagram that calls them gains nothing."""
        case = drains(city)
        for act in (granting.extend, granting.pause, granting.resume):
            with pytest.raises(BusinessError):
                act(city.core, case, {"case_id": str(case)})
        assert requests.case_of(city.core, case) is None
