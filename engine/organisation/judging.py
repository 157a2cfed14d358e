"""What must hold of an organisation after a change: separation of duties, a tree, administrators, and somebody for every open task."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from sqlalchemy import Connection, Text, and_, cast, func, select

from engine.organisation.draft import Draft
from engine.organisation.picture import Picture, Term, overlap
from engine.organisation.plans import Preview
from engine.people import NEVER_LENT
from engine.registers.keys import REGISTERS
from engine.tables import instance, person, register_row, task, unit

Pair = tuple[str, frozenset[str]]

_REGISTERS = {
    "standards": ("立案标准", "Standards of cases"),
    "responsibilities": ("权责清单", "Responsibilities"),
    "areas": ("区域", "Areas"),
    "sources": ("案件来源", "Sources of cases"),
}
"""Registers without a definition of their own, in words; the others have their names in it (`_defined`)."""


def judge(draft: Draft) -> None:
    """Add a problem for each rule that the draft breaks and that held before."""
    _tree(draft)
    _administrators(draft)
    _lent(draft)
    before = set(conflicts(draft.was))
    for human, pair in conflicts(draft.now):
        if (human, pair) not in before:
            one, other = sorted(pair)
            why_zh, why_en = draft.now.conflicts[pair]
            name = _name_of(draft.now, human)
            one_zh, one_en = draft.now.post_names(one)
            other_zh, other_en = draft.now.post_names(other)
            draft.problem(
                f"{name} 不能同时担任“{one_zh}”和“{other_zh}”（含代理）：{why_zh}。",
                f"{name} may not be both “{one_en}” and “{other_en}” (standing in counts): {why_en}.",
                "post",
            )


def conflicts(picture: Picture) -> Iterator[Pair]:
    """Human beings with two posts at the same time that one may not have, in whatever units, their own or lent. An account that is
    switched off counts: it may be switched on again."""
    found: dict[str, list[tuple[str, Term]]] = {}
    for (login, _, post), term in picture.held.items():
        if picture.stays(login):
            found.setdefault(picture.human(login), []).append((post, term))
    for row in picture.substitutes.values():
        for (login, unit_key, post), term in picture.held.items():
            if login == row["principal"] and row["unit"] in (None, unit_key) and row["post"] in (None, post):
                since = max((t for t in (term[0], row["since"]) if t is not None), default=None)
                until = min((t for t in (term[1], row["until"]) if t is not None), default=None)
                if since is None or until is None or since < until:
                    found.setdefault(picture.human(row["substitute"]), []).append((post, (since, until)))
    seen = set()
    for human, held in found.items():
        for (one, its), (other, others) in combinations(held, 2):
            pair = (human, frozenset((one, other)))
            if pair[1] in picture.conflicts and pair not in seen and overlap(its, others):
                seen.add(pair)
                yield pair


def _name_of(picture: Picture, human: str) -> str:
    names = [str(row["name"]) for login, row in picture.people.items() if picture.human(login) == human]
    return " / ".join(dict.fromkeys(names)) or human


def _tree(draft: Draft) -> None:
    for key, row in draft.now.units.items():
        if row["ended_at"] is not None:
            continue
        above, seen = row["parent"], {key}
        while above is not None and above not in seen:
            seen.add(above)
            above = draft.now.units.get(above, {}).get("parent")
        if above is not None and draft.was.units.get(key, {}).get("parent") != row["parent"]:
            draft.problem(
                f"单位“{row['name_zh']}”不能隶属于自己的下级。", f"The unit “{row['name_en']}” cannot lie under itself."
            )
        parent = draft.now.units.get(row["parent"] or "")
        if (
            parent is not None
            and parent["ended_at"] is not None
            and draft.was.units.get(row["parent"], parent) != parent
        ):
            draft.problem(
                f"单位“{row['name_zh']}”的上级单位已撤销。", f"The unit above “{row['name_en']}” would have ended."
            )


def _administrators(draft: Draft) -> None:
    for power in sorted(NEVER_LENT):
        if _somebody(draft.was, power) and not _somebody(draft.now, power):
            draft.problem(
                f"变更后将没有人具有“{power}”权限（系统、安全、审计管理员各须至少一人）。",
                f"Nobody would have the power “{power}” any more (one system, security and audit administrator each is needed).",
            )


def _somebody(picture: Picture, power: str) -> bool:
    return any(power in picture.posts[post]["powers"] for _, post in picture.holders())


def _lent(draft: Draft) -> None:
    for each, row in draft.now.substitutes.items():
        if each in draft.was.substitutes:
            continue
        for _, unit_key, post in draft.now.posts_of(row["principal"]):
            taken = row["unit"] in (None, unit_key) and row["post"] in (None, post)
            if taken and NEVER_LENT.intersection(draft.now.posts[post]["powers"]):
                zh, en = draft.now.post_names(post)
                draft.problem(f"岗位“{zh}”不得由他人代理。", f"Nobody may stand in for the post “{en}”.", "post")


# ---------------------------------------------------------------- open tasks


@dataclass(frozen=True, slots=True)
class Group:
    """Open tasks alike: of which unit and post, taken by whom, of cases of which area and class."""

    unit: str | None
    post: str | None
    assignee: str | None
    area: str | None
    code: str | None
    tasks: int


def count_work(connection: Connection, draft: Draft, preview: Preview) -> None:
    """Which open tasks move, which go back, and which nobody could do any more: those are a problem."""
    before, after = draft.was.holders(), draft.now.holders()
    moves: dict[tuple[str, str], int] = {}
    stranded: dict[tuple[str | None, str | None], int] = {}
    left = {b.login for b in draft.backs if b.unit is None}
    backs = {(b.login, b.unit, b.post) for b in draft.backs}
    for group in groups(connection):
        way = draft.ways.get(group.unit or "")
        to = way.target(group.area, group.code) if way is not None else group.unit
        if to != group.unit and group.unit is not None and to is not None:
            moves[group.unit, to] = moves.get((group.unit, to), 0) + group.tasks
        gone = group.assignee in left or (group.assignee, to, group.post) in backs
        preview.back += group.tasks if gone else 0
        if gone and group.post is None:  # meant for this person, not for a post
            gone_to = next((b.successor for b in draft.backs if b.login == group.assignee and b.successor), None)
            kept = gone_to is not None
        else:
            kept = group.assignee is not None and draft.now.active(group.assignee) and not gone
        could = (group.assignee is not None and draft.was.active(group.assignee)) or _can(
            before, group.unit, group.post
        )
        if could and not kept and not _can(after, to, group.post):
            stranded[to, group.post] = stranded.get((to, group.post), 0) + group.tasks
    cases = _cases(connection, draft)
    for old, to in sorted({*moves, *cases}):
        preview.moves.append(
            {"from": old, "to": to, "tasks": moves.get((old, to), 0), "cases": cases.get((old, to), 0)}
        )
    for (unit_key, post), tasks in stranded.items():
        preview.stranded.append({"unit": unit_key, "post": post, "tasks": tasks})
        unit_zh, unit_en = draft.now.unit_names(unit_key)
        post_zh, post_en = draft.now.post_names(post)
        draft.problem(
            f"“{unit_zh}”的岗位“{post_zh}”将无人办理其 {tasks} 件待办任务；请指定接任者。",
            f"Nobody could do the {tasks} open tasks of “{post_en}” in “{unit_en}” any more: name a successor.",
        )


def _can(holders: set[tuple[str, str]], unit_key: str | None, post: str | None) -> bool:
    if unit_key is None:
        return any(p == post for _, p in holders)
    return (unit_key, post) in holders


def groups(connection: Connection) -> Iterator[Group]:
    """All open tasks, counted by what decides where they go. What was meant for a person and another prepares goes back to them."""
    theirs = and_(task.c.owner_id.is_not(None), task.c.assignee_id.is_not(None), task.c.post_key.is_(None))
    query = (
        select(unit.c.key, task.c.post_key, person.c.login, instance.c.area, instance.c["class"], func.count())
        .select_from(task)
        .join(instance, instance.c.id == task.c.instance_id)
        .outerjoin(unit, unit.c.id == task.c.unit_id)
        .outerjoin(person, person.c.id == task.c.assignee_id)
        .where(task.c.state == "open", ~theirs, task.c.instance_id > 0)  # a trial keeps nobody
        .group_by(unit.c.key, task.c.post_key, person.c.login, instance.c.area, instance.c["class"])
    )
    for row in connection.execute(query):
        yield Group(*row)


def _cases(connection: Connection, draft: Draft) -> dict[tuple[str, str], int]:
    if not draft.ways:
        return {}
    query = (
        select(unit.c.key, instance.c.area, instance.c["class"], func.count())
        .join(unit, unit.c.id == instance.c.unit_id)
        .where(instance.c.ended_at.is_(None), instance.c.id > 0, unit.c.key.in_(list(draft.ways)))
        .group_by(unit.c.key, instance.c.area, instance.c["class"])
    )
    found: dict[tuple[str, str], int] = {}
    for key, area, code, number in connection.execute(query):
        to = draft.ways[key].target(area, code)
        if to != key:
            found[key, to] = found.get((key, to), 0) + number
    return found


def tell_registers(connection: Connection, draft: Draft) -> None:
    """A note for each register with rows that name a unit which ends: its successor gets what they say, but who splits may want else."""
    known = _REGISTERS | _defined(connection)
    for key, way in draft.ways.items():
        query = (
            select(register_row.c.register, func.count())
            .where(register_row.c.current, cast(register_row.c.data, Text).like(f'%"{key}"%'))
            .group_by(register_row.c.register)
        )
        unit_zh, unit_en = draft.now.unit_names(key)
        to_zh, to_en = draft.now.unit_names(way.target(None, None))
        goes_zh = f"默认去向“{to_zh}”" if way.shares else f"并入后的单位“{to_zh}”"
        goes_en = f"the default, “{to_en}”" if way.shares else f"“{to_en}”, which it is merged into"
        for register, rows in connection.execute(query):
            zh, en = known.get(register, (register, register))
            draft.note(
                f"登记表“{zh}”有 {rows} 行写着单位“{unit_zh}”；其业务将归{goes_zh}，必要时请修改。",
                f"{rows} rows of the register “{en}” name the unit “{unit_en}”: it goes to {goes_en}, unless they are changed.",
            )


def _defined(connection: Connection) -> dict[str, tuple[str, str]]:
    """The names of the registers that have a definition."""
    rows = connection.execute(
        select(register_row.c.row_key, register_row.c.data).where(
            register_row.c.register == REGISTERS, register_row.c.current
        )
    )
    return {key: (str(data["name_zh"]), str(data["name_en"])) for key, data in rows}
