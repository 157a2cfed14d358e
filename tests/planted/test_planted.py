"""Each planted bug turns its check red, and the check is green without it. `./run test planted`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from engine.clock import ManualClock
from tests.conftest import MakeDatabase
from tests.planted.bugs import BUGS, Bug
from web.city import City
from web.wiring import open_city

pytestmark = pytest.mark.planted

CHECKS = sorted({bug.check for bug in BUGS}, key=lambda check: check.__name__)


@pytest.fixture
def sqlite_city(make_database: MakeDatabase, clock: ManualClock) -> Iterator[City]:
    with closing(open_city(make_database("sqlite", "city"), clock, durable=False)) as opened:
        yield opened


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_green_as_it_is(sqlite_city: City, check: Callable[[City], None]) -> None:
    check(sqlite_city)


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_red_with_the_bug(sqlite_city: City, bug: Bug, monkeypatch: pytest.MonkeyPatch) -> None:
    bug.plant(monkeypatch)
    with pytest.raises(Exception) as red:  # noqa: PT011  however it shows
        bug.check(sqlite_city)
    assert not isinstance(red.value, ImportError | NameError | AttributeError), f"the bug broke the code: {red.value!r}"
