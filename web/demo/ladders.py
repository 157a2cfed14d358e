"""Cases that nobody handled in time, and how far their supervision has climbed: real cases, worked through the real processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import func, select

from engine import instances, jobs
from engine.acts import completing
from engine.clock import ManualClock
from engine.core import Core
from engine.steps import Reply, Seen, run
from engine.tables import instance, job, task
from engine.writes import WriteSet
from escalation import sweep
from escalation.tables import clock as clock_table
from escalation.tables import rung

Row = dict[str, Any]
Staff = Mapping[tuple[str, str], list[str]]

MOST_STEPS = 60
"""Of one supervision; none needs as many."""

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Ignored:
    """A case reported so long ago, and what is done on its ladder: an answer for each node, once for each time it comes (the last one again
    and again). A node without an answer is where it stands today."""

    ago: timedelta
    title: str
    place: str
    area: str
    code: str
    grade: str
    answers: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)


_YELLOW: Row = {"card_decision": "issue", "card_reason": "催办后仍未处置，现出示黄牌"}
_RED: Row = {"card_decision": "issue", "card_reason": "黄牌后仍无进展，现出示红牌"}
_REPLY: Row = {"card_reply": "维修材料未到货，预计两日内完成"}
_UPHOLD: Row = {"judge_decision": "uphold", "judge_note": "未按期完成，维持"}
_DEMAND: Row = {"demand": "三日内完成整改并书面答复", "reply_days": 2}
_AGAIN: Row = {"review_decision": "again", "review_note": "现场核查仍未整改"}
_TO_THE_TOP: Mapping[str, tuple[Row, ...]] = {
    "IssueCard": (_YELLOW, _RED),
    "JudgeReply": (_UPHOLD,),
    "Demand": (_DEMAND,),
    "Review": (_AGAIN,),
    "ReferUp": ({"refer_decision": "refer", "refer_reason": "三轮督办仍无进展，危及行人安全"},),
}
_TAKEN_UP: Row = {
    "take_decision": "accept",
    "approval_kind": "head",
    "approval_document": "潜政督批〔演示〕7 号",
    "approved_on": "2026-01-05",
}
_PLANNED: Row = {
    "plan_content": "井盖缺失处置情况",
    "plan_scope": "市供水公司、章华社区",
    "plan_demand": "五个工作日内书面报告处置情况和原因",
    "report_days": 5,
}

CASES = (
    Ignored(timedelta(days=4), "路灯倾斜", "东方路 31 号", "zhanghua", "C-0137-1", "daily"),
    Ignored(timedelta(days=9), "上水井盖破损", "章华中路 88 号", "zhanghua", "C-0101-2", "general"),
    Ignored(
        timedelta(days=10), "雨水箅子堵塞", "江汉路 6 号", "zhanghua", "C-0104-5", "general", {"IssueCard": (_YELLOW,)}
    ),
    Ignored(
        timedelta(days=16),
        "污水井盖破损",
        "建设街 12 号",
        "zhanghua",
        "C-0102-2",
        "serious",
        {"IssueCard": (_YELLOW, _RED), "CardReply": (_REPLY,), "JudgeReply": (_UPHOLD,)},
    ),
    Ignored(
        timedelta(days=20),
        "上水井盖缺失",
        "潜阳东路与泰丰路交叉口",
        "zhanghua",
        "C-0101-1",
        "major",
        {
            "IssueCard": (_YELLOW, _RED),
            "CardReply": (_REPLY,),
            "JudgeReply": (_UPHOLD,),
            "Demand": (_DEMAND,),
        },
    ),
    Ignored(
        timedelta(days=27),
        "燃气井盖缺失",
        "育才路 3 号",
        "zhanghua",
        "C-0111-1",
        "major",
        {
            "IssueCard": (_YELLOW, _RED),
            "JudgeReply": (_UPHOLD,),
            "Demand": (_DEMAND,),
            "Review": (_AGAIN,),
        },
    ),
    Ignored(timedelta(days=36), "上水井盖缺失", "紫月路 17 号", "zhanghua", "C-0101-1", "major", _TO_THE_TOP),
    Ignored(
        timedelta(days=45),
        "上水井盖缺失、周边路面塌陷",
        "横堤路 40 号",
        "zhanghua",
        "C-0101-1",
        "major",
        {**_TO_THE_TOP, "Decide": (_TAKEN_UP,), "Plan": (_PLANNED,)},
    ),
)


def forget(core: Core) -> None:
    """What was late in the month and done since is not supervised now: the messages that were never carried are dropped, each in a step."""
    with core.db.read() as connection:
        lying = connection.execute(select(job.c.instance_id, job.c.id).where(job.c.kind == "send")).all()
    for instance_id, job_id in lying:
        run(core, instance_id, partial(_drop, job_id))


def _drop(job_id: str, _seen: Seen, writes: WriteSet) -> Reply:
    writes.delete(job, id=job_id)
    return {}


def play(core: Core, clock: ManualClock, now: datetime, staff: Staff) -> None:
    """Report them, bring each to the unit, and let time pass until now."""
    for number, each in enumerate(sorted(CASES, key=lambda one: one.ago, reverse=True)):
        clock.set(now - each.ago)
        case = _to_the_unit(core, clock, staff, each, number)
        due = _due(core, case)
        if due is None or due >= now:
            continue
        clock.set(due + timedelta(seconds=1))
        sweep.breach(core, case)
        jobs.run_due(core)
        _climb(core, clock, now, staff, case, each)


def _to_the_unit(core: Core, clock: ManualClock, staff: Staff, each: Ignored, number: int) -> int:
    report = {"source": "collector", "title": each.title, "area": each.area, "place": each.place}
    by = staff["supervision_centre", "collector"][0]
    case: int = instances.start(core, "case_dispatch", report, by, key=f"demo:ignored:{number}")["instance"]
    steps: tuple[tuple[str, Row], ...] = (
        ("File", {"file_decision": "file", "standard_code": each.code, "grade": each.grade}),
        ("Dispatch", {"dispatch_decision": "dispatch"}),
        ("SignFor", {"sign_decision": "accept"}),
    )
    for node, answers in steps:
        clock.advance(timedelta(minutes=6))
        row = _task(core, case, node)
        if row is None:
            break
        named = (
            {"responsible_unit": instances.get(core, case)["facts"]["responsible_unit"]} if node == "Dispatch" else {}
        )
        completing.complete(core, f"{case}.{row['id']}", {**answers, **named}, _who(core, staff, row))
    return case


def _climb(core: Core, clock: ManualClock, now: datetime, staff: Staff, case: int, each: Ignored) -> None:
    came: dict[str, int] = {}
    for _ in range(MOST_STEPS):
        jobs.run_due(core)
        climbed = _climbed(core, case)
        row = _task(core, climbed, *each.answers)
        if row is not None and clock.now() + 2 * HOUR < now:
            said = each.answers[row["node"]]
            turn = came.get(row["node"], 0)
            came[row["node"]] = turn + 1
            who = _who(core, staff, row)
            clock.advance(2 * HOUR)
            completing.complete(core, f"{row['instance_id']}.{row['id']}", said[min(turn, len(said) - 1)], who)
            continue
        following = _next(core, climbed)
        if following is None or following >= now:
            return
        clock.set(max(following, clock.now()))


def _climbed(core: Core, case: int) -> list[int]:
    """The supervision of a case, and the inspection it asked for."""
    with core.db.read() as connection:
        query = select(func.max(rung.c.instance_id)).where(rung.c.case_id == case)
        ladder: int | None = connection.execute(query).scalar()
        inspections = connection.execute(
            select(instance.c.id, instance.c.facts).where(instance.c.key == "government_inspection")
        )
        asked = [row.id for row in inspections if row.facts.get("supervision_id") == str(ladder)]
    return [ladder, *asked] if ladder is not None else []


def _task(core: Core, instance_ids: int | list[int], *nodes: str) -> Row | None:
    ids = [instance_ids] if isinstance(instance_ids, int) else instance_ids
    query = select(task).where(task.c.instance_id.in_(ids), task.c.state == "open", task.c.node.in_(nodes))
    with core.db.read() as connection:
        row = connection.execute(query.order_by(task.c.id)).mappings().first()
    return dict(row) if row is not None else None


def _next(core: Core, climbed: list[int]) -> datetime | None:
    with core.db.read() as connection:
        query = select(func.min(job.c.due_at)).where(job.c.instance_id.in_(climbed), job.c.state == "waiting")
        found: datetime | None = connection.execute(query).scalar()
    return found


def _due(core: Core, case: int) -> datetime | None:
    with core.db.read() as connection:
        query = select(func.min(clock_table.c.due_at)).where(
            clock_table.c.instance_id == case, clock_table.c.stopped_at.is_(None)
        )
        found: datetime | None = connection.execute(query).scalar()
    return found


def _who(core: Core, staff: Staff, row: Row) -> str:
    """Somebody who holds the post; who judges is not who showed the card."""
    people = staff[core.unit_key(row["unit_id"]) or "", row["post_key"]]
    return people[-1] if row["node"] == "JudgeReply" else people[0]
