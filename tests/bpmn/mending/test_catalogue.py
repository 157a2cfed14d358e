"""Each code that lint can tell has a mend, or a reason why nobody can propose one."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from engine.bpmn.mending.catalogue import MENDERS

ROOT = Path(__file__).parents[3]
_CODE = re.compile(r"[a-z]+(-[a-z]+)*")
_SAYING = frozenset({"add", "warn", "_say", "_at", "say", "refuse", "Problem"})

PEOPLE = "only people know what is meant"
LIBRARY = "the drawing library cannot hold such a file: it is mended where it was made"
TABLE = "of a decision table, which has an editor of its own"
FORM = "of a form, which has an editor of its own"

_OF_TABLES = [
    *(
        "aggregation",
        "arguments",
        "bad-id",
        "context-entry",
        "cycle",
        "decision-service",
        "duplicate-decision",
        "duplicate-name",
    ),
    *("empty-expression", "empty-output", "function", "function-kind", "function-type", "gap", "hit-policy", "import"),
    *("invocation", "missing", "no-decision", "no-logic", "no-priorities", "not-dmn", "orientation", "output-as-name"),
    *("output-name", "requirement", "requirement-missing", "row-size", "rule-size", "too-many", "too-many-types"),
    *("type-cycle", "type-language", "unknown-attribute", "unknown-element", "unknown-name", "unknown-type"),
]

WITHOUT: dict[str, str] = {
    # The file itself.
    **dict.fromkeys(["not-xml", "not-bpmn", "empty", "encoding", "doctype", "too-deep", "too-large"], LIBRARY),
    **dict.fromkeys(
        ["too-many-elements", "too-many-attributes", "duplicate-id", "id-too-long", "no-id", "schema"], LIBRARY
    ),
    "unknown-file": "a file of another kind is left out where it was put in",
    "process-twice": "which of two files is another process, " + PEOPLE,
    "decision-twice": "which of two files is another decision, " + PEOPLE,
    "name-too-long": "a shorter name is written by who knows what matters in it",
    "too-long": "what belongs into a sub-process, " + PEOPLE,
    "no-process": "a file without a process has nothing to draw on",
    "several-pools": "which of the pools is the process, " + PEOPLE,
    "vendor-behaviour": "what another tool means by its setting is said in our own settings by who knows it",
    "vendor-ignored": "the setting of another tool has no effect and may stay",
    "unsupported": "what stands for it among what runs, " + PEOPLE,
    "drawing": "a shape without an element, or the other way round: drawn anew by hand",
    "message-flow": "it shows something and does nothing; it may stay",
    "outgoing-incomplete": "the editor writes the lists anew by itself",
    # The course.
    "no-start": "where the process begins, " + PEOPLE,
    "no-end": "where the process ends, " + PEOPLE,
    "no-end-reachable": "where to leave a loop, " + PEOPLE,
    "loop-without-wait": "what is waited for, " + PEOPLE,
    "loop-may-not-wait": "what is waited for, " + PEOPLE,
    "loop": "how often or until when, " + PEOPLE,
    "multi-instance": "for whom or how often, " + PEOPLE,
    "activation": "what a complex gateway waits for, " + PEOPLE,
    "quantity": "how many tokens, " + PEOPLE,
    "flow-crosses": "what should follow inside the sub-process, " + PEOPLE,
    "two-lanes": "whose task it is, " + PEOPLE,
    "call-recursion": "which call is the wrong one, " + PEOPLE,
    "event-recursion": "where to wait, " + PEOPLE,
    "event-gateway": "what may come, " + PEOPLE,
    "event-place": "which event is meant, " + PEOPLE,
    "event-mix": "which event is meant, " + PEOPLE,
    "event-interrupting": "which event is meant, " + PEOPLE,
    "event": "which message or signal is meant, " + PEOPLE,
    "any-code": "that any error is caught may be meant",
    "error-uncaught": "who catches it, " + PEOPLE,
    "cancel-uncaught": "what follows a cancelled transaction, " + PEOPLE,
    "compensation": "what undoes what, " + PEOPLE,
    "link": "where a link leads, " + PEOPLE,
    # What is said of the data and of people.
    "contradiction": "which of two settings counts, " + PEOPLE,
    "script": "what is computed, " + PEOPLE,
    "data": "which data, " + PEOPLE,
    "data-key": "the key of a fact is chosen by who names it",
    "data-drawn": "it shows something and does nothing; it may stay",
    "vote": "by what rule is voted, " + PEOPLE,
    "confidential": "from whom it is kept, " + PEOPLE,
    "confidential-open": "whether it may be open, " + PEOPLE,
    "form": FORM,
    # Decision tables (engine/dmn), told of their own files.
    **dict.fromkeys(_OF_TABLES, TABLE),
}


def told() -> dict[str, set[str]]:
    """Every code in the source with the files that tell it: a constant beside a sentence, in a call that tells."""
    found: dict[str, set[str]] = {}
    places = [*ROOT.glob("engine/bpmn/*.py"), *ROOT.glob("engine/bpmn/reading/*.py"), *ROOT.glob("engine/dmn/*.py")]
    for path in [*places, ROOT / "web/definition_sides.py"]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name not in _SAYING or len(node.args) < 3:
                continue
            said = (each for argument in node.args[:4] for each in _texts(argument))
            code = next((each for each in said if _CODE.fullmatch(each)), None)
            if code is not None:
                both = _texts(node.args[0]) if isinstance(node.args[0], ast.IfExp) else [code]
                for each in both:
                    found.setdefault(each, set()).add(path.name)
    # These are handed on as variables.
    handed = {"unit-missing": "lint_people.py", "post-missing": "lint_people.py", "schema": "schema.py"}
    return {**found, **{code: {file} for code, file in handed.items()}}


def _texts(argument: ast.expr) -> list[str]:
    if isinstance(argument, ast.IfExp):
        return [*_texts(argument.body), *_texts(argument.orelse)]
    return [argument.value] if isinstance(argument, ast.Constant) and isinstance(argument.value, str) else []


def test_every_code_has_a_mend_or_a_reason() -> None:
    codes = told()
    assert len(codes) > 100
    neither = {code: sorted(files) for code, files in codes.items() if code not in MENDERS and code not in WITHOUT}
    assert neither == {}


def test_no_code_has_both_and_none_is_made_up() -> None:
    assert not MENDERS.keys() & WITHOUT.keys()
    codes = told()
    assert {code for code in MENDERS if code not in codes} == set()
    assert {code for code in WITHOUT if code not in codes} == set()
