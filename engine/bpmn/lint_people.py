"""What a drawing says of people that is lawful and yet helps nobody: tasks without a name, units and posts that nobody has."""

from __future__ import annotations

from collections.abc import Collection

from lxml import etree

from engine.bpmn.namespaces import LD, bpmn, id_of, is_bpmn, label, line, local, split
from engine.bpmn.problems import Problem, Problems, called_of, clip
from engine.bpmn.reading import document

UNITS = frozenset(
    {"candidates.unit", "candidates.fallbackUnit", "candidates.notOf", "copy.unit", "confidential.unit", "rung.unit"}
)
"""Settings that name a unit, by tag and attribute."""
POSTS = frozenset({"candidates.post", "candidates.fallbackPost", "copy.post"})
"""Settings that name a post."""


def check(name: str, data: bytes, units: Collection[str] | None, posts: Collection[str] | None) -> list[Problem]:
    """Warnings about a BPMN file; `units` and `posts` are the keys there are, None where that is not known."""
    problems = Problems(name)
    root = document.parse(data, Problems(name))
    for element in root.iter(etree.Element) if root is not None else ():
        if is_bpmn(element) and local(element) in ("userTask", "manualTask"):
            _check_name(element, problems)
        elif split(str(element.tag))[0] == LD:
            _check_keys(element, units, UNITS, ("unit-missing", "单位", "unit"), problems)
            _check_keys(element, posts, POSTS, ("post-missing", "岗位", "post"), problems)
    return problems.found


def _check_name(task: etree._Element, problems: Problems) -> None:
    if not (task.get("name") or "").strip() and id_of(task):
        problems.warn(
            "no-name",
            "任务没有名称，办理的人看到的只是编号。",
            "the task has no name; who works on it sees only its id.",
            line=line(task),
            element=id_of(task),
        )


def _check_keys(
    setting: etree._Element,
    known: Collection[str] | None,
    wanted: Collection[str],
    called: tuple[str, str, str],
    problems: Problems,
) -> None:
    code, zh, en = called
    for attribute, value in setting.attrib.items():
        key = str(value).strip()
        if (
            known is None
            or f"{local(setting)}.{attribute}" not in wanted
            or not key
            or key.startswith("=")
            or key in known
        ):
            continue
        holder = setting.getparent()
        owner = holder.getparent() if holder is not None and holder.tag == bpmn("extensionElements") else holder
        if owner is None:
            continue
        before = called_of(owner)
        problems.warn(
            code,
            f"{before[0]}没有{zh}“{clip(key, 40)}”。",
            f"{before[1]}there is no {en} “{clip(key, 40)}”.",
            line=line(setting),
            element="process" if local(owner) == "process" else label(owner),
            about=key,
        )
