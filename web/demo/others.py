"""A few instances of the other processes, so that every kind of user's home page has something on it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from engine import definitions, files, instances, jobs
from engine.acts import completing, signature
from engine.clock import ManualClock
from engine.core import Core
from engine.tables import instance, task
from web.demo import advertising, citywide, documents, emergencies, permits, pictures
from web.demo.tales import PHOTO, Staff, Tale


def play(core: Core, clock: ManualClock, now: datetime, staff: Staff) -> None:
    """Start them and leave each where people would find it."""
    for number, tale in enumerate(sorted(_tales(now), key=lambda t: t.ago, reverse=True)):
        clock.set(now - tale.ago)
        before = _cases(core, tale.also)
        key = f"demo:{tale.process}:{number}"
        reply = instances.start(core, tale.process, tale.started_with(core), staff[tale.starter][0], key=key)
        _work(core, clock, now, staff, tale, reply["instance"], before)


def _cases(core: Core, keys: tuple[str, ...]) -> set[int]:
    """The cases of these processes."""
    if not keys:
        return set()
    with core.db.read() as connection:
        return set(connection.execute(select(instance.c.id).where(instance.c.key.in_(keys))).scalars())


def _work(core: Core, clock: ManualClock, now: datetime, staff: Staff, tale: Tale, own: int, before: set[int]) -> None:
    answered: set[tuple[int, int]] = set()
    while True:
        while jobs.run_due(core).done:  # what the system does before anybody has a task
            pass
        with core.db.read() as connection:
            open_tasks = connection.execute(
                select(task)
                .where(task.c.instance_id.in_({own} | _cases(core, tale.also) - before), task.c.state == "open")
                .order_by(task.c.opened_at, task.c.instance_id, task.c.id)
            ).mappings()
            rows = [
                dict(r) for r in open_tasks if r["node"] in tale.answers and (r["instance_id"], r["id"]) not in answered
            ]
        if clock.now() + timedelta(minutes=tale.minutes) >= now or not (rows or tale.patient):
            return
        clock.advance(timedelta(minutes=tale.minutes))
        jobs.run_due(core)
        if not rows:
            continue
        row = min(rows, key=lambda r: r["node"] in tale.last)
        answered.add((row["instance_id"], row["id"]))
        if not _answer(core, row, tale.answers[row["node"]], staff):
            return


def _answer(core: Core, row: dict[str, Any], answers: dict[str, Any], staff: Staff) -> bool:
    """Complete a task as one of those whose it is; no, where nobody holds the post."""
    people = staff.get((core.unit_key(row["unit_id"]) or "", row["post_key"]))
    if people is None:
        return False
    definition = definitions.get(core, row["definition_id"])
    node = definition.model.nodes[row["node"]]
    signed = None
    if node.settings.signature == signature.REQUIRED:
        signed = signature.drawn(core, pictures.signature(row["instance_id"] % 7))
    said, taken = dict(answers), []
    for name in [name for name, value in answers.items() if value == PHOTO]:
        mended = "rectify" in name
        taken.append(
            files.accept(
                core, "整改后.jpg" if mended else "现场.jpg", pictures.scene("E-04", row["id"] % 3, mended=mended)
            )
        )
        said[name] = [taken[-1].id]
    files.keep(core, taken)
    completing.complete(core, f"{row['instance_id']}.{row['id']}", said, people[-1], accepted=taken, signed=signed)
    return True


def _tales(now: datetime) -> list[Tale]:
    day = timedelta(days=1)
    supervision = {"reply_days": 3, "rounds_most": 3, "grade": "major"}
    return [
        Tale(
            "supervision",
            ("supervision_centre", "supervisor"),
            8 * day,
            {
                "title": "章华中路占道经营反复回潮督办",
                "responsible_unit": "town_yuanlin",
                "demand": "该路段一月内立案 14 件，请于 3 日内制定常态管控措施并书面答复。",
                "area": "yuanlin",
                **supervision,
            },
            {
                "Reply": {"reply_text": "已安排两组队员错时值守，划定临时摊位 26 个，占道问题明显减少。"},
                "Review": {"review_decision": "accept", "review_note": "措施具体，同意归档，一月后回头看"},
                "Archive": {"conclusion": "督办事项已落实，归档。"},
            },
            600,
        ),
        Tale(
            "supervision",
            ("supervision_centre", "supervisor"),
            5 * day,
            {
                "title": "泰丰大道雨水箅子堵塞逾期未处置督办",
                "responsible_unit": "town_taifeng",
                "demand": "两件案卷超期，请说明原因并限期整改。",
                "area": "taifeng",
                **supervision,
            },
            {"Reply": {"reply_text": "已疏通，照片随后补报。"}},
            900,
        ),
        Tale(
            "supervision",
            ("supervision_centre", "supervisor"),
            timedelta(hours=20),
            {
                "title": "广华大道路灯连片不亮督办",
                "responsible_unit": "town_guanghua",
                "demand": "请会同路灯管理单位 2 日内恢复照明并答复。",
                "area": "guanghua",
                **supervision,
            },
            {},
            60,
        ),
        *permits.tales(now),
        *advertising.tales(now),
        *emergencies.tales(),
        *documents.tales(now),
        *citywide.tales(now),
    ]
