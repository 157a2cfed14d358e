"""Lint of a bundle: the files that would be deployed together, judged together; one line a problem."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath

import forms
from engine import dmn
from engine.bpmn import lint_fields, lint_people
from engine.bpmn.model import ProcessModel
from engine.bpmn.problems import Problem, Problems, clip
from engine.bpmn.reading import calls, read

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
    files: Mapping[str, bytes],
    *,
    registers: Collection[str] | None = None,
    functions: Collection[str] = (),
    processes: Collection[str] | None = None,
    units: Collection[str] | None = None,
    posts: Collection[str] | None = None,
) -> list[Problem]:
    """Every problem of a bundle, warnings included, file by file in the order given.

    `files` maps names (or paths) to contents: `.bpmn`, `.dmn`, and `.json` for forms and the facts schema (`facts.json`). Files in folders
    of the same name belong together (`processes/case/case.bpmn`, `forms/schemas/case/report.json`); bare names form one bundle.
    `registers` and `functions` as for `read`; `processes` are the keys of processes already deployed, which may be called beside those
    of the bundle, None where they are not known; so are `units` and `posts`. Never raises for what a file holds."""
    found: list[Problem] = []
    linting = _Linting(files, registers, functions, processes)
    for name, data in files.items():
        kind = PurePath(name).suffix.lower()
        if kind == ".bpmn":
            found += linting.diagram(name, data)
            found += lint_people.check(name, data, units, posts)
        elif kind == ".dmn":
            found += linting.decisions(name, data)
        elif kind == ".json":
            found += linting.form(name, data)
        else:
            found += _unknown(name)
    return found


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A process of the bundle, and what it calls."""

    file: str
    model: ProcessModel

    @property
    def called(self) -> frozenset[str]:
        """The keys of the processes it calls."""
        return frozenset(calls.called(self.model.nodes.values()))


class _Linting:
    """The files of one lint, what they say of each other found out once."""

    def __init__(
        self,
        files: Mapping[str, bytes],
        registers: Collection[str] | None,
        functions: Collection[str],
        processes: Collection[str] | None,
    ) -> None:
        self.files = files
        self.registers = registers
        self.functions = functions
        self.known = processes
        self.seen: dict[tuple[str, str], str] = {}
        self.decided: dict[tuple[str, str], str] = {}
        self.drawn = [
            _Drawn(name, model)
            for name, data in files.items()
            if PurePath(name).suffix.lower() == ".bpmn"
            for model in read(name, data, forms=self._forms(name), functions=functions).processes
        ]

    def diagram(self, name: str, data: bytes) -> list[Problem]:
        """The problems of a BPMN file."""
        schema = self._facts(name)
        facts = None
        if schema is not None:
            facts = {**COMMON_FACTS, **{fact.name: fact.type for fact in schema}, **self._given(name)}
        reading = read(
            name,
            data,
            forms=self._forms(name),
            registers=self.registers,
            facts=facts,
            functions=self.functions,
            decisions=self._decisions(name),
            processes=None if self.known is None else {*self.known, *(each.model.id for each in self.drawn)},
        )
        filled = {*reading.written, *self._given(name)}
        of_fields = lint_fields.check(name, data, self._readable_forms(name), filled)
        return [*reading.problems, *of_fields, *self._circles(name), *self._twice(name)]

    def decisions(self, name: str, data: bytes) -> list[Problem]:
        """The problems of a DMN file."""
        problems = Problems(name)
        model = dmn.read(name, data, functions=self.functions).model
        for id_ in model.decisions if model is not None else ():
            first = self.decided.setdefault((_bundle(name), id_), name)
            if first != name:
                problems.add(
                    "decision-twice",
                    f"决策“{clip(id_, 40)}”在“{clip(first)}”里已经有了；请改编号。",
                    f"the decision “{clip(id_, 40)}” is in “{clip(first)}” already; give it another id.",
                    element=id_,
                )
        return [*dmn.lint(name, data, functions=self.functions, registers=self.registers), *problems.found]

    def form(self, name: str, data: bytes) -> list[Problem]:
        """The problems of a form or of the facts schema."""
        problems = Problems(name)
        try:
            if PurePath(name).name == FACTS_FILE:
                forms.load_facts(data)
                return []
            form, facts = forms.load(data), self._facts(name)
            wrong = form.check_against(facts) if facts is not None else []
            self._undeclared(name, form, facts, problems)
        except forms.FormProblem as error:
            wrong = error.problems
        for each in wrong:
            problems.add("form", each.text("zh"), each.text("en"), element=each.path)
        return problems.found

    def _undeclared(self, name: str, form: forms.Form, facts: forms.FactsSchema | None, problems: Problems) -> None:
        """Fields whose answers nothing uses: no fact, nor asked by the form itself. A reporter is nobody's fact, a vote the voter's own;
        so nothing is said where no good diagram is beside it, which would tell whose it is."""
        drawn = [each for each in self.drawn if _bundle(each.file) == _bundle(name)]
        if facts is None or not drawn:
            return
        own = {
            field
            for each in drawn
            for node in each.model.nodes.values()
            if node.settings.vote is not None
            for field in (node.settings.vote.field, node.settings.vote.opinion)
        }
        own |= {test.field for rule in form.root.rules for test in rule.tests}
        for field in form.root.properties:
            if (
                field.name not in facts
                and field.name not in COMMON_FACTS
                and field.name not in own
                and not field.personal
            ):
                problems.warn(
                    "form-undeclared",
                    f"字段“{clip(field.title.zh or field.name, 40)}”（{field.name}）不是流程数据（{FACTS_FILE}），填的内容后面用不到。",
                    f"the field “{clip(field.title.en or field.name, 40)}” ({field.name}) is no fact of the process ({FACTS_FILE}): "
                    "nothing after it can use the answer.",
                    element=f"/properties/{field.name}",
                    about=field.name,
                )

    def _beside(self, name: str, suffix: str) -> Iterator[str]:
        """The files of that kind in the bundle of a file."""
        for other in self.files:
            if _bundle(other) == _bundle(name) and PurePath(other).suffix.lower() == suffix:
                yield other

    def _forms(self, name: str) -> list[str]:
        names = [PurePath(other).name for other in self._beside(name, ".json")]
        return [other for other in names if other != FACTS_FILE]

    def _readable_forms(self, name: str) -> dict[str, forms.Form]:
        """The forms of a file's bundle by their names, without those that are no good (said of them)."""
        found = {}
        for other in self._beside(name, ".json"):
            if PurePath(other).name != FACTS_FILE:
                try:
                    found[PurePath(other).stem] = forms.load(self.files[other])
                except forms.FormProblem:
                    continue
        return found

    def _facts(self, name: str) -> forms.FactsSchema | None:
        """The facts schema of a file's bundle; None when there is none, or it is no good (said of that file)."""
        for other in self._beside(name, ".json"):
            if PurePath(other).name == FACTS_FILE:
                try:
                    return forms.load_facts(self.files[other])
                except forms.FormProblem:
                    return None
        return None

    def _decisions(self, name: str) -> set[str] | None:
        """The ids of the decisions of a file's bundle; None when one of its DMN files is no good (said of that file)."""
        found: set[str] = set()
        for other in self._beside(name, ".dmn"):
            model = dmn.read(other, self.files[other], functions=self.functions).model
            if model is None:
                return None
            found.update(model.decisions)
        return found

    def _given(self, name: str) -> dict[str, str]:
        """The names that callers give to the processes of a file."""
        own = {each.model.id for each in self.drawn if each.file == name}
        nodes = [node for each in self.drawn for node in each.model.nodes.values()]
        return {key: "any" for node in nodes if calls.may_call(node, own) for key in calls.given(node)}

    def _circles(self, name: str) -> list[Problem]:
        """Calls that come back through another file."""
        problems = Problems(name)
        graph = {each.model.id: each.called for each in self.drawn}
        mine = {each.model.id: each.called for each in self.drawn if each.file == name}
        for each in self.drawn:
            if each.file != name:
                continue
            for key, node in calls.called(each.model.nodes.values()).items():
                way = calls.circle(each.model.id, key, graph)
                if way is not None and calls.circle(each.model.id, key, mine) is None:
                    calls.say_circle(node, way, problems)
        return problems.found

    def _twice(self, name: str) -> list[Problem]:
        """Processes whose key another file of the bundle has too."""
        problems = Problems(name)
        for each in self.drawn:
            if each.file != name:
                continue
            first = self.seen.setdefault((_bundle(name), each.model.id), name)
            if first != name:
                problems.add(
                    "process-twice",
                    f"流程“{clip(each.model.id, 40)}”在“{clip(first)}”里已经有了；请改编号。",
                    f"the process “{clip(each.model.id, 40)}” is in “{clip(first)}” already; give it another id.",
                    element=each.model.id,
                )
        return problems.found


def _bundle(name: str) -> str:
    return PurePath(name).parent.name


def _unknown(name: str) -> list[Problem]:
    problems = Problems(name)
    problems.add(
        "unknown-file",
        "只接受 .bpmn 流程图、.dmn 决策表和 .json 表单。",
        "only .bpmn diagrams, .dmn decisions and .json forms are taken.",
    )
    return problems.found
