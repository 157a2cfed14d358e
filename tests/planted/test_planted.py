"""Each planted bug turns its check red, and the check is green without it. `./run test planted`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from engine import db, writes
from engine.clock import ManualClock
from tests.conftest import MakeDatabase
from tests.planted import checks
from tests.planted.act_bugs import ACT_BUGS
from tests.planted.acting_bugs import ACTING_BUGS
from tests.planted.apart_bugs import APART_BUGS
from tests.planted.bug import Bug
from tests.planted.bugs import BUGS
from tests.planted.calendar_bugs import CALENDAR_BUGS
from tests.planted.clock_bugs import CLOCK_BUGS
from tests.planted.confidential_bugs import CONFIDENTIAL_BUGS
from tests.planted.dossier_bugs import DOSSIER_BUGS
from tests.planted.emergency_bugs import EMERGENCY_BUGS
from tests.planted.identity_bugs import IDENTITY_BUGS
from tests.planted.inbox_bugs import INBOX_BUGS
from tests.planted.ladder_bugs import LADDER_BUGS
from tests.planted.organisation_bugs import ORGANISATION_BUGS
from tests.planted.people_bugs import PEOPLE_BUGS
from tests.planted.permit_bugs import PERMIT_BUGS
from tests.planted.personal_bugs import PERSONAL_BUGS
from tests.planted.process_bugs import PROCESS_BUGS
from tests.planted.record_bugs import RECORD_BUGS
from tests.planted.reservation_bugs import RESERVATION_BUGS
from tests.planted.returning_bugs import RETURNING_BUGS
from tests.planted.sending_bugs import SENDING_BUGS
from tests.planted.signing_bugs import SIGNING_BUGS
from tests.planted.timer_bugs import TIMER_BUGS
from web.city import City
from web.wiring import open_city

pytestmark = pytest.mark.planted

ALL = (
    *BUGS,
    *LADDER_BUGS,
    *PROCESS_BUGS,
    *PEOPLE_BUGS,
    *PERSONAL_BUGS,
    *PERMIT_BUGS,
    *EMERGENCY_BUGS,
    *SIGNING_BUGS,
    *RESERVATION_BUGS,
    *RETURNING_BUGS,
    *ACT_BUGS,
    *ACTING_BUGS,
    *INBOX_BUGS,
    *RECORD_BUGS,
    *ORGANISATION_BUGS,
    *IDENTITY_BUGS,
    *APART_BUGS,
    *SENDING_BUGS,
    *DOSSIER_BUGS,
    *CALENDAR_BUGS,
    *CLOCK_BUGS,
    *TIMER_BUGS,
    *CONFIDENTIAL_BUGS,
)
CHECKS = sorted({bug.check for bug in ALL}, key=lambda check: check.__name__)


@pytest.fixture
def sqlite_city(make_database: MakeDatabase, clock: ManualClock) -> Iterator[City]:
    with closing(open_city(make_database("sqlite", "city"), clock, durable=False)) as opened:
        yield opened


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_green_as_it_is(sqlite_city: City, check: Callable[[City], None]) -> None:
    check(sqlite_city)


@pytest.mark.parametrize("bug", ALL, ids=lambda bug: bug.name)
def test_red_with_the_bug(sqlite_city: City, bug: Bug, monkeypatch: pytest.MonkeyPatch) -> None:
    bug.plant(monkeypatch)
    however = (Exception, pytest.fail.Exception)  # also as an error that did not come
    with pytest.raises(however) as red:
        bug.check(sqlite_city)
    assert not isinstance(red.value, ImportError | NameError | AttributeError), f"the bug broke the code: {red.value!r}"


FUNCTION_BUGS = {
    "no revision guard": (" and t.revision = (doc->>'r')::int", "", checks.races),
    "no fence": (" and fence = (doc->'f'->>1)::int", "", checks.fence),
    "rights not asked": (" and access_revision = (doc->'p'->>1)::int and active", "", checks.rights),
}


@pytest.mark.parametrize("bug", FUNCTION_BUGS)
def test_red_with_the_bug_in_the_server_function(
    make_database: MakeDatabase, clock: ManualClock, monkeypatch: pytest.MonkeyPatch, bug: str
) -> None:
    found, instead, check = FUNCTION_BUGS[bug]
    with closing(open_city(make_database("postgresql", "city"), clock)) as opened:
        assert found in writes.function_ddl()
        bent = writes.function_ddl().replace(found, instead)
        monkeypatch.setattr(db, "function_ddl", lambda: bent)
        opened.core.db.install_function()
        with pytest.raises(Exception) as red:  # noqa: PT011  however it shows
            check(opened)
        assert "syntax error" not in str(red.value)
