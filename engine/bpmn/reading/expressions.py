"""Every expression of a file is FEEL, compiles, and names known facts; one in another language is refused by name."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from lxml import etree

from engine import feel
from engine.bpmn import limits
from engine.bpmn.namespaces import is_bpmn, label, line
from engine.bpmn.problems import Problems, called_of, clip
from engine.bpmn.values import Value
from engine.feel.builtins.registering import named
from engine.feel.nodes import Context

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


What = tuple[str, str]
"""What an expression is, in Chinese and English: ("条件", "the condition")."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A FEEL expression found good. `keys`: those of the context it writes out, None when it is no context."""

    text: str
    keys: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Use:
    """Where names are used: to be checked once it is known what the process itself writes."""

    element: etree._Element
    what: What
    names: frozenset[str]
    scope: frozenset[str]


THIS = "this"
"""The instance itself (`runtime.seeing.THIS`)."""


class Expressions:
    """The expressions of one file. `known` are the facts, None when they are not known; `functions` those that FEEL has not,
    `registers` those that may be looked up, None when they are not known."""

    def __init__(
        self,
        problems: Problems,
        known: Mapping[str, str] | None,
        functions: Collection[str] = (),
        registers: Collection[str] | None = None,
    ) -> None:
        self.problems = problems
        self.registers = registers
        self.known = known
        self.functions = frozenset(functions)
        self.uses: list[Use] = []
        self.written: set[str] = set()

    def value(
        self, raw: str, element: etree._Element, what: What, scope: Iterable[str] = (), *, checked: bool = True
    ) -> Value | None:
        """A literal, or an expression after a leading `=`; None when it is an expression that is no good. `checked`: whether its
        names are known here."""
        raw = raw.strip()
        if _JUEL.search(raw):
            self._foreign("JUEL", raw, element, what)
            return None
        if not raw.startswith("="):
            return Value(raw)
        good = self.check(raw, element, what, scope, checked=checked)
        return Value(good.text, is_feel=True) if good else None

    def check(
        self,
        raw: str,
        element: etree._Element,
        what: What,
        scope: Iterable[str] = (),
        *,
        language: str | None = None,
        checked: bool = True,
    ) -> Checked | None:
        """The expression without its leading `=`; None, the problem said, when it is in another language or no good."""
        text = raw.strip().removeprefix("=").strip()
        if not is_feel(language) or _JUEL.search(raw):
            self._foreign("JUEL" if is_feel(language) else clip(language, 40), raw, element, what)
            return None
        if not text or len(text) > limits.MAX_EXPRESSION:
            most = limits.MAX_EXPRESSION
            zh, en = ("是空的", "is empty") if not text else (f"超过 {most} 个字符", f"exceeds {most} characters")
            self._say("expression-length", element, f"{what[0]}{zh}", f"{what[1]} {en}")
            return None
        try:
            compiled = feel.compile(text)
        except (feel.FeelSyntaxError, feel.FeelLimit) as error:
            zh, en = error.text("zh").rstrip("。."), error.text("en").rstrip(".")
            shown = clip(text, 60)
            self._say(
                "expression",
                element,
                f"{what[0]}“{shown}”不是正确的 FEEL：{zh}",
                f"{what[1]} “{shown}” is no FEEL: {en}",
            )
            return None
        if not self._only_known_words(compiled, text, element, what):
            return None
        if checked:
            self.uses.append(Use(element, what, compiled.names, frozenset(scope)))
        keys = tuple(entry.key for entry in compiled.tree.entries) if isinstance(compiled.tree, Context) else None
        return Checked(text, keys)

    def _only_known_words(self, compiled: feel.Expression, text: str, element: etree._Element, what: What) -> bool:
        """No name that means something in Python only, no function nobody offers: both would be null, and nobody told."""
        shown = clip(text, 60)
        python = sorted(compiled.names & _PYTHON_NAMES.keys())
        if python:
            right = [_PYTHON_NAMES[name] for name in python]
            self._say(
                "expression-language",
                element,
                f"{what[0]}“{shown}”用了 Python 的 {'、'.join(python)}；FEEL 写作 {'、'.join(right)}",
                f"{what[1]} “{shown}” uses Python's {', '.join(python)}; FEEL writes {', '.join(right)}",
            )
        for register in sorted(named(compiled.tree)):
            if self.registers is not None and register not in self.registers:
                self._say(
                    "register-missing",
                    element,
                    f"{what[0]}“{shown}”查的登记表“{clip(register, 40)}”没有",
                    f"{what[1]} “{shown}” looks into the register “{clip(register, 40)}”, which there is not",
                    register,
                )
        unknown = sorted(compiled.functions - self.functions)
        if unknown:
            self._say(
                "unknown-function",
                element,
                f"{what[0]}“{shown}”调用了没有的函数 {clip('、'.join(unknown), 60)}",
                f"{what[1]} “{shown}” calls {clip(', '.join(unknown), 60)}, which is no function",
                unknown[0],
            )
        return not python and not unknown

    def check_names(self) -> None:
        """Once all is read: every name used is a fact, or one of those `written` by the process itself."""
        if self.known is None:
            return
        known = set(self.known) | self.written | {THIS}
        for use in self.uses:
            for name in sorted(use.names - known - use.scope):
                near = difflib.get_close_matches(name, sorted(known | use.scope), n=1)
                hint = (f"，是否想写“{near[0]}”", f"; did you mean “{near[0]}”") if near else ("", "")
                self._say(
                    "unknown-fact",
                    use.element,
                    f"{use.what[0]}用到的“{clip(name)}”不是已知的数据{hint[0]}",
                    f"{use.what[1]} uses “{clip(name)}”, which is no known fact{hint[1]}",
                    name,
                )

    def _foreign(self, language: str, raw: str, element: etree._Element, what: What) -> None:
        self._say(
            "expression-language",
            element,
            f"{what[0]}“{clip(raw, 60)}”用的是 {language}；请改写为 FEEL，例如 amount > 3",
            f"{what[1]} “{clip(raw, 60)}” is in {language}; write it in FEEL, for instance amount > 3",
        )

    def _say(self, code: str, element: etree._Element, zh: str, en: str, about: str = "") -> None:
        place = element
        while not is_bpmn(place) and (parent := place.getparent()) is not None:
            place = parent
        called = called_of(place)
        self.problems.add(
            code, f"{called[0]}{zh}。", f"{called[1]}{en}.", line=line(element), element=label(place), about=about
        )
