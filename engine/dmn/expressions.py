"""Every expression of a file is FEEL and compiles; one in another language is refused by name, and nothing else is tried."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from lxml import etree

from engine import feel
from engine.bpmn.namespaces import split
from engine.bpmn.problems import Problems, clip
from engine.dmn.namespaces import child
from engine.dmn.saying import say
from engine.feel import nodes as n
from engine.feel.builtins.registering import named
from engine.feel.naming import normal
from engine.feel.parsing import parse, parse_unary_tests

_FEEL = re.compile(r"(?:s-?)?feel|https?://www\.omg\.org/spec/(?:FEEL|DMN)/[\w./-]*", re.IGNORECASE)
_JUEL = re.compile(r"[$#]\{")
_FOREIGN_WORDS = {"True": "true", "False": "false", "None": "null", "undefined": "null", "cellInput": "?"}

What = tuple[str, str]
"""What an expression is, in Chinese and English."""


@dataclass(slots=True)
class Scope:
    """The names an expression may use. `local` are bound around it; `free` collects those that are not; `functions` are
    the callable ones with their parameters (None: whatever they take). `open`: any name may be one, as inside a filter;
    such names, which may be keys of an item, are collected in `perhaps`."""

    local: frozenset[str] = frozenset()
    functions: dict[str, tuple[str, ...] | None] = field(default_factory=dict)
    free: dict[str, etree._Element] = field(default_factory=dict)
    perhaps: set[str] = field(default_factory=set)
    open: bool = False

    def with_names(self, names: Collection[str], *, open: bool = False) -> Scope:  # noqa: A002 - said of a scope
        """The scope inside, where more names are bound."""
        return Scope(self.local | set(map(normal, names)), self.functions, self.free, self.perhaps, self.open or open)


class Expressions:
    """The expressions of one file. `odd` are its names of more than one word, `registers` those that may be looked up (None: not
    known)."""

    def __init__(self, problems: Problems, odd: frozenset[str], registers: Collection[str] | None = None) -> None:
        self.problems = problems
        self.registers = registers
        self.odd = odd
        self.slots = 0
        self._made: dict[str, feel.Expression] = {}
        self._made_tests: dict[str, feel.UnaryTests] = {}

    def expression(self, element: etree._Element, what: What, scope: Scope) -> feel.Expression | None:
        """The text of a literal expression, compiled; None, the problem said, when it is no good."""
        text = self._text(element, what)
        if text is None:
            return None
        if not text:
            say(self.problems, "empty-expression", element, f"{what[0]}是空的", f"{what[1]} is empty")
            return None
        return self.compile(text, element, what, scope)

    def compile(self, text: str, element: etree._Element, what: What, scope: Scope) -> feel.Expression | None:
        """Text as an expression."""
        try:
            compiled = self._compiled(text.removeprefix("=").strip())
        except feel.FeelError as error:
            self._no_feel(text, element, what, error)
            return None
        return compiled if self._only_known(compiled, text, element, what, scope) else None

    def tests(self, element: etree._Element, what: What, scope: Scope) -> feel.UnaryTests | None:
        """The text of a cell, compiled. An empty cell is `-`: so the field's editors write it."""
        text = self._text(element, what)
        if text is None:
            return None
        try:
            compiled = self._compiled_tests(text or "-")
        except feel.FeelError as error:
            self._no_feel(text, element, what, error)
            return None
        return compiled if self._only_known(compiled, text, element, what, scope.with_names(["?"])) else None

    def _compiled(self, text: str) -> feel.Expression:
        """Not by FEEL's own cache: a large table would drive everybody else's expressions out of it."""
        if text not in self._made:
            self._made[text] = feel.Expression(text, parse(text, self.odd))
        return self._made[text]

    def _compiled_tests(self, text: str) -> feel.UnaryTests:
        if text not in self._made_tests:
            self._made_tests[text] = feel.UnaryTests(text, parse_unary_tests(text, self.odd))
        return self._made_tests[text]

    def _text(self, element: etree._Element, what: What) -> str | None:
        imported = child(element, "importedValues")
        if imported is not None:
            zh, en = f"{what[0]}引用了外部文件，不支持", f"{what[1]} is imported from outside, which is not supported"
            say(self.problems, "import", imported, zh, en)
            return None
        holder = child(element, "text")
        text = ("" if holder is None else "".join(str(part) for part in holder.itertext())).strip()
        own = element.get("expressionLanguage")
        language = own if own is not None else element.getroottree().getroot().get("expressionLanguage")
        language = (language or "").strip()
        if language and not _FEEL.fullmatch(language):
            self._foreign(clip(language, 40), text, element, what)
            return None
        if _JUEL.search(re.sub(r'"(?:\\.|[^"\\])*"', "", text)):
            self._foreign("JUEL", text, element, what)
            return None
        return text

    def _foreign(self, language: str, text: str, element: etree._Element, what: What) -> None:
        zh = f"{what[0]}“{clip(text, 60)}”用的是 {language}；请改写为 FEEL，例如 amount > 3"
        en = f"{what[1]} “{clip(text, 60)}” is in {language}; write it in FEEL, for instance amount > 3"
        say(self.problems, "expression-language", element, zh, en)

    def _no_feel(self, text: str, element: etree._Element, what: What, error: feel.FeelError) -> None:
        zh, en = error.text("zh").rstrip("。."), error.text("en").rstrip(".")
        shown = clip(text, 60)
        zh, en = f"{what[0]}“{shown}”不是正确的 FEEL：{zh}", f"{what[1]} “{shown}” is no FEEL: {en}"
        say(self.problems, "expression", element, zh, en)

    def _only_known(
        self, compiled: feel.Expression, text: str, element: etree._Element, what: What, scope: Scope
    ) -> bool:
        self.slots = max(self.slots, compiled.slots)
        shown, right = clip(text, 60), True
        names = set(compiled.names) - scope.local
        for word in sorted((names | set(compiled.item_names)) & _FOREIGN_WORDS.keys() - scope.local):
            zh = f"{what[0]}“{shown}”中的 {word} 在 FEEL 里写作 {_FOREIGN_WORDS[word]}"
            en = f"{word} in {what[1]} “{shown}” is written {_FOREIGN_WORDS[word]} in FEEL"
            say(self.problems, "expression-language", element, zh, en)
            right = False
        if "?" in names:
            zh, en = (
                f"{what[0]}“{shown}”中的 ? 只能写在条件格里",
                f"? in {what[1]} “{shown}” belongs into a condition cell",
            )
            say(self.problems, "expression", element, zh, en)
            right = False
        for name in sorted(compiled.functions - scope.functions.keys()):
            zh, en = (
                f"{what[0]}“{shown}”调用了没有的函数 {clip(name)}",
                f"{what[1]} “{shown}” calls {clip(name)}, which is no function",
            )
            say(self.problems, "unknown-function", element, zh, en)
            right = False
        for register in sorted(named(compiled.tree)):
            if self.registers is not None and register not in self.registers:
                zh, en = (
                    f"{what[0]}“{shown}”查的登记表“{clip(register, 40)}”没有",
                    f"{what[1]} “{shown}” looks into the register “{clip(register, 40)}”, which there is not",
                )
                say(self.problems, "register-missing", element, zh, en)
                right = False
        right = self._calls_fit(compiled, shown, element, what, scope) and right
        scope.perhaps |= compiled.item_names - scope.local
        names -= _FOREIGN_WORDS.keys() | {"?"}
        if scope.open:
            scope.perhaps |= names
        else:
            scope.free.update({name: element for name in names if name not in scope.free})
        return right

    def _calls_fit(
        self, compiled: feel.Expression, shown: str, element: etree._Element, what: What, scope: Scope
    ) -> bool:
        """Calls of the file's own functions give each parameter."""
        right = True
        for node, _ in n.walk(compiled.tree) if compiled.functions else ():
            if not isinstance(node, n.Call) or (wanted := scope.functions.get(node.function)) is None:
                continue
            fits = set(node.names) == set(wanted) if node.names else len(node.arguments) == len(wanted)
            if not fits:
                given = clip(f"{node.function}({', '.join(wanted)})")
                zh, en = (
                    f"{what[0]}“{shown}”的参数不符，应为 {given}",
                    f"the arguments in {what[1]} “{shown}” do not fit {given}",
                )
                say(self.problems, "arguments", element, zh, en)
                right = False
        return right


def tag(element: etree._Element) -> str:
    """The local name."""
    return split(str(element.tag))[1]
