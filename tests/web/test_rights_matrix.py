"""Promise 21: no sight across units. Every route × every post × the case of one's own, another, the parent unit and none: generated
from the route table, so that a new route is in it at once, or fails here until it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.routing import Rule

from engine import explaining, steps
from engine.acts import base
from engine.errors import LiandongError, NotAllowed
from engine.tables import history
from tests.factories import say
from tests.web.matrix import SECRET_WORKS, WHERE, WORKS, Matrix, build, canary
from web.city import City
from web.pages.why import ACTS_OF_TASKS
from web.policies import PUBLIC, SIGNED_IN, policy, policy_of

SEARCHES = {
    "/permits",
    "/permits.csv",
    "/digs",
    "/cases",
    "/cases.xlsx",
    "/inbox",
    "/audit",
    "/audit.xlsx",
    "/api/v1/instances",
    "/api/v1/tasks",
}
"""Routes that take words to look for (`q`)."""

OVER_ALL = {"operate", "unmask", "audit", "secure", "receive"}
"""Powers over any case, seen or not; routes for them answer their holders alike for every case."""


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # the same filter on both; tests/db/test_scope.py asks it on both


@pytest.fixture
def matrix(app: Flask, city: City) -> Matrix:
    return build(app, city)


def routes(app: Flask, method: str | None = None) -> Iterator[tuple[Rule, str]]:
    """Each route with each of its methods."""
    for rule in app.url_map.iter_rules():
        for each in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            if method in (None, each):
                yield rule, each


def admitted(matrix: Matrix, role: str, rule: Rule) -> bool:
    """Does the door open, by the words of the policy?"""
    names = policy_of(matrix.app, rule.endpoint) or ()
    if PUBLIC in names:
        return True
    return role in matrix.tokens and (SIGNED_IN in names or bool(matrix.powers[role].intersection(names)))


def test_no_route_shows_or_tells_of_what_is_not_ones_own(matrix: Matrix, capsys: pytest.CaptureFixture[str]) -> None:
    before = _rows(matrix)
    wrong, calls = told_apart(matrix, routes(matrix.app), matrix.kinds())
    assert not wrong, "\n".join(wrong[:40])
    assert _rows(matrix) == before
    say(capsys, calls_about_cases_not_their_own=calls, told_apart=0, leaks=0)


def test_a_route_that_forgot_to_ask_is_seen(matrix: Matrix) -> None:
    def forgetful(instance_id: int) -> str:
        return str(matrix.city.instance(instance_id)["title"])

    def tells_that_it_is_there(instance_id: int) -> str:
        matrix.city.instance(instance_id)
        raise NotAllowed(act_zh="看", act_en="see", why_zh="不是您的", why_en="it is not yours")

    added = ("forgetful", forgetful), ("tells", tells_that_it_is_there)
    for name, view in added:
        matrix.app.add_url_rule(f"/{name}/<int:instance_id>", name, policy(SIGNED_IN)(view))
    for name, _ in added:
        rule = next(rule for rule in matrix.app.url_map.iter_rules() if rule.endpoint == name)
        assert told_apart(matrix, [(rule, "GET")], [WORKS])[0], name


def told_apart(matrix: Matrix, some: Iterable[tuple[Rule, str]], roles: list[str]) -> tuple[list[str], int]:
    """Where a route answers otherwise about a case one does not see than about none, or lets its word through; and how many calls."""
    calls = 0
    wrong: list[str] = []
    for rule, method in some:
        if not matrix.about_a_case(rule):
            continue
        names = set(policy_of(matrix.app, rule.endpoint) or ())
        for role in roles:
            over_all = bool(OVER_ALL & names & matrix.powers[role])
            blind = [w for w in WHERE if not _may(matrix, rule, role, w)]
            if over_all:  # but for what is confidential: that is as if there were none
                blind = ["secret", "none"]
            elif not admitted(matrix, role, rule):
                blind = ["own", "none"]  # the door is closed for every case
            answers = {w: matrix.told(matrix.call(role, rule, method, w), w) for w in blind}
            calls += len(answers)
            place = f"{method} {rule.rule} as {role}"
            expected = answers["none"]
            if admitted(matrix, role, rule) and expected[0] < 400:
                wrong.append(f"{place}: {expected[0]} for a case that does not exist")
            for where, answer in answers.items():
                if canary(where) in answer[1]:
                    wrong.append(f"{place}: shows the case of {where}")
                if answer != expected:
                    wrong.append(f"{place}: {where} answers {answer[0]}, none {expected[0]}")
    return wrong, calls


@pytest.mark.parametrize("who", ["who works it", "everybody"])
def test_who_may_see_is_shown(matrix: Matrix, who: str) -> None:
    kinds = matrix.kinds() if who == "everybody" else [WORKS, SECRET_WORKS]
    wrong, shown = [], 0
    for rule, method in routes(matrix.app, "GET"):
        if not matrix.about_a_case(rule) or OVER_ALL & set(policy_of(matrix.app, rule.endpoint) or ()):
            continue
        for role in kinds:
            for where in WHERE[:4]:
                if not (admitted(matrix, role, rule) and _may(matrix, rule, role, where)):
                    continue
                shown += 1
                answer = matrix.call(role, rule, method, where)
                if answer.status_code != 200:
                    wrong.append(f"{rule.rule} as {role}, {where}: {answer.status_code}")
    assert not wrong, "\n".join(wrong[:40])
    assert shown > 2 * len(kinds)


def test_lists_searches_counts_and_exports_hold_only_what_one_sees(
    matrix: Matrix, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = []
    calls = 0
    for rule, method in routes(matrix.app, "GET"):
        if matrix.about_a_case(rule):
            continue
        public = PUBLIC in (policy_of(matrix.app, rule.endpoint) or ())
        for role in ["anybody"] if public else matrix.kinds():
            if not admitted(matrix, role, rule):
                with matrix.call(role, rule, method, "own") as answer:
                    if answer.status_code not in (301, 302, 401, 403, 404):
                        wrong.append(f"{rule.rule} as {role}: {answer.status_code}")
                continue
            for query in ("", f"q={canary('')}") if rule.rule in SEARCHES else ("",):
                with matrix.call(role, rule, method, "own", query_string=query) as answer:
                    status, text = answer.status_code, _text(answer)
                calls += 1
                if status >= 500:
                    wrong.append(f"{rule.rule}?{query} as {role}: {status}")
                wrong += [
                    f"{rule.rule}?{query} as {role} shows the case of {where}"
                    for where in WHERE[:4]
                    if canary(where) in text and not matrix.sees(role, where)
                ]
    assert not wrong, "\n".join(wrong[:40])
    say(capsys, lists_searches_counts_exports=calls, leaks=0)


def test_the_page_that_says_why_and_enforcement_agree(matrix: Matrix) -> None:
    core = matrix.city.core
    compared = 0
    for role in matrix.tokens:
        login = f"m_{role}"
        actor = matrix.city.actor(login)
        for where in WHERE:
            case, ref = matrix.cases[where], matrix.tasks[where]
            assert explaining.allowed(explaining.seeing(core, actor, case)) == matrix.sees(role, where), (role, where)
            for act in ACTS_OF_TASKS:
                if act in (
                    "release",
                    "recall",
                    "resolve",
                ):  # these ask more than whose the task is (tests/web/test_why.py)
                    continue
                said = explaining.allowed(explaining.working(core, actor, ref, act))
                assert said == _enforced(matrix, ref, login, act), (role, where, act)
                compared += 1
    assert compared > 100


def _enforced(matrix: Matrix, ref: str, login: str, act: str) -> bool:
    instance_id, task_id = base.split(ref)
    try:
        seen = steps.read(matrix.city.core, instance_id, login)
        base.open_task(matrix.city.core, seen, task_id, act)
    except LiandongError:
        return False
    return True


def _may(matrix: Matrix, rule: Rule, role: str, where: str) -> bool:
    """May they see what the route is about? A task's page is for those it is offered to, a case for those who see it."""
    return matrix.works(role, where) if "ref" in rule.arguments else matrix.sees(role, where)


def _rows(matrix: Matrix) -> int:
    with matrix.city.core.db.read() as connection:
        return int(connection.execute(select(func.count()).select_from(history)).scalar_one())


def _text(answer: Any) -> str:
    if "spreadsheet" in (answer.content_type or ""):
        from engine import sheets  # noqa: PLC0415  only for what is a sheet

        return "\n".join(str(value) for row in sheets.read(answer.data) for value in row)
    return str(answer.get_data().decode(errors="replace"))
