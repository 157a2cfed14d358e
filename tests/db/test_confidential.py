"""A confidential instance is seen by those who work it and by nobody else, whatever their powers, and it goes the way of its diagram."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from engine import access, explaining, incidents, steps
from engine.acts import completing, copying, holding, talking
from engine.errors import Invalid, LiandongError, NotFound, StepFailed
from engine.operating import looking, proposing, suspending
from engine.organisation.revision import touch
from engine.people import Actor
from engine.queries import cases, deployed, desk, inbox, instances, listing, live, machinery, notices, records
from engine.queries.tasks import user_task
from engine.tables import history, instance, membership, person, post, process_start, recusal, substitution, task, unit
from tests.bpmn.drawing import chain, end, ext, process, start, user
from tests.db import organising
from tests.db.talking import begins, bundle, catch, message
from tests.factories import HANDLER, OPERATOR, STRANGER, case_at, do
from web import calendars
from web.city import City
from web.setting_up import load_people

INSPECTOR, HEAD, OTHER = "dengmeiling", "honghaiyan", "inspector_two"
LATE = "jiabaoshan"
WORD = "金丝雀线索"
FILES = {
    "secret.bpmn": process(
        ext('<ld:confidential unit="=late_unit" case="=case_id"/>'),
        start(),
        user("Weigh", settings='<ld:candidates unit="inspection_office" post="inspector"/>'),
        user("Judge", settings='<ld:candidates unit="inspection_office" post="unit_head"/>'),
        end(),
        chain("S", "Weigh", "Judge", "E"),
        id="secret",
    )
}


@pytest.fixture
def secret(city: City) -> int:
    return begun(city)


def begun(city: City) -> int:
    """A matter about the water company and about a case that its handler worked, begun by an inspector; two more people hold the post:
    one has nothing to do with it, one worked the case."""
    load_people(
        city.core,
        [
            {"login": OTHER, "name": "督查乙", "unit": "inspection_office", "post": "inspector", "staff_no": "X1"},
            {"login": "turncoat", "name": "督查丙", "unit": "inspection_office", "post": "inspector", "staff_no": "X2"},
            {"login": "turned", "name": "督查丙", "unit": "supervision_centre", "post": "collector", "staff_no": "X2"},
            {"login": "torn", "name": "督查丁", "unit": "inspection_office", "post": "inspector", "staff_no": "X3"},
            {"login": "torn", "name": "督查丁", "unit": "water_supply", "post": "applicant", "staff_no": "X3"},
        ],
    )
    with city.core.db.write() as connection:  # the shipped second inspector is not here: who is, is named below
        connection.execute(update(person).where(person.c.login == "gongyuanqing").values(active=False))
    city.deploy(FILES)
    case = case_at(city, "Check")
    do(city, case, "Check", by="turned")
    facts = {"late_unit": "water_supply", "case_id": str(case), "title": WORD, "place": WORD}
    return city.start("secret", {}, INSPECTOR, given=facts)


def everybody(city: City) -> Iterator[Actor]:
    with city.core.db.read() as connection:
        logins = connection.execute(select(person.c.login).where(person.c.active).order_by(person.c.id)).scalars().all()
    for login in logins:
        yield city.actor(login)


def seeing(city: City, case: int) -> set[str]:
    """Everybody who sees it."""
    with city.core.db.read() as connection:
        return {actor.login for actor in everybody(city) if access.can(access.check_can_see, connection, actor, case)}


def test_who_works_it_sees_it_and_nobody_else(city: City, secret: int) -> None:
    row = city.instance(secret)
    assert (row["confidential"], row["about_id"] is not None) == (True, True)
    assert seeing(city, secret) == {INSPECTOR, OTHER}, (
        "the post it waits for, but neither the case's handler nor the unit"
    )
    task = city.tasks(secret)[0]
    city.claim(task, INSPECTOR)
    assert seeing(city, secret) == {INSPECTOR}, "claimed, it is one's alone"
    city.complete(task, {}, INSPECTOR)
    assert seeing(city, secret) == {INSPECTOR, HEAD}
    city.complete(city.tasks(secret)[0], {}, HEAD)
    assert seeing(city, secret) == {INSPECTOR, HEAD}, "also when it is over"
    with city.core.db.write() as connection:
        posts = connection.execute(select(post.c.key)).scalars().all()
    load_people(city.core, [{"login": "all_powers", "name": "全", "unit": "city_government", "post": k} for k in posts])
    assert "all_powers" not in seeing(city, secret), "no power, and no unit above"


def test_who_leaves_the_post_sees_it_no_more(city: City, secret: int) -> None:
    city.complete(city.tasks(secret)[0], {}, INSPECTOR)
    moved(city, INSPECTOR, "city_government")
    assert seeing(city, secret) == {HEAD}


def test_whoever_comes_to_the_unit_or_the_case_later_sees_it_no_more(city: City, secret: int) -> None:
    case = city.instance(secret)["about_id"]
    load_people(
        city.core,
        [
            {"login": "two_hats", "name": "乙", "unit": "supervision_centre", "post": "shift_leader", "staff_no": "X1"},
            {"login": INSPECTOR, "name": "邓美玲", "unit": "water_supply", "post": "reviewer", "staff_no": "QJ0034"},
        ],
    )
    assert seeing(city, secret) == {OTHER}
    do(city, case, "Close", by="two_hats")
    assert seeing(city, secret) == set()


def test_a_substitute_does_not_see_it(city: City, secret: int) -> None:
    core = city.core
    with core.db.write() as connection:
        ids = {row.login: row.id for row in connection.execute(select(person.c.id, person.c.login))}
        now = core.db.now_on(connection)
        values = {"principal_id": ids[INSPECTOR], "substitute_id": ids[STRANGER], "reason": "", "made_at": now}
        dates = {"since": now - timedelta(days=1), "until": now + timedelta(days=2)}
        connection.execute(insert(substitution).values(**values, **dates))
        touch(connection)
    actor = city.actor(STRANGER)
    assert [p for p in actor.posts if p.for_id is not None]
    assert STRANGER not in seeing(city, secret)
    assert lists(city, actor) == set()
    with pytest.raises(NotFound):
        city.claim(city.tasks(secret)[0], STRANGER)


def faces(city: City) -> Iterator[Actor]:
    """One of each combination of posts and powers, and all who have anything to do with the matter: its office, the unit it is about, and
    who worked the case. Whether one sees it is asked of every single person above; lists ask by the same filter."""
    near = {city.core.unit_id("inspection_office"), city.core.unit_id("water_supply")}
    known = set()
    for actor in everybody(city):
        kind = (frozenset(p.post for p in actor.posts), actor.powers)
        if kind not in known or near & actor.home_units or actor.login in ("turned", HANDLER, LATE, OPERATOR):
            known.add(kind)
            yield actor


def lists(city: City, actor: Actor) -> set[str]:
    """Wherever people find cases: the names of those that show this actor the matter."""
    core, now = city.core, city.world().now
    inspection = core.unit_id("inspection_office") or 0
    found = {
        "cases": listing.page(core, actor, listing.Wanted(text=WORD)).rows,
        "process": listing.page(core, actor, listing.Wanted(process="secret")).rows,
        "total": [1] * listing.total(core, actor, listing.Wanted(process="secret")),
        "sheet": listing.everything(core, actor, listing.Wanted(process="secret"), 10),
        "api": instances.page(core, actor, instances.Wanted(process="secret")).rows,
        "home": [row for row in cases.newest(core, actor) if row["key"] == "secret"],
        "inbox": [
            r for r in inbox.page(core, actor, inbox.Wanted(tab=inbox.Tab.ALL), now).rows if r["process"] == "secret"
        ],
        "search": inbox.page(core, actor, inbox.Wanted(tab=inbox.Tab.ALL, text=WORD), now).rows,
        "desk": [r for r in desk.desk(core, actor, inspection, now).unsigned if r["process"] == "secret"],
        "notices": [r for r in notices.newest(core, actor) if r["title"] == WORD],
    }
    return {name for name, rows in found.items() if rows}


def test_lists_searches_counts_and_desks_show_it_to_those_only(city: City, secret: int) -> None:
    asked = 0
    for actor in faces(city):
        if actor.login not in (INSPECTOR, OTHER):
            assert lists(city, actor) == set(), actor.login
            asked += 1
    assert asked > 25, "each kind of person there is"
    assert lists(city, city.actor(INSPECTOR)) >= {
        "cases",
        "process",
        "total",
        "sheet",
        "api",
        "inbox",
        "search",
        "desk",
    }
    before = inbox.counts(city.core, city.actor("turncoat"), city.world().now)
    assert before[inbox.Tab.UNIT] == 0


def test_pages_that_follow_hear_of_it_only_if_they_work_it(city: City, secret: int) -> None:
    with city.core.db.read() as connection:
        rows = connection.execute(
            select(history.c.instance_id, history.c.seq, history.c.written_at, history.c.at, history.c.task_id, history.c.actor_id)
            .where(history.c.instance_id == secret)
        ).all()  # fmt: skip
    moved = live.moved(city.core, rows)
    concerned = {actor.login for actor in everybody(city) if moved.concerns(actor)}
    assert concerned <= {INSPECTOR, OTHER, "turncoat", "torn"}, "holders of the post: told nothing but to look again"


ACTS: dict[str, Callable[[City, str, str], object]] = {
    "suspend": lambda city, ref, who: suspending.suspend(city.core, case_of(ref), who, "停"),
    "cancel": lambda city, ref, who: city.cancel(case_of(ref), who, "终止"),
    "look": lambda city, ref, who: looking.look(city.core, city.actor(who), case_of(ref)),
    "move": lambda city, ref, who: proposing.propose(
        city.core, case_of(ref), "move", {"token": 1, "to": "E"}, who, "移"
    ),
    "set": lambda city, ref, who: proposing.propose(
        city.core, case_of(ref), "set", {"name": "x", "value": 1}, who, "改"
    ),
    "comment": lambda city, ref, who: talking.comment(city.core, case_of(ref), "言", who),
    "copy": lambda city, ref, who: copying.copy(city.core, case_of(ref), [city.actor(who).id], who),
    "claim": lambda city, ref, who: holding.claim(city.core, ref, who),
    "complete": lambda city, ref, who: completing.complete(city.core, ref, {}, who),
    "retry": lambda city, ref, who: incidents.retry(city.core, case_of(ref), 1, who),
    "read": lambda city, ref, who: steps.read(city.core, case_of(ref), who),
}
"""What anybody could try with an instance, by the reference of its task."""


def case_of(ref: str) -> int:
    return int(ref.partition(".")[0])


def test_every_act_of_anybody_else_answers_as_if_there_were_none(city: City, secret: int) -> None:
    before = city.instance(secret)["history_count"]
    ref = city.tasks(secret)[0].ref
    for who in (OPERATOR, "shenjiahao", "turncoat", "torn", HANDLER, LATE, "baoguoping"):
        for name, act in ACTS.items():
            answers = []
            for case in (secret, secret ^ 1):
                with pytest.raises(LiandongError) as error:
                    act(city, ref.replace(str(secret), str(case)), who)
                answers.append((error.type, error.value.params))
            assert answers[0] == answers[1], (who, name)
    assert city.instance(secret)["history_count"] == before


def test_who_works_it_neither_holds_nor_ends_it_nor_shows_it_to_others(city: City, secret: int) -> None:
    load_people(
        city.core,
        [{"login": INSPECTOR, "name": "邓美玲", "unit": "inspection_office", "post": "operator", "staff_no": "QJ0034"}],
    )
    for name in ("suspend", "cancel", "look", "move", "set"):
        with pytest.raises(NotFound):
            ACTS[name](city, f"{secret}.1", INSPECTOR)
    task = city.tasks(secret)[0]
    city.claim(task, INSPECTOR)
    with pytest.raises(LiandongError):
        copying.copy(city.core, secret, [city.actor(OTHER).id], INSPECTOR)
    with pytest.raises(LiandongError):
        holding.transfer(city.core, task.ref, city.actor(OTHER).id, INSPECTOR)
    assert talking.comment(city.core, secret, "在办", INSPECTOR)


def test_operators_learn_that_something_is_stuck_and_no_more(city: City, secret: int) -> None:
    error = StepFailed("Weigh", WORD)
    incidents.note(city.core, secret, error)
    (row,) = machinery.open_incidents(city.core)
    assert machinery.count_incidents(city.core) == 1
    assert WORD not in str(row)
    assert city.instance(secret)["number"] not in str(row)
    assert str(secret) not in str(row)
    assert instances.incidents(city.core, instance_id=secret) == []
    with city.core.db.read() as connection:
        number = connection.execute(select(history.c.seq).where(history.c.kind == "failed")).scalar_one()
    with pytest.raises(NotFound):
        incidents.retry(city.core, secret, number, OPERATOR)
    incidents.retry(city.core, secret, number, INSPECTOR)
    assert machinery.open_incidents(city.core) == []


def test_auditors_designers_and_counters_find_nothing(city: City, secret: int) -> None:
    core, auditor = city.core, city.actor("jiaqiaoyun")
    number = city.instance(secret)["number"]
    for stream in (records.ALL, records.CASES, records.READING):
        found = records.search(core, auditor, records.Wanted(stream=stream, size=200))
        assert not [row for row in found.rows if number in str(row) or str(secret) in str(row)], stream
        assert records.search(core, auditor, records.Wanted(stream=stream, about=number)).rows == []
    assert records.numbers(core, auditor, {secret}) == {}
    case = city.instance(secret)["about_id"]
    for named in (number, f"case:{secret}", f"case:{secret}/file", "20260610-NOSUCH", "case:1", "case:" + "9" * 19):
        assert not records.is_told(core, named), named
    for named in (city.instance(case)["number"], f"case:{case}", f"case:{case}/file", "person:1"):
        assert records.is_told(core, named), named
    (counted,) = [one for one in deployed.processes(core) if one.newest["key"] == "secret"]
    assert (counted.active, counted.ended) == (0, 0)
    assert [row["active"] for row in deployed.versions(core, "secret")] == [0]
    assert explaining.seeing(core, auditor, secret) == explaining.seeing(core, auditor, secret + 1)
    with pytest.raises(NotFound):
        cases.by_number(core, number)


def test_a_matter_that_names_no_unit_is_not_begun(city: City) -> None:
    city.deploy(FILES)
    for unknown in ({}, {"late_unit": None}, {"late_unit": "no_such_unit"}):
        with pytest.raises(Invalid):
            city.start("secret", {}, INSPECTOR, given=unknown)
    with city.core.db.read() as connection:
        assert connection.execute(select(instance.c.id).where(instance.c.key == "secret")).first() is None


def test_those_below_the_unit_are_kept_out_too(city: City) -> None:
    city.deploy(FILES)
    case = city.start("secret", {}, INSPECTOR, given={"late_unit": "town_yuanlin", "title": WORD})
    with city.core.db.read() as connection:
        query = select(unit.c.key).join(recusal, recusal.c.unit_id == unit.c.id).where(recusal.c.instance_id == case)
        kept = set(connection.execute(query).scalars())
    assert {"town_yuanlin", "enforcement_yuanlin"} <= kept


def moved(city: City, login: str, to: str) -> None:
    """Somebody's only post goes on in another unit."""
    with city.core.db.write() as connection:
        who = connection.execute(select(person.c.id).where(person.c.login == login)).scalar_one()
        connection.execute(
            update(membership).where(membership.c.person_id == who).values(unit_id=city.core.unit_id(to))
        )
        touch(connection)


def test_no_letter_from_outside_begins_or_reaches_a_confidential_process(city: City) -> None:
    """Whatever its diagram says of its messages: an operator and every system with a token hear that nobody waits."""
    whispers = bundle(
        ext('<ld:confidential unit="=late_unit"/>'),
        begins("B", "message", "Whisper", result="={late_unit: payload.unit}"),
        catch("C", "message", "Whisper", correlation="=late_unit"),
        user("Weigh", settings='<ld:candidates unit="inspection_office" post="inspector"/>'),
        end(),
        chain("B", "C", "Weigh", "E"),
        key="whispers",
        outside=message("Whisper"),
    )
    city.deploy(whispers)
    said = {"unit": "water_supply"}
    with pytest.raises(NotFound):
        city.message("Whisper", "", said, OPERATOR)
    begun = city.message("Whisper", "", said, None)  # the house itself
    with pytest.raises(NotFound):
        city.message("Whisper", "water_supply", said, OPERATOR)
    assert city.message("Whisper", "water_supply", said, None) == begun


@pytest.mark.parametrize("name", ["clue_referred", "inspection_requested", "clock_breached", "no_progress"])
def test_what_begins_oversight_cannot_be_forged(city: City, name: str) -> None:
    payload = {"late_unit": "water_supply", "title": WORD, "case_id": "1"}
    with pytest.raises(NotFound):
        city.message(name, "1", payload, OPERATOR)
    with city.core.db.read() as connection:
        assert not connection.execute(select(instance.c.id)).all()
        started = connection.execute(select(process_start.c.inside).where(process_start.c.name == name)).scalars().all()
    assert started == [True], "it begins by this name, and by no other way"


def test_its_task_is_found_by_no_address_and_told_in_no_calendar(city: City, secret: int) -> None:
    ref = city.tasks(secret)[0].ref
    city.claim(ref, INSPECTOR)
    organising.lend(city, INSPECTOR, LATE)
    organising.lend(city, INSPECTOR, "honghaiyan")
    assert user_task(city.core, city.actor(INSPECTOR), ref).ref == ref
    for who in (OTHER, "turncoat", "torn", LATE, HEAD):  # the same post, no more theirs; who stands in for whom it is
        with pytest.raises(NotFound):
            user_task(city.core, city.actor(who), ref)
    with city.core.db.write() as connection:
        now = city.core.db.now_on(connection) + timedelta(days=1)
        connection.execute(update(task).where(task.c.instance_id == secret).values(due_at=now))
    shown = calendars.deadlines(city.core, city.actor(INSPECTOR), city.world().now, lambda ref: ref).decode()
    assert city.instance(secret)["number"] not in shown
    assert "VEVENT" not in shown
