"""The commonest cells of decision tables, read without the grammar, which is some twenty times slower: constants, comparisons
with constants, intervals of numbers, and lists of these, on one line. Anything else is left to the grammar; where both can
read a text, they give the same tree (a test compares them)."""

from __future__ import annotations

import re

from engine.feel import nodes as n
from engine.feel.values import NUMBERS

_NUMBER = r"-?(?:[0-9]{1,30}(?:\.[0-9]{1,30})?|\.[0-9]{1,30})"
_VALUE = rf'{_NUMBER}|"[^"\\\n]*"|true(?!\w)|false(?!\w)|null(?!\w)'
_SPACE = r"[ \t]*"
_TEST = re.compile(
    rf"{_SPACE}(?:(?P<op><=|>=|<|>|!=|=)?{_SPACE}(?P<value>{_VALUE})"
    rf"|(?P<open>[\[(\]]){_SPACE}(?P<low>{_NUMBER}){_SPACE}\.\.{_SPACE}(?P<high>{_NUMBER}){_SPACE}(?P<close>[\])\[])){_SPACE}(?P<comma>,|\Z)"
)
_LITERAL = re.compile(rf"{_SPACE}(?P<value>{_VALUE}){_SPACE}\Z")
_WORDS = {"true": True, "false": False, "null": None}


def literal(text: str) -> n.Node | None:
    """The tree of an expression that is one constant."""
    found = _LITERAL.match(text)
    return _value(found, "value") if found else None


def unary_tests(text: str) -> n.UnaryTests | None:
    """The tree of a cell of common tests."""
    if text == "-":
        return n.UnaryTests(1, 1, (), False)
    tests: list[n.Node] = []
    at = 0
    while True:
        found = _TEST.match(text, at)
        if not found:
            return None
        tests.append(_test(found))
        if not found["comma"]:
            return n.UnaryTests(tests[0].line, tests[0].column, tuple(tests), False)
        at = found.end()


def _test(found: re.Match[str]) -> n.Node:
    if found["open"]:
        low, high = _value(found, "low"), _value(found, "high")
        return n.Interval(1, found.start("open") + 1, low, high, found["open"] == "[", found["close"] == "]")
    value = _value(found, "value")
    return n.UnaryTest(1, found.start("op") + 1, found["op"], value) if found["op"] else value


def _value(found: re.Match[str], group: str) -> n.Literal:
    text, column = found[group], found.start(group) + 1
    if text in _WORDS:
        return n.Literal(1, column, _WORDS[text])
    if text[0] == '"':
        return n.Literal(1, column, text[1:-1])
    return n.Literal(1, column, NUMBERS.create_decimal(text))
