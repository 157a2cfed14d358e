"""Cases that belong together: duplicates end apart and count in no figure, their
reporters follow the main case; a case goes on in another."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from engine import links
from engine.audit import verifying
from engine.errors import Invalid, NotAllowed, NotFound
from engine.public import codes, following
from engine.tables import instance, link, public_report
from escalation import indicators
from tests import laws
from tests.factories import COLLECTOR, DISPATCHER, HANDLER, LEADER, STRANGER, case_at, do, only_task
from web.city import City


def test_a_duplicate_is_joined_and_its_reporter_follows_the_main_case(city: City) -> None:
    core = city.core
    main = case_at(city, "Handle")
    duplicate = case_at(city, "Handle")
    code = codes.derive(b"a secret", "n")
    with core.db.write() as connection:
        row = {
            "instance_id": duplicate,
            "code_hash": codes.hash_of(code),
            "state": "started",
            "why_held": "",
            "note": "",
        }
        connection.execute(public_report.insert().values(**row, at=city.world().now, answers=None))
    assert following.follow(core, codes.hash_of(code)).instance_id == duplicate
    city.advance(timedelta(minutes=1))
    for a, b in ((main, main), (main, 5)):
        with pytest.raises((Invalid, NotFound)):
            links.join(core, a, b, DISPATCHER, "同一井盖")
    with pytest.raises(NotFound):
        links.join(core, duplicate, main, STRANGER, "同一井盖")
    with pytest.raises(NotAllowed):
        links.join(core, duplicate, main, COLLECTOR, "同一井盖")
    links.join(core, duplicate, main, DISPATCHER, "同一井盖", key="k")
    links.join(core, duplicate, main, DISPATCHER, "同一井盖", key="k")
    ended = city.instance(duplicate)
    assert (ended["status"], ended["outcome"]) == ("cancelled", "duplicate")
    laws.check(city)
    assert verifying.verify(core).kinds.keys() <= {"never_sealed"}
    followed = following.follow(core, codes.hash_of(code))
    assert followed.instance_id == main, "who reported it follows the main case"
    assert "合并" in followed.messages[-1].text
    assert [r["kind"] for r in city.trail(main)].count("linked") == 1
    with pytest.raises(Invalid):
        links.join(core, main, duplicate, DISPATCHER, "反了")
    with pytest.raises(NotFound):
        links.join(core, duplicate, main, DISPATCHER, "再来一次")
    assert counted(city) == {"received": 1, "duplicates": 1, "filed": 1}, "it counts once, and is told apart"


def counted(city: City) -> dict[str, int]:
    """What figures count."""
    now = city.world().now
    period = indicators.Period(now - timedelta(days=1), now + timedelta(days=1))
    found = {}
    with city.core.db.read() as connection:
        for key in ("received", "duplicates", "filed"):
            condition = indicators.COUNTS[key].condition(period)
            found[key] = len(connection.execute(select(instance.c.id).where(condition)).all())
    return found


def test_a_case_goes_on_in_another(city: City) -> None:
    core = city.core
    case = case_at(city, "Handle")
    city.claim(only_task(city, case), HANDLER)
    with pytest.raises(Invalid):
        links.follow_up(core, case, links.REOPENED, LEADER, "没修好")
    with pytest.raises(NotFound):
        links.follow_up(core, case, links.LASTING, STRANGER, "彻底修复")
    lasting = links.follow_up(core, case, links.LASTING, HANDLER, "已设围挡，须更换井座", key="l")
    assert links.follow_up(core, case, links.LASTING, HANDLER, "已设围挡，须更换井座", key="l") == lasting
    new = city.instance(lasting["instance"])
    assert (new["title"], new["status"]) == (city.instance(case)["title"], "active")
    for node in ("Handle", "Feedback", "Check", "Close"):
        do(city, case, node)
    again = links.follow_up(core, case, links.REOPENED, LEADER, "又坏了")["instance"]
    with pytest.raises(Invalid):
        links.follow_up(core, case, links.REOPENED, DISPATCHER, "又坏了")
    with core.db.read() as connection:
        found = set(connection.execute(select(link.c.instance_id, link.c.other_id, link.c.kind)).all())
    assert found == {(lasting["instance"], case, "lasting_repair_of"), (again, case, "reopened_from")}
    assert [r["data"]["kind"] for r in city.trail(case) if r["kind"] == "linked"] == [
        "lasting_repair_of",
        "reopened_from",
    ]
    laws.check(city)
    assert verifying.verify(core).kinds.keys() <= {"never_sealed"}
