"""From lark's rules to our nodes: one method a rule, called from the leaves up while the text is parsed."""

from __future__ import annotations

import re
from decimal import Decimal, DecimalException
from typing import cast

from lark import Token, Transformer, v_args
from lark.tree import Meta

from engine.feel import nodes as n
from engine.feel.errors import FeelSyntaxError
from engine.feel.naming import decode
from engine.feel.temporal import parse_temporal
from engine.feel.values import NUMBERS

_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{6})|([\s\S]))")
_ESCAPES = {'"': '"', "'": "'", "\\": "\\", "n": "\n", "r": "\r", "t": "\t"}
TYPES = (
    "Any",
    "Null",
    "boolean",
    "number",
    "string",
    "date",
    "time",
    "date and time",
    "days and time duration",
    "years and months duration",
    "list",
    "context",
    "range",
)
_SURROGATES = re.compile("[\ud800-\udfff]")


def unquote(token: Token, start: int = 1) -> str:
    r"""The string a literal means. An unknown escape such as `\d` stays as it is: regular expressions use them."""

    def plain(match: re.Match[str]) -> str:
        four, six, char = match.groups()
        if four or six:
            code = int(four or six, 16)
            return chr(code) if code <= 0x10FFFF else match.group()
        return _ESCAPES.get(char, match.group())

    text = _ESCAPE.sub(plain, token[start:-1])
    if _SURROGATES.search(text):
        try:
            text = text.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            raise _at(token, "文本中有不成对的代理字符", "the string has half a surrogate pair") from None
    return text


def one_space(token: Token) -> str:
    """A name of several words, written with any white space, as the standard writes it."""
    return decode(" ".join(token.split()))


def _at(token: Token, zh: str, en: str) -> FeelSyntaxError:
    return FeelSyntaxError(token.line or 1, token.column or 1, zh, en)


@v_args(inline=True, meta=True)
class Builder(Transformer[Token, n.Node]):
    """A method a rule, under the rule's name; `at` holds the place of the rule in the text."""

    def number(self, at: Meta, token: Token) -> n.Node:
        try:
            return n.Literal(at.line, at.column, NUMBERS.create_decimal(token))
        except DecimalException:
            raise _at(token, f"数字 {token[:40]} 太大", f"the number {token[:40]} is too large") from None

    def string(self, at: Meta, token: Token) -> n.Node:
        return n.Literal(at.line, at.column, unquote(token))

    def at_literal(self, at: Meta, token: Token) -> n.Node:
        text = unquote(token, 2)
        value = parse_temporal(text)
        if value is None:
            zh = f"@ 后的“{text[:40]}”不是日期、时间、日期时间或时长"
            raise _at(token, zh, f"“{text[:40]}” after @ is no date, time, date and time or duration")
        return n.Literal(at.line, at.column, value)

    def true(self, at: Meta) -> n.Node:
        return n.Literal(at.line, at.column, True)

    def false(self, at: Meta) -> n.Node:
        return n.Literal(at.line, at.column, False)

    def null(self, at: Meta) -> n.Node:
        return n.Literal(at.line, at.column, None)

    def name(self, at: Meta, token: Token) -> n.Node:
        return n.Name(at.line, at.column, decode(token))

    def group(self, at: Meta, inner: n.Node) -> n.Node:
        return inner

    def disjunction(self, at: Meta, *operands: n.Node) -> n.Node:
        return n.Logic(at.line, at.column, "or", operands)

    def conjunction(self, at: Meta, *operands: n.Node) -> n.Node:
        return n.Logic(at.line, at.column, "and", operands)

    def compare(self, at: Meta, left: n.Node, op: Token, right: n.Node) -> n.Node:
        return n.Compare(op.line or at.line, op.column or at.column, str(op), left, right)

    def between(self, at: Meta, value: n.Node, low: n.Node, high: n.Node) -> n.Node:
        return n.Between(at.line, at.column, value, low, high)

    def unary_test(self, at: Meta, op: Token, operand: n.Node) -> n.Node:
        return n.UnaryTest(at.line, at.column, str(op), operand)

    def test_list(self, at: Meta, *tests: n.Node) -> tuple[n.Node, ...]:
        return tests

    def in_test(self, at: Meta, value: n.Node, tests: n.Node | tuple[n.Node, ...]) -> n.Node:
        return n.InTest(at.line, at.column, value, tests if isinstance(tests, tuple) else (tests,))

    def any_value(self, at: Meta) -> n.Node:
        return n.UnaryTests(at.line, at.column, (), False)

    def positive_tests(self, at: Meta, *tests: n.Node) -> n.Node:
        return n.UnaryTests(at.line, at.column, tests, False)

    def negated_tests(self, at: Meta, *tests: n.Node) -> n.Node:
        return n.UnaryTests(at.line, at.column, tests, True)

    def additive(self, at: Meta, first: n.Node, *rest: Token | n.Node) -> n.Node:
        ops, operands = cast("tuple[Token, ...]", rest[::2]), cast("tuple[n.Node, ...]", rest[1::2])
        pairs = zip(ops, operands, strict=True)
        parts = tuple(n.Operand(op.line or at.line, op.column or at.column, str(op), part) for op, part in pairs)
        return n.Arithmetic(at.line, at.column, first, parts)

    multiplicative = additive
    power = additive

    def negation(self, at: Meta, _: Token, operand: n.Node) -> n.Node:
        if isinstance(operand, n.Literal) and isinstance(operand.value, Decimal):
            return n.Literal(at.line, at.column, -operand.value)
        return n.Negation(at.line, at.column, operand)

    def instance_of(self, at: Meta, value: n.Node, of: n.Type) -> n.Node:
        return n.InstanceOf(at.line, at.column, value, of)

    def member(self, at: Meta, name: Token, of: n.Type) -> n.Node:
        return n.Member(at.line, at.column, one_space(name), of)

    def type(self, at: Meta, token: Token, *inside: n.Type | n.Member) -> n.Node:
        members = tuple(each for each in inside if isinstance(each, n.Member))
        of = next((each for each in inside if isinstance(each, n.Type)), None)
        name = one_space(token)
        name = {"day and time duration": "days and time duration"}.get(name, name)
        if name not in TYPES:
            zh = f"不支持类型“{name}”"
            raise _at(token, zh, f"the type “{name}” is not supported; known are {', '.join(TYPES)}")
        if of is not None and name not in ("list", "range"):
            raise _at(token, f"类型“{name}”没有元素类型", f"the type “{name}” takes no element type")
        if members and (name != "context" or len({each.name for each in members}) < len(members)):
            raise _at(token, f"类型“{name}”的成分无效", f"the members of the type “{name}” are invalid")
        return n.Type(at.line, at.column, name, of, members)

    def path(self, at: Meta, value: n.Node, key: Token) -> n.Node:
        return n.Path(key.line or at.line, key.column or at.column, value, one_space(key))

    def filter(self, at: Meta, value: n.Node, condition: n.Node) -> n.Node:
        return n.Filter(at.line, at.column, value, condition)

    def empty_list(self, at: Meta, _: Token) -> n.Node:
        return n.List(at.line, at.column, ())

    def list(self, at: Meta, *items: n.Node) -> n.Node:
        return n.List(at.line, at.column, items)

    def entry(self, at: Meta, key: Token, value: n.Node) -> n.Node:
        return n.Entry(at.line, at.column, unquote(key) if key.type == "STRING" else one_space(key), value)

    def context(self, at: Meta, *entries: n.Entry) -> n.Node:
        seen: set[str] = set()
        for entry in entries:
            if entry.key in seen:
                zh = f"上下文中“{entry.key}”出现了两次"
                raise FeelSyntaxError(entry.line, entry.column, zh, f"the context has “{entry.key}” twice")
            seen.add(entry.key)
        return n.Context(at.line, at.column, entries)

    def range(self, at: Meta, opening: Token, low: n.Node, high: n.Node, closing: Token) -> n.Node:
        return n.Interval(at.line, at.column, low, high, opening == "[", closing == "]")

    def unary_range(self, at: Meta, op: Token, bound: n.Node) -> n.Node:
        if op == "!=":
            raise _at(op, "“!=”不能构成区间", "“!=” makes no interval")
        low = bound if op not in {"<", "<="} else None
        high = bound if op not in {">", ">="} else None
        return n.Interval(at.line, at.column, low, high, op in ("=", ">="), op in ("=", "<="))

    def argument(self, at: Meta, name: Token, value: n.Node) -> n.Node:
        return n.Entry(at.line, at.column, one_space(name), value)

    def call(self, at: Meta, function: Token, *arguments: n.Node) -> n.Node:
        # A bare Entry as an argument only comes from `argument`: a context's entries are inside their Context.
        named = [argument for argument in arguments if isinstance(argument, n.Entry)]
        if not named:
            return n.Call(at.line, at.column, one_space(function), arguments, ())
        names = tuple(entry.key for entry in named)
        if len(set(names)) != len(names):
            raise _at(function, "同一参数给了两次", "an argument is given twice")
        return n.Call(at.line, at.column, one_space(function), tuple(e.value for e in named), names)

    def function(self, at: Meta, *parts: Token | n.Node) -> n.Node:
        names = tuple(decode(part) for part in parts[:-1] if isinstance(part, Token))
        if len(set(names)) != len(names):
            raise FeelSyntaxError(at.line, at.column, "两个参数同名", "two parameters have the same name")
        return n.Function(at.line, at.column, names, cast("n.Node", parts[-1]))

    def if_(self, at: Meta, condition: n.Node, then: n.Node, otherwise: n.Node) -> n.Node:
        return n.If(at.line, at.column, condition, then, otherwise)

    def iterator(self, at: Meta, name: Token, source: n.Node, to: n.Node | None = None) -> n.Node:
        return n.Iteration(at.line, at.column, decode(name), source, to)

    def for_(self, at: Meta, *parts: n.Node) -> n.Node:
        return n.For(at.line, at.column, _iterations(parts), parts[-1])

    def some(self, at: Meta, *parts: n.Node) -> n.Node:
        return n.Quantified(at.line, at.column, False, _iterations(parts), parts[-1])

    def every(self, at: Meta, *parts: n.Node) -> n.Node:
        return n.Quantified(at.line, at.column, True, _iterations(parts), parts[-1])


def _iterations(parts: tuple[n.Node, ...]) -> tuple[n.Iteration, ...]:
    return tuple(part for part in parts[:-1] if isinstance(part, n.Iteration))
