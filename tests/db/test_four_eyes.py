"""Promise 22: nobody checks their own work, whatever way round they take; decided inside the completing transaction."""

from __future__ import annotations

import pytest

from engine.queries import inbox
from engine.queries.tasks import user_task
from tests import laws
from tests.db.eyes import CHECKER, HANDLER, WAYS, Office, try_all
from tests.factories import say, task_at
from tests.web.api.calling import caller
from web.app import create_app
from web.city import City


def test_no_way_round_leads_through(city: City, capsys: pytest.CaptureFixture[str]) -> None:
    office = try_all(city)
    assert office.passed == []
    assert office.tried > 2 * len(WAYS)
    laws.check(city)
    say(capsys, ways=len(WAYS), attempts=office.tried, passed=len(office.passed))


class TestSeen:
    """What those who are barred see; no database makes a difference."""

    @pytest.fixture
    def database_kind(self) -> str:
        return "sqlite"

    def test_a_token_is_its_person(self, city: City) -> None:
        office = Office(city)
        office.prepare()
        me = office.both(HANDLER)
        case = office.handled(me)
        app = create_app(city, b"0" * 32)
        ref = task_at(city, case, "Check").ref
        for account in (me, office.account(me, "more")):
            reply = caller(app, city, account).post(f"/tasks/{ref}/complete", {"answers": {}})
            assert reply.status_code == 403, reply.json
        assert caller(app, city, CHECKER).post(f"/tasks/{ref}/complete", {"answers": {}}).status_code == 200

    def test_the_inbox_marks_what_somebody_else_must_do(self, city: City) -> None:
        office = Office(city)
        office.prepare()
        me = office.both(HANDLER)
        cases = {office.handled(me, key): key for key in ("eyes", "eyes_calling", "eyes_inside")}
        free = office.handled("honest")
        for who, barred in ((me, set(cases)), (CHECKER, set())):
            wanted = inbox.Wanted(tab=inbox.Tab.UNIT)
            rows = inbox.page(city.core, city.actor(who), wanted, city.world().now).rows
            assert {r["instance_id"] for r in rows} == {*cases, free}
            assert {r["instance_id"] for r in rows if r["barred"]} == barred
        assert user_task(city.core, city.actor(me), task_at(city, free, "Check").ref).is_open
