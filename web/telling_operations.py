"""Operations in words: what was asked for, and how it stands."""

from __future__ import annotations

import json

from engine.operating import second
from engine.operating.proposing import Operation
from web.telling_cases import node_name
from web.texts import t

SHORT = 80


def operation_words(one: Operation) -> str:
    """What was asked for, with the names of the diagram."""
    data = one.data
    if one.kind == second.MOVE:
        old, new = (node_name(one.definition_id, data[k]) or data[k] for k in ("from", "to"))
        return t(f"移动环节：“{old}” → “{new}”", f"Move a token: “{old}” → “{new}”")
    if one.kind == second.SET:
        if not one.sees:
            return t(f"修改 {data['name']}", f"Set {data['name']}")
        before, after = (json.dumps(data[k], ensure_ascii=False)[:SHORT] for k in ("before", "after"))
        return t(f"修改 {data['name']}：{before} → {after}", f"Set {data['name']}: {before} → {after}")
    if one.kind == second.CANCEL:
        return t("终止流程", "End it")
    if one.kind == second.SUSPEND:
        return t("暂停流程", "Suspend it")
    where = node_name(one.definition_id, data.get("node")) or ""
    return t(f"重试异常：{where}", f"Retry an incident: {where}")


def state_word(state: str) -> str:
    """How it stands."""
    return {
        "proposed": t("待批准", "To be allowed"),
        "done": t("已执行", "Done"),
        "refused": t("已驳回", "Refused"),
        "withdrawn": t("已撤回", "Withdrawn"),
    }[state]
