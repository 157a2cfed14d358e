"""Mends of how an expression is written: signs and words of other languages, names nobody knows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from engine import feel
from engine.bpmn.mending.drawing import Wrong, nearest
from engine.bpmn.mending.mend import Do, Mend, Step
from engine.bpmn.problems import clip
from engine.bpmn.reading.expressions import THIS
from engine.feel.builtins.registry import function_names

_TEXT = re.compile(r'"(?:\\.|[^"\\])*"', re.DOTALL)
_WIDE = str.maketrans("（），＝＞＜！＋－＊／｛｝［］：“”„‟‘’＂＇", '(),=><!+-*/{}[]:""""""""')
_SIGNS = (
    ("≥", ">="),
    ("≤", "<="),
    ("≠", "!="),
    ("===", "="),
    ("==", "="),
    ("<>", "!="),
    ("&&", " and "),
    ("||", " or "),
)
_WORDS = {"AND": "and", "OR": "or", "True": "true", "False": "false", "None": "null", "TRUE": "true", "FALSE": "false"}
_SAID = {
    "并且": " and ",
    "而且": " and ",
    "且": " and ",
    "或者": " or ",
    "或": " or ",
    "等于": " = ",
    "大于": " > ",
    "小于": " < ",
}


def spelling(wrong: Wrong) -> Iterator[Mend]:
    """What another language writes otherwise, as FEEL writes it; only where that is FEEL."""
    for text in wrong.drawing.expressions(wrong.problem.element):
        new = respelled(text)
        if new is not None:
            steps = (Step(Do.REWRITE, wrong.problem.element, text, new),)
            yield Mend(f"改写为 {clip(new, 60)}", f"Write {clip(new, 60)}", steps)


def emptied(wrong: Wrong) -> Iterator[Mend]:
    """An empty condition goes."""
    if wrong.drawing.kind(wrong.problem.element) == "sequenceFlow" and not any(
        wrong.drawing.expressions(wrong.problem.element)
    ):
        yield Mend("去掉空条件", "Remove the empty condition", (Step(Do.CONDITION, wrong.problem.element),))


def script(wrong: Wrong) -> Iterator[Mend]:
    """A script that is FEEL already says so."""
    if all(_good(text) for text in wrong.drawing.expressions(wrong.problem.element)):
        steps = (Step(Do.ATTRIBUTE, wrong.problem.element, "scriptFormat", "feel"),)
        yield Mend("注明语言是 FEEL", "Say that it is FEEL", steps)


def fact(wrong: Wrong) -> Iterator[Mend]:
    """The known name most like it, wherever the element uses it; else it becomes a fact (`facts.py`)."""
    for near in nearest(wrong.problem.about, [*wrong.known.facts, THIS]):
        steps = _everywhere(wrong, lambda text, to=near: renamed(text, wrong.problem.about, to))  # type: ignore[misc]
        if steps:
            yield Mend(f"改为“{near}”", f"Write “{near}”", steps)


def function(wrong: Wrong) -> Iterator[Mend]:
    """The function most like it."""
    for near in nearest(wrong.problem.about, function_names(), 1):
        steps = _everywhere(wrong, lambda text, to=near: recalled(text, wrong.problem.about, to))  # type: ignore[misc]
        if steps:
            yield Mend(f"改为 {near}(…)", f"Write {near}(…)", steps)


def respelled(text: str) -> str | None:
    """The same as FEEL, None where it is FEEL already or cannot be made so."""
    before = text.strip()
    lead = "=" if before.startswith("=") else ""
    plain = before.removeprefix("=").strip()
    juel = re.fullmatch(r"[$#]\{(.*)\}", plain, re.DOTALL)
    plain = juel[1].strip() if juel else plain
    if juel:
        plain = re.sub(r"'([^'\"]*)'", r'"\1"', plain)
    plain = plain.translate(_WIDE) if not _good(plain) else plain
    for attempt in (_signs, lambda said: _said(_signs(said)), lambda said: _closed(_signs(said))):
        new = attempt(plain)
        if _good(new) and lead + new != before:
            return lead + new
    return None


def renamed(text: str, name: str, to: str) -> str | None:
    """Every use of a name is another's; None where there is none, or nothing good comes of it."""
    word = re.compile(rf"(?<![\w.]){re.escape(name)}(?!\w)(?!\s*:(?!:))")
    return _changed(text, lambda part: word.sub(to, part))


def recalled(text: str, name: str, to: str) -> str | None:
    """Every call of a function is of another."""
    word = re.compile(rf"(?<![\w.]){re.escape(name)}(?=\s*\()")
    return _changed(text, lambda part: word.sub(to, part))


# ---------------------------------------------------------------- inside


def _everywhere(wrong: Wrong, change: Callable[[str], str | None]) -> tuple[Step, ...]:
    found = ((text, change(text)) for text in wrong.drawing.expressions(wrong.problem.element))
    return tuple(Step(Do.REWRITE, wrong.problem.element, text, new) for text, new in found if new is not None)


def _changed(text: str, change: Callable[[str], str]) -> str | None:
    new = _outside(text, change)
    return new if new != text and _good(new.removeprefix("=")) else None


def _outside(text: str, change: Callable[[str], str]) -> str:
    """The change made to all that is no text in quotes."""
    parts, at = [], 0
    for found in _TEXT.finditer(text):
        parts += [change(text[at : found.start()]), found[0]]
        at = found.end()
    return "".join([*parts, change(text[at:])])


def _signs(text: str) -> str:
    def change(part: str) -> str:
        for old, new in _SIGNS:
            part = part.replace(old, new)
        part = re.sub(r"'([^'\"]*)'", r'"\1"', part)
        part = re.sub(r"(?<![\w.])(\w+)(?!\w)", lambda found: _WORDS.get(found[1], found[1]), part)
        return re.sub(r" {2,}", " ", part)

    return _outside(text, change).strip()


def _said(text: str) -> str:
    def change(part: str) -> str:
        for old, new in _SAID.items():
            part = part.replace(old, new)
        return re.sub(r" {2,}", " ", part)

    return _outside(text, change).strip()


def _closed(text: str) -> str:
    """What was opened at the end is closed."""
    if len(_TEXT.sub("", text).split('"')) == 2:
        text += '"'
    bare = _TEXT.sub("", text)
    return text + ")" * max(0, bare.count("(") - bare.count(")"))


def _good(text: str) -> bool:
    try:
        compiled = feel.compile(text.removeprefix("=").strip())
    except (feel.FeelSyntaxError, feel.FeelLimit):
        return False
    return not compiled.names & _WORDS.keys() and not compiled.functions
