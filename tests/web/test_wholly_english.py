"""Every page in English is wholly so, but for what people wrote and what they are called; the pages that draw with a script are looked
at in a browser (tests/browser/test_languages.py)."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from engine import drafts, publishing
from engine.migrating import deciding, working
from engine.migrating.asked import Chosen
from engine.tables import organisation_change, person, process_migration, setting
from tests import small
from tests.bpmn.drawing import boundary, chain, end, timer
from tests.changing import OTHER
from tests.factories import COLLECTOR, DESIGNER, DISPATCHER, HANDLER, LEADER, OPERATOR, case_at, task_at
from tests.web.visitor import ACCEPTOR, Visit
from web.city import City
from web.dialogs import of_cases, of_tasks
from web.policies import PUBLIC, policy_of
from web.setting_up import bundle
from web.wiring import PROCESSES

CHINESE = re.compile(r"[\u3400-\u9fff]+")
SYSTEM, SECURITY, AUDITOR = "shenjiahao", "feiguoqing", "jiaqiaoyun"
SHOWN = frozenset({"aria-label", "title", "placeholder", "alt", "data-pick", "data-narrow"})
WRITTEN = {"已更换井盖", "恢复", "随产品提供", "中文", "等保"}
"""What people wrote, the standards' own words and names, and the button that leads back to Chinese."""
DESIGNED = ("/definitions/migrations/", "/definitions/proposals/", "/definitions/clerks/")
"""Pages of plans and proposals in all their states: each of them is there."""
VOID = frozenset({"meta", "link", "input", "br", "hr", "img", "path", "circle", "rect"})


class Words(HTMLParser):
    """What a reader of a page sees or hears, but for what is marked as Chinese."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._open: list[tuple[str, bool]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if not self._aside():
            self.found += [value or "" for name, value in attrs if name in SHOWN]
        if tag not in VOID:
            self._open.append((tag, given.get("lang") == "zh-CN" or tag in ("script", "style")))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not self._aside():
            self.found.append(data)

    def _aside(self) -> bool:
        return any(aside for _, aside in self._open)


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # words do not depend on the kind of database


def test_every_page_is_wholly_english(app: Flask, city: City, visit: Visit) -> None:
    report = {"title": "Manhole cover missing", "place": "12 Zhanghua Road", "source": "hotline_12345"}
    case = case_at(city, "Feedback", **report)
    for node in ("Verify", "Dispatch", "File"):
        case_at(city, node, **report)
    draft, proposal = _drawn(city)
    plans = _migrating(city)
    known = _names(city) | WRITTEN
    paths = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.arguments and not rule.rule.startswith("/api/")
    ]
    feedback = task_at(city, case, "Feedback").ref
    more = {
        DISPATCHER: [
            f"/cases/{case}",
            f"/cases/{case}/print",
            f"/cases/{case}/timeline",
            f"/cases/{case}/clocks/case/0",
            *(f"/cases/{case}/{act}" for act in of_cases.DIALOGS),
            f"/tasks/{feedback}",
            *(f"/tasks/{feedback}/{act}" for act in of_tasks.DIALOGS),
        ],
        LEADER: [
            "/figures/received",
            "/definitions/case_dispatch/picture",
            "/definitions/case_dispatch/picture/cases?element=Verify&show=passed",
        ],
        DESIGNER: [
            "/definitions/case_dispatch",
            "/definitions/case_dispatch/versions",
            "/definitions/case_dispatch/edit",
            "/definitions/plan_snow/tables",
            "/definitions/plan_snow/tables/plan_snow_level.dmn",
            f"/definitions/drafts/{draft}/tables",
            f"/definitions/drafts/{draft}",
            f"/definitions/drafts/{draft}/discard",
            f"/definitions/drafts/{draft}/propose",
            "/definitions/supervision/1/again",
            f"/definitions/proposals/{proposal}",
            f"/definitions/supervision/compare?from=1&to=draft-{draft}",
            "/definitions/clerks/versions",
            "/definitions/clerks/migrate?from=1&to=2",
            f"/definitions/clerks/migrate?from=1&to=2&again={plans[-1]}",
            *(f"/definitions/migrations/{plan}" for plan in plans),
            *(f"/definitions/proposals/{one}" for one in _decided(city)),
            "/notices",
        ],
        COLLECTOR: ["/cases/1", "/start/case_dispatch"],
        SYSTEM: ["/organisation/units/town_yuanlin", "/organisation/people/1", "/organisation/changes/new/merge"],
        SECURITY: ["/accounts/1", f"/why?login={COLLECTOR}&where=/cases/{case}"],
    }
    left: dict[str, set[str]] = {}
    seen = set()
    for login in (DISPATCHER, COLLECTOR, LEADER, DESIGNER, OPERATOR, ACCEPTOR, SYSTEM, SECURITY, AUDITOR):
        visitor = visit(login, "en")
        for path in paths + more.get(login, []):
            names = policy_of(app, app.url_map.bind("").match(path.partition("?")[0])[0]) or ()
            if path in seen and (PUBLIC in names or path not in ("/", "/inbox", "/cases")):
                continue
            answer = visitor.get(path)
            if answer.status_code >= 400 and path in paths:
                continue
            assert answer.status_code == 200 or not path.startswith(DESIGNED), path
            if answer.mimetype != "text/html":
                answer.close()  # a file, sent as it lies
                continue
            seen.add(path)
            words = _chinese(answer.text, known)
            if words:
                left[f"{path} as {login}"] = words
    assert len(seen) > 35, sorted(seen)
    assert not left, left


def _drawn(city: City) -> tuple[int, int]:
    """A draft that changes a little of everything, and a proposal, with words in English."""
    files = bundle(PROCESSES / "supervision")
    xml = files["supervision.bpmn"].replace(b'unit="supervision_centre" post="supervisor"', b'post="operator"', 1)
    draft = drafts.begin(city.core, "supervision", {**files, "supervision.bpmn": xml}, DESIGNER, base=1)
    return draft.id, publishing.propose(city.core, draft.id, DESIGNER, "Another post", follows=1)


def _decided(city: City) -> list[int]:
    """Proposals in the other states: refused, withdrawn, approved for a later day, published, and one that another overtook."""
    files = bundle(PROCESSES / "supervision")
    made = []
    for number in range(5):
        xml = files["supervision.bpmn"].replace(
            b'budget="1" unit="work_day"', b'budget="%d" unit="work_day"' % (number + 2), 1
        )
        draft = drafts.begin(city.core, "supervision", {**files, "supervision.bpmn": xml}, DESIGNER, base=1)
        due = city.core.db.now() + timedelta(days=1) if number == 2 else None
        made.append(publishing.propose(city.core, draft.id, DESIGNER, "Another limit", follows=1, due_at=due))
    publishing.refuse(city.core, made[0], OTHER, "Not now")
    publishing.withdraw(city.core, made[1], DESIGNER)
    publishing.approve(city.core, made[2], OTHER)
    publishing.approve(city.core, made[3], OTHER)
    publishing.publish(city.core, made[3])
    return made


def _migrating(city: City) -> list[int]:
    """Plans of migration in every state: of cases that go, that cannot, that are not meant; with limits renamed and given up."""
    late = (boundary("A", "T", timer("PT1H")), small.task("Late"), end("E2"), chain("T", "Late", "E2"))
    whole, own, gone = small.clock("whole", "Whole"), small.clock("own", "Own"), small.clock("gone", "Gone")
    asks = '<ld:form ref="fill"/>'
    before, after = (
        {"fill.json": small.form(**fields), "facts.json": small.form(amount="integer", place="string")}
        for fields in ({"amount": "integer", "place": "string"}, {"place": "string"})
    )
    given = {"key": "clerks"}
    steps = small.line(small.task("A", settings=own + gone + asks), small.task("B"))
    small.deploy(city, *steps, *late, settings=whole, files=before, **given)
    cases = [city.start("clerks", {}, OPERATOR) for _ in range(6)]
    city.save_draft(task_at(city, cases[0], "A"), {"amount": 3, "place": "here"}, HANDLER)
    city.complete(task_at(city, cases[1], "A"), {}, HANDLER)
    more = small.clock("mine", "Own") + small.clock("more", "More")
    other = small.line(small.task("A2", settings=more + asks), small.task("C"))
    small.deploy(city, *other, settings=small.clock("all", "Whole"), files=after, **given)
    limits = {"whole": "all", "own": "mine", "gone": ""}

    def plan(**chosen: Any) -> int:
        return small.drawn_up(
            city, key="clerks", clocks=limits, chosen=Chosen(**chosen), A="A2", B="", T="", Late="", E2=""
        )

    def decided(one: int) -> None:
        deciding.propose(city.core, one, DESIGNER, "These first")
        deciding.approve(city.core, one, OTHER, "Go on")

    tries = [plan(), plan(node="A", unit="", since=date(2020, 1, 1), until=date(2100, 1, 1))]
    small.tried(city, tries[-1])
    withdrawn, refused = plan(), plan()
    for one in (withdrawn, refused):
        small.tried(city, one)
    deciding.withdraw(city.core, withdrawn, DESIGNER)
    deciding.propose(city.core, refused, DESIGNER, "All of them")
    deciding.refuse(city.core, refused, OTHER, "Not now")
    some = plan(node="A")
    small.tried(city, some)
    decided(some)
    working.run_due(city.core, 1)
    deciding.stop(city.core, some, OTHER)
    done = plan()
    small.tried(city, done)
    decided(done)
    while working.run_due(city.core):
        pass
    last = plan()
    with city.core.db.write() as connection:
        connection.execute(update(process_migration).where(process_migration.c.id == tries[0]).values(state="running"))
    return [*tries, withdrawn, refused, some, done, last]


def _chinese(text: str, known: set[str]) -> set[str]:
    names = re.compile("|".join(map(re.escape, sorted(known, key=len, reverse=True))))
    return {word for each in Words(text).found for word in CHINESE.findall(names.sub("", each))}


def _names(city: City) -> set[str]:
    with city.core.db.read() as connection:
        people = set(connection.execute(select(person.c.name)).scalars())
        reasons = set(connection.execute(select(organisation_change.c.reason)).scalars())
        values = {s for s in connection.execute(select(setting.c.value)).scalars() if isinstance(s, str)}
    return {each for each in people | reasons | values if each}
