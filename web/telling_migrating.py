"""A plan of migration in words: which node becomes which, and what becomes of each case."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from engine import access, definitions
from engine.bpmn.changing import pairing
from engine.bpmn.changing.clock_pairing import owned
from engine.bpmn.model import Kind, Node, ProcessModel
from engine.errors import Invalid
from engine.migrating import deciding
from engine.migrating.plans import Item, Plan
from engine.people import Actor
from engine.tables import instance
from web.auth import city
from web.telling import stamp
from web.telling_migrating_limits import called
from web.texts import locale, t
from web.words_of_diagrams import KINDS

Row = dict[str, Any]

STATES = {
    "trying": ("试算中", "being tried", "active"),
    "tried": ("已试算", "tried", "active"),
    "proposed": ("待审批", "up for decision", "active"),
    "running": ("正在迁移", "under way", "active"),
    "done": ("已完成", "done", "completed"),
    "stopped": ("已停止", "stopped", "cancelled"),
    "refused": ("已驳回", "refused", "rejected"),
    "withdrawn": ("已撤回", "withdrawn", "cancelled"),
}
ITEMS = {
    "waiting": ("等待试算", "not tried yet", "active"),
    "fits": ("可以迁移", "can go", "completed"),
    "refused": ("不能迁移", "cannot go", "rejected"),
    "moved": ("已迁移", "went over", "completed"),
    "stayed": ("留在原版", "stays", "rejected"),
    "gone": ("已办结或已不在原版", "over by then", "cancelled"),
}

_SHAPES = {
    Kind.EXCLUSIVE: ("排他网关", "Exclusive gateway"),
    Kind.PARALLEL: ("并行网关", "Parallel gateway"),
    Kind.INCLUSIVE: ("包容网关", "Inclusive gateway"),
    Kind.COMPLEX: ("复杂网关", "Complex gateway"),
    Kind.EVENT_BASED: ("事件网关", "Event-based gateway"),
}


@dataclass(frozen=True, slots=True)
class Pair:
    """A node of the old version. `options`: what it can become, as (id, name); `to`: what it becomes; `how`: the id is the same, it was
    proposed by name or place, somebody chose it, or it has none. `waits`: a case can rest there."""

    id: str
    name: str
    kind: str
    options: list[tuple[str, str]]
    to: str
    how: str
    waits: bool
    notes: list[str]

    @property
    def differs(self) -> bool:
        """Whether there is something to look at."""
        return self.how != "same" or bool(self.notes)


@dataclass(frozen=True, slots=True)
class Case:
    """What becomes of one case, in words; who may not see it is shown neither number nor title."""

    id: int | None
    number: str
    title: str
    state: str
    word: str
    colour: str
    why: str
    tasks: list[str]
    clocks: list[str]
    timers: list[str]
    other: list[str]


def pairs(old: ProcessModel, new: ProcessModel, proposed: pairing.Nodes, chosen: pairing.Nodes) -> list[Pair]:
    """Every node of the old version, those first at which cases rest, by scope."""
    found = []
    for node in old.nodes.values():
        options = [
            each
            for each in new.nodes.values()
            if each.kind is node.kind and pairing.unlike(old, new, {**proposed, **chosen}, node, each) is None
        ]
        to = chosen.get(node.id, "")
        how = "none" if not to else "same" if to == node.id else "proposed" if proposed.get(node.id) == to else "chosen"
        notes = _notes(node, new.nodes[to]) if to in new.nodes else []
        named = [(each.id, _called(each, new)) for each in options]
        found.append(Pair(node.id, _called(node, old), kind(node), named, to, how, _rests(node), notes))
    return sorted(found, key=lambda pair: (not pair.waits, pair.how == "same"))


def blocked(old: ProcessModel, new: ProcessModel) -> str:
    """Why these versions cannot be gone between at all; "" when they can."""
    try:
        deciding.check(old, new, {}, {})
    except Invalid as error:
        return error.text(locale())
    return ""


def state(found: Plan) -> tuple[str, str]:
    """A plan's state: its word and its colour."""
    zh, en, colour = STATES[found.state]
    return t(zh, en), colour


def counted(found: Plan) -> list[tuple[str, str, int]]:
    """How many cases are at what, as (state, word, cases)."""
    return [(key, t(zh, en), found.counts[key]) for key, (zh, en, _) in ITEMS.items() if found.counts.get(key)]


def changes(found: Plan) -> list[tuple[str, str]]:
    """The nodes that the plan names otherwise, and those without a counterpart ("")."""
    core = city().core
    old, new = (definitions.get(core, id_).model for id_ in (found.source_id, found.target_id))
    told = []
    for node in old.nodes.values():
        to = found.nodes.get(node.id)
        if to is None:
            told.append((_called(node, old), ""))
        elif to != node.id:
            told.append((_called(node, old), _called(new.nodes[to], new)))
    return told


def cases(found: Plan, items: Iterable[Item], actor: Actor) -> list[Case]:
    """What becomes of each, in words."""
    core = city().core
    rows = list(items)
    old, new = (definitions.get(core, id_).model for id_ in (found.source_id, found.target_id))
    seen = _seen((one.instance_id for one in rows), actor)
    return [_case(one, seen.get(one.instance_id), old, new) for one in rows]


@dataclass(frozen=True, slots=True)
class Left:
    """A case that a plan is not for; who may not see it is shown neither number nor title."""

    id: int | None
    number: str
    title: str


def known(ids: Iterable[int], actor: Actor) -> list[Left]:
    """Cases by their ids, as somebody may see them."""
    rows = list(ids)
    seen = _seen(rows, actor)
    return [Left(id_ if id_ in seen else None, *_called_so(seen.get(id_))) for id_ in rows]


def _seen(ids: Iterable[int], actor: Actor) -> dict[int, Row]:
    wanted = list(ids)
    found: dict[int, Row] = {}
    with city().core.db.read() as connection:
        for begin in range(0, len(wanted), 500):
            query = select(instance.c.id, instance.c.number, instance.c.title).where(
                instance.c.id.in_(wanted[begin : begin + 500]), access.visible(connection, actor)
            )
            found |= {row["id"]: dict(row) for row in connection.execute(query).mappings()}
    return found


def _called_so(row: Row | None) -> tuple[str, str]:
    if row is None:
        hidden = t("（无权查看）", "(not yours to see)")
        return hidden, hidden
    return row["number"], row["title"] or row["number"]


def kind(node: Node) -> str:
    """What a node is."""
    if node.kind in _SHAPES:
        return t(*_SHAPES[node.kind])
    word = KINDS.get(_TAGS.get(node.kind, ""), None)
    return t(*word) if word is not None else node.kind.value


_TAGS = {
    Kind.START: "startEvent",
    Kind.END: "endEvent",
    Kind.CATCH: "intermediateCatchEvent",
    Kind.THROW: "intermediateThrowEvent",
    Kind.BOUNDARY: "boundaryEvent",
    Kind.USER: "userTask",
    Kind.MANUAL: "manualTask",
    Kind.SCRIPT: "scriptTask",
    Kind.RULE: "businessRuleTask",
    Kind.SERVICE: "serviceTask",
    Kind.SEND: "sendTask",
    Kind.RECEIVE: "receiveTask",
    Kind.TASK: "task",
    Kind.CALL: "callActivity",
    Kind.SUBPROCESS: "subProcess",
    Kind.EVENT_SUBPROCESS: "subProcess",
    Kind.TRANSACTION: "transaction",
}


# ---------------------------------------------------------------- inside


def _rests(node: Node) -> bool:
    """Whether a case may rest at it, so that it matters what it becomes."""
    if node.kind in (Kind.PARALLEL, Kind.INCLUSIVE, Kind.COMPLEX):
        return len(node.incoming) > 1
    resting = (Kind.CATCH, Kind.BOUNDARY, Kind.SERVICE, Kind.RECEIVE, Kind.CALL, Kind.EVENT_BASED)
    return node.kind.is_inbox or node.kind.is_scope or node.kind in resting


def _called(node: Node, model: ProcessModel) -> str:
    own = node.names.text(locale())
    if own:
        return own
    after = [model.nodes[model.flows[flow].target].names.text(locale()) for flow in node.outgoing]
    first = next((name for name in after if name), "")
    return t(f"{kind(node)}（到“{first}”）", f"{kind(node)} (to “{first}”)") if first else f"{kind(node)} {node.id}"


def _notes(old: Node, new: Node) -> list[str]:
    """What to know of a pair before it is tried."""
    notes = []
    if old.settings.vote != new.settings.vote and old.settings.vote is not None:
        notes.append(
            t("表决规则不同：正在表决的案件不能迁移", "another rule of voting: cases that vote there cannot go")
        )
    elif (old.multi_instance, old.loop) != (new.multi_instance, new.loop):
        notes.append(
            t("多实例或循环设置不同：停在此处的案件不能迁移", "set as parts or rounds otherwise: cases there cannot go")
        )
    if (old.settings.form, old.settings.fields) != (new.settings.form, new.settings.fields):
        notes.append(t("表单不同：在办任务改用新表单", "another form: open tasks ask by the new one"))
    if old.settings.candidates != new.settings.candidates:
        notes.append(
            t("承办规则不同：在办任务仍由原来的人办", "other people by rule: open tasks stay with whose they are")
        )
    before, after = ({setting.id for setting in node.settings.clocks} for node in (old, new))
    if before != after:
        notes.append(t("时限不同：见下面的“时限对应”", "other limits: see below what becomes of each"))
    return notes


def _case(item: Item, row: Row | None, old: ProcessModel, new: ProcessModel) -> Case:
    zh, en, colour = ITEMS[item.state]
    told = item.told or {} if row is not None else {}
    number, title = _called_so(row)
    return Case(
        id=row["id"] if row is not None else None,
        number=number,
        title=title,
        state=item.state,
        word=t(zh, en),
        colour=colour,
        why=item.text(locale()),
        tasks=[_arrow(each["from"], each["to"], old, new) for each in told.get("tasks", ())],
        clocks=[_clock(each, old, new) for each in told.get("clocks", ())],
        timers=[
            f"{_arrow(each['from'], each['to'], old, new)}{t('：', ': ')}{_when(each['due'])}"
            for each in told.get("timers", ())
        ],
        other=_other(told, old, new),
    )


def _arrow(before: str, after: str, old: ProcessModel, new: ProcessModel) -> str:
    first, last = _name(before, old), _name(after, new)
    return last if first == last and before == after else f"{first} → {last}"


def _name(id_: str, model: ProcessModel) -> str:
    node = model.nodes.get(id_)
    if node is not None and node.kind is Kind.START and node.parent is not None and not node.names.text(locale()):
        node = model.nodes[node.parent]
    return _called(node, model) if node is not None else id_


def _clock(told: Row, old: ProcessModel, new: ProcessModel) -> str:
    id_ = told["clock"].partition("#")[0]
    if told.get("dropped"):
        return t(f"取消“{called(id_, owned(old))}”", f"“{called(id_, owned(old))}” is given up")
    name = called(id_, owned(new))
    due = _when(told["due"]) if told["due"] else t("无到期时间或已停表", "no due time, or it stands")
    if told.get("new"):
        return t(f"新增“{name}”，到期 {due}", f"new: {name}, due {due}")
    if told.get("from"):
        name = f"{called(told['from'].partition('#')[0], owned(old))} → {name}"
    return t(f"{name}：到期 {due}（不变）", f"{name}: due {due} (as before)")


def _when(due: str) -> str:
    return stamp(datetime.fromisoformat(due))


def _other(told: Row, old: ProcessModel, new: ProcessModel) -> list[str]:
    found = [
        t(f"不再等待“{_name(each, old)}”", f"“{_name(each, old)}” is waited for no more")
        for each in told.get("dropped", ())
    ]
    for each in told.get("begun", ()):
        due = f"{t('，', ', ')}{_when(each['due'])}" if each.get("due") else ""
        found.append(
            t(
                f"开始等待“{_name(each['node'], new)}”{due}",
                f"“{_name(each['node'], new)}” begins to be waited for{due}",
            )
        )
    found += [
        t(f"随即进入“{_name(each, new)}”", f"“{_name(each, new)}” opens at once") for each in told.get("opened", ())
    ]
    for each in told.get("drafts", ()):
        fields = "、".join(each["fields"]) if locale() == "zh" else ", ".join(each["fields"])
        found.append(
            t(f"已填的草稿中，新表单没有：{fields}", f"the new form does not ask for what was filled in: {fields}")
        )
    return found
