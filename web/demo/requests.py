"""Requests about clocks in the demonstration: one case extended, one shelved, one whose request waits for the dispatcher."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from engine import instances, jobs
from engine.acts import completing
from engine.clock import ManualClock
from engine.core import Core
from engine.people import Actor, load_actor
from engine.tables import task
from escalation import asking
from escalation.requests import EXTENSION, SHELVING
from web.demo.plan import ZONE
from web.demo.tales import Staff

Row = dict[str, Any]

_AGREES: dict[str, dict[str, str]] = {
    "Department": {"department_decision": "approve", "decision_note": "情况属实。"},
    "Decide": {"decision": "approve", "decision_note": "同意。"},
    "Supervise": {"supervise_decision": "approve", "decision_note": "现场核实，暂不具备处置条件。"},
}


def play(core: Core, clock: ManualClock, now: datetime, staff: Staff) -> None:
    """Three cases that the drainage centre handles, and what it asked about each."""
    for number, (title, place, kind) in enumerate(_CASES):
        clock.set(now - timedelta(hours=5) + timedelta(minutes=number))
        case = _handled(core, clock, staff, f"demo:asked:{number}", title, place)
        handler = staff[UNIT, "handler"][0]
        answers = {"request_reason": _REASONS[kind or EXTENSION]}
        if kind == SHELVING:
            last = (now.astimezone(ZONE) + _LONG).date()
            answers |= {"request_until": last.isoformat(), "request_document": "潜阳中路改造工程计划"}
        about = next(one.value for one in asking.offers(core, _actor(core, handler), case, kind or EXTENSION))
        reply = asking.ask(core, kind or EXTENSION, case, about, handler, answers=answers, key=f"demo:request:{number}")
        _decide(core, clock, staff, reply["instance"], until=None if kind else "Decide")


UNIT = "drainage"
_LONG = timedelta(days=60)
_CASES = (
    ("污水井盖跳动异响", "章华中路 88 号门前", EXTENSION),
    ("污水井盖跳动异响", "潜阳中路与东风路交叉口", SHELVING),
    ("污水井盖翻盖", "江汉路 16 号门前", None),
)
"""What is handled, and what was asked and agreed to; none: more time was asked for, and waits for the dispatcher."""
_REASONS = {
    EXTENSION: "井座破损，须分段开挖修复，原时限内无法完成",
    SHELVING: "该路段列入道路改造工程，须待工程开工后一并整治",
}
_STEPS: dict[str, dict[str, str]] = {
    "File": {"file_decision": "file", "standard_code": "C-0102-3"},
    "Dispatch": {"dispatch_decision": "dispatch", "responsible_unit": UNIT},
    "SignFor": {"sign_decision": "accept"},
}


def _handled(core: Core, clock: ManualClock, staff: Staff, key: str, title: str, place: str) -> int:
    """A case of two working days, brought to who handles it."""
    answers = {"source": "collector", "title": title, "area": "zhanghua", "place": place}
    collector = staff["supervision_centre", "collector"][0]
    case: int = instances.start(core, "case_dispatch", answers, collector, key=key)["instance"]
    while (row := _open(core, case)) is not None and row["node"] in _STEPS:
        clock.advance(timedelta(minutes=4))
        people = staff[core.unit_key(row["unit_id"]) or "", row["post_key"]]
        completing.complete(core, f"{case}.{row['id']}", _STEPS[row["node"]], people[0])
    return case


def _open(core: Core, instance_id: int) -> Row | None:
    query = select(task).where(task.c.instance_id == instance_id, task.c.state == "open")
    with core.db.read() as connection:
        row = connection.execute(query).mappings().first()
    return dict(row) if row is not None else None


def _actor(core: Core, login: str) -> Actor:
    with core.db.read() as connection:
        return load_actor(connection, login)


def _decide(core: Core, clock: ManualClock, staff: Staff, request: int, until: str | None) -> None:
    """Let those who are asked agree, up to the step `until`."""
    while True:
        clock.advance(timedelta(minutes=5))
        while jobs.run_due(core).done:
            pass
        row = _open(core, request)
        if row is None or row["node"] == until or row["node"] not in _AGREES:
            return
        people = staff[core.unit_key(row["unit_id"]) or "", row["post_key"]]
        completing.complete(core, f"{request}.{row['id']}", _AGREES[row["node"]], people[0])
