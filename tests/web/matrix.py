"""A small organisation with a case in each of its units, and every route of the program called by every post for each of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import insert, select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from engine import certificates, effects, steps, tokens
from engine.events import Event
from engine.organisation.revision import touch
from engine.tables import membership, person, post, unit
from engine.writes import WriteSet
from tests.bpmn.drawing import chain, end, ext, process, start, user
from web.city import City

WHERE = ("own", "other", "parent", "secret", "none")
"""The case of one's own unit, of a unit beside it, of the one above it; a confidential one of one's own unit, offered to a post in it; and
one that does not exist."""

UNITS = {"own": "matrix_unit", "other": "matrix_other", "parent": "matrix_top", "secret": "matrix_unit"}
SECRET_WORKS = "reviewer"
"""The post that works the confidential one; who reported the others did not begin it."""
REPORTS = "reporter"
"""The post of the one who started every case."""
WORKS = "handler"
"""The post to which the tasks of the cases are offered."""

FILES = {
    "matrix.bpmn": process(
        ext('<ld:clock id="whole" budget="1" unit="work_day"/>'),
        start(inside=ext('<ld:form ref="began"/>')),
        user("Work", settings=f'<ld:form ref="began"/><ld:candidates unit="=where" post="{WORKS}"/>'),
        end(),
        chain("S", "Work", "E"),
        id="matrix",
    ),
    "matrix_secret.bpmn": process(
        ext('<ld:confidential unit="=late_unit"/><ld:clock id="whole" budget="1" unit="work_day"/>'),
        start(inside=ext('<ld:form ref="began"/>')),
        user("Work", settings=f'<ld:form ref="began"/><ld:candidates unit="=where" post="{SECRET_WORKS}"/>'),
        end(),
        chain("S", "Work", "E"),
        id="matrix_secret",
    ),
    "began.json": b'{"type": "object", "title": "\xe5\xbc\x80\xe5\xa7\x8b", "x-title": {"en": "Begin"}, "properties": {}}',
}


@dataclass
class Matrix:
    """The organisation and its cases, and who calls. Titles of cases and names of their files are words found nowhere else."""

    app: Flask
    city: City
    cases: dict[str, int] = field(default_factory=dict)
    tasks: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    powers: dict[str, frozenset[str]] = field(default_factory=dict)

    def sees(self, role: str, where: str) -> bool:
        """Whether the holder of a post sees a case, by the sentence of the rule and not by our code: all who may see all, those of the
        unit itself unless they only administer, and the one who reported it."""
        if where == "none" or role in ("anybody", "nobody_at_all"):
            return False
        if where == "secret":
            return role == SECRET_WORKS
        if "see_all_cases" in self.powers[role] or role == REPORTS:
            return True
        return where == "own" and self.powers[role].isdisjoint({"administer", "secure", "audit"})

    def works(self, role: str, where: str) -> bool:
        """Whether its task is offered to them."""
        return (where, role) in (("own", WORKS), ("secret", SECRET_WORKS))

    def call(self, role: str, rule: Rule, method: str, where: str, **more: Any) -> TestResponse:
        """A request of this route about the case of `where`."""
        path = self.path(rule, where)
        client = self.app.test_client()
        headers = {"Accept-Language": "zh-CN"}
        if role in self.tokens:
            headers["Authorization"] = f"Bearer {self.tokens[role]}"
        return client.open(path, method=method, headers=headers, **more)

    def path(self, rule: Rule, where: str) -> str:
        """The route's address. Fails for a variable that nobody has taught the matrix."""
        values = {name: self.value(rule, name, where) for name in rule.arguments}
        return self.app.url_map.bind("").build(rule.endpoint, values)

    def value(self, rule: Rule, name: str, where: str) -> Any:
        """What stands for a variable of an address."""
        known: dict[str, Any] = {
            "instance_id": self.cases[where],
            "instance": self.cases[where],
            "ref": self.tasks[where],
            "file_id": self.files[where],
            **NEUTRAL,
        }
        if rule.endpoint.startswith("api.") and "instance" in rule.arguments and name == "file":
            return self.files[where]
        if rule.endpoint == "form_papers.answered" and name == "number":
            return 0  # how the case began
        if rule.endpoint == "clocks.clock" and name == "name":
            return "whole"
        assert name in known, f"{rule.rule}: teach tests/web/matrix.py what stands for “{name}”"
        return known[name]

    def kinds(self) -> list[str]:
        """A role for each set of powers, those who work or started the cases, somebody without a post, and anybody."""
        first = {powers: role for role, powers in reversed(self.powers.items())}
        return sorted({*first.values(), WORKS, SECRET_WORKS, REPORTS, "nobody_at_all", "anybody"})

    def about_a_case(self, rule: Rule) -> bool:
        """Does its address name a case, a task or a file of one?"""
        return bool(rule.arguments & {"instance_id", "instance", "ref"})

    def told(self, answer: TestResponse, where: str) -> tuple[int, str]:
        """An answer without the ids that were asked for: what is left must not tell cases apart."""
        text = answer.get_data().decode(errors="replace")
        for one in (self.tasks[where], str(self.cases[where]), self.files[where]):
            text = text.replace(one, "·")
        text = re.sub(r'(name="(?:csrf_token|idempotency_key)" value=")[^"]*', r"\1", text)
        return answer.status_code, text


NEUTRAL: dict[str, Any] = {
    "key": "case_dispatch",
    "process": "case_dispatch",
    "number": 1,
    "version": 1,
    "name": "no_such_name",
    "file": "no_such_file",
    "filename": "mark.svg",
    "incident": 1,
    "inspection": 1,
    "rest": "nowhere",
    "person_id": 1,
    "plan": "no_such_plan",
    "world_id": 99,
    "change_id": 1,
    "draft_id": 1,
    "proposal_id": 1,
    "plan_id": 1,
    "batch_id": 1,
    "report_id": 1,
    "token_id": 1,
    "duty_id": 1,
    "substitution_id": 1,
    "kind": "rename",
    "row": "no_such_row",
    "task_id": 0,
    "view_id": 1,
    "notice_id": "1.1",
    "contact_id": 1,
    "secret": "no_such_secret",
    "act": "transfer",
    "case_act": "comment",
    "which": "paper",
    "thing": "unit",
    "digest": "no_such_paper",
    "path": "no_such_field",
}
"""Variables of addresses that name no case."""


def canary(where: str) -> str:
    """The word in the title of a case."""
    return f"金丝雀{where}"


def build(app: Flask, city: City) -> Matrix:
    """The organisation: a unit below another and one beside it; a holder of each post in the first; three cases with a file."""
    matrix = Matrix(app, city)
    with city.core.db.write() as connection:
        posts = {row.key: frozenset(row.powers) for row in connection.execute(select(post.c.key, post.c.powers))}
        ids: dict[str, int] = {}
        for where in ("parent", "own", "other"):
            ids[where] = connection.execute(
                insert(unit)
                .values(
                    key=UNITS[where],
                    name_zh=f"单位{where}",
                    name_en=where,
                    kind="department",
                    parent_id=None if where == "parent" else ids["parent"],
                )
                .returning(unit.c.id)
            ).scalar_one()
        for role in (*posts, "nobody_at_all"):
            held = {role: "own"} if role in posts else {}
            _person(connection, f"m_{role}", {(ids[w], r) for r, w in held.items()})
        for where in ("parent", "other"):
            _person(connection, f"works_{where}", {(ids[where], WORKS)})
        _person(connection, "works_secret", {(ids["own"], SECRET_WORKS)})
        touch(connection)
    city.deploy(FILES)
    for where, key in UNITS.items():
        given = {"where": key, "title": canary(where), "place": canary(where)}
        if where == "secret":
            case = city.start("matrix_secret", {}, "works_secret", given={**given, "late_unit": "sanitation"})
        else:
            case = city.start("matrix", {}, "m_" + REPORTS, given=given)
        matrix.cases[where] = case
        matrix.tasks[where] = city.tasks(case)[0].ref
        worker = {"own": "m_" + WORKS, "secret": "m_" + SECRET_WORKS}.get(where, f"works_{where}")
        accepted = city.accept(f"{canary(where)}.txt", f"内容 {canary(where)}".encode())
        city.attach(case, [accepted], worker)
        matrix.files[where] = accepted.id
        _certify(city, case, canary(where))
    _none(matrix)
    for role in (*posts, "nobody_at_all"):
        matrix.tokens[role] = tokens.create(city.core, f"m_{role}", "matrix", timedelta(days=1))
        matrix.powers[role] = posts.get(role, frozenset())
    matrix.powers["anybody"] = frozenset()
    return matrix


def _certify(city: City, case: int, holder: str) -> None:
    """A certificate of the case, as the action would issue it."""

    def plan(seen: steps.Seen, writes: WriteSet) -> steps.Reply:
        effects.record(seen, writes, Event.ACTION_DONE, data={"name": "certificate"})
        return certificates.issue(city.core, seen, writes, {"kind": "trial", "id": "paper", "holder": holder})

    steps.run(city.core, case, plan)


def _none(matrix: Matrix) -> None:
    """What names nothing, of the same shape as what names something."""
    own = str(matrix.cases["own"])
    matrix.cases["none"] = int(own[:-6] + f"{(int(own[-6:]) + 1) % 1_000_000:06}")
    matrix.tasks["none"] = f"{matrix.cases['none']}.{matrix.tasks['own'].partition('.')[2]}"
    matrix.files["none"] = "0" * 40


def _person(connection: Any, login: str, posts: set[tuple[int, str]]) -> None:
    person_id = connection.execute(insert(person).values(login=login, name=login).returning(person.c.id)).scalar_one()
    for unit_id, post_key in posts:
        connection.execute(insert(membership).values(person_id=person_id, unit_id=unit_id, post_key=post_key))
