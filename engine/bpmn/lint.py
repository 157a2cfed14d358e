"""Lint of a bundle: the files that would be deployed together, judged together; one line a problem."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import PurePath

import forms
from engine.bpmn.problems import Problem, Problems
from engine.bpmn.reading import read

FACTS_FILE = "facts.json"
COMMON_FACTS: Mapping[str, str] = {
    "title": "string",
    "class": "string",
    "area": "string",
    "place": "string",
    "lat": "number",
    "lon": "number",
    "source": "string",
    "grade": "string",
    "responsible_unit": "string",
}
"""Facts every process has: they are copied to the instance's own columns."""


def lint(
    files: Mapping[str, bytes], *, registers: Collection[str] | None = None, functions: Collection[str] = ()
) -> list[Problem]:
    """Every problem of a bundle, warnings included, file by file in the order given.

    `files` maps names (or paths) to contents: `.bpmn`, and `.json` for forms and the facts schema (`facts.json`). Files in folders
    of the same name belong together (`processes/case/case.bpmn`, `forms/schemas/case/report.json`); bare names form one bundle.
    `registers` and `functions` as for `read`. Never raises for what a file holds."""
    found: list[Problem] = []
    for name, data in files.items():
        kind = PurePath(name).suffix.lower()
        if kind == ".bpmn":
            found += _diagram(name, data, files, registers, functions)
        elif kind == ".json":
            found += _form(name, data, files)
        else:
            found += _unknown(name, kind)
    return found


def _diagram(
    name: str,
    data: bytes,
    files: Mapping[str, bytes],
    registers: Collection[str] | None,
    functions: Collection[str],
) -> list[Problem]:
    schema = _facts(name, files)
    facts = None if schema is None else {**COMMON_FACTS, **{fact.name: fact.type for fact in schema}}
    names = [PurePath(other).name for other in files if _bundle(other) == _bundle(name) and other.endswith(".json")]
    known = [other for other in names if other != FACTS_FILE]
    return list(read(name, data, forms=known, registers=registers, facts=facts, functions=functions).problems)


def _bundle(name: str) -> str:
    return PurePath(name).parent.name


def _facts(name: str, files: Mapping[str, bytes]) -> forms.FactsSchema | None:
    """The facts schema of the bundle in which a file stands; None when there is none, or it is no good (said of that file)."""
    for other, data in files.items():
        if PurePath(other).name == FACTS_FILE and _bundle(other) == _bundle(name):
            try:
                return forms.load_facts(data)
            except forms.FormProblem:
                return None
    return None


def _form(name: str, data: bytes, files: Mapping[str, bytes]) -> list[Problem]:
    problems = Problems(name)
    try:
        if PurePath(name).name == FACTS_FILE:
            forms.load_facts(data)
            return []
        form, facts = forms.load(data), _facts(name, files)
        wrong = form.check_against(facts) if facts is not None else []
    except forms.FormProblem as error:
        wrong = error.problems
    for each in wrong:
        problems.add("form", each.text("zh"), each.text("en"), element=each.path)
    return problems.found


def _unknown(name: str, kind: str) -> list[Problem]:
    problems = Problems(name)
    if kind == ".dmn":
        problems.add(
            "dmn",
            "暂不支持决策表（.dmn）；请把规则放进登记表，用 ld:lookup 查询。",
            "decision tables (.dmn) are not supported yet; put the rules into a register and look them up with ld:lookup.",
        )
    else:
        problems.add(
            "unknown-file",
            "只接受 .bpmn 流程图和 .json 表单。",
            "only .bpmn diagrams and .json forms are taken.",
        )
    return problems.found
