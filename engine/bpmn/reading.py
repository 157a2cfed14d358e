"""Reading BPMN: from bytes somebody uploaded to a model that is right, or to the list of what is wrong with it.

Everything is checked here, before SpiffWorkflow sees anything, and SpiffWorkflow never sees the file: it gets BPMN written from the
model. What is not supported is refused by name and line, all problems of a file at once; nothing of a file is ever executed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from lxml import etree

from engine.bpmn import (
    collecting,
    conditions,
    document,
    normalising,
    order,
    schema,
    settings,
    structure,
    supported,
    vendors,
)
from engine.bpmn.building import Building, Built
from engine.bpmn.expressions import Expressions
from engine.bpmn.model import Kind, ProcessModel
from engine.bpmn.problems import Problem, Problems


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of reading a file: its problems by line, and the process unless one of them is an error."""

    problems: tuple[Problem, ...]
    process: ProcessModel | None


def read(
    name: str,
    data: bytes,
    *,
    forms: Collection[str] = (),
    registers: Collection[str] | None = None,
    facts: Mapping[str, str] | None = None,
    functions: Collection[str] = (),
) -> Reading:
    """Read the BPMN file `name`.

    `forms` are the names of the forms deployed with it (`verify` or `verify.json`). `registers` are the registers that may be
    looked up, `facts` the known facts with their types; None where they are not known, then they are not checked.
    `functions` are those that expressions may call beside FEEL's own. Never raises for what a file holds."""
    problems = Problems(name)
    process = _read(data, forms, registers, Expressions(problems, facts, functions), problems)
    return Reading(tuple(problems.in_order()), None if problems.errors else process)


def _read(
    data: bytes,
    forms: Collection[str],
    registers: Collection[str] | None,
    expressions: Expressions,
    problems: Problems,
) -> ProcessModel | None:
    root = document.parse(data, problems)
    if root is None:
        return None
    collecting.check_ids(root, problems)
    if not schema.validate(root, problems):
        return None
    supported.check(root, problems)
    vendors.check(root, problems)
    drawn = collecting.collect(root, problems)
    if drawn is None:
        return None
    order.put_in_order(drawn, problems)
    if any(problem.code in ("dangling", "duplicate-id") for problem in problems.errors):
        return None
    built = Building(drawn, expressions, problems).build()
    expressions.check_names()
    if not built.whole:
        return None
    conditions.check(built, problems)
    settings.check(built, forms, registers, problems)
    structure.check(built, problems)
    return None if problems.errors else _model(drawn.process, built)


def _model(process: etree._Element, built: Built) -> ProcessModel:
    id_ = (process.get("id") or "").strip()
    names = normalising.spec_names(id_, built.nodes)
    nodes = normalising.named(built.nodes, names)
    start = next(node for node in nodes.values() if node.kind is Kind.START and node.parent is None)
    return ProcessModel(
        id=id_,
        spec=names[id_],
        names=built.names,
        documentation=built.documentation,
        start=start.id,
        form=start.settings.form,
        nodes=MappingProxyType(nodes),
        flows=MappingProxyType(built.flows),
        lanes=built.lanes,
        clocks=built.clocks,
        outgoing_order=MappingProxyType({id_: node.outgoing for id_, node in nodes.items()}),
        normalised=normalising.write(names[id_], nodes, built.flows),
        by_spec=MappingProxyType({node.spec: id_ for id_, node in nodes.items()}),
    )
