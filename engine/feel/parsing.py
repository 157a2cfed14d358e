"""From text to the syntax tree, and what is wrong with a text that is no expression."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from threading import Lock
from typing import cast

from lark import Lark, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken, VisitError

from engine.feel import naming, quick
from engine.feel import nodes as n
from engine.feel.building import Builder
from engine.feel.builtins.registry import function_names, parameter_names
from engine.feel.errors import FeelLimit, FeelSyntaxError

MAX_TEXT = 10_000
MAX_DEPTH = 64

_GRAMMAR = Path(__file__).with_name("grammar.lark")
_SURROGATE = re.compile("[\ud800-\udfff]")
_lock = Lock()


def parse(text: str, names: frozenset[str] = frozenset()) -> n.Node:
    """The tree of an expression. `names` are those in scope that are no plain words. Raises FeelSyntaxError or FeelLimit."""
    return _parse(text, "expression", names)


def parse_unary_tests(text: str, names: frozenset[str] = frozenset()) -> n.UnaryTests:
    """The tree of a decision table's cell: always a UnaryTests. Raises FeelSyntaxError or FeelLimit."""
    return cast("n.UnaryTests", _parse(text, "unary_tests", names))


def _parse(text: str, start: str, names: frozenset[str]) -> n.Node:
    if len(text) > MAX_TEXT:
        raise FeelLimit(f"表达式超过 {MAX_TEXT} 个字符", f"the expression has more than {MAX_TEXT} characters")
    half = _SURROGATE.search(text)
    if half:
        raise FeelSyntaxError(
            *_place(text, half.start()), "文本中有不成对的代理字符", "half a surrogate pair stands here"
        )
    if names and naming.marked(text):
        raise FeelSyntaxError(1, 1, "文本中有线形文字 A 的字母", "the text has letters of Linear A")
    plain = quick.unary_tests(text) if start == "unary_tests" else quick.literal(text)
    if plain is not None:
        return plain
    return parse_by_grammar(text, start, names)


def parse_by_grammar(text: str, start: str, names: frozenset[str] = frozenset()) -> n.Node:
    """The tree of a text of any size; `start` is a rule of the grammar."""
    try:
        with _lock:
            tree = _parser().parse(naming.encode(text, names), start)
    except UnexpectedInput as error:
        raise _explain(text, error) from None
    _check_depth(tree)
    try:
        node: n.Node = Builder().transform(tree)
    except VisitError as error:
        if isinstance(error.orig_exc, FeelSyntaxError | FeelLimit):
            raise error.orig_exc from None
        raise
    return node


@cache
def _parser() -> Lark:
    grammar = _GRAMMAR.read_text(encoding="utf-8")
    grammar = grammar.replace("%FUNCTIONS%", _alternatives(function_names()))
    grammar = grammar.replace("%PARAMETERS%", _alternatives(parameter_names()))
    return Lark(
        grammar,
        parser="lalr",
        lexer="contextual",
        start=["expression", "unary_tests"],
        propagate_positions=True,
        maybe_placeholders=False,
    )


def _alternatives(names: frozenset[str]) -> str:
    """A pattern for the names of several words, the longest first."""
    spaced = sorted((name for name in names if " " in name), key=lambda name: (-len(name), name))
    return "|".join(name.replace(" ", r"\s+") for name in spaced)


def _check_depth(tree: object) -> None:
    waiting = [(tree, 1)]
    while waiting:
        part, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise FeelLimit(f"表达式的嵌套超过 {MAX_DEPTH} 层", f"the expression is nested more than {MAX_DEPTH} deep")
        if isinstance(part, Tree):
            waiting.extend((child, depth + 1) for child in part.children)


# What people write who come from another language, with what FEEL writes. Tried at the place of the error.
_HINTS: tuple[tuple[str, str, str], ...] = (
    (r"==", "FEEL 用一个“=”比较", "FEEL compares with a single “=”"),
    (r"&&?", "FEEL 写作 and", "FEEL writes “and”"),
    (r"\|\|?", "FEEL 写作 or", "FEEL writes “or”"),
    (r"!(?!=)", "FEEL 写作 not(…)", "FEEL writes “not(…)”"),
    (r"'", "FEEL 的文本用双引号", "FEEL's strings stand in double quotes"),
    (r"[“”‘’]", '请用英文双引号 "', 'use the plain double quote "'),
    (r"[，；：（）]", "请用英文标点", "use the plain (half-width) punctuation mark"),
    (r"[$#]\{", "这是 JUEL，不是 FEEL", "this is JUEL, not FEEL"),
    (r'"', "文本没有结束的引号", "the string has no closing quote"),
    (r"%", "FEEL 写作 modulo(a, b)", "FEEL writes “modulo(a, b)”"),
    (r"lambda\b", "不支持自定义函数", "functions cannot be defined here"),
)
_DEFINES_FUNCTION = re.compile(r'(?:"(?:\\.|[^"\\])*"|[^"])*?\b(function)\s*\(', re.DOTALL)


def _explain(text: str, error: UnexpectedInput) -> FeelSyntaxError:
    """The error at its place, with a hint where we know what was meant."""
    defines = _DEFINES_FUNCTION.match(text)
    if defines:
        return refused_function(*_place(text, defines.start(1)))
    if not text.strip():
        return FeelSyntaxError(1, 1, "表达式是空的", "the expression is empty")
    unreadable = isinstance(error, UnexpectedCharacters)
    position = _position(text, error)
    line, column = _place(text, position)
    for pattern, zh, en in _HINTS:
        if (unreadable or pattern != '"') and re.compile(pattern).match(text, max(position - (pattern == "=="), 0)):
            return FeelSyntaxError(line, column, zh, en)
    if position >= len(text):
        return FeelSyntaxError(line, column, "表达式没有写完", "the expression is not finished")
    found = naming.decode(error.token)[:40] if isinstance(error, UnexpectedToken) else text[position]
    return FeelSyntaxError(line, column, f"这里不能出现“{found}”", f"“{found}” cannot stand here")


def _position(text: str, error: UnexpectedInput) -> int:
    if isinstance(error, UnexpectedToken) and error.token.type != "$END":
        return error.token.start_pos or 0
    return cast("int", error.pos_in_stream) if isinstance(error, UnexpectedCharacters) else len(text)


def refused_function(line: int, column: int) -> FeelSyntaxError:
    """The error for `function(…) …`, with or without `external`."""
    return FeelSyntaxError(
        line,
        column,
        "不支持自定义函数和外部函数（function）",
        "user-defined and external functions (“function”) are not supported",
    )


def _place(text: str, position: int) -> tuple[int, int]:
    before = text[:position]
    return before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1
