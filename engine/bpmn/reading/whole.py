"""Reading BPMN: from bytes somebody uploaded to a model that is right, or to the list of what is wrong with it.

Everything is checked here, before SpiffWorkflow sees anything, and SpiffWorkflow never sees the file. What is not supported is
refused by name and line, all problems of a file at once; nothing of a file is ever executed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from engine.bpmn.model import Kind, ProcessModel
from engine.bpmn.namespaces import id_of
from engine.bpmn.problems import Problem, Problems
from engine.bpmn.reading import (
    calls,
    collecting,
    compensation,
    conditions,
    document,
    drawing,
    ids,
    links,
    order,
    pools,
    schema,
    secluding,
    settings,
    structure,
    supported,
    vendors,
)
from engine.bpmn.reading.building import Building, Built
from engine.bpmn.reading.collecting import Drawn
from engine.bpmn.reading.declared import declared
from engine.bpmn.reading.expressions import Expressions
from engine.bpmn.reading.extension import Extension


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of reading a file: its problems by line, its processes unless one of them is an error, and the names that its own
    steps write."""

    problems: tuple[Problem, ...]
    processes: tuple[ProcessModel, ...] = ()
    written: frozenset[str] = frozenset()

    @property
    def process(self) -> ProcessModel | None:
        """The first process, None when the file is no good."""
        return self.processes[0] if self.processes else None


@dataclass(frozen=True, slots=True)
class Beside:
    """What a file may refer to outside itself; None where that is not known, then it is not checked. `forms` are the names of the forms
    deployed with it (`verify` or `verify.json`), `registers` those that may be looked up, `decisions` the ids of the decisions
    deployed with it, `processes` the keys of all processes that may be called beside those of the file."""

    forms: Collection[str] = ()
    registers: Collection[str] | None = None
    decisions: Collection[str] | None = None
    processes: Collection[str] | None = None


def read(
    name: str,
    data: bytes,
    *,
    forms: Collection[str] = (),
    registers: Collection[str] | None = None,
    facts: Mapping[str, str] | None = None,
    functions: Collection[str] = (),
    decisions: Collection[str] | None = None,
    processes: Collection[str] | None = None,
) -> Reading:
    """Read the BPMN file `name`.

    `forms`, `registers`, `decisions` and `processes` as in `Beside`. `facts` are the known facts with their types; None where they are
    not known, then they are not checked. `functions` are those that expressions may call beside FEEL's own. Never raises for
    what a file holds."""
    problems = Problems(name)
    expressions = Expressions(problems, facts, functions, registers)
    found = _read(data, Beside(forms, registers, decisions, processes), expressions, problems)
    return Reading(tuple(problems.in_order()), () if problems.errors else found, frozenset(expressions.written))


def read_again(name: str, data: bytes) -> Reading:
    """Read a file that was found good when it was deployed. It is not judged by what is asked today: an instance that runs keeps its
    definition."""
    problems = Problems(name)
    found = _read(data, None, Expressions(problems, None), problems)
    return Reading(tuple(problems.in_order()), () if problems.errors else found)


def _read(data: bytes, beside: Beside | None, expressions: Expressions, problems: Problems) -> tuple[ProcessModel, ...]:
    """What the file says; `beside` None: only that, and nothing is judged."""
    root = document.parse(data, problems)
    if root is None:
        return ()
    if beside is not None:
        ids.check(root, problems)
    shaped = schema.validate(root, problems)
    found = pools.find(root, problems)
    if beside is not None:
        supported.check(root, found.ignored, problems)
        vendors.check(root, found.ignored, problems)
    taken = ids.all_of(root)
    all_drawn = [collecting.collect(pool, taken, problems) for pool in found.executable]
    drawing.check(root, problems)
    for drawn in all_drawn:
        order.put_in_order(drawn, problems)
        links.join(drawn, problems)
    if not shaped or any(problem.code in ("dangling", "duplicate-id") for problem in problems.errors):
        return ()
    extension = Extension(problems, expressions)
    extension.check_elsewhere(root, found.ignored)
    known = declared(root)
    pairs = [(drawn, Building(drawn, known, extension, expressions, problems).build()) for drawn in all_drawn]
    if beside is not None:
        expressions.check_names()
        for _, built in pairs:
            _judge(built, beside, problems)
        calls.check({drawn.id: built for drawn, built in pairs}, beside.processes, problems)
    return () if problems.errors else tuple(_model(drawn, built, problems.file) for drawn, built in pairs)


def _judge(built: Built, beside: Beside, problems: Problems) -> None:
    conditions.check(built, problems)
    settings.check(built, beside.forms, beside.registers, beside.decisions, problems)
    secluding.check(built, problems)
    if built.whole:
        compensation.check(built.nodes, problems)
        structure.check(built, problems)


def _model(drawn: Drawn, built: Built, file: str) -> ProcessModel:
    starts = [node for node in built.nodes.values() if node.kind is Kind.START and node.parent is None and node.is_none]
    return ProcessModel(
        id=drawn.id,
        names=built.names,
        documentation=built.documentation,
        start=starts[0].id if starts else None,
        form=starts[0].settings.form if starts else None,
        nodes=MappingProxyType(built.nodes),
        flows=MappingProxyType(built.flows),
        lanes=built.lanes,
        clocks=built.clocks,
        variables=built.variables,
        participant=id_of(drawn.participant) or None if drawn.participant is not None else None,
        file=file,
        allowed_acts=built.allowed_acts,
        denied_acts=built.denied_acts,
        confidential=built.confidential,
        operating=built.operating,
    )
