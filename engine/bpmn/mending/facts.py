"""Mends of facts: what a form asks for or a condition names becomes a fact of the process."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any

import forms
from engine.bpmn.lint import FACTS_FILE
from engine.bpmn.mending.drawing import Wrong
from engine.bpmn.mending.mend import Do, Mend, Step
from engine.bpmn.reading.extension import is_fact_key

_OF_FORMS = ("x-access", "x-personal", "default", "description", "x-description", "readOnly")
_EMPTY = {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object"}


def of_form(wrong: Wrong) -> Iterator[Mend]:
    """The field of a form as a fact, with the same type, title and choices."""
    data = wrong.known.files.get(wrong.problem.file) or wrong.known.files.get(PurePath(wrong.problem.file).name)
    try:
        field = json.loads(data or b"")["properties"][wrong.problem.about]
    except (ValueError, KeyError, TypeError):
        return
    if isinstance(field, dict):
        schema = {name: value for name, value in field.items() if name not in _OF_FORMS}
        yield from _declared(wrong.problem.about, schema, field.get("title"), wrong)


def of_expression(wrong: Wrong) -> Iterator[Mend]:
    """A name that an expression uses as a fact, of the type that it is compared with."""
    name = wrong.problem.about
    if not is_fact_key(name):
        return
    texts = " ".join(wrong.drawing.expressions(wrong.problem.element))
    compared = re.search(rf'(?<![\w.]){re.escape(name)}\s*(?:!=|<=|>=|=|<|>)\s*("|-?\d|true\b|false\b)', texts)
    type_ = "string"
    if compared is not None and compared[1] != '"':
        type_ = "boolean" if compared[1] in ("true", "false") else "number"
    elif re.search(rf"(?<![\w.]){re.escape(name)}\s*[-+*/<>]", texts):
        type_ = "number"
    yield from _declared(name, {"type": type_, "title": name, "x-title": {"en": name}}, None, wrong)


def with_facts(data: bytes | None, declared: Mapping[str, Any]) -> bytes:
    """The facts file with these facts too; a schema of None takes one away. What stands there already stays as it is.

    Raises `forms.FormProblem` where the result is no facts file."""
    try:
        document: dict[str, Any] = (
            json.loads(data) if data else {**_EMPTY, "title": "流程数据", "x-title": {"en": "Facts"}}
        )
    except ValueError:
        return data or b""
    properties = document.setdefault("properties", {})
    before = json.dumps(properties)
    for name, schema in declared.items():
        if schema is None:
            properties.pop(name, None)
        elif is_fact_key(name):
            properties.setdefault(name, schema)
    if data and json.dumps(properties) == before:
        return data
    new = json.dumps(document, ensure_ascii=False, indent=2).encode() + b"\n"
    forms.load_facts(new)
    return new


def _declared(name: str, schema: dict[str, Any], title: object, wrong: Wrong) -> Iterator[Mend]:
    facts = wrong.known.files.get(FACTS_FILE)
    plain = {key: schema[key] for key in ("type", "title", "x-title") if key in schema}
    for attempt in (schema, plain):
        try:
            with_facts(facts, {name: attempt})
        except forms.FormProblem:
            continue
        step = Step(Do.DECLARE, "", name, json.dumps(attempt, ensure_ascii=False))
        shown = f"{title}（{name}）" if isinstance(title, str) and title else f"“{name}”"
        words = {"string": ("文本", "text"), "number": ("数字", "number"), "integer": ("整数", "whole number")}
        words |= {"boolean": ("是/否", "yes or no"), "array": ("列表", "list"), "object": ("组", "group")}
        kind = words.get(str(attempt.get("type")), ("文本", "text"))
        yield Mend(f"把{shown}列为流程数据（{kind[0]}）", f"Make “{name}” a fact of the process ({kind[1]})", (step,))
        return
