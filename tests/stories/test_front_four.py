"""门前四包 told once: reported, assigned to the shop or its street, rectified, replied, and the shop's grade falls; the third offence of a
year is a case, and so is what is not put right."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine import registers
from engine.errors import LiandongError
from engine.tables import notice, person
from forms.errors import InvalidAnswers
from tests import laws
from tests.factories import COLLECTOR, OTHER_COLLECTOR
from tests.stories.telling import do, facts, nodes, running
from web.city import City

SHOP, STREET_HEAD, STREET = "MQ-0003", "yanliqun", "yuexinhua"
DAY = timedelta(days=1)
REPORT: dict[str, Any] = {"shop_key": SHOP, "offence": "order", "description": "货物摆出店外两米"}
DONE: dict[str, Any] = {"rectify_text": "已归店", "rectify_photos": ["photo"]}


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # that steps are the same on both databases is shown where they are tested


def shop(city: City) -> dict[str, Any]:
    (row,) = [r for r in registers.rows(city.core, "shops") if r["key"] == SHOP]
    return row


def told(city: City, login: str) -> int:
    with city.core.db.read() as connection:
        query = select(notice.c.id).join(person, person.c.id == notice.c.person_id)
        return len(connection.execute(query.where(person.c.login == login, notice.c.kind == "told")).all())


def reported(city: City, to: str = "shop") -> int:
    front = city.start("front_four", REPORT, COLLECTOR)
    city.run_due()
    do(city, front, "Assign", STREET_HEAD, assigned_to=to, days=3)
    if to == "shop":
        do(city, front, "Serve", STREET, served_to="店主")
    return front


def test_the_grade_falls_and_the_third_time_is_a_case(city: City) -> None:
    assert (shop(city)["grade"], shop(city)["unit"]) == ("A", "enforcement_yuanlin")
    before = told(city, COLLECTOR)
    for round_, grade in enumerate(("B", "C", "D"), 1):
        front = reported(city, "shop" if round_ < 3 else "street")
        with pytest.raises(InvalidAnswers):
            do(city, front, "Rectify", STREET, rectify_text="已归店")
        do(city, front, "Rectify", STREET, **DONE)
        with pytest.raises(LiandongError):
            do(city, front, "Check", STREET, check_result="pass")
        do(city, front, "Check", OTHER_COLLECTOR, check_result="pass")
        assert shop(city)["grade"] == grade
        assert (city.instance(front)["outcome"], facts(city, front)["times"]) == (
            "EndCase" if round_ == 3 else "EndSettled",
            round_,
        )
    assert told(city, COLLECTOR) == before + 3, "each time they are told what came of it"
    (case,) = running(city, "case_dispatch")
    known = facts(city, case)
    assert (nodes(city, case), known["source"], known["area"]) == (["File"], "front_four", shop(city)["area"])
    assert "屡次违反" in known["title"]
    laws.check(city)


def test_what_happened_more_than_a_year_ago_counts_no_more(city: City) -> None:
    first = reported(city)
    do(city, first, "Rectify", STREET, **DONE)
    do(city, first, "Check", OTHER_COLLECTOR, check_result="pass")
    city.advance(400 * DAY)
    again = city.start("front_four", REPORT, COLLECTOR)
    city.run_due()
    assert facts(city, again)["times"] == 1


def test_not_put_right_twice_is_a_case_and_silence_is_supervised(city: City) -> None:
    front = reported(city)
    city.advance(6 * DAY)
    (supervision,) = running(city, "supervision")
    assert facts(city, supervision)["late_unit"] == "enforcement_yuanlin"
    for _ in range(2):
        do(city, front, "Rectify", STREET, **DONE)
        with pytest.raises(InvalidAnswers):
            do(city, front, "Check", OTHER_COLLECTOR, check_result="fail")
        do(city, front, "Check", OTHER_COLLECTOR, check_result="fail", check_text="仍占道")
    assert city.instance(front)["outcome"] == "EndCase"
    (row,) = registers.rows(city.core, "front_four_offences")
    assert (row["result"], shop(city)["grade"]) == ("not_rectified", "B")
    laws.check(city)


def test_offences_reported_at_the_same_time_add_up_and_no_grade_rises(city: City) -> None:
    """Three reports before the first is settled are three offences; a grade that fell meanwhile is not given back."""
    fronts = [reported(city) for _ in range(3)]
    for front in fronts:
        do(city, front, "Rectify", STREET, **DONE)
        do(city, front, "Check", OTHER_COLLECTOR, check_result="pass")
    assert [facts(city, front)["times"] for front in fronts] == [1, 2, 3]
    assert city.instance(fronts[-1])["outcome"] == "EndCase"
    assert shop(city)["grade"] == "D"
    laws.check(city)
