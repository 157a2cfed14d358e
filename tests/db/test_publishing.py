"""A version is made by two people, at its time and once; a former one comes back in one act."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from engine import definitions, deployment, drafts, publishing
from engine import settings as city_settings
from engine.errors import DefinitionRefused, Invalid, NotAllowed
from engine.publishing import working
from engine.tables import audit, person, process_proposal
from tests.db.test_drafts import DIAGRAM, KEY, OTHER, drawn, files
from tests.factories import COLLECTOR, DESIGNER
from tests.faults.wrecking import ConnectionLost, wrecked
from web.city import City


def alone(city: City) -> None:
    """Nobody else is asked."""
    with city.core.db.write() as connection:
        city_settings.put(city.core, connection, "publish_second_person", False)


def proposed(
    city: City, word: str = "甲", *, due: timedelta | None = None, by: str = DESIGNER, follows: int = 1
) -> int:
    draft = drafts.begin(city.core, KEY, {**files(), DIAGRAM: drawn(word)}, by, base=1)
    due_at = city.core.db.now() + due if due else None
    return publishing.propose(city.core, draft.id, by, "说明改清楚", follows=follows, revision=1, due_at=due_at)


def come(city: City, proposal: int) -> None:
    """Its time has come."""
    c = process_proposal.c
    with city.core.db.write() as connection:
        past = city.core.db.now_on(connection) - timedelta(seconds=1)
        connection.execute(update(process_proposal).where(c.id == proposal).values(try_at=past))


def state(city: City, proposal: int) -> str:
    return publishing.get(city.core, proposal).state


def test_one_proposes_another_approves_and_a_worker_publishes(city: City) -> None:
    made = proposed(city)
    with pytest.raises(NotAllowed, match="somebody else"):
        publishing.approve(city.core, made, DESIGNER)
    with pytest.raises(NotAllowed):
        publishing.approve(city.core, made, COLLECTOR)
    assert publishing.run_due(city.core) == 0
    publishing.approve(city.core, made, OTHER, "同意")
    assert city.definition(KEY).version == 1
    assert publishing.run_due(city.core) == 1
    found = publishing.get(city.core, made)
    assert (found.state, found.version, found.decided_by) == ("published", 2, city.actor(OTHER).id)
    assert definitions.files_of(city.core, city.definition(KEY).id) == {**files(), DIAGRAM: drawn("甲")}
    assert drafts.get(city.core, found.draft_id or 0).state == "published"
    assert publishing.run_due(city.core) == 0
    with city.core.db.read() as connection:
        about = f"process_proposal:{KEY}/{made}"
        rows = connection.execute(
            select(audit.c.kind, audit.c.data).where(audit.c.about == about).order_by(audit.c.seq)
        ).all()
    assert [row.kind for row in rows] == ["process_proposed", "process_approved", "process_published"]
    assert len({row.data["hash"] for row in rows}) == 1


def test_the_same_human_being_by_another_account_is_no_second_person(city: City) -> None:
    made = proposed(city)
    with city.core.db.write() as connection:
        number = connection.execute(select(person.c.staff_no).where(person.c.login == DESIGNER)).scalar_one()
        connection.execute(update(person).where(person.c.login == OTHER).values(staff_no=number))
    with pytest.raises(NotAllowed, match="somebody else"):
        publishing.approve(city.core, made, OTHER)


def test_what_was_proposed_is_what_is_published(city: City) -> None:
    made = proposed(city)
    draft = publishing.get(city.core, made).draft_id or 0
    drafts.save(city.core, draft, 1, {DIAGRAM: drawn("后来改的")}, DESIGNER, "x")
    publishing.approve(city.core, made, OTHER)
    publishing.run_due(city.core)
    assert definitions.files_of(city.core, city.definition(KEY).id)[DIAGRAM] == drawn("甲")
    assert drafts.get(city.core, draft).state == "open"  # what was drawn later stays


def test_it_waits_for_its_time(city: City) -> None:
    made = proposed(city, due=timedelta(hours=3))
    publishing.approve(city.core, made, OTHER)
    assert publishing.run_due(city.core) == 0
    assert publishing.publish(city.core, made) is None
    come(city, made)
    assert publishing.run_due(city.core) == 1
    assert city.definition(KEY).version == 2


def test_a_time_that_has_passed_is_refused(city: City) -> None:
    with pytest.raises(Invalid, match="has passed"):
        proposed(city, due=timedelta(minutes=-1))
    assert publishing.listing(city.core) == []


def test_two_workers_publish_it_once(city: City) -> None:
    made = proposed(city)
    publishing.approve(city.core, made, OTHER)
    found: list[int | None] = []
    threads = [threading.Thread(target=lambda: found.append(publishing.publish(city.core, made))) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(one or 0 for one in found) == [0, 0, 0, 2]
    assert city.definition(KEY).version == 2


def test_a_crash_at_any_statement_publishes_it_once(city: City) -> None:
    made = proposed(city)
    publishing.approve(city.core, made, OTHER)
    for point in range(1, 300, 6):
        try:
            with wrecked(city.core.db, point):
                publishing.publish(city.core, made)
        except ConnectionLost:  # also after the commit, before anybody heard of it
            assert (state(city, made), city.definition(KEY).version) in (("approved", 1), ("published", 2))
            continue
        break
    assert point > 60  # that many points were tried
    assert state(city, made) == "published"
    assert city.definition(KEY).version == 2


def test_a_version_that_came_between_is_told(city: City) -> None:
    first, second = proposed(city), proposed(city, "乙")
    publishing.approve(city.core, first, OTHER)
    publishing.approve(city.core, second, OTHER)
    publishing.run_due(city.core)
    assert (state(city, first), state(city, second)) == ("published", "failed")
    assert "version 2" in (publishing.get(city.core, second).error or {})["en"]
    third = proposed(city, "丙", follows=2)
    deployment.deploy(city.core, {**files(), DIAGRAM: drawn("别人")})
    with pytest.raises(Invalid, match="version 3"):
        publishing.approve(city.core, third, OTHER)
    with pytest.raises(Invalid, match="version 3"):
        proposed(city, "丁", follows=2)


def test_it_can_be_withdrawn_or_refused_until_it_is_published(city: City) -> None:
    made = proposed(city, due=timedelta(hours=1))
    with pytest.raises(NotAllowed, match="somebody else proposed"):
        publishing.withdraw(city.core, made, OTHER)
    publishing.approve(city.core, made, OTHER)
    publishing.withdraw(city.core, made, DESIGNER)
    come(city, made)
    assert publishing.run_due(city.core) == 0
    other = proposed(city, "乙", due=timedelta(hours=1))
    publishing.approve(city.core, other, OTHER)
    with pytest.raises(Invalid):
        publishing.refuse(city.core, other, OTHER, " ")
    publishing.refuse(city.core, other, OTHER, "再想想")
    assert [state(city, one) for one in (made, other)] == ["withdrawn", "refused"]
    assert city.definition(KEY).version == 1


@pytest.mark.parametrize("database_kind", ["sqlite"])  # not of the database
def test_what_cannot_be_published_cannot_be_proposed(city: City) -> None:
    bad = drafts.begin(city.core, KEY, {**files(), DIAGRAM: b"<no/>"}, DESIGNER, base=1)
    with pytest.raises(DefinitionRefused):
        publishing.propose(city.core, bad.id, DESIGNER, "改", follows=1)
    same = drafts.begin(city.core, KEY, files(), DESIGNER, base=1)
    with pytest.raises(Invalid, match="already"):
        publishing.propose(city.core, same.id, DESIGNER, "改", follows=1)
    with pytest.raises(Invalid, match="write 1"):
        publishing.propose(city.core, same.id, DESIGNER, "", follows=1)
    moved = drafts.begin(city.core, KEY, {**files(), DIAGRAM: drawn("甲")}, DESIGNER, base=1)
    drafts.save(city.core, moved.id, 1, {DIAGRAM: drawn("乙")}, OTHER, "t")
    with pytest.raises(Invalid, match="saved the draft"):
        publishing.propose(city.core, moved.id, DESIGNER, "改", follows=1, revision=1)


def test_a_former_version_comes_back_as_the_newest(city: City) -> None:
    first = definitions.files_of(city.core, city.definition(KEY).id)
    publishing.approve(city.core, proposed(city), OTHER)
    publishing.run_due(city.core)
    back = publishing.propose_again(city.core, KEY, 1, OTHER, "新版有误，先恢复", follows=2)
    with pytest.raises(NotAllowed):
        publishing.approve(city.core, back, OTHER)
    publishing.approve(city.core, back, DESIGNER)
    publishing.run_due(city.core)
    newest = city.definition(KEY)
    assert newest.version == 3
    assert definitions.files_of(city.core, newest.id) == first
    with pytest.raises(Invalid, match="newest"):
        publishing.propose_again(city.core, KEY, 3, OTHER, "再来", follows=3)


def test_where_no_second_person_is_asked_for_one_is_enough(city: City) -> None:
    with pytest.raises(NotAllowed, match="second person"):
        publishing.check_alone(city.core)
    alone(city)
    publishing.check_alone(city.core)
    made = proposed(city)
    assert state(city, made) == "approved"
    assert publishing.publish(city.core, made) == 2
    assert publishing.get(city.core, made).decided_by is None


def test_what_fails_for_no_reason_of_its_own_is_tried_three_times(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    made = proposed(city)
    publishing.approve(city.core, made, OTHER)

    def broken(*_: Any, **__: Any) -> int:
        raise RuntimeError("disk full")

    monkeypatch.setattr(working, "_put", broken)
    for _ in range(working.TRIES):
        assert state(city, made) == "approved"
        come(city, made)
        publishing.run_due(city.core)
    found = publishing.get(city.core, made)
    assert found.state == "failed"
    assert "disk full" in (found.error or {})["en"]
    assert city.definition(KEY).version == 1


def test_files_that_were_changed_after_the_approval_are_not_published(city: City) -> None:
    made = proposed(city)
    publishing.approve(city.core, made, OTHER)
    with city.core.db.write() as connection:
        connection.exec_driver_sql(f"UPDATE process_proposal_file SET name = 'x{DIAGRAM}' WHERE name = '{DIAGRAM}'")
    publishing.run_due(city.core)
    assert state(city, made) == "failed"
    assert city.definition(KEY).version == 1
