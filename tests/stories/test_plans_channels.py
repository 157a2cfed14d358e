"""Whoever an unsigned emergency order climbs to hears of it by every channel they have, at night and whatever kinds they wanted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from engine.organisation import snapshot
from engine.tables import person
from tests import laws
from tests.emergency import ORDER, answer, open_at
from tests.plans import started
from tests.receivers import http_receiver, mail_receiver
from tests.sending import hooks_at, mail_by, reach, work
from tests.stories.test_plans import MINUTE, facts
from web.city import City

TITLE = "未签收"
ALWAYS_QUIET = {"quiet_from": 0, "quiet_to": 24 * 60 - 1, "kinds": ["copied"]}


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


def test_the_head_is_told_by_every_channel_at_any_hour(city: City) -> None:
    with http_receiver() as hook, mail_receiver() as mail:
        hooks_at(city, hook)
        mail_by(city, mail)
        case = started(city, "plan_cover")
        answer(city, case, "StartOrder", ORDER)
        city.run_due()
        unit = open_at(city, case, "SignOrder")[0]["variables"]["order_unit"]
        head = head_of(city, unit)
        reach(city, head, "webhook", f"http://127.0.0.1:{hook.port}/", **ALWAYS_QUIET)
        reach(city, head, "mail", "head@example.com", **ALWAYS_QUIET)
        work(city)
        assert (hook.arrived, mail.arrived) == ([], [])
        city.advance(facts(city, case)["level_rule"]["head_minutes"] * MINUTE + timedelta(seconds=1))
        work(city)
        assert any(TITLE in body["text"] for _, _, body in hook.arrived)
        assert any(TITLE in body.get_body(("plain",)).get_content() for _, _, body in mail.arrived)
    laws.check(city)


def head_of(city: City, unit: str) -> str:
    """The login of who heads a unit."""
    known = snapshot.of(city.core)
    who = next(one for post in known.heads for one in known.holders(city.core.unit_id(unit), post, None))
    with city.core.db.read() as connection:
        return str(connection.execute(select(person.c.login).where(person.c.id == who)).scalar_one())
