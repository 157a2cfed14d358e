"""Every expression of a file is FEEL, compiles, and names known facts; one in another language is refused by name."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lxml import etree

from engine.bpmn import limits
from engine.bpmn.model import Value
from engine.bpmn.namespaces import label, line
from engine.bpmn.problems import Problems, clip

_FEEL = re.compile(r"(?:feel|(?:https?://www\.omg\.org/spec/(?:FEEL|DMN)/[\w./-]*))\Z", re.IGNORECASE)
_UNSAID = ("", "http://www.w3.org/1999/XPath")
_JUEL = re.compile(r"[$#]\{")
_PYTHON_NAMES = {"True": "true", "False": "false", "None": "null"}


def is_feel(language: str | None) -> bool:
    """Whether the name of a language means FEEL. BPMN's own default (XPath), which no tool means, counts as unsaid."""
    language = (language or "").strip()
    return language in _UNSAID or bool(_FEEL.match(language))


def language_of(element: etree._Element) -> str | None:
    """The language an expression is said to be in: its own, else that of the file."""
    own = element.get("language")
    if own is not None and own.strip():
        return own
    return element.getroottree().getroot().get("expressionLanguage")


@dataclass(frozen=True, slots=True)
class Checked:
    """A FEEL expression found good, and the free names in it."""

    text: str
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Use:
    """Where names are used: to be checked once it is known what the process itself writes."""

    element: etree._Element
    what: str
    names: frozenset[str]
    scope: frozenset[str]


class Expressions:
    """The expressions of one file. `known` are the facts, None when they are not known."""

    def __init__(self, problems: Problems, known: Mapping[str, str] | None) -> None:
        self.problems = problems
        self.known = known
        self.uses: list[Use] = []

    def value(self, raw: str, element: etree._Element, what: str, scope: Iterable[str] = ()) -> Value | None:
        """A literal, or an expression after a leading `=`; None when it is an expression that is no good."""
        raw = raw.strip()
        if _JUEL.search(raw):
            self._foreign("JUEL", raw, element, what)
            return None
        if not raw.startswith("="):
            return Value(raw)
        checked = self.check(raw, element, what, scope)
        return Value(checked.text, is_feel=True) if checked else None

    def check(
        self, raw: str, element: etree._Element, what: str, scope: Iterable[str] = (), *, language: str | None = None
    ) -> Checked | None:
        """The expression without its leading `=`; None, the problem said, when it is in another language or no good."""
        if not is_feel(language):
            self._foreign(clip(language, 40), raw, element, what)
            return None
        if _JUEL.search(raw):
            self._foreign("JUEL", raw, element, what)
            return None
        text = raw.strip().removeprefix("=").strip()
        if not text:
            self._say("expression-empty", element, f"{what}是空的", f"the expression of {what} is empty")
            return None
        if len(text) > limits.MAX_EXPRESSION:
            most = limits.MAX_EXPRESSION
            self._say("expression-too-long", element, f"{what}超过 {most} 个字符", f"{what} exceeds {most} characters")
            return None
        from engine import feel  # noqa: PLC0415 - until the package is whole

        if not hasattr(feel, "compile"):
            return Checked(text, frozenset())
        try:
            compiled = feel.compile(text)
        except (feel.FeelSyntaxError, feel.FeelLimit) as error:
            zh, en = error.text("zh").rstrip("。."), error.text("en").rstrip(".")
            shown = clip(text, 60)
            self._say(
                "expression", element, f"{what}“{shown}”不是正确的 FEEL：{zh}", f"{what} “{shown}” is no FEEL: {en}"
            )
            return None
        names = frozenset(compiled.names)
        python = sorted(names & _PYTHON_NAMES.keys())
        if python:
            right = "、".join(_PYTHON_NAMES[name] for name in python)
            self._say(
                "expression-language",
                element,
                f"{what}“{clip(text, 60)}”用了 Python 的 {'、'.join(python)}；FEEL 写作 {right}",
                f"{what} “{clip(text, 60)}” uses Python's {', '.join(python)}; FEEL writes {right.replace('、', ', ')}",
            )
            return None
        self.uses.append(Use(element, what, names, frozenset(scope)))
        return Checked(text, names)

    def check_names(self, written: Iterable[str]) -> None:
        """Once all is read: every name used is a fact, or written by the process itself (`written`)."""
        if self.known is None:
            return
        known = set(self.known) | set(written)
        for use in self.uses:
            for name in sorted(use.names - known - use.scope):
                near = difflib.get_close_matches(name, sorted(known | use.scope), n=1)
                hint = (f"，是否想写“{near[0]}”", f"; did you mean “{near[0]}”") if near else ("", "")
                self._say(
                    "unknown-fact",
                    use.element,
                    f"{use.what}用到的“{clip(name)}”不是已知的数据{hint[0]}",
                    f"{use.what} uses “{clip(name)}”, which is no known fact{hint[1]}",
                )

    def _foreign(self, language: str, raw: str, element: etree._Element, what: str) -> None:
        self._say(
            "expression-language",
            element,
            f"{what}“{clip(raw, 60)}”用的是 {language}；请改写为 FEEL，例如 amount > 3",
            f"{what} “{clip(raw, 60)}” is in {language}; write it in FEEL, for instance amount > 3",
        )

    def _say(self, code: str, element: etree._Element, zh: str, en: str) -> None:
        place = element
        while place.get("id") is None and (parent := place.getparent()) is not None:
            place = parent
        self.problems.add(code, f"{zh}。", f"{en}.", line=line(element), element=label(place))
