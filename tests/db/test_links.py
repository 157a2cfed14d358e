"""Cases that belong together: duplicates end apart and count in no figure, their
reporters follow the main case; a case goes on in another."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from engine import links
from engine.audit import verifying
from engine.errors import Invalid, NotAllowed, NotFound
from engine.public import codes, following
from engine.tables import instance, link, public_report, task
from escalation import indicators
from tests import laws
from tests.factories import COLLECTOR, DISPATCHER, HANDLER, LEADER, OPERATOR, STRANGER, case_at, do, only_task
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


def test_only_what_was_completed_is_opened_again_and_by_one_of_two_at_once(city: City) -> None:
    core = city.core
    main, duplicate, gone = (case_at(city, "Handle") for _ in range(3))
    links.join(core, duplicate, main, DISPATCHER, "同一井盖")
    city.cancel(gone, OPERATOR, "误报")
    for ended in (duplicate, gone):
        with pytest.raises(Invalid, match="completed"):
            links.follow_up(core, ended, links.REOPENED, LEADER, "又坏了")
    for node in ("Handle", "Feedback", "Check", "Close"):
        do(city, main, node)
    begin, told = threading.Barrier(2), []

    def reopen(who: str) -> None:
        begin.wait()
        try:
            told.append(links.follow_up(core, main, links.REOPENED, who, "又坏了", key=f"of {who}")["instance"])
        except Invalid as error:
            told.append(str(error))

    both = [threading.Thread(target=reopen, args=(who,)) for who in (LEADER, DISPATCHER)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    with core.db.read() as connection:
        found = connection.execute(select(link.c.instance_id).where(link.c.kind == "reopened_from")).scalars().all()
    assert len(found) == 1, told
    assert sorted(isinstance(each, int) for each in told) == [False, True], told
    laws.check(city)


def test_the_unit_that_is_responsible_takes_no_case_of_its_own_out_of_the_figures(city: City) -> None:
    main, late = case_at(city, "Handle"), case_at(city, "Handle")
    city.claim(only_task(city, late), HANDLER)
    city.advance(timedelta(days=3))
    with pytest.raises(NotAllowed):
        links.join(city.core, late, main, HANDLER, "同一井盖")
    assert city.instance(late)["status"] == "active"
    assert not links.may_join(city.actor(HANDLER), city.instance(late), laws.rows(city, task, late))
    verified = case_at(city, "Verify", source="hotline_12345")  # who verifies it decides that it is the same one
    links.join(city.core, verified, main, COLLECTOR, "同一井盖")
    assert city.instance(verified)["outcome"] == "duplicate"
