"""Cases in words: their state, their steps, what happened to them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine import definitions
from engine.bpmn.model import Node
from engine.bpmn.reading.calls import called
from engine.definitions import Definition
from engine.events import Event
from engine.queries.cases import Case
from escalation.clocks import setting_id
from web.auth import city
from web.telling import names, stamp
from web.telling_facts import Told, tell
from web.texts import locale, t

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a case's history. `tone` is plain, quiet or bad."""

    at: datetime
    what: str
    who: str
    tone: str = "plain"
    text: str = ""
    told: tuple[Told, ...] = ()
    onwards: str = ""


def status(row: Row) -> str:
    """The state of a case: where it ended, or that it is under way."""
    if row["status"] == "active":
        return t("办理中", "Under way")
    if row["status"] == "cancelled":
        return t("已终止", "Cancelled")
    node = definitions.get(city().core, row["definition_id"]).model.nodes.get(row["outcome"] or "")
    return (node.names.text(locale()) if node is not None else "") or t("已结束", "Ended")


def node_name(definition_id: int, node_id: str | None) -> str:
    """A step's name; its id when the diagram gives none. One that is not in this diagram is looked for in those it calls."""
    core = city().core
    model = definitions.get(core, definition_id).model
    node = model.nodes.get(node_id or "")
    if node is None and node_id:
        found = (definitions.newest(core, key).model.nodes.get(node_id) for key in called(model.nodes.values()))
        node = next((one for one in found if one is not None), None)
    return (node.names.text(locale()) if node is not None else "") or node_id or ""


def wait_word(row: Row) -> str:
    """What a subscription waits for; correlations may be personal and are not shown."""
    if row["kind"] == "signal":
        return t(f"信号“{row['name']}”", f"Signal “{row['name']}”")
    return t(f"消息“{row['name']}”", f"Message “{row['name']}”")


def process_name(definition_id: int) -> str:
    """A process by the version it runs."""
    return definitions.get(city().core, definition_id).names.text(locale())


def who(row: Row) -> str:
    """The actor of a history row with unit and post; the system itself when there is none."""
    if row["actor_id"] is None:
        return t("系统", "The system")
    directory = names()
    parts = [directory.person(row["actor_id"])]
    if row["unit_id"] is not None:
        parts.append(directory.unit(row["unit_id"], locale()))
    if row["post_key"]:
        parts.append(directory.post(row["post_key"], locale()))
    return " · ".join(p for p in parts if p)


def history(case: Case, definition: Definition, hidden: frozenset[str] = frozenset()) -> list[Entry]:
    """The told history of a case, oldest first."""
    names().learn([r["actor_id"] for r in case.history])
    by_id = {r["id"]: r for r in case.tasks}
    answered = {str(v) for row in case.history for v in _lists((row["data"] or {}).get("answers", {}))}
    told = [r for r in case.history if (r["data"] or {}).get("attachment") not in answered]
    return [_entry(row, definition, by_id, hidden) for row in told]


def _lists(answers: Row) -> list[Any]:
    """What lists in answers hold: photos sent with a form are told with it, not once more as files."""
    return [v for value in answers.values() if isinstance(value, list) for v in value]


def _entry(row: Row, definition: Definition, tasks: dict[int, Row], hidden: frozenset[str]) -> Entry:
    data: Row = row["data"] or {}
    where = row["node"] or data.get("timer")
    own = _definition(tasks.get(row["task_id"]), definition)
    name = _name(own.model.nodes.get(where or ""), where)
    kind = Event(row["kind"])
    text = str(data.get("text") or "")
    tone = "quiet"
    if kind is Event.STARTED:
        what, tone = _begun(data, definition), "plain"
    elif kind is Event.COMPLETED:
        what, tone = name, "plain"
    elif kind is Event.TRANSFERRED:
        receiver = names().person(data.get("to"))
        what = t(f"{name}：转办给{receiver}", f"{name}: handed to {receiver}")
    elif kind is Event.COMMENTED:
        what, tone = t("留言", "Comment"), "plain"
    elif kind is Event.ATTACHED:
        what, text = t("上传附件", "File added"), str(data.get("name", ""))
    elif kind is Event.BREACHED:
        what, tone = t(f"超时：{_clock(data, definition)}", f"Overdue: {_clock(data, definition)}"), "bad"
        due = data.get("due")
        text = t("时限", "Due") + t("：", ": ") + stamp(datetime.fromisoformat(due)) if isinstance(due, str) else ""
    elif kind is Event.FAILED:
        what, tone = (
            t(f"流程在“{name}”处停住，等待运维处理", f"The process stopped at “{name}” and waits for an operator"),
            "bad",
        )
        text = ""
    else:
        what, tone = _plain(kind, name, data), "bad" if kind in (Event.CANCELLED, Event.ERROR) else "quiet"
    return Entry(
        at=row["at"],
        what=what,
        who=who(row),
        tone=tone,
        text=text,
        told=tuple(tell(own, data.get("answers", {}), hidden)),
        onwards=_onwards(data, tasks, definition),
    )


def _definition(task: Row | None, otherwise: Definition) -> Definition:
    """The definition a task belongs to: of a called process, its own."""
    if task is None or task["definition_id"] == otherwise.id:
        return otherwise
    return definitions.get(city().core, task["definition_id"])


def _begun(data: Row, definition: Definition) -> str:
    if "message" in data:
        return t(f"由消息“{data['message']}”发起", f"Started by the message “{data['message']}”")
    if "signal" in data:
        return t(f"由信号“{data['signal']}”发起", f"Started by the signal “{data['signal']}”")
    if "timer" in data:
        name = _name(definition.model.nodes.get(data["timer"]), data["timer"])
        return t(f"到时自动发起：{name}", f"Started by the time: {name}")
    return _name(definition.model.nodes.get(definition.model.start or ""), "") or t("发起", "Started")


def _plain(kind: Event, name: str, data: Row) -> str:
    words = {
        Event.CLAIMED: t(f"{name}：已领取", f"{name}: claimed"),
        Event.RELEASED: t(f"{name}：退回待领", f"{name}: given back"),
        Event.TIMER_FIRED: t(f"到时：{name}", f"Time reached: {name}"),
        Event.ACTION_DONE: t(f"系统执行：{name}", f"Done by the system: {name}"),
        Event.MESSAGE: t(f"收到消息：{data.get('name', '')}", f"Message received: {data.get('name', '')}"),
        Event.SIGNAL: t(f"收到信号：{data.get('name', '')}", f"Signal received: {data.get('name', '')}"),
        Event.SENT: t(f"已送达：{data.get('name', '')}", f"Delivered: {data.get('name', '')}"),
        Event.MISSED: t(
            f"“{data.get('name', '')}”到达时已无人等待",
            f"“{data.get('name', '')}” came when nothing waited for it any more",
        ),
        Event.ERROR: t(
            f"{name}：无法办理（{data.get('code', '')}）", f"{name}: cannot be done ({data.get('code', '')})"
        ),
        Event.CANCELLED: t("终止", "Cancelled"),
        Event.RETRIED: t("运维重试", "Tried again by an operator"),
        Event.LINKED: t("关联案件", "Case linked"),
        Event.MOVED: _moved(data),
        Event.WROTE: _wrote(str(data.get("what", ""))),
    }
    return words.get(kind, str(kind))


def _wrote(what: str) -> str:
    """That something was written; what, only those may read who talk with reporters."""
    words = {
        "note": t("上报人补充情况", "The reporter added something"),
        "answer": t("上报人回答询问", "The reporter answered"),
        "question": t("询问上报人", "The reporter was asked"),
        "reply": t("答复上报人", "The reporter was answered"),
        "seen": t("已阅上报人来信", "What the reporter wrote was read"),
        "solved": t("上报人评价：已解决", "The reporter says: solved"),
        "unsolved": t("上报人评价：没有解决", "The reporter says: not solved"),
        "joined": t("另有市民上报同一问题", "Another citizen reported the same"),
        "released": t("审核后放行", "Looked at and released"),
    }
    return words.get(what, t("与上报人往来", "Written with the reporter"))


def _moved(data: Row) -> str:
    if "back" in data:
        return t("机构变更：任务退回岗位待领", "The organisation changed: tasks went back to their posts")
    old, new = (names().unit_by_key(data.get(end, ""), locale()) for end in ("from", "to"))
    return t(f"机构变更：由“{old}”转至“{new}”", f"The organisation changed: from “{old}” to “{new}”")


def _name(node: Node | None, otherwise: str | None) -> str:
    return (node.names.text(locale()) if node is not None else "") or otherwise or ""


def _clock(data: Row, definition: Definition) -> str:
    return clock_name(str(data.get("clock", "")), definition)


def clock_name(name: str, definition: Definition) -> str:
    """A clock in words: the case's own, or the name of the step it belongs to."""
    for setting in definition.model.clocks:
        if setting.id == setting_id(name):
            return setting.names.text(locale()) or t("办案总时限", "Whole case")
    for node in definition.model.user_tasks:
        if any(c.id == name for c in node.settings.clocks):
            return _name(node, name)
    return name


def _onwards(data: Row, tasks: dict[int, Row], definition: Definition) -> str:
    """The tasks that opened, each with whom it was for; when that was not whom the diagram means first, it is said."""
    parts = []
    assigned: Row = data.get("assigned", {})
    for task_id in (*data.get("opened", ()), *data.get("moved", ())):
        row = tasks.get(task_id)
        if row is None:
            continue
        name = _name(_definition(row, definition).model.nodes.get(row["node"]), row["node"])
        whom = [names().unit(row["unit_id"], locale()), names().person(assigned.get(str(task_id)))]
        if task_id in data.get("fallback", ()):
            whom.append(t("无人符合原定条件", "nobody else fitted"))
        if task_id in data.get("moved", ()):
            whom.append(t("因回避改派", "moved: the case is about the unit that had it"))
        told = t("，", ", ").join(one for one in whom if one)
        parts.append(t(f"{name}（{told}）", f"{name} ({told})") if told else name)
    return t("、", ", ").join(parts)


@dataclass(frozen=True, slots=True)
class StepCount:
    """A step of the diagram for readers without pictures."""

    name: str
    times: int
    now: bool


def steps(case: Case, definition: Definition) -> list[StepCount]:
    """The people's steps in the order of the diagram: how often each ran, and where the case is."""
    active = {r["node"] for r in case.open_tasks if not r["within"]}
    own = [
        StepCount(_name(n, n.id), case.visits.get(n.id, 0), n.id in active)
        for n in definition.model.user_tasks
        if n.id in active or case.visits.get(n.id)
    ]
    return own + _called_steps(case, definition)


def _called_steps(case: Case, definition: Definition) -> list[StepCount]:
    """The same for the steps of called processes."""
    found: dict[str, StepCount] = {}
    for row in case.tasks:
        if row["within"]:
            key = f"{row['within']}/{row['node']}"
            name = _name(_definition(row, definition).model.nodes.get(row["node"]), row["node"])
            now = row["state"] == "open" or (key in found and found[key].now)
            found[key] = StepCount(name, case.visits.get(key, 0), now)
    return list(found.values())


@dataclass(frozen=True, slots=True)
class LinkWord:
    """How a linked case is related, seen from here."""

    outwards: tuple[str, str]
    inwards: tuple[str, str] = field(default=("", ""))


_LINKS = {
    "supervises": LinkWord(("督办", "supervises"), ("被督办", "supervised by")),
    "lasting_repair_of": LinkWord(("长效整改", "lasting repair of"), ("已转长效整改", "has a lasting repair")),
    "reopened_from": LinkWord(("重开自", "reopened from"), ("重开为", "reopened as")),
    "duplicate_of": LinkWord(("重复于", "duplicate of"), ("有重复件", "has a duplicate")),
}


def link_word(kind: str, *, outwards: bool) -> str:
    """The kind of a link in words."""
    known = _LINKS.get(kind)
    if known is None:
        return kind.replace("_", " ")
    return t(*(known.outwards if outwards else known.inwards))
