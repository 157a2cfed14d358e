"""Why may somebody not do this? The rules of `access`, one after another, each with what was found. Nothing is decided here: what a
list of findings says is held to what enforcement does by a test over every act."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, exists, select

from engine import access, definitions, effects, four_eyes, steps
from engine.acts import catalogue
from engine.acts.base import GONE, WHILE_DELEGATED, split
from engine.errors import LiandongError, NotFound
from engine.people import Actor, unit_and_below
from engine.powers import in_words
from engine.steps import Seen
from engine.tables import copy, instance, involvement, person, post, recusal, task, unit

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule in words, whether it is kept, and by what or why not. `needed`: without it the act is refused; else it is one of several
    ways of which one is enough, or only said for information."""

    zh: str
    en: str
    kept: bool
    found_zh: str = ""
    found_en: str = ""
    needed: bool = True


def allowed(findings: list[Finding]) -> bool:
    """What the findings come to."""
    return all(f.kept for f in findings if f.needed)


def account(core: Core, login: str) -> list[Finding]:
    """Is there such an account, may it log in, does it owe a new password?"""
    with core.db.read() as connection:
        row = connection.execute(
            select(person.c.active, person.c.must_change, person.c.left_at).where(person.c.login == login)
        ).first()
    if row is None:
        return [Finding("有此账号", "There is such an account", kept=False)]
    found = [
        Finding(
            "账号已启用",
            "The account is active",
            bool(row.active),
            "" if row.active else ("已离职" if row.left_at else "已停用"),
            "" if row.active else ("the person has left" if row.left_at else "it is disabled"),
        )
    ]
    if row.must_change:
        found.append(
            Finding(
                "不欠修改密码",
                "No new password is owed",
                kept=False,
                found_zh="须先修改初始密码",
                found_en="the first password must be changed before anything else",
            )
        )
    return found


def powers(core: Core, actor: Actor, names: tuple[str, ...]) -> list[Finding]:
    """Does a post of theirs carry one of these powers, and may their token use it?"""
    with core.db.read() as connection:
        posts = connection.execute(select(post.c.name_zh, post.c.name_en, post.c.powers).order_by(post.c.key)).all()
    giving = [p for p in posts if set(names) & set(p.powers)]
    zh = "、".join(p.name_zh for p in giving) or "（没有岗位）"
    en = ", ".join(p.name_en for p in giving) or "(no post)"
    held = actor.powers.intersection(names)
    return [
        Finding(
            "岗位带有权限：" + " / ".join(in_words(name, "zh") for name in names),
            "A post carries the power to " + " / ".join(in_words(name, "en") for name in names),
            bool(held),
            f"这些岗位带有：{zh}",
            f"these posts carry it: {en}",
        )
    ]


def seeing(core: Core, actor: Actor, instance_id: int) -> list[Finding]:
    """May they see this case? Each way to it, then what bars it."""
    with core.db.read() as connection:
        row = connection.execute(
            select(instance.c.starter_id, instance.c.key, instance.c.confidential).where(instance.c.id == instance_id)
        ).first()
        if row is not None and row.confidential:  # whoever does not work it learns nothing, nor whoever asks for them
            sees = access.can(access.check_can_see, connection, actor, instance_id)
            return [Finding("有此案件", "There is such a case", kept=sees)]
        if row is None:
            return [Finding("有此案件", "There is such a case", kept=False)]
        posts = [p for p in actor.posts if p.sees and (p.processes is None or row.key in p.processes)]
        units = unit_and_below(connection, {p.unit_id for p in posts})
        assigned = _any(connection, task, task.c.instance_id == instance_id, task.c.assignee_id == actor.id)
        shown = _any(connection, copy, copy.c.instance_id == instance_id, copy.c.person_id == actor.id)
        involved = _units(connection, involvement, instance_id)
        barred = _units(connection, recusal, instance_id)
        names = _unit_names(connection, {*involved, *barred})
    ways = [
        Finding("岗位可看全部案件", "A post sees all cases", access.SEE_ALL in actor.powers, needed=False),
        Finding("案件由其发起", "They started it", row.starter_id == actor.id, needed=False),
        Finding("有任务由其领取或办理过", "A task of it is or was theirs", assigned, needed=False),
        Finding("收到过抄送、传阅或委托", "They were given a copy, or asked to prepare a task", shown, needed=False),
        Finding(
            "所在单位或其下级参与过此案",
            "Their unit, or one below it, took part",
            bool(units.intersection(involved).difference(barred)),
            "参与单位：" + "、".join(names[u][0] for u in involved),
            "units that took part: " + ", ".join(names[u][1] for u in involved),
            needed=False,
        ),
    ]
    found = [Finding("以下途径之一成立", "One of these ways is open", any(w.kept for w in ways)), *ways]
    if barred and row.starter_id != actor.id:
        found.append(
            Finding(
                "案件不涉及其所在单位",
                "The case is not about their own unit",
                actor.home_units.isdisjoint(barred),
                "被反映单位须回避：" + "、".join(names[u][0] for u in barred),
                "the unit it is about keeps out: " + ", ".join(names[u][1] for u in barred),
            )
        )
    return found


def hidden(core: Core, actor: Actor, instance_id: int) -> bool:
    """Whether there is a confidential instance of this id that they do not work: nobody asks about it, for whomever."""
    with core.db.read() as connection:
        query = select(instance.c.id).where(
            instance.c.id == instance_id, instance.c.confidential, ~access.in_confidence(actor)
        )
        return connection.execute(query).first() is not None


def working(core: Core, actor: Actor, ref: str, act: str) -> list[Finding]:
    """May they do `act` (a word of `acts.catalogue`) on this task?"""
    try:
        instance_id, task_id = split(ref)
        seen = steps.read(core, instance_id)
    except NotFound:
        return [Finding("有此任务", "There is such a task", kept=False)]
    if hidden(core, actor, instance_id):
        return [Finding("有此任务", "There is such a task", kept=False)]
    seen.actor = actor
    row = seen.open_tasks.get(task_id)
    if row is None:
        return [_closed(core, instance_id, task_id)]
    process = seen.instance["key"]
    definition = definitions.get(core, row["definition_id"])
    node = definition.model.nodes[row["node"]]
    if act in ("fail", "recall") and "operate" in actor.powers:
        return [Finding("运维员可以这样办理", "An operator may do this", kept=True)]
    found = [_recused(actor, seen), _offered(core, actor, row, process)]
    if act not in ("sign", "recall"):
        found.append(_assigned(core, actor, row, process, act))
    found += _states(actor, row, process, act, suspended=seen.instance["status"] == "suspended")
    found.append(
        Finding("流程图允许这样办理", "The diagram allows the act", catalogue.allowed(act, node, definition.model))
    )
    seen.for_id = access.acting_for(actor, row, process)
    found.append(
        _asked("代理人不办理自己的事项", "A substitute does not act in their own cause",
               lambda: access.check_not_own_cause(actor, seen.for_id, seen.instance["starter_id"]))
    )  # fmt: skip
    if act in _WATCHED and four_eyes.concerns(core, row):
        found.append(_four_eyes(core, seen, actor, task_id))
    return found


_WATCHED = frozenset(
    (
        *("complete", "claim", "fail", "transfer", "delegate", "resolve", "reject"),
        *("back", "back_any", "back_start", "add_before", "add_beside", "add_after"),
    )
)
"""Acts that a four-eyes rule bars: nobody checks themselves, nor picks who checks them."""


def _states(actor: Actor, row: Row, process: str, act: str, *, suspended: bool) -> list[Finding]:
    """What the task itself must be for the act."""
    found = []
    delegated = access.is_delegated(row)
    if suspended:
        found.append(Finding("案件没有暂停", "The case is not suspended", kept=False))
    if act == "release":
        found.append(Finding("任务已被领取", "Somebody has claimed it", row["assignee_id"] is not None))
    if act == "sign":
        found.append(Finding("任务还没有签收", "Nobody has signed for it yet", row["signed_at"] is None))
    if act == "recall":
        found.append(Finding("任务由其委托出去", "They delegated it", access.owns(actor, row, process)))
    elif act == "resolve":
        found.append(Finding("任务委托给其拟办", "It was delegated to them", delegated))
    elif delegated and act not in WHILE_DELEGATED:
        found.append(Finding("任务没有委托给他人", "The task is not delegated", kept=False))
    if row["role"] is not None:
        found.append(
            _asked("加签任务允许这样办理", "Who was added to the task may do this", lambda: catalogue.check_role(act, row["role"]))
        )  # fmt: skip
    return found


# ---------------------------------------------------------------- inside


def _closed(core: Core, instance_id: int, task_id: int) -> Finding:
    with core.db.read() as connection:
        row = connection.execute(
            select(task.c.state, task.c.closed_at).where(task.c.instance_id == instance_id, task.c.id == task_id)
        ).first()
    if row is None:
        return Finding("有此任务", "There is such a task", kept=False)
    zh, en = GONE.get(row.state, GONE["cancelled"])
    when = row.closed_at.isoformat(timespec="minutes") if row.closed_at else ""
    return Finding("任务仍待办", "The task is still open", kept=False, found_zh=f"{zh} {when}", found_en=f"{en} {when}")


def _recused(actor: Actor, seen: Seen) -> Finding:
    kept = actor.home_units.isdisjoint(seen.recused)
    return Finding("案件不涉及其所在单位", "The case is not about their own unit", kept)


def _offered(core: Core, actor: Actor, row: Row, process: str) -> Finding:
    held = actor.holding(row["unit_id"], row["post_key"], process)
    with core.db.read() as connection:
        names = _unit_names(connection, {row["unit_id"]} - {None})
        said = connection.execute(select(post.c.name_zh, post.c.name_en).where(post.c.key == row["post_key"])).first()
    zh, en = names.get(row["unit_id"], ("任何单位", "any unit"))
    post_zh, post_en = (said.name_zh, said.name_en) if said is not None else ("任何岗位", "any post")
    return Finding(
        "担任（或代理）任务所派的岗位",
        "They hold, or stand in for, the post it is offered to",
        (held is not None and row["post_key"] is not None)
        or access.is_offered(actor, row, process)
        or access.owns(actor, row, process),
        f"派给：{zh} · {post_zh}",
        f"offered to: {en} · {post_en}",
    )


def _assigned(core: Core, actor: Actor, row: Row, process: str, act: str) -> Finding:
    zh, en = "没有被他人领取", "Nobody else has claimed it"
    if row["assignee_id"] is None or access.is_offered(actor, row, process):
        return Finding(zh, en, kept=not (act == "claim" and row["assignee_id"] is not None))
    with core.db.read() as connection:
        who = connection.execute(select(person.c.name).where(person.c.id == row["assignee_id"])).scalar()
    return Finding(zh, en, kept=False, found_zh=f"已由{who}领取", found_en=f"{who} has it")


def _four_eyes(core: Core, seen: Seen, actor: Actor, task_id: int) -> Finding:
    _, process_run = effects.resume(core, seen)
    return _asked(
        "四眼：没有办理过它所核查的环节",
        "Four eyes: they did not do the step that it checks",
        lambda: four_eyes.check(core, seen, process_run, task_id, actor),
    )


def _asked(zh: str, en: str, check: Callable[[], None]) -> Finding:
    try:
        check()
    except LiandongError as error:
        return Finding(zh, en, kept=False, found_zh=error.text("zh"), found_en=error.text("en"))
    return Finding(zh, en, kept=True)


def _any(connection: Connection, table: Any, *conditions: Any) -> bool:
    return bool(connection.execute(select(exists(select(*table.primary_key.columns).where(*conditions)))).scalar())


def _units(connection: Connection, table: Any, instance_id: int) -> list[int]:
    return list(connection.execute(select(table.c.unit_id).where(table.c.instance_id == instance_id)).scalars())


def _unit_names(connection: Connection, ids: set[int]) -> dict[int, tuple[str, str]]:
    rows = connection.execute(select(unit.c.id, unit.c.name_zh, unit.c.name_en).where(unit.c.id.in_(ids)))
    return {row.id: (row.name_zh, row.name_en) for row in rows}
