"""What operators can do to an instance beside the acts on its tasks: each kind checked on the instance as it is, then carried out, inside
one step."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine import definitions, effects, incidents, instances, privacy
from engine.acts.base import LARGEST_NUMBER
from engine.bpmn.runtime.returning import Unsound, sound_move
from engine.errors import Invalid
from engine.events import Event
from engine.operating import suspending
from engine.operating.second import CANCEL, MOVE, RETRY, SET, SUSPEND

if TYPE_CHECKING:
    from engine.core import Core
    from engine.steps import Seen
    from engine.writes import WriteSet

Row = dict[str, Any]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_LONGEST = 10_000
"""Characters of a value as JSON."""


@dataclass(frozen=True, slots=True)
class Kind:
    """`check` answers what is kept of what was asked for, Invalid when it cannot be done as things stand; `carry_out` does it, adds its own
    history row, and answers the ids of the tasks that opened."""

    check: Callable[[Core, Seen, Mapping[str, Any]], Row]
    carry_out: Callable[[Core, Seen, WriteSet, Row, int | None], list[int]]


# ---------------------------------------------------------------- moving a token


def _check_move(core: Core, seen: Seen, data: Mapping[str, Any]) -> Row:
    token_id, to = data.get("token"), data.get("to")
    if not isinstance(token_id, int) or isinstance(token_id, bool) or not isinstance(to, str):
        raise Invalid(why_zh="请选择所在环节和要移到的环节", why_en="choose a token and a node to move it to")
    _, run = effects.resume(core, seen)
    token = run.workflow.find(token_id)
    if token is None:
        raise Invalid(why_zh="流程已不在该环节", why_en="this token is gone")
    try:
        sound_move(token, to)
    except Unsound as error:
        raise Invalid(why_zh=error.zh, why_en=error.en) from error
    return {"token": token_id, "from": token.task_spec.node.id, "to": to}


def _move(core: Core, seen: Seen, writes: WriteSet, data: Row, operation: int | None) -> list[int]:
    definition, run = effects.resume(core, seen)
    try:
        run.move(data["token"], data["to"])
    except Unsound as error:
        raise Invalid(why_zh=error.zh, why_en=error.en) from error
    said = _said(operation, data, "from", "to")
    step = effects.apply(core, definition, seen, writes, run, Event.TOKEN_MOVED, actor=seen.actor, data=said)
    return [t["id"] for t in step.opened]


# ---------------------------------------------------------------- setting a variable


def _check_set(core: Core, seen: Seen, data: Mapping[str, Any]) -> Row:
    name, value = data.get("name"), data.get("value")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise Invalid(
            why_zh="变量名由字母、数字和下划线组成",
            why_en="a variable's name is made of letters, digits and underscores",
        )
    with core.db.read() as connection:
        if name in privacy.hidden_facts(connection):
            raise Invalid(why_zh="个人信息不能在此修改", why_en="personal data is not changed here")
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except (ValueError, RecursionError):  # no database keeps NaN, and nobody reads what is nested so deep
        text = "\\u0000"
    if len(text) > _LONGEST or "\\u0000" in text or re.search("[\ud800-\udfff]", text):
        raise Invalid(why_zh="值过长，或含无法保存的字符", why_en="the value is too long, or cannot be stored")
    _check_fits(core, seen, name, value)
    before = seen.instance["facts"].get(name)
    if before == value and name in seen.instance["facts"]:
        raise Invalid(why_zh="值没有变化", why_en="that is its value already")
    return {"name": name, "before": before, "after": value}


def _check_fits(core: Core, seen: Seen, name: str, value: Any) -> None:
    """Invalid when the process says what this fact is, and the value is something else: what reads it later could not go on."""
    known = definitions.get(core, seen.instance["definition_id"]).facts
    if known is None or name not in known or value is None:
        return
    wrong = known.problems({name: value})
    if wrong:
        raise Invalid(why_zh=wrong[0].zh.rstrip("。"), why_en=wrong[0].en.rstrip("."))


def _set(core: Core, seen: Seen, writes: WriteSet, data: Row, operation: int | None) -> list[int]:
    if seen.instance["facts"].get(data["name"]) != data["before"]:
        raise Invalid(why_zh="申请之后该值已被改动，请重新提出", why_en="its value has changed since; ask for it again")
    definition, run = effects.resume(core, seen)
    run.set_fact(data["name"], data["after"])
    said = _said(operation, data, "name", "before", "after")
    step = effects.apply(core, definition, seen, writes, run, Event.VARIABLE_SET, actor=seen.actor, data=said)
    return [t["id"] for t in step.opened]


# ---------------------------------------------------------------- trying an incident again


def _check_retry(core: Core, seen: Seen, data: Mapping[str, Any]) -> Row:
    number = data.get("incident")
    if not isinstance(number, int) or isinstance(number, bool) or number > LARGEST_NUMBER:
        raise Invalid(why_zh="请选择异常", why_en="choose an incident")
    row = incidents.open_one(core, seen.instance["id"], number)
    return {"incident": number, "node": row["node"]}


def _retry(core: Core, seen: Seen, writes: WriteSet, data: Row, operation: int | None) -> list[int]:
    incidents.mend(core, seen, writes, data["incident"], **_said(operation, data))
    return []


# ---------------------------------------------------------------- ending, and letting stand still


def _check_no_more(_core: Core, _seen: Seen, _data: Mapping[str, Any]) -> Row:
    return {}


def _cancel(core: Core, seen: Seen, writes: WriteSet, data: Row, operation: int | None) -> list[int]:
    instances.end(core, seen, writes, {"text": data["text"], **_said(operation, data)})
    return []


def _suspend(core: Core, seen: Seen, writes: WriteSet, data: Row, operation: int | None) -> list[int]:
    suspending.hold(core, seen, writes, {"text": data["text"], **_said(operation, data)})
    return []


def _said(operation: int | None, data: Row, *names: str) -> Row:
    said: Row = {name: data[name] for name in names}
    return said if operation is None else {"operation": operation, **said}


KINDS: dict[str, Kind] = {
    MOVE: Kind(_check_move, _move),
    SET: Kind(_check_set, _set),
    RETRY: Kind(_check_retry, _retry),
    CANCEL: Kind(_check_no_more, _cancel),
    SUSPEND: Kind(_check_no_more, _suspend),
}
"""By the words of engine/acts/catalogue.py."""
