"""责任争议 told from the first bounce to the precedent: two units refuse in time, the committee's office rules in two persons, who is ruled
cannot refuse, the next case of the kind goes there at once; an objection that comes too late changes nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert

from engine import registers
from engine.errors import LiandongError
from engine.organisation import revision
from engine.tables import copy, membership
from forms.errors import InvalidAnswers
from tests import laws
from tests.factories import HANDLER, case_at
from tests.factories import do as usual
from tests.stories.telling import do, facts, nodes, running
from web.city import City

SUPERVISOR, COMMITTEE_HEAD = "yuhaiyan", "jiaxinhua"
DRAINAGE, DRAINAGE_HEAD = "cailihua", "jiabaoshan"
DAY = timedelta(days=1)
REFUSED: dict[str, Any] = {"return_reason": "not_ours", "return_note": "依职责分工不属本单位"}


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # that steps are the same on both databases is shown where they are tested


def refuse(city: City, case: int, by: str) -> None:
    do(city, case, "SignFor", by, sign_decision="return", **REFUSED)


def disputed(city: City) -> tuple[int, int]:
    """A case that two units refused, and the dispute it led to."""
    case = case_at(city, "SignFor")
    refuse(city, case, HANDLER)
    assert nodes(city, case) == ["Dispatch"], "once is a matter for the dispatcher"
    usual(city, case, "Dispatch", responsible_unit="drainage")
    city.run_due()
    refuse(city, case, DRAINAGE)
    (dispute,) = running(city, "responsibility_dispute")
    assert nodes(city, case) == []
    return case, dispute


def ruled(city: City, dispute: int, unit: str, **more: Any) -> None:
    do(city, dispute, "Draft", SUPERVISOR, ruling_unit=unit, ruling_text="雨水井盖属排水设施", **more)
    do(city, dispute, "Rule", COMMITTEE_HEAD, rule_decision="agree")


def test_two_bounces_a_ruling_and_the_precedent(city: City) -> None:
    case, dispute = disputed(city)
    told = facts(city, dispute)
    assert [row["unit"] for row in told["bounced"]] == ["water_supply", "drainage"]
    answer = [t for t in city.tasks(dispute) if t.unit == "water_supply"]
    assert len(city.tasks(dispute)) == 2
    with pytest.raises(InvalidAnswers):
        city.complete(answer[0], {"answer_position": "not_ours", "answer_basis": "井盖标识为雨水"}, HANDLER)
    said = {"answer_position": "not_ours", "answer_unit": "drainage", "answer_basis": "井盖标识为雨水"}
    city.complete(answer[0], said, HANDLER)
    city.advance(2 * DAY)  # the other says nothing
    rows = {row["unit"]: row["said"] for row in facts(city, dispute)["answers"]}
    assert rows == {"water_supply": True, "drainage": False}
    do(city, dispute, "Draft", SUPERVISOR, ruling_unit="drainage", ruling_text="属排水设施")
    with pytest.raises(LiandongError):
        do(city, dispute, "Rule", SUPERVISOR, rule_decision="agree")
    do(city, dispute, "Rule", COMMITTEE_HEAD, rule_decision="back", rule_note="写明依据")
    ruled(city, dispute, "drainage", ruling_precedent=True, ruling_area="yuanlin")
    assert city.instance(dispute)["outcome"] == "EndRuled"
    (row,) = registers.rows(city.core, "rulings")
    assert (row["class"], row["area"], row["unit"], row["source_case"]) == (
        "C-0101", "yuanlin", "drainage", city.instance(case)["number"],
    )  # fmt: skip

    assert (nodes(city, case), facts(city, case)["responsible_unit"]) == (["SignFor"], "drainage")
    refuse(city, case, DRAINAGE)
    assert (nodes(city, case), facts(city, case)["responsible_unit"]) == (["SignFor"], "drainage"), "it is binding"
    assert facts(city, case)["bounces"] == 3
    do(city, case, "SignFor", DRAINAGE, sign_decision="accept")

    another = case_at(city, "Dispatch")
    assert facts(city, another)["responsible_unit"] == "drainage", "by the ruling, before the table of duties"
    laws.check(city)


def test_nobody_answers_and_the_ruling_is_for_this_case_alone(city: City) -> None:
    case, dispute = disputed(city)
    city.advance(2 * DAY)
    assert nodes(city, dispute) == ["Draft"]
    ruled(city, dispute, "water_supply")
    assert registers.rows(city.core, "rulings") == []
    do(city, case, "SignFor", HANDLER, sign_decision="accept")
    laws.check(city)


def test_an_objection_after_its_time_stays_with_the_unit(city: City) -> None:
    case = case_at(city, "Handle")  # two emergency hours, so the window is two hours
    city.advance(timedelta(hours=3))
    do(city, case, "Handle", HANDLER, handle_result="return", **REFUSED)
    known = facts(city, case)
    assert (nodes(city, case), known["objection_late"]) == (["Handle"], True)
    assert (known.get("send_backs"), known.get("bounces")) == (None, None)
    do(city, case, "Handle", HANDLER, handle_result="return", return_reason="place_unclear", return_note="位置不清")
    assert (nodes(city, case), facts(city, case)["send_backs"]) == (["Dispatch"], 1), "other reasons have no window"
    laws.check(city)


def test_a_unit_asks_about_a_kind_of_problem(city: City) -> None:
    asked = {
        "title": "雨水篦子清掏归属", "class": "C-0102", "own_unit": "sanitation", "other_units": ["drainage"],
        "object_basis": "依市政设施养护分工",
    }  # fmt: skip
    with pytest.raises(InvalidAnswers):
        city.start("responsibility_dispute", {**asked, "object_basis": ""}, "dingyumei")
    dispute = city.start("responsibility_dispute", asked, "dingyumei")
    city.run_due()
    do(city, dispute, "Answer", DRAINAGE_HEAD, answer_position="ours", answer_basis="属排水设施")
    ruled(city, dispute, "drainage", ruling_precedent=True)
    (row,) = registers.rows(city.core, "rulings")
    assert (row["area"], row["valid_from"]) == ("*", "2026-06-10")
    laws.check(city)


def test_who_asked_does_not_rule_and_hears_of_it_as_who_is_burdened_does(city: City) -> None:
    """Nobody of the unit that asked drafts or rules; the ruling goes to it, to those it named, and to the unit that it is laid upon."""
    asked = {
        "title": "雨水篦子清掏归属", "class": "C-0102", "own_unit": "sanitation", "other_units": ["drainage"],
        "object_basis": "依市政设施养护分工",
    }  # fmt: skip
    for login in (SUPERVISOR, COMMITTEE_HEAD):
        member(city, login, "sanitation", True)
    dispute = answered(city, asked)
    with pytest.raises(LiandongError):
        do(city, dispute, "Draft", SUPERVISOR, ruling_unit="municipal_works", ruling_text="属道路附属设施")
    for login in (SUPERVISOR, COMMITTEE_HEAD):
        member(city, login, "sanitation", False)
    dispute = answered(city, asked)
    ruled(city, dispute, "municipal_works")
    told = {row["person_id"] for row in laws.rows(city, copy, dispute)}
    assert told == {city.actor(login).id for login in ("weichangjiang", DRAINAGE_HEAD, "jiangweimin")}
    laws.check(city)


def answered(city: City, asked: dict[str, Any]) -> int:
    """A unit asked, and the one that it named says that it is a third one's."""
    dispute = city.start("responsibility_dispute", asked, "dingyumei")
    city.run_due()
    said = {"answer_position": "not_ours", "answer_unit": "municipal_works", "answer_basis": "属道路附属设施"}
    do(city, dispute, "Answer", DRAINAGE_HEAD, **said)
    return dispute


def member(city: City, login: str, unit: str, there: bool) -> None:
    """Somebody works in a unit as well, or does no more."""
    row = {"person_id": city.actor(login).id, "unit_id": city.core.unit_id(unit), "post_key": "handler"}
    with city.core.db.write() as connection:
        if there:
            connection.execute(insert(membership).values(**row))
        else:
            connection.execute(delete(membership).where(*(membership.c[name] == value for name, value in row.items())))
        revision.touch(connection, [city.actor(login).id])
