"""`ld:dispatch`: the unit of a task is proposed, by table, precedent and text."""

from __future__ import annotations

import re
from collections.abc import Mapping

from engine.bpmn.namespaces import line
from engine.bpmn.problems import Problems, clip
from engine.bpmn.reading.extension import Setting
from engine.bpmn.settings import Dispatch

_PATH = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
"""A fact, or an entry of one."""


def dispatch(found: Mapping[str, list[Setting]], problems: Problems) -> Dispatch | None:
    """What is proposed, and what is looked at for it; none where nothing is said, or it is no good (said)."""
    if "dispatch" not in found:
        return None
    setting = found["dispatch"][0]
    lists = {name: tuple((setting.literal(name) or "").split()) for name in ("text", "kind", "places", "table")}
    wrong = [word for words in lists.values() for word in words if not _PATH.fullmatch(word)]
    if len(lists["kind"]) != 1:
        wrong.append(setting.literal("kind") or "")
    for word in wrong:
        zh, en = "不是数据名", "is no name of a fact"
        problems.add(
            "setting",
            f"ld:dispatch：“{clip(word, 40)}”{zh}。",
            f"ld:dispatch: “{clip(word, 40)}” {en}.",
            line=line(setting.element),
            element=setting.owner,
        )
    if "form" not in found:
        problems.add(
            "setting",
            "ld:dispatch：任务没有表单，拟派单位无处可填。",
            "ld:dispatch: the task has no form for the proposed unit.",
            line=line(setting.element),
            element=setting.owner,
        )
        return None
    if wrong:
        return None
    return Dispatch(
        field=setting.literal("field") or "",
        text=lists["text"],
        kind=lists["kind"][0],
        places=lists["places"],
        table=lists["table"],
        register=setting.literal("register"),
    )
