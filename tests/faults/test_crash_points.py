"""A crash before and after every database call of an act, on both databases: all of it or nothing, and it can be repeated."""

import pytest

from tests.factories import say
from tests.faults.crashing import crash_everywhere
from tests.faults.scenes import SCENES, Scene
from web.city import City


@pytest.mark.parametrize("scene", SCENES, ids=lambda s: s.name)
def test_all_of_it_or_nothing(city: City, scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    found = crash_everywhere(city, scene)
    say(capsys, points=found.points, undone=found.undone, done=found.done)
    assert found.undone
    assert found.done, "the last point lies after the commit"
