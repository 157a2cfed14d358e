"""Trying the decisions of a draft: with facts that somebody types, on the registers and calendars of now. Nothing is kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from engine import calendars, dmn, worktime, worlds
from engine.bpmn.problems import Problems
from engine.bpmn.reading import document
from engine.bpmn.runtime.registers import Registers
from engine.dmn import limits
from engine.dmn.namespaces import DRAWINGS, child, children
from engine.dmn.trying import Question, Trial, questions, tried
from engine.errors import Invalid
from engine.registers import matching

if TYPE_CHECKING:
    from engine.core import Core

_LONGEST = 2000  # characters of one answer


@dataclass(frozen=True, slots=True)
class Described:
    """A decision of a file: its id, what it is called, and what it must be told."""

    id: str
    name_zh: str
    name_en: str
    questions: tuple[Question, ...]


def described(name: str, data: bytes) -> list[Described]:
    """The decisions of a file, as they stand in it; none while something in it is wrong."""
    model = dmn.read(name, data).model
    root = document.parse_xml(data, Problems(name), elements=limits.MAX_ELEMENTS, drawings=DRAWINGS)
    if model is None or root is None:
        return []
    said = {
        each.get("id"): " ".join("".join(map(str, text.itertext())).split())
        for each in children(root, "decision")
        if (text := child(each, "description")) is not None
    }
    return [
        Described(one.id, *_called(one, said.get(one.id, "")), tuple(questions(model, root, one.id)))
        for one in sorted(model.decisions.values(), key=lambda each: each.line)
    ]


def try_decision(core: Core, name: str, data: bytes, decision_id: str, answers: Mapping[str, str]) -> Trial:
    """Make a decision of this file with what was typed. Invalid: something in the file is wrong, there is no such decision, or an answer
    is not of the type that is asked for."""
    model = dmn.read(name, data).model
    wanted = next((one for one in described(name, data) if one.id == decision_id), None)
    if model is None or wanted is None:
        raise Invalid(
            why_zh="表中还有错误，改好后才能试算", why_en="something in the table is wrong; mend it before trying"
        )
    facts = {one.key: _fact(one, answers.get(one.key, "")) for one in wanted.questions}
    world = worlds.get(core)
    working = worktime.WorkingTime(0, lambda: calendars.current(core), world.zone)
    looked_up = Registers(
        lambda register, match, every: matching(core, register, match, world.realm, every=every, strict=True)
    )
    functions = {**working.functions, **looked_up.functions}
    return tried(model, decision_id, facts, now=world.now, zone=world.zone, functions=functions)


def _called(one: dmn.Decision, said: str) -> tuple[str, str]:
    """What people call it: its name, unless that is only its id again and its description begins with both names."""
    zh, slash, en = said.partition(" / ")
    if slash and one.names.zh == one.id:
        return zh, en
    return one.names.zh, one.names.en


def _fact(question: Question, typed: str) -> Any:
    text = typed.strip()[:_LONGEST]
    if not text:
        return None
    if question.type in ("number", "whole"):
        return _number(question, text)
    if question.type == "boolean":
        if text not in ("true", "false"):
            raise _wrong(question, "应为 true 或 false", "is true or false")
        return text == "true"
    if question.type in ("Any", "list", "context"):
        try:
            return json.loads(text)
        except ValueError:
            if question.type == "Any":
                return text
            raise _wrong(question, "应为 JSON", "is written as JSON") from None
    return text


def _number(question: Question, text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or abs(value.adjusted()) > 300:
        raise _wrong(question, "应为数字", "is a number")
    return value


def _wrong(question: Question, zh: str, en: str) -> Invalid:
    return Invalid(why_zh=f"“{question.label}”{zh}", why_en=f"“{question.label}” {en}")
