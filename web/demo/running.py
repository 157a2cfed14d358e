"""Work the month's cases through the real process: every row of the demonstration was written by a step, at the time it tells of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select

from engine import files, instances
from engine.acts import completing, talking
from engine.clock import ManualClock
from engine.core import Core
from engine.registers import rows
from engine.steps import Reply, Seen, run
from engine.tables import membership, person, task, unit
from engine.writes import WriteSet
from escalation import reminding, resuming, sweep
from escalation.tables import clock as clock_table
from web.city import City
from web.demo import ladders, others, pictures, requests, roster
from web.demo.plan import DAYS, ORDER, Case, Fate, cases

Row = dict[str, Any]
Progress = Callable[[int, int], None]


def fill(city: City, progress: Progress | None = None, scale: float = 1.0, now: datetime | None = None) -> int:
    """Fill the live world with a month that ends `now`; answers how many cases. Run it once, on a city without cases."""
    now = (now or city.core.db.now()).astimezone(UTC)
    clock = ManualClock(now - timedelta(days=DAYS + 1))
    core = replace(city.core, clock=clock)
    story = _Story(core, clock, now)
    plan = list(cases(now, rows(core, "standards"), rows(core, "areas"), scale))
    for number, case in enumerate(plan, 1):
        story.play(case)
        if progress is not None:
            progress(number, len(plan))
    ladders.forget(core)
    others.play(core, clock, now, story.staff)
    ladders.play(core, clock, now, story.staff)
    requests.play(core, clock, now, story.staff)
    clock.set(now)
    while resuming.resumptions(core) + sweep.breaches(core) + reminding.reminders(core):
        pass
    roster.play(core)
    return len(plan)


class _Story:
    def __init__(self, core: Core, clock: ManualClock, now: datetime) -> None:
        self.core = core
        self.clock = clock
        self.now = now
        self.staff = staff(core)
        self.pictures: dict[tuple[str, int, bool], files.Accepted] = {}

    def play(self, case: Case) -> None:
        """One case, from its report to where the plan leaves it."""
        reporter = self._someone(case, *_REPORTERS.get(case.source, ("supervision_centre", "acceptor")))
        self.clock.set(case.reported)
        answers: Row = {
            "source": case.source,
            "title": case.title,
            "description": case.description,
            "area": case.area["key"],
            "place": case.place,
        }
        if case.area["lat"] is not None:
            answers["lat"] = round(case.area["lat"] + case.dice.uniform(-0.004, 0.004), 5)
            answers["lon"] = round(case.area["lon"] + case.dice.uniform(-0.004, 0.004), 5)
        if case.source in ("hotline_12345", "wechat"):
            answers.update(_caller(case.number))
        if case.self_handled:
            answers.update(self_handled=True, self_handled_note="现场已劝导整改，问题消除")
        started = instances.start(self.core, "case_dispatch", answers, reporter, key=f"demo:{case.number}")
        instance_id = started["instance"]
        if case.photo:
            self._photo(case, instance_id, reporter, mended=False)
        self._work(case, instance_id)

    def _work(self, case: Case, instance_id: int) -> None:
        backs, rework = case.send_backs, case.rework
        end: datetime | None = None
        while True:
            row = self._open(instance_id)
            if row is None or row["node"] == case.stage:
                return
            node = row["node"]
            if node in ("Dispatch", "Close") and end is None:
                end = self._end(case, instance_id)
            when = self._when(case, node, end)
            if when >= self.now - timedelta(minutes=1):
                return
            self.clock.set(when)
            answers = self._answers(case, node, backs, rework)
            backs -= node == "SignFor" and answers.get("sign_decision") == "return"
            rework -= node == "Check" and answers.get("check_result") == "fail"
            who = self._who(case, row)
            if case.dice.random() < 0.03:
                talking.comment(self.core, instance_id, case.dice.choice(_REMARKS), who)
            if node == "Handle" and case.photo:
                self._photo(case, instance_id, who, mended=True)
            completing.complete(self.core, f"{instance_id}.{row['id']}", answers, who)

    def _end(self, case: Case, instance_id: int) -> datetime:
        """When the case is to be closed, by the term that its own clock was given."""
        with self.core.db.read() as connection:
            due = connection.execute(_DUE, {"i": instance_id}).scalar()
        start = self.clock.now()
        due = due or start + timedelta(days=1)
        if case.fate is Fate.ON_TIME:
            return start + (due - start) * case.share
        if case.fate is Fate.LATE:
            late = due + timedelta(hours=0.4 + 30 * (1 - case.share) ** 2)
            return min(late, self.now - timedelta(minutes=5))
        return max(due, self.now) + timedelta(days=1)

    def _when(self, case: Case, node: str, end: datetime | None) -> datetime:
        """The instant of a step: desk work takes minutes, handling fills the rest."""
        here = self.clock.now()
        if case.fate is Fate.RUNNING and case.stage is not None:
            # the desk at which the case waits got it just now
            arrival = self.now - timedelta(minutes=3 + 8 * case.share)
            if node == ORDER[ORDER.index(case.stage) - 1]:
                return max(arrival, here + timedelta(seconds=20))
            return here + min(
                timedelta(minutes=case.dice.uniform(3, 11)), max(arrival - here, timedelta(minutes=1)) * 0.3
            )
        if node == "File" and case.dice.random() < FILED_LATE:
            return here + timedelta(minutes=case.dice.uniform(17, 45))
        if end is None or case.stage is not None:
            return here + timedelta(minutes=case.dice.uniform(3, 13))
        left = max(end - here, timedelta(seconds=10))
        if node == "Close":
            return max(end, here + timedelta(seconds=5))
        share = {"Dispatch": 0.04, "SignFor": 0.08, "Handle": 0.7, "Feedback": 0.3, "Check": 0.5}.get(node, 0.1)
        most = {"Dispatch": 14.0, "SignFor": 55.0, "Feedback": 25.0, "Check": 50.0}.get(node)
        step = left * share * case.dice.uniform(0.6, 1.0)
        return here + (min(step, timedelta(minutes=most)) if most is not None else step)

    def _answers(self, case: Case, node: str, backs: int, rework: int) -> Row:
        dice = case.dice
        match node:
            case "Verify":
                return {"verify_result": "confirmed", "verify_note": "现场核实，情况属实"}
            case "File":
                if case.fate is Fate.VOIDED:
                    return {"file_decision": "void", "void_reason": dice.choice(_VOID)}
                decision = "self_handled" if case.self_handled else "file"
                return {
                    "file_decision": decision,
                    "standard_code": case.standard["code"],
                    "grade": dice.choice(_GRADES),
                }
            case "Dispatch":
                return {"dispatch_decision": "dispatch", "responsible_unit": self._unit(case)}
            case "SignFor" if backs > 0:
                return {
                    "sign_decision": "return",
                    "return_reason": dice.choice(("not_ours", "place_unclear")),
                    "return_note": dice.choice(_RETURN),
                }
            case "SignFor":
                return {"sign_decision": "accept"}
            case "Handle":
                return {"handle_result": "done", "handle_note": dice.choice(_HANDLED)}
            case "SignOut":
                return {"sign_out_decision": "sign"}
            case "Feedback":
                return {"feedback_decision": "forward"}
            case "Check" if rework > 0:
                return {"check_result": "fail", "check_note": dice.choice(_FAILED)}
            case "Check":
                return {"check_result": "pass", "check_note": "现场核查，整改到位"}
            case _:
                return {"close_note": "同意结案"}

    def _unit(self, case: Case) -> str:
        """The unit the process proposed, if somebody works there; else the town's."""
        instance_id = self._current
        proposed = instances.get(self.core, instance_id)["facts"].get("responsible_unit")
        town: str | None = case.area.get("unit")
        for key in (proposed, town, "city_management_bureau"):
            if key is not None and (key, "handler") in self.staff:
                return str(key)
        return "sanitation"

    def _who(self, case: Case, row: Row) -> str:
        unit_key = self.core.unit_key(row["unit_id"]) or ""
        return self._someone(case, unit_key, row["post_key"])

    def _someone(self, case: Case, unit_key: str, post_key: str) -> str:
        people = self.staff[unit_key, post_key]
        return people[case.number % len(people)]

    def _open(self, instance_id: int) -> Row | None:
        self._current = instance_id
        with self.core.db.read() as connection:
            found = connection.execute(_OPEN, {"i": instance_id}).mappings().first()
        return dict(found) if found is not None else None

    def _photo(self, case: Case, instance_id: int, who: str, *, mended: bool) -> Reply:
        taken = [self._picture(case.standard["class"][:4], case.number % 3, mended=mended)]
        purpose = "handle_photos" if mended else "photos"

        def plan(seen: Seen, writes: WriteSet) -> Reply:
            return {"files": files.add(self.core, seen, writes, taken, purpose=purpose)}

        return run(self.core, instance_id, plan, who)

    def _picture(self, kind: str, variant: int, *, mended: bool) -> files.Accepted:
        """A picture, looked at and kept once: many cases show the same."""
        wanted = (kind, variant, mended)
        if wanted not in self.pictures:
            name = "处置后.jpg" if mended else "现场.jpg"
            taken = files.accept(self.core, name, pictures.scene(kind, variant, mended=mended))
            files.keep(self.core, [taken])
            self.pictures[wanted] = taken
        return self.pictures[wanted]


def staff(core: Core) -> dict[tuple[str, str], list[str]]:
    """Logins by unit and post."""
    found: dict[tuple[str, str], list[str]] = {}
    with core.db.read() as connection:
        query = (
            select(unit.c.key, membership.c.post_key, person.c.login)
            .join(membership, membership.c.unit_id == unit.c.id)
            .join(person, person.c.id == membership.c.person_id)
            .order_by(person.c.id)
        )
        for unit_key, post_key, login in connection.execute(query):
            found.setdefault((unit_key, post_key), []).append(login)
    return found


def _caller(number: int) -> Row:
    """Somebody made up, with a telephone number that nobody has."""
    name = "王李张刘陈杨黄赵周吴"[number % 10] + ("女士", "先生")[number // 10 % 2]
    return {"reporter_name": name, "reporter_phone": f"1390000{number % 10_000:04}"}


# Statements are built once: building one costs more than running it.

_OPEN = (
    select(task.c.id, task.c.node, task.c.unit_id, task.c.post_key)
    .where(task.c.instance_id == bindparam("i"), task.c.state == "open")
    .order_by(task.c.id)
    .limit(1)
)
_DUE = select(clock_table.c.due_at).where(clock_table.c.instance_id == bindparam("i"), clock_table.c.name == "case")

_REPORTERS = {"collector": ("supervision_centre", "collector"), "wechat": ("public", "reporter")}
FILED_LATE = 0.04
_GRADES = ("daily", "daily", "general", "general", "serious")
_VOID = ("现场未发现所述问题", "不属于城市管理立案范围", "与此前案件重复，已在办理中", "问题已由产权单位当场解决")
_RETURN = ("经核实该处管护主体为产权单位，请改派", "位置描述不清，现场未找到，请补充", "该路段已移交属地，请派街道处理")
_HANDLED = (
    "已安排人员清理完毕，现场恢复整洁。",
    "已更换损坏部件，恢复正常使用。",
    "已对当事人宣传教育并责令整改，现场已整改到位。",
    "已修复并设置警示，隐患消除。",
    "已组织作业班组清除，冲洗路面。",
)
_FAILED = ("现场仍有残留，未达结案标准", "修复不彻底，请继续整改", "照片与现场不符，请重新处置")
_REMARKS = (
    "已电话联系责任单位，正在赶往现场。",
    "请注意留存整改前后照片。",
    "天气原因，预计下午完成。",
    "该点位近期多次出现，请加强巡查。",
)
