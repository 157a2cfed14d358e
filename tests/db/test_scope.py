"""What people see of cases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, select, update

from engine import access
from engine.errors import NotFound
from engine.tables import involvement, person, substitution
from tests.factories import HANDLER, OPERATOR, STRANGER, case_at, do
from web.city import City
from web.setting_up import load_people

REPORT = {"source": "wechat", "title": "路灯不亮", "area": "zhanghua", "place": "章华中路 5 号"}


def sees(city: City, login: str, instance_id: int) -> bool:
    with city.core.db.read() as connection:
        try:
            access.check_can_see(connection, city.actor(login), instance_id)
        except NotFound:
            return False
    return True


def test_citizens_share_a_unit_but_not_their_reports(city: City) -> None:
    load_people(city.core, [{"login": "neighbour", "name": "邻居", "unit": "public", "post": "reporter"}])
    case = city.start("case_dispatch", REPORT, by="cengqingfeng")
    assert sees(city, "cengqingfeng", case)
    assert not sees(city, "neighbour", case)


@pytest.mark.parametrize("login", ["lijianguo", "sunguoqing", "hejianping"])
def test_those_who_work_it_or_see_all_see_it(city: City, login: str) -> None:
    case = city.start("case_dispatch", REPORT, by="cengqingfeng")
    assert sees(city, login, case)


def test_a_unit_sees_it_from_its_first_task_on(city: City) -> None:
    case = city.start("case_dispatch", {**REPORT, "source": "collector"}, by="lijianguo")
    assert not sees(city, "dingyumei", case)
    city.complete(
        city.tasks(case)[0], {"file_decision": "file", "standard_code": "E-0110-1", "grade": "daily"}, by="sunguoqing"
    )
    city.complete(
        city.tasks(case)[0], {"dispatch_decision": "dispatch", "responsible_unit": "sanitation"}, by="hejianping"
    )
    assert sees(city, "dingyumei", case)


def test_an_operator_of_the_unit_that_a_case_is_about_does_not_end_it(city: City) -> None:
    case = case_at(city, "File")
    do(city, case, "File", recused_unit="city_management_bureau")
    with pytest.raises(NotFound):
        city.cancel(case, OPERATOR, "不必办理")
    assert city.instance(case)["status"] == "active"


def test_an_administrator_sees_no_case_by_the_unit_they_sit_in(city: City) -> None:
    case = case_at(city, "SignFor")  # the water company's; the bureau above it is the administrator's unit
    with city.core.db.write() as connection:
        connection.execute(
            insert(involvement).values(instance_id=case, unit_id=city.core.unit_id("city_management_bureau"))
        )
    assert not sees(city, "shenjiahao", case)
    assert sees(city, HANDLER, case)


def test_a_substitute_for_some_processes_sees_only_cases_of_these(city: City) -> None:
    case = case_at(city, "SignFor")
    stands_in(city, HANDLER, STRANGER, processes=["excavation_permit"])
    assert not sees(city, STRANGER, case)
    stands_in(city, HANDLER, STRANGER, processes=["case_dispatch"])
    assert sees(city, STRANGER, case)
    with city.core.db.write() as connection:
        connection.execute(update(person).where(person.c.login == HANDLER).values(active=False))
    assert not sees(city, STRANGER, case), "whose account is switched off lends nothing"


def test_whom_a_case_is_about_blinds_nobody_by_naming_them_and_sees_it_by_no_account(city: City) -> None:
    case = case_at(city, "File")
    do(city, case, "File", recused_unit="water_supply")
    watching, second = "yuanzhigang", "guohongxia"
    assert sees(city, watching, case)
    assert sees(city, second, case)
    assert not sees(city, HANDLER, case)
    stands_in(city, HANDLER, watching)
    assert sees(city, watching, case), "who stands in for the one it is about keeps their own sight"
    with city.core.db.write() as connection:
        number = connection.execute(select(person.c.staff_no).where(person.c.login == HANDLER)).scalar_one()
        connection.execute(update(person).where(person.c.login == second).values(staff_no=number))
    assert not sees(city, second, case), "the same human being under a second account"


def stands_in(city: City, principal: str, substitute: str, processes: list[str] | None = None) -> None:
    """A substitution of today, made without asking whether it should be."""
    with city.core.db.write() as connection:
        now = city.core.db.now_on(connection)
        ids = dict(connection.execute(select(person.c.login, person.c.id)).all())
        connection.execute(delete(substitution))
        connection.execute(
            insert(substitution).values(
                principal_id=ids[principal],
                substitute_id=ids[substitute],
                since=now - timedelta(hours=1),
                until=now + timedelta(hours=1),
                processes=processes,
                made_at=now,
            )
        )
