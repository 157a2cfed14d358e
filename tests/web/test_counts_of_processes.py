"""Lists of processes and histories, as their readers are told them: what is suspended has not ended, a number opens to its cases for who
sees them all, and no key stands where a name belongs."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from engine.operating import suspending
from tests.factories import COLLECTOR, DESIGNER, DISPATCHER, OPERATOR, case_at, do
from tests.web.visitor import Visit
from web.city import City


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


def numbers(page: str) -> dict[str, str]:
    """The numbers of case dispatch by what they open to."""
    found = re.findall(r'href="/cases\?process=case_dispatch&amp;status=(\w+)">(\d+)<', page)
    return dict(found)


def test_what_is_suspended_has_not_ended(city: City, visit: Visit) -> None:
    still = case_at(city, "File")
    case_at(city, "File")
    case_at(city, "Close")
    suspending.suspend(city.core, still, OPERATOR, "等待批复")
    reader = visit(DISPATCHER)
    assert numbers(reader.get("/definitions").text) == {"active": "2", "suspended": "1"}
    do(city, case_at(city, "Close"), "Close")
    found = numbers(reader.get("/definitions").text)
    assert found == {"active": "2", "suspended": "1", "ended": "1"}
    for status, said in found.items():
        listed = reader.get(f"/cases?process=case_dispatch&status={status}").text
        assert f"共 {said} 件" in listed, status


def test_a_number_is_no_link_for_who_sees_fewer(city: City, visit: Visit) -> None:
    case_at(city, "File", source="collector")
    assert numbers(visit(COLLECTOR).get("/definitions").text) == {}
    assert "case_dispatch</" not in visit(COLLECTOR).get("/definitions").text, "its key is for designers"
    assert "case_dispatch</" in visit(DESIGNER).get("/definitions").text


def test_history_names_no_message(city: City, visit: Visit) -> None:
    case = case_at(city, "Handle")
    city.advance(timedelta(hours=3))  # the clock is late: its message goes to the supervision
    told = visit(DISPATCHER).get(f"/cases/{case}").text
    assert "已告知相关流程" in told
    assert "clock_breached" not in told
