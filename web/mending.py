"""What the editor is told of a drawing: problems with their mends, names that an expression may use, whether one is good."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import PurePath
from typing import Any

from engine import dmn, feel
from engine.bpmn.lint import FACTS_FILE
from engine.bpmn.mending import Drawing, Known, Mend, Wrong, mends
from engine.bpmn.problems import Severity
from engine.bpmn.reading.expressions import THIS
from engine.bpmn.reading.repeating import COUNTERS
from engine.bpmn.vocabulary import Name, declared, names
from engine.feel.builtins.registering import named
from engine.feel.builtins.registry import FUNCTIONS
from engine.queries import deployed
from web.auth import city
from web.definition_sides import diagram, problems_of
from web.telling_differences import problems as rows
from web.texts import locale, t
from web.words_of_diagrams import ATTRIBUTES, EXTENSION
from web.words_of_functions import FUNCTIONS as HELP


def told(key: str, files: Mapping[str, bytes]) -> list[dict[str, Any]]:
    """Every problem of a bundle as rows, errors first, each with its mends."""
    name = diagram(files)
    drawing, known = Drawing(name, files.get(name, b"")), _known(key, files)
    found = [
        {
            **(row := rows([problem])[0]),
            "text": in_words(row["text"]),
            "code": problem.code,
            "mends": [_mend(one) for one in mends(Wrong(problem, drawing, known))],
        }
        for problem in problems_of(key, files)
    ]
    return sorted(found, key=lambda row: (row["severity"] != Severity.ERROR, row["file"], row["line"]))


def in_words(text: str) -> str:
    """A problem or a mend with our settings called as the panel calls them: `ld:clock budget` is 时限（时限数额）."""
    tags: list[str] = []

    def named(found: re.Match[str]) -> str:
        tag, attribute = found[1], found[2] or ""
        if tag not in EXTENSION:
            return found[0]
        tags.append(tag)
        word, part = t(*EXTENSION[tag]), ATTRIBUTES.get(f"{tag}.{attribute}")
        return word + t(f"（{part[0]}）", f" ({part[1]})") if part else word + (f" {attribute}" if attribute else "")

    def attributed(found: re.Match[str]) -> str:
        words = [ATTRIBUTES[f"{tag}.{found[1]}"] for tag in tags if f"{tag}.{found[1]}" in ATTRIBUTES]
        return f"“{t(*words[0])}”" if words else found[0]

    said = _SETTING.sub(named, _BESIDE.sub("", text))
    return _BARE.sub(attributed, said) if tags and locale() == "zh" else said


def vocabulary(files: Mapping[str, bytes]) -> dict[str, Any]:
    """What an expression may use: facts with what they are called, functions with a line of help, registers, decisions. What the diagram
    itself names comes with the first check: the editor opens without waiting for it."""
    return {
        "names": [_name(one) for one in declared(files)],
        "functions": [_function(name) for name in FUNCTIONS],
        "registers": deployed.registers(city().core),
        "decisions": _decisions(files),
    }


def known_names(files: Mapping[str, bytes]) -> list[dict[str, Any]]:
    """The names that an expression may use, each with its type, what it is called, and the values that it may have; without what is
    known only inside of what repeats, which the editor offers there."""
    return [_name(one) for one in names(files) if one.name not in COUNTERS]


def wrong(text: str, files: Mapping[str, bytes]) -> str | None:
    """What is wrong with an expression (without its leading `=`), as a sentence; None where nothing is."""
    try:
        compiled = feel.compile(text)
    except (feel.FeelSyntaxError, feel.FeelLimit) as error:
        return error.text(locale())
    # The diagram is read only where the facts do not answer: somebody is writing, and waits.
    odd = compiled.names - {one.name for one in declared(files)} - {THIS} if FACTS_FILE in files else frozenset()
    if odd:
        odd -= {one.name for one in names(files)}
    if odd:
        return t(f"没有名为“{min(odd)}”的数据。", f"There is no fact “{min(odd)}”.")
    if compiled.functions:
        unknown = min(compiled.functions)
        return t(f"没有函数“{unknown}”。", f"There is no function “{unknown}”.")
    registers = named(compiled.tree) - set(deployed.registers(city().core))
    if registers:
        return t(f"没有登记表“{min(registers)}”。", f"There is no register “{min(registers)}”.")
    return None


# ---------------------------------------------------------------- inside


def _known(key: str, files: Mapping[str, bytes]) -> Known:
    core = city().core
    return Known(
        files=files,
        forms=[PurePath(name).stem for name in files if name.endswith(".json") and name != FACTS_FILE],
        registers=deployed.registers(core),
        decisions=[one["value"] for one in _decisions(files)],
        processes=deployed.keys(core),
        facts=[one.name for one in names(files) if "." not in one.name],
        units=deployed.named_units(core),
        posts=deployed.named_posts(core),
        key=key,
    )


_BESIDE = re.compile(r"（ld:[a-zA-Z]+）| \(ld:[a-zA-Z]+\)")
"""Said for who writes files, beside the same in words."""
_SETTING = re.compile(r"ld:([a-zA-Z]+)(?: ([a-zA-Z]+)(?![a-zA-Z]))?")
_BARE = re.compile(r" ?(?<![a-zA-Z0-9_“\".=<>/-])([a-z][a-zA-Z]*)(?![a-zA-Z0-9_”\".=<>/-]) ?")
"""A word of Latin letters among Chinese ones that is neither quoted nor part of an expression."""


def _mend(mend: Mend) -> dict[str, Any]:
    return {"text": in_words(mend.text(locale())), "steps": [asdict(step) for step in mend.steps]}


def _name(one: Name) -> dict[str, Any]:
    choices = [{"value": each.value, "label": t(each.title.zh, each.title.en)} for each in one.choices]
    return {"name": one.name, "type": one.type, "label": t(one.zh, one.en), "choices": choices}


def _function(name: str) -> dict[str, Any]:
    signature = FUNCTIONS[name][0]
    parameters = [parameter.name + ("?" if parameter.optional else "") for parameter in signature.parameters]
    return {"name": name, "parameters": parameters, "help": t(*HELP[name])}


def _decisions(files: Mapping[str, bytes]) -> list[dict[str, str]]:
    found = [dmn.read(name, data).model for name, data in files.items() if name.endswith(".dmn")]
    return [
        {"value": one.id, "label": t(one.names.zh, one.names.en) or one.id}
        for model in found
        if model is not None
        for one in model.decisions.values()
    ]
