"""What people see of cases."""

from __future__ import annotations

import pytest

from engine import access
from engine.errors import NotFound
from tests.factories import OPERATOR, case_at, do
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
