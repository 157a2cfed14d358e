"""The ninety days of a punishment on the manual clock: how they are extended, by whom, and when no more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from engine.errors import LiandongError
from engine.tables import incident
from escalation.tables import clock
from forms.errors import InvalidAnswers
from tests import laws
from tests.stories.advertising import BRIGADE, HEAD, OFFICER, OTHER_OFFICER, REVIEWER, do, due, facts, nodes, to
from web.city import City

BREACH = {
    "title": "擅自设置大型户外广告",
    "party": "某公司",
    "area": "zhanghua",
    "place": "章华中路 1 号",
    "facts_text": "未经许可",
    "law_text": "市容条例第三十六条",
}


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


@pytest.fixture(autouse=True)
def _laws(city: City) -> Iterator[None]:
    yield
    laws.check(city)
    assert laws.rows(city, incident) == []


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai"))


def test_the_ninety_days_are_extended_by_thirty_and_once_more_by_sixty_together(city: City) -> None:
    """行政处罚法 60; domain A2 #22: thirty days with the head's approval, then sixty at most, decided by the heads together; in time."""
    case = city.start("enforcement", BREACH, OFFICER)
    do(city, case, "File", BRIGADE, file_decision="file")
    filed = facts(city, case)["filed_at"]
    ninety = due(city, case, "case")
    assert ninety is not None
    to(city, at("2026-07-10T09:00"))
    inquiry = {"officers": [OFFICER, OTHER_OFFICER], "inquiry_text": "当事人众多"}
    with pytest.raises(InvalidAnswers):
        do(city, case, "Inquire", OFFICER, **inquiry, proposal="extend")
    do(city, case, "Inquire", OFFICER, **inquiry, proposal="extend", extend_reason="案情复杂")
    with pytest.raises(LiandongError):
        do(city, case, "ApproveExtension", OFFICER, extension_decision="approve", extend_days=30)
    do(city, case, "ApproveExtension", HEAD, extension_decision="approve", extend_days=45)
    assert nodes(city, case) == ["Inquire"]
    assert (due(city, case, "case"), facts(city, case)["filed_at"]) == (ninety + timedelta(days=30), filed), (
        "no more than thirty"
    )

    do(city, case, "Inquire", OFFICER, **inquiry, proposal="punish")
    do(city, case, "Notice", OFFICER, intended="罚款五万元", notice_on="2026-07-10")
    do(city, case, "Hear", OFFICER, heard="waive")
    do(city, case, "LegalReview", REVIEWER, legal_review="pass")
    do(city, case, "Decide", HEAD, penalty_decision="extend", extend_reason="须等鉴定结论")
    again = {"extension_decision": "approve", "extend_days": 40}
    with pytest.raises(InvalidAnswers):
        do(city, case, "ApproveExtension", HEAD, **again)
    do(city, case, "ApproveExtension", HEAD, **again, meeting_note="负责人集体讨论同意")
    assert nodes(city, case) == ["Decide"]
    assert due(city, case, "case") == ninety + timedelta(days=70)
    with pytest.raises(InvalidAnswers):
        do(city, case, "Decide", HEAD, penalty_decision="extend", extend_reason="第三次")
    do(city, case, "Decide", HEAD, penalty_decision="punish", penalty_text="罚款五万元", penalty_number="1号")
    assert nodes(city, case) == ["Serve"]


def test_the_ninety_days_are_not_extended_when_they_are_over(city: City) -> None:
    """行政处罚法 60: what is late already is not made good; whoever approved hears so."""
    case = city.start("enforcement", BREACH, OFFICER)
    do(city, case, "File", BRIGADE, file_decision="file")
    ninety = due(city, case, "case")
    assert ninety is not None
    inquiry = {"officers": [OFFICER, OTHER_OFFICER], "inquiry_text": "当事人众多"}
    do(city, case, "Inquire", OFFICER, **inquiry, proposal="extend", extend_reason="案情复杂")
    do(city, case, "ApproveExtension", HEAD, extension_decision="refuse", extension_note="应当按期办结")
    assert (nodes(city, case), due(city, case, "case")) == (["Inquire"], ninety)
    do(city, case, "Inquire", OFFICER, **inquiry, proposal="extend", extend_reason="案情复杂")
    to(city, ninety + timedelta(hours=1))
    do(city, case, "ApproveExtension", HEAD, extension_decision="approve", extend_days=30)
    assert (nodes(city, case), due(city, case, "case")) == (["Inquire"], ninety)
    (row,) = [r for r in laws.rows(city, clock, case) if r["name"] == "case"]
    assert row["breached_at"] == ninety
    assert facts(city, case)["may_extend"] is True
