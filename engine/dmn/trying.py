"""Trying a decision before it counts: what it asks for, and which rules match what is given."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from engine.bpmn.namespaces import split
from engine.bpmn.namespaces import text as text_of
from engine.dmn.errors import DecisionFailed
from engine.dmn.model import Decision, Functions, Input, Model
from engine.dmn.namespaces import child, children, walk
from engine.dmn.tables import Table
from engine.dmn.types import BUILT_IN
from engine.feel import FeelError
from engine.feel import nodes as n
from engine.feel.naming import normal
from engine.feel.parsing import parse_unary_tests
from engine.feel.running import Run

_MOST = 50  # values offered for one question


@dataclass(frozen=True, slots=True)
class Question:
    """A fact that a decision needs: its key, what people call it, its type by FEEL's name ("whole" for integers, "Any" where nothing says),
    and the texts that rules compare it with."""

    key: str
    label: str
    type: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of it: the result in JSON's types, or why there is none; for each decision that is a table, in the order in which they
    were made, the numbers from 1 of the rules that match."""

    result: object
    failed: DecisionFailed | None
    rules: Mapping[str, tuple[int, ...]]


def questions(model: Model, root: etree._Element, decision_id: str) -> list[Question]:
    """What a decision of this model, read from `root`, must be told, in the order in which its tables ask."""
    columns = _columns(root)
    drawn = {each.key: each for made in _needed(model, decision_id) for _, each in made.step.data}
    wanted = model.decisions[decision_id].inputs
    ordered = [key for key in dict.fromkeys(_keys(drawn, columns)) if key in wanted]
    return [_question(key, drawn.get(key), columns, root) for key in (*ordered, *sorted(wanted - set(ordered)))]


def tried(
    model: Model,
    decision_id: str,
    data: Mapping[str, Any],
    *,
    now: dt.datetime | None = None,
    zone: dt.tzinfo | None = None,
    functions: Functions | None = None,
) -> Trial:
    """Make a decision and say how. Never raises for what the decision says: that is `failed`."""
    matching: dict[str, tuple[int, ...]] = {}

    def watch(decision: Decision, scope: dict[str, object], run: Run) -> None:
        if isinstance(decision.step.logic, Table):
            matching[decision.id] = tuple(index + 1 for index in decision.step.logic.matching(scope, run))

    try:
        result = model.evaluate(decision_id, data, now=now, zone=zone, functions=functions, watch=watch)
    except DecisionFailed as failed:
        return Trial(None, failed, matching)
    return Trial(result, None, matching)


# ---------------------------------------------------------------- inside


@dataclass(frozen=True, slots=True)
class _Column:
    label: str
    type: str
    values: tuple[str, ...]


def _needed(model: Model, decision_id: str) -> Iterator[Decision]:
    return (model.decisions[each] for each in model.plans[decision_id])


def _keys(drawn: Mapping[str, Input], columns: Mapping[str, _Column]) -> Iterator[str]:
    """Facts by the columns that ask for them, each under the key it has."""
    by_name = {each.name: key for key, each in drawn.items()}
    return (by_name.get(name, name) for name in columns)


def _question(key: str, drawn: Input | None, columns: Mapping[str, _Column], root: etree._Element) -> Question:
    column = columns.get(drawn.name if drawn is not None else key) or _Column("", "Any", ())
    label = column.label
    if drawn is not None:
        element = next((each for each in children(root, "inputData") if each.get("id") == drawn.id), None)
        said = None if element is None else child(element, "description")
        label = label or ("" if said is None else text_of(said)) or drawn.name
    of = column.type
    if drawn is not None and drawn.type.base != "Any":
        of = drawn.type.base
    return Question(key, label or key, of, column.values)


def _columns(root: etree._Element) -> dict[str, _Column]:
    """The columns of all tables whose expression is a name, by that name."""
    found: dict[str, _Column] = {}
    for table in (each for each in walk(root) if split(str(each.tag))[1] == "decisionTable"):
        for at, element in enumerate(children(table, "input")):
            holder = child(element, "inputExpression")
            written = None if holder is None else child(holder, "text")
            if holder is None or written is None:
                continue
            name = normal(text_of(written))
            cells = [
                entries[at] for rule in children(table, "rule") if len(entries := children(rule, "inputEntry")) > at
            ]
            allowed = child(element, "inputValues")
            texts = dict.fromkeys(text for each in (allowed, *cells) if each is not None for text in _texts(each))
            before = found.get(name) or _Column("", "Any", ())
            of = BUILT_IN.get((holder.get("typeRef") or "").strip(), "Any")
            found[name] = _Column(
                before.label or normal(element.get("label") or ""),
                before.type if before.type != "Any" else of,
                tuple(dict.fromkeys((*before.values, *texts)))[:_MOST],
            )
    return found


def _texts(cell: etree._Element) -> list[str]:
    """The strings a cell compares with."""
    written = child(cell, "text")
    if written is None or not (text := text_of(written).strip()):
        return []
    try:
        tests = parse_unary_tests(text)
    except FeelError:
        return []
    return [each.value for each in tests.tests if isinstance(each, n.Literal) and isinstance(each.value, str)]
