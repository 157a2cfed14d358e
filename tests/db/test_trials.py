"""Trials of drafts: a designer plays every part, time passes where it is let, and nothing of it is anywhere else."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, make_url, select, update
from sqlalchemy.exc import DBAPIError

from engine import access, definitions, drafts, trials
from engine.audit import results
from engine.clock import ManualClock
from engine.errors import DefinitionRefused, Invalid, NotAllowed, NotFound, StepFailed
from engine.migrating import deciding
from engine.migrations import roles
from engine.people import Actor, load_actor
from engine.publishing import proposals
from engine.queries import deployed
from engine.tables import certificate, history, incident, instance, notice, reservation, task, words, world
from engine.tables import metadata as tables
from engine.trials import Trial, playing, sweeping
from escalation import records, trying
from escalation.tables import clock, delivery
from tests.bpmn.drawing import chain, end, ext, process, start, tag, user
from tests.conftest import MakeDatabase
from tests.factories import ANSWERS, COLLECTOR, DESIGNER, REPORT
from tests.stories import permits
from web.city import City
from web.setting_up import bundle
from web.wiring import PROCESSES, open_city

KEY = "excavation_permit"
OTHER = "fangzhiyuan"


def actor(city: City, login: str = DESIGNER) -> Actor:
    with city.core.db.read() as connection:
        return load_actor(connection, login)


def begun(city: City, files: dict[str, bytes] | None = None, key: str = KEY) -> Trial:
    base = 1 if files is None else 0
    draft = drafts.begin(city.core, key, files or bundle(PROCESSES / key), DESIGNER, base=base)
    return trials.get(city.core, actor(city), trials.start(city.core, actor(city), draft.id))


def go(city: City, trial: Trial, answers: dict[str, Any]) -> int:
    made = playing.begin(city.core, actor(city), trial, answers)
    trying.settle(city.core, trial)
    return made


def play(city: City, trial: Trial, node: str, answers: dict[str, Any], whom: str | None = None) -> None:
    """As somebody for whom the step waits and who may do it."""
    one = next(one for one in playing.waiting(city.core, trial) if one.node.id == node)
    able = [each.person_id for each in one.people if each.why_not is None]
    who = actor(city, whom).id if whom is not None else able[0]
    playing.complete(city.core, actor(city), trial, (one.case["id"], one.row["id"]), answers, who)
    trying.settle(city.core, trial)


def steps_of(city: City, trial: Trial) -> set[str]:
    return {one.node.id for one in playing.waiting(city.core, trial)}


def granted(city: City, trial: Trial) -> int:
    """A permit from application to certificate."""
    case = go(city, trial, permits.APPLIED)
    for node in ("Accept", "MunicipalReview", "TrafficReview", "Decide", "Issue"):
        assert node in steps_of(city, trial), (node, steps_of(city, trial))
        who, answers = permits.ANSWERS[node]
        play(city, trial, node, answers, who)
    return case


def counted(city: City) -> dict[str, int]:
    """Rows of every table above zero: what is no trial's."""
    with city.core.db.read() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in tables.sorted_tables
            if table.name not in ("process_draft", "process_draft_file", "audit", "audit_head")
        }


def test_a_permit_is_played_from_application_to_certificate(city: City) -> None:
    trial = begun(city)
    assert trial.world.is_trial
    assert trial.world.now == city.world().now
    case = granted(city, trial)
    assert case < 0
    designer = actor(city)
    with city.core.db.read() as connection:
        kept = connection.execute(select(certificate.c.world_id, certificate.c.instance_id)).all()
        assert [tuple(row) for row in kept] == [(trial.id, case)]
        held = connection.execute(select(reservation.c.world_id)).scalars().all()
        assert set(held) == {trial.id}
        rows = connection.execute(select(history).where(history.c.kind == "completed")).mappings().all()
        assert {row["actor_id"] for row in rows} == {designer.id}
        assert {row["data"]["played"] for row in rows} == {
            actor(city, permits.ANSWERS[str(row["node"])][0]).id for row in rows
        }
        closed = connection.execute(select(task.c.closed_by).where(task.c.closed_at.is_not(None))).scalars()
        assert set(closed) == {designer.id}
        assert not any(connection.execute(select(notice.c.pending)).scalars())
        number = connection.execute(select(instance.c.number).where(instance.c.id == case)).scalar_one()
        assert number.startswith("TRIAL-")
        assert connection.execute(select(words.c.instance_id)).all() == []
        assert connection.execute(select(delivery.c.id)).all() == []
    again = begun(city)
    assert playing.answered_before(city.core, again, None)["title"] == permits.APPLIED["title"]
    assert playing.answered_before(city.core, again, "Accept") == permits.ANSWERS["Accept"][1]


def test_whatever_it_has_is_below_zero_and_nobody_else_meets_it(city: City) -> None:
    trial = begun(city)
    case = granted(city, trial)
    play(city, trial, "Report", {"report_kind": "finished", "finished_note": "已清场"})
    with city.core.db.read() as connection:
        for table in (instance, *(t for t in tables.sorted_tables if "instance_id" in t.columns)):
            column = table.c["instance_id" if "instance_id" in table.c else "id"]
            assert connection.execute(select(func.count()).where(column > 0)).scalar_one() == 0, table.name
        assert connection.execute(select(task.c.id).where(task.c.instance_id == case)).all()
        everybody = [load_actor(connection, who) for who in (*{who for who, _ in permits.ANSWERS.values()}, DESIGNER)]
        for one in everybody:
            assert connection.execute(select(instance.c.id).where(access.visible(connection, one))).all() == []
    for one in everybody:
        acts: tuple[Callable[[int], object], ...] = (
            lambda who: city.comment(case, "看到了", who),
            lambda who: city.cancel(case, who, "不要了"),
            lambda who: city.complete(f"{case}.1", {}, who),
            lambda who: city.claim(f"{case}.2", who),
        )
        for act in acts:
            with pytest.raises(NotFound):
                act(one.id)


def test_it_is_no_version_and_starts_nothing(city: City) -> None:
    before = city.definition(KEY)
    files = bundle(PROCESSES / KEY)
    name = f"{KEY}.bpmn"
    files[name] = files[name].replace("挖掘".encode(), "开挖".encode())
    trial = begun(city, files)
    assert definitions.get(city.core, trial.id).model.id == KEY
    assert city.definition(KEY).id == before.id
    assert [row["version"] for row in deployed.versions(city.core, KEY)] == [1]
    live = city.start(KEY, permits.APPLIED, permits.APPLICANT)
    assert city.instance(live)["definition_id"] == before.id
    new = {**bundle(PROCESSES / KEY)}
    new[name] = new[name].replace("挖掘".encode(), "掘路".encode())
    assert [one.version for one in city.deploy(new)] == [2]
    strange = process(start(), end(), chain("S", "E"), id="never_published")
    begun(city, {"never_published.bpmn": strange}, "never_published")
    assert "never_published" not in deployed.keys(city.core)
    with city.core.db.read() as connection:
        assert proposals.newest_version(connection, "never_published") == 0
        assert proposals.newest_version(connection, KEY) == 2
    with pytest.raises(NotFound):  # nothing that runs is brought onto it
        deciding.make(city.core, KEY, 1, trial.id, {}, DESIGNER)
    with pytest.raises(NotFound):
        city.definition("never_published")


def test_four_eyes_and_posts_are_asked_of_who_is_played(city: City) -> None:
    trial = begun(city)
    go(city, trial, permits.APPLIED)
    with pytest.raises(Invalid):
        play(city, trial, "Accept", permits.ANSWERS["Accept"][1], COLLECTOR)
    drawn = process(
        start(),
        user("Draw", settings='<ld:candidates post="handler"/>'),
        user(
            "Check",
            settings='<ld:candidates post="handler"/><ld:fourEyes with="Draw"/>',
        ),
        end(),
        chain("S", "Draw", "Check", "E"),
        id="two_pairs",
    )
    two = begun(city, {"two_pairs.bpmn": drawn}, "two_pairs")
    go(city, two, {})
    (first,) = playing.waiting(city.core, two)
    who = first.people[0].person_id
    playing.complete(city.core, actor(city), two, (first.case["id"], first.row["id"]), {}, who)
    (second,) = playing.waiting(city.core, two)
    barred = next(each for each in second.people if each.person_id == who)
    assert isinstance(barred.why_not, NotAllowed)
    with pytest.raises(NotAllowed):
        playing.complete(city.core, actor(city), two, (second.case["id"], second.row["id"]), {}, who)


def test_time_passes_only_where_it_is_let_and_in_order(city: City) -> None:
    trial = begun(city)
    case = go(city, trial, permits.APPLIED)
    city.advance(timedelta(days=60))  # the city's own time, and its workers
    at = trials.get(city.core, actor(city), trial.number).world.now
    assert at == trial.world.now
    with city.core.db.read() as connection:
        assert connection.execute(select(clock.c.name).where(clock.c.breached_at.is_not(None))).all() == []
    first = trying.upcoming(city.core, trial)
    assert first is not None
    passed = trying.jump(city.core, trial, None)
    assert passed.at == first.at
    day = trying.next_working_day(city.core, trial)
    assert trying.jump(city.core, trial, day).whole
    trying.jump(city.core, trial, day + timedelta(days=40))
    with city.core.db.read() as connection:
        late = connection.execute(
            select(clock.c.due_at, clock.c.breached_at).where(clock.c.breached_at.is_not(None))
        ).all()
        assert late
        rows = connection.execute(
            select(history.c.at, history.c.kind).where(history.c.instance_id == case).order_by(history.c.seq)
        ).all()
    times = [row.at for row in rows]
    assert times == sorted(times)
    breaches = [row.at for row in rows if row.kind == "breached"]
    assert breaches
    assert {at - timedelta(seconds=1) for at in breaches} <= {row.due_at for row in late}
    with city.core.db.read() as connection:
        assert connection.execute(select(notice.c.id).where(notice.c.kind == "reminded")).all()
        assert connection.execute(select(delivery.c.id)).all() == []
    with pytest.raises(Invalid):
        trying.jump(city.core, trial, day)
    with pytest.raises(Invalid):
        trying.jump(city.core, trial, day + timedelta(days=5000))


def test_a_draft_that_cannot_go_on_says_where_and_why(city: City) -> None:
    nobody = '<ld:candidates unit="=where" post="leader"/>'
    drawn = process(
        start(),
        user("First", settings='<ld:candidates post="handler"/>'),
        user("Second", settings=nobody),
        end(),
        chain("S", "First", "Second", "E"),
        id="stuck",
    )
    trial = begun(city, {"stuck.bpmn": drawn}, "stuck")
    go(city, trial, {})
    with pytest.raises(StepFailed):
        play(city, trial, "First", {})
    with city.core.db.read() as connection:
        (row,) = connection.execute(select(incident.c.node, incident.c.message_zh)).all()
    assert row.node == "Second"
    assert "找不到办理人" in row.message_zh
    assert steps_of(city, trial) == {"First"}
    with pytest.raises(DefinitionRefused):
        begun(city, {"broken.bpmn": b"<no/>"}, "broken")


def test_a_service_that_the_city_does_not_have_is_told_of(city: City) -> None:
    drawn = process(
        start(),
        tag("serviceTask", ext('<ld:action name="tax_office" taxpayer="=title"/>'), id="Ask"),
        user("After", settings='<ld:candidates post="handler"/>'),
        end(),
        chain("S", "Ask", "After", "E"),
        id="asking",
    )
    trial = begun(city, {"asking.bpmn": drawn}, "asking")
    case = go(city, trial, {})
    assert steps_of(city, trial) == {"After"}
    with city.core.db.read() as connection:
        data = connection.execute(
            select(history.c.data).where(history.c.instance_id == case, history.c.kind == "action_done")
        ).scalar_one()
    assert (data["name"], data["simulated"], data["called"]) == ("tax_office", True, {"taxpayer": None})


def test_only_designers_and_only_while_it_runs(city: City) -> None:
    trial = begun(city)
    for refused in (lambda: trials.get(city.core, actor(city, COLLECTOR), trial.number),
                    lambda: trials.listing(city.core, actor(city, COLLECTOR)),
                    lambda: trials.start(city.core, actor(city, COLLECTOR), trial.draft_id)):  # fmt: skip
        with pytest.raises(NotAllowed):
            refused()
    assert [one.number for one in trials.listing(city.core, actor(city, OTHER), KEY)] == [trial.number]
    trials.end(city.core, actor(city, OTHER), trial.number)
    over = trials.get(city.core, actor(city), trial.number)
    assert over.is_over
    with pytest.raises(Invalid):
        playing.begin(city.core, actor(city), over, permits.APPLIED)
    with pytest.raises(Invalid):
        trying.jump(city.core, over, None)
    with pytest.raises(NotFound):
        trials.get(city.core, actor(city), trial.number + 1)
    drafts.discard(city.core, trial.draft_id, DESIGNER)
    with pytest.raises(Invalid):
        trials.start(city.core, actor(city), trial.draft_id)


def test_its_rows_go_when_its_days_are_over_and_no_others(city: City) -> None:
    city.start(KEY, permits.APPLIED, permits.APPLICANT)
    city.run_due()
    before = counted(city)
    trial = begun(city)
    granted(city, trial)
    other = begun(city)
    go(city, other, permits.APPLIED)
    trials.end(city.core, actor(city), trial.number)
    assert trials.sweep(city.core) == 0
    with city.core.db.write() as connection:
        connection.execute(
            update(world)
            .where(world.c.id.in_([trial.id, other.id]))
            .values(set_at=trial.touched_at - timedelta(days=31))
        )
    assert trials.sweep(city.core) == 2
    assert counted(city) == before
    with pytest.raises(ValueError, match="only trials"):
        sweeping.forget(city.core, 1)


def test_the_application_s_role_deletes_trials_and_nothing_else(
    make_database: MakeDatabase, clock: ManualClock
) -> None:
    """On PostgreSQL; the city's record stays good with a trial in it, and when the trial is gone."""
    url = make_database("postgresql", "city")
    role = "app_" + uuid.uuid4().hex  # its own: roles belong to the server that all tests share
    with closing(open_city(url, clock)) as owner:
        live = owner.start(KEY, permits.APPLIED, permits.APPLICANT)
        with owner.core.db.write() as connection:
            connection.exec_driver_sql(f"CREATE ROLE {role} LOGIN")
            roles.admit(connection, role)
    as_application = make_url(url).set(username=role).render_as_string(hide_password=False)
    with closing(open_city(as_application, clock)) as city:
        trial = begun(city)
        case = granted(city, trial)

        def is_good() -> bool:
            records.seal(city.core)
            records.verify_due(city.core)
            with city.core.db.read() as connection:
                return bool(results.standing(connection).summary["good"])

        assert is_good()
        for statement in (
            f"DELETE FROM history WHERE instance_id = {case}",
            f"DELETE FROM definition WHERE id = {trial.id}",
            "SELECT liandong_forget_trial(1)",
            "SELECT liandong_forget_trial(NULL)",
        ):
            with pytest.raises(DBAPIError, match=r"permission denied|only trials"), city.core.db.write() as connection:
                connection.exec_driver_sql(statement)
        sweeping.forget(city.core, trial.id)
        with pytest.raises(NotFound):
            trials.get(city.core, actor(city), trial.number)
        assert city.trail(case) == []
        assert len(city.trail(live)) > 0
        assert is_good()


def test_what_it_sets_going_runs_as_published_in_the_same_trial(city: City) -> None:
    """A case of dispatch that runs late is supervised: by the version that is published, with an id below zero, in this world only."""
    trial = begun(city, key="case_dispatch")
    case = go(city, trial, REPORT)
    for node in ("Verify", "File", "Dispatch"):
        if node in steps_of(city, trial):
            play(city, trial, node, ANSWERS[node][1])
    trying.jump(city.core, trial, trial.world.now + timedelta(days=20))
    found = trials.cases(city.core, trial)
    assert found[0]["id"] == case
    (ladder,) = [row for row in found if row["key"] == "supervision"]
    assert ladder["id"] < 0
    assert ladder["definition_id"] == city.definition("supervision").id > 0
    assert ladder["world_id"] == trial.id
    with city.core.db.read() as connection:
        assert connection.execute(select(instance.c.id).where(instance.c.id > 0)).all() == []
