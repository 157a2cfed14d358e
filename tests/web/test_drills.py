"""Drills: begun from a plan with a list, told to those alone, with an inbox and a clock of their own, ended with an evaluation; and
nothing of one in any page, list, sheet, export or figure of the live world."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from engine import certificates, definitions, jobs, steps
from engine import registers as content
from engine.errors import Invalid
from engine.queries import counting, inbox, listing
from engine.queries.live import Follower
from engine.tables import certificate, instance, job, notice, reservation, unit, world
from escalation import indicators, sweep
from escalation.assessment import counts as assessed
from escalation.emergencies import board, drills
from escalation.tables import clock, delivery
from tests import emergency as em
from tests.factories import ACCEPTOR, DISPATCHER, LEADER, OPERATOR
from tests.receivers import http_receiver
from tests.sending import hooks_at, person_id, reach
from tests.sending import work as send
from tests.stories import permits
from tests.web.test_rights_matrix import _text
from tests.web.visitor import Visit
from web.city import City

CANARY = "演练金丝雀"
"""Stands in title, place and number of what is drilled, and nowhere else."""
OWN = ("emergency.", "drills.", "static")
"""Pages of drills themselves; /emergency lists them only as drills."""
READERS = (
    em.COORDINATOR,
    DISPATCHER,
    LEADER,
    OPERATOR,
    "jiaqiaoyun",
    "yuanzhigang",
    "dengmeiling",
    em.HEAD,
    "jiabaoshan",
    None,
)
"""Coordinator, dispatcher, shift leader, operator, auditor, assessor, inspector, heads; anybody. None of them is on the list."""
BUSY = (("/", em.HEAD), ("/inbox", "jiabaoshan"), ("/figures", LEADER), ("/supervision", LEADER), ("/cases", LEADER),
        ("/desk", "jiabaoshan"), ("/dispatch", DISPATCHER), ("/emergency", em.OTHER_COORDINATOR), ("/mine", "jiabaoshan"),
        ("/copies", em.HEAD), ("/public", None))  # fmt: skip
"""Pages with figures, each for somebody whose work a drill would change."""
AHEAD = timedelta(days=2)
"""By so much the live world's clock is put ahead of a drill's: figures end at the present, so what happened in a drill whose clock ran
ahead of it would be hidden by its date alone, and a figure that forgot its world would not be seen."""
FEW = (LEADER, OPERATOR, em.COORDINATOR, None)
"""Readers of the many pages whose addresses have arguments: all cases, all operations, who keeps plans, anybody."""
OF_ONE = {
    "instance_id", "instance", "ref", "task_id", "file_id", "inspection", "report_id", "batch_id", "change_id", "notice_id",
    "draft_id", "proposal_id",
    "which", "secret",
}  # fmt: skip
"""Arguments that name one case, task, file, change …: who may not see it is told nothing (test_rights_matrix); who may, sees one thing."""
STATIC = {"filename", "name", "file", "version", "number", "kind", "rest"}
"""Arguments of files and forms of a definition, of years of a calendar, of kinds of change: content, which no case changes;
and what is no route of the API."""


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


def hold(city: City, *, rate: float = 60, receivers: tuple[str, ...] = (em.OTHER_COORDINATOR,)) -> int:
    """A drill of the flood plan by the coordinator, with this list."""
    people = [person_id(city, who) for who in receivers]
    return drills.start(city.core, em.actor(city, em.COORDINATOR), em.PLAN, "防汛演练", rate, people)


def fill(city: City, drill: int) -> list[int]:
    """Things of every sort happen in it, each with the canary."""
    plan = em.ordered(city, world=drill, title=f"{CANARY}积水", place=f"{CANARY}路")
    report = {
        "source": "hotline_12345",
        "title": f"{CANARY}井盖",
        "area": "zhanghua",
        "place": f"{CANARY}街",
        "description": CANARY,
    }
    case = city.start("case_dispatch", report, ACCEPTOR, world=drill)
    for login in (em.COORDINATOR, em.HEAD):
        city.comment(plan, f"{CANARY}留言", login)
    dig = {
        **permits.APPLIED,
        "title": f"{CANARY}挖掘",
        "applicant": CANARY,
        "start_on": "2026-06-15",
        "finish_on": "2026-06-17",
    }
    permit = city.start("excavation_permit", dig, permits.APPLICANT, world=drill)
    _due(city, drill)
    granted = {"kind": "excavation", "public": {"place": f"{CANARY}路口", "title": CANARY, "segment": permits.FREE}}
    steps.run(
        city.core,
        permit,
        lambda seen, writes: certificates.issue(city.core, seen, writes, {**granted, "holder": CANARY}),
    )
    return [plan, case, permit]


def _due(city: City, drill: int) -> None:
    """Let a day pass in it, so that everything falls due, and do what workers do."""
    with city.core.db.write() as connection:
        row = connection.execute(select(world).where(world.c.id == drill)).mappings().one()
        connection.execute(update(world).where(world.c.id == drill).values(now=row["now"] + timedelta(days=1)))
    for _ in range(4):
        jobs.run_due(city.core)
    sweep.breaches(city.core)


def plain(text: str) -> str:
    """A page without what differs each time."""
    text = re.sub(r'name="(csrf_token|idempotency_key)" value="[^"]*"', "", text)
    return re.sub(r"\s+", " ", text)


def test_nothing_of_a_drill_is_in_anything_live(city: City, visit: Visit) -> None:
    """Every page, list, sheet and API answer, for each kind of reader (those with arguments, for few); pages with figures are what they
    were; and no open page of who is not on the list is told to look."""
    readers = {who: visit(who) for who in dict.fromkeys([*READERS, *(who for _, who in BUSY)])}
    for reader in readers.values():
        reader.get("/")
    drill = hold(city)
    city.advance(AHEAD)
    before = {(path, who): plain(readers[who].get(path).text) for path, who in BUSY}
    follower = Follower(city.core, city.core.db.now())
    cases = fill(city, drill)
    with city.core.db.read() as connection:
        numbers = [
            *connection.execute(select(instance.c.number).where(instance.c.id.in_(cases))).scalars(),
            *connection.execute(select(certificate.c.number).where(certificate.c.world_id == drill)).scalars(),
        ]
        assert len(numbers) == 4
        assert connection.execute(select(reservation.c.id).where(reservation.c.world_id == drill)).all()
        assert connection.execute(select(clock.c.name).where(clock.c.breached_at.is_not(None))).all()
    after = {(path, who): plain(readers[who].get(path).text) for path, who in BUSY}
    assert {place for place, text in after.items() if text != before[place]} == set()
    news = follower.news()
    assert {
        who for who in (LEADER, OPERATOR, "jiaqiaoyun", "yuanzhigang") if news and news.concerns(em.actor(city, who))
    } == set()
    leaks = found_in(city, readers, (CANARY, *numbers))
    assert not leaks, leaks
    assert inbox.counts(city.core, em.actor(city, "jiabaoshan"), city.world().now) == dict.fromkeys(inbox.TABS, 0)


def found_in(
    city: City, readers: dict[str | None, Any], words: tuple[str, ...], under: tuple[str, ...] = ("/",)
) -> list[str]:
    """Where one of the words is shown, on pages `under` these addresses; lists are also asked for the word.
    /live has no end, and says nothing but that there is news."""
    leaks = []
    for path, whose in addresses(city, next(iter(readers.values())).client.application, words):
        if not path.startswith(under):
            continue
        for who in (one for one in whose if one in readers):
            for query in ("", f"?q={CANARY}"):
                answer = readers[who].client.get(path + query)
                text = _text(answer).replace(f'value="{CANARY}"', "").replace(f"q={CANARY}", "")
                told = [word for word in words if word in text and not path.endswith(word)]
                leaks += [f"{path}{query} for {who}: {word}" for word in told]
    return leaks


def addresses(city: City, app: Any, words: tuple[str, ...]) -> Iterator[tuple[str, tuple[str | None, ...]]]:
    """What is asked, and by whom: each route, with each value of its arguments that matters."""
    taught = arguments(city, words)
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint.startswith(OWN) or rule.rule == "/live":
            continue
        if not rule.arguments:
            yield rule.rule, READERS
        elif rule.rule in taught:
            yield from ((app.url_map.bind("").build(rule.endpoint, one), FEW) for one in taught[rule.rule])
        else:
            left = rule.arguments & OF_ONE or rule.arguments & STATIC
            assert left, f"{rule.rule}: say what stands for {rule.arguments} in arguments()"


def arguments(city: City, words: tuple[str, ...]) -> dict[str, list[dict[str, Any]]]:
    """By route: values of its arguments."""
    counts = [{"name": name} for name in indicators.COUNTS]
    registers = [{"key": one.key} for one in content.every(city.core)]
    with city.core.db.read() as connection:
        units = [
            {"key": key} for key in connection.execute(select(unit.c.key).where(unit.c.ended_at.is_(None))).scalars()
        ]
        processes = sorted(definitions.newest_ids(connection))
    drilled = [{"key": key} for key in (em.PLAN, "case_dispatch", "excavation_permit")]
    people = [{"person_id": person_id(city, who)} for who in (em.COORDINATOR, em.HEAD, ACCEPTOR)]
    plan = [{"key": "plans", "row": em.PLAN}]
    return {
        "/figures/<name>": counts,
        "/figures/<name>.xlsx": counts,
        "/assessment/cases/<key>": [{"key": one} for one in assessed.BY_KEY],
        "/assessment/<any(unit, area):thing>/<key>": [{"thing": "unit", **one} for one in units],
        "/assessment/documents/<digest>": [],  # papers that somebody sent
        "/registers/<key>": registers,
        "/registers/<key>/sheet.xlsx": registers,
        "/registers/<key>/find": registers,
        "/registers/<key>/new": [],  # empty forms
        "/registers/<key>/import": [],
        "/registers/<key>/rows/<path:row>": plan,
        "/registers/<key>/change/<path:row>": plan,
        "/organisation/units/<key>": units,
        "/organisation/people/<int:person_id>": people,
        "/accounts/<int:person_id>": people,
        "/api/v1/definitions/<name:key>": drilled,
        "/api/v1/calendars/<name:key>/due": [],  # reckons with a calendar; tells of nothing
        "/definitions/<key>": drilled,
        "/definitions/<key>/edit": drilled,
        "/definitions/<key>/picture": drilled,
        "/definitions/<key>/picture.svg": drilled,
        "/definitions/<key>/picture/cases": drilled,
        "/definitions/<key>/versions": drilled,
        "/definitions/<key>/tables": drilled,
        "/definitions/<key>/migrate": drilled,
        "/definitions/migrations/<int:plan_id>": [],  # none is made here; the cases of a plan are those of the live world
        "/definitions/migrations/<int:plan_id>/cases.xlsx": [],
        "/definitions/<key>/compare": drilled,
        "/definitions/<key>/<int:number>": [{**one, "number": 1} for one in drilled],
        "/start/<process>": [{"process": key} for key in processes],
        "/apply/<process>": [{"process": "excavation_permit"}],
        "/verify/<number>": [{"number": word} for word in words[1:]],
    }


def test_the_scan_sees_a_list_that_forgot(city: City, visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted bugs: the list of cases, which is behind the figures too, and the count of a figure show another world than the live one."""
    drill = hold(city)
    city.advance(AHEAD)
    leader = visit(LEADER)
    overview = plain(leader.get("/figures").text)
    fill(city, drill)
    assert plain(leader.get("/figures").text) == overview
    usual, by_unit = listing.page, counting.by_unit

    def forgetful(core: Any, actor: Any, wanted: Any) -> Any:
        return usual(core, actor, replace(wanted, world=drill))

    monkeypatch.setattr(listing, "page", forgetful)
    leaks = found_in(city, {LEADER: leader}, (CANARY,), ("/cases", "/figures/received"))
    assert {f"{path} for {LEADER}: {CANARY}" for path in ("/cases", "/figures/received")} <= {*leaks}
    monkeypatch.setattr(
        counting, "by_unit", lambda core, actor, conditions, _, *more: by_unit(core, actor, conditions, drill, *more)
    )
    assert plain(leader.get("/figures").text) != overview
    asked = {path for path, _ in addresses(city, leader.client.application, (CANARY,))}
    assert {f"/figures/{name}.xlsx" for name in indicators.COUNTS} | {
        "/registers/plans",
        "/start/case_dispatch",
    } <= asked


def test_only_the_list_is_told_and_every_message_says_drill(city: City, visit: Visit) -> None:
    with http_receiver() as hook:
        hooks_at(city, hook)
        for login in (em.OTHER_COORDINATOR, "jiabaoshan", em.HEAD):
            reach(city, login, "webhook", f"http://127.0.0.1:{hook.port}/{login}")
        drill = hold(city, receivers=(em.OTHER_COORDINATOR, em.HEAD))
        case = em.ordered(city, world=drill)
        _due(city, drill)
        with city.core.db.read() as connection:
            told = set(connection.execute(select(notice.c.person_id).where(notice.c.world_id == drill)).scalars())
        listed = {person_id(city, who) for who in (em.COORDINATOR, em.OTHER_COORDINATOR, em.HEAD)}
        assert told
        assert told <= listed
        send(city)
        bodies = [body for _, _, body in hook.arrived]
        with city.core.db.read() as connection:
            assert set(connection.execute(select(delivery.c.person_id)).scalars()) <= listed
    assert bodies
    assert all(body["subject"].startswith("【演练】") and body["text"].startswith("【演练】") for body in bodies)
    reader = visit(em.OTHER_COORDINATOR)
    assert "【演练】" in reader.get(f"/drills/{drill}").text
    (assess,) = em.open_at(city, case, "Assess")
    ref = assess["id"]
    for path in (f"/cases/{case}", f"/emergency/{case}", f"/drills/{drill}", f"/tasks/{case}.{ref}", f"/cases/{case}/print",
                 f"/cases/{case}/timeline", f"/street/tasks/{case}.{ref}"):  # fmt: skip
        answer = reader.get(path)
        assert answer.status_code == 200, path
        assert 'class="drill-banner"' in answer.text, path
    assert "drill-banner" not in reader.get("/inbox").text
    assert f'href="/drills/{drill}"' in reader.get("/inbox").text
    assert visit("jiabaoshan").get(f"/drills/{drill}").status_code == 404


def test_a_drill_from_its_plan_to_its_evaluation(city: City, visit: Visit) -> None:
    """By its pages; workers carry its timers on by its own clock; ended by who started it alone."""
    one, other = visit(em.COORDINATOR), visit(em.OTHER_COORDINATOR)
    address = f"/emergency/{em.PLAN}/drill"
    listed = str(person_id(city, em.OTHER_COORDINATOR))
    assert one.submit(address, address, title="", rate="30", receivers=[listed]).status_code == 422
    begun = one.submit(address, address, title="夜间防汛演练", rate="30", receivers=[listed])
    assert begun.status_code == 303
    start = begun.headers["Location"]
    drill = int(start.rpartition("=")[2])
    assert "夜间防汛演练" in one.get(start).text
    room = one.submit(start, start.partition("?")[0], title="殷台路积水").headers["Location"]
    case = int(room.rpartition("/")[2])
    assert "drill-banner" in one.get(room).text
    em.answer(city, case, "Verify", em.VERIFIED)
    em.answer(city, case, "StartOrder", em.ORDER)
    found = board.read(city.core, em.actor(city, em.COORDINATOR), case)
    assert found.world.is_drill
    with city.core.db.read() as connection:
        waiting = connection.execute(select(job.c.id).where(job.c.world_id == drill, job.c.kind == "timer")).all()
    assert waiting
    _due(city, drill)
    late = board.read(city.core, em.actor(city, em.COORDINATOR), case)
    assert late.counts[board.State.LATE_UNSIGNED] == late.orders > 0
    assert any(one.missing for one in late.reports)
    page = other.get(f"/drills/{drill}").text
    assert "结束并评估" not in page
    sheet = {f"score.{row['key']}": "4" for row in drills.criteria(city.core)}
    assert other.post(f"/drills/{drill}/end", {**other.form("/inbox", "/logout"), **sheet}).status_code == 403
    ending = f"/drills/{drill}/end"
    assert one.submit(f"/drills/{drill}", ending).status_code == 422  # nothing was scored
    assert one.submit(f"/drills/{drill}", ending, **sheet, note="告知太慢").status_code == 303
    page = one.get(f"/drills/{drill}").text
    assert "4 / 5" in page
    assert "告知太慢" in page
    assert city.instance(case)["status"] == "cancelled"
    stands = drills.get(city.core, em.actor(city, em.COORDINATOR), drill).world.now
    assert drills.get(city.core, em.actor(city, em.COORDINATOR), drill).world.now == stands
    assert drills.mine(city.core, em.actor(city, em.COORDINATOR)) == []


def test_a_drill_runs_once_to_sixty_times_as_fast_and_no_faster(city: City, visit: Visit) -> None:
    one = visit(em.COORDINATOR)
    address = f"/emergency/{em.PLAN}/drill"
    listed = str(person_id(city, em.OTHER_COORDINATOR))
    for rate in ("0", "61", "-1", "1.5", "fast", "", "nan", "inf", "9" * 400):
        answer = one.submit(address, address, title="防汛演练", rate=rate, receivers=[listed])
        assert answer.status_code == 422, rate
    for number in (0.0, 0.99, 60.01, float("nan"), float("inf")):
        with pytest.raises(Invalid):
            hold(city, rate=number)
    with city.core.db.read() as connection:
        assert connection.execute(select(world.c.id).where(world.c.kind == "drill")).all() == []
    assert {drills.get(city.core, em.actor(city, em.COORDINATOR), hold(city, rate=rate)).rate for rate in (1, 60)} == {
        1,
        60,
    }
