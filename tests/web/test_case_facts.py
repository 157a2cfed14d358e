"""The facts of a case as people read them: names for logins, no machinery, nothing that is merely not so."""

from __future__ import annotations

import re

import pytest

from tests.stories.advertising import CHECKER, OTHER_CHECKER, REVIEWER, applied, do, nodes
from tests.web.visitor import Visit, words
from web.city import City


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


def test_people_by_their_names_and_no_limits_of_the_machinery(visit: Visit, city: City) -> None:
    case = applied(city)
    while (node := nodes(city, case)[0]) != "Decide":
        do(city, case, node)
    page = visit(REVIEWER).get(f"/cases/{case}").text
    card = re.search(r"<dl.*?</dl>", page, re.DOTALL)
    assert card is not None
    told = words(card[0])
    assert "核查人员（两名以上） 冯大伟、毕建军" in told, told
    raw = (CHECKER, OTHER_CHECKER, "work_day", "month", "决定期限单位", "补正期限", "规划点位 ")
    assert [one for one in raw if one in told] == []
    assert not re.search(r" (否|No)( |$)", told), "what was computed and is not so"
    assert CHECKER not in words(page), "in the history neither"
