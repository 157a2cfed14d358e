"""What the diagram does for people by itself: tasks that the system does (`ld:auto`), copies that it hands out (`ld:copy`)."""

from __future__ import annotations

from collections.abc import Mapping

from engine.bpmn.namespaces import line
from engine.bpmn.problems import Problems
from engine.bpmn.reading.extension import Setting
from engine.bpmn.settings import Auto, CopyTo, Same


def auto(found: Mapping[str, list[Setting]], problems: Problems) -> Auto | None:
    """When the system does the task itself."""
    if "auto" not in found:
        return None
    setting = found["auto"][0]
    when, answers, same = setting.values.get("when"), setting.values.get("answers"), setting.literal("same")
    if when is None and same is None:
        _say(setting, "ld:auto：须写明 when 或 same", "ld:auto: needs when or same", problems)
        return None
    if same is not None and "fourEyes" in found:
        zh = "ld:auto：有四眼规则（ld:fourEyes）的任务不能因同一人办理过而自动办结"
        en = "ld:auto: a task with a four-eyes rule is not done by itself because the same person did another"
        _say(setting, zh, en, problems)
        return None
    if "signature" in found and found["signature"][0].literal("ask") == "required":
        zh = "ld:auto：须签名（ld:signature）的任务不能自动办结"
        en = "ld:auto: a task that must be signed is not done by itself"
        _say(setting, zh, en, problems)
        return None
    if answers is not None and "form" not in found:
        _say(
            setting,
            "ld:auto：任务没有表单，answers 无处可填",
            "ld:auto: the task has no form for its answers",
            problems,
        )
        return None
    return Auto(
        when.text if when is not None else None,
        Same(same) if same is not None else None,
        answers.text if answers is not None else None,
    )


def copies(found: Mapping[str, list[Setting]], problems: Problems) -> tuple[CopyTo, ...]:
    """Who is given a copy."""
    read = []
    for setting in found.get("copy", ()):
        values = setting.values
        if "person" not in values and "post" not in values:
            _say(setting, "ld:copy：须写明 person 或 post", "ld:copy: needs person or post", problems)
            continue
        read.append(
            CopyTo(
                person=values.get("person"),
                unit=values.get("unit"),
                post=values.get("post"),
                done=setting.literal("at") != "open",
                circulate=setting.literal("how") == "circulate",
                note=(setting.literal("note") or "").strip()[:500],
            )
        )
    return tuple(read)


def _say(setting: Setting, zh: str, en: str, problems: Problems) -> None:
    problems.add("setting", f"{zh}。", f"{en}.", line=line(setting.element), element=setting.owner)
