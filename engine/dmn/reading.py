"""Reading DMN: from bytes somebody uploaded to decisions that are right, or to the list of what is wrong with them.

Everything is checked here: what is not supported is refused by name and line, all problems of a file at once; nothing of a
file is ever executed but FEEL, which cannot do harm."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from lxml import etree

from engine.bpmn.namespaces import split
from engine.bpmn.problems import Problem, Problems, clip
from engine.bpmn.reading import document
from engine.dmn import ids, limits, shape
from engine.dmn.building import Building
from engine.dmn.model import Model
from engine.dmn.namespaces import DRAWINGS, VERSIONS, children
from engine.dmn.reading_tables import Drawn
from engine.dmn.saying import say


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of reading a file: its problems by line, and the model unless one of them is an error."""

    problems: tuple[Problem, ...]
    model: Model | None


def read(name: str, data: bytes, *, functions: Collection[str] = ()) -> Reading:
    """Read the DMN file `name`. `functions` are those that expressions may call beside FEEL's own. Never raises for what a
    file holds."""
    problems = Problems(name)
    model, _ = read_with_tables(data, problems, functions)
    return Reading(tuple(problems.in_order()), model)


def read_with_tables(
    data: bytes, problems: Problems, functions: Collection[str], registers: Collection[str] | None = None
) -> tuple[Model | None, list[Drawn]]:
    """The model, None where there are errors, and its tables as they are drawn, for lint."""
    root = document.parse_xml(data, problems, elements=limits.MAX_ELEMENTS, drawings=DRAWINGS)
    if root is None or not _is_dmn(root, problems):
        return None, []
    known = ids.collect(root, problems)
    shape.check(root, problems)
    ids.check_references(root, known, problems)
    _check_imports(root, problems)
    if not _small_enough(root, problems):
        return None, []
    building = Building(root, known, functions, problems, registers)
    model = building.build()
    return (None if problems.errors else model), building.tables.drawn


def _is_dmn(root: etree._Element, problems: Problems) -> bool:
    space, name = split(str(root.tag))
    if name == "definitions" and space in VERSIONS:
        return True
    versions = "、".join(sorted(set(VERSIONS.values())))
    shown = clip(root.tag, 100)
    zh = f"这不是 DMN {versions} 文件：根元素是“{shown}”"
    en = f"this is no DMN file of version {versions.replace('、', ', ')}: the root is “{shown}”"
    if "/DMN/" in space:
        zh, en = (
            f"不支持这个版本的 DMN（{shown}），可用 {versions}",
            f"this version of DMN ({shown}) is not supported; there are {versions}",
        )
    say(problems, "not-dmn", root, zh, en)
    return False


def _check_imports(root: etree._Element, problems: Problems) -> None:
    for each in children(root, "import"):
        shown = clip(each.get("namespace") or each.get("locationURI") or "", 60)
        zh = f"不支持引用其他文件（import {shown}）；请把用到的决策画在同一文件"
        en = f"imports of other files are not supported (import {shown}); draw the decisions in one file"
        say(problems, "import", each, zh, en)


def _small_enough(root: etree._Element, problems: Problems) -> bool:
    most = limits.MAX_DECISIONS
    for kind in ("decision", "inputData", "businessKnowledgeModel"):
        if len(children(root, kind)) > most:
            say(problems, "too-large", root, f"{kind} 超过 {most} 个", f"there are more than {most} of {kind}")
            return False
    return True
