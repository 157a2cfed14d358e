"""The syntax tree. Chains of one operator are flat, so that the depth of the tree is the nesting a reader sees."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    line: int
    column: int


@dataclass(frozen=True, slots=True, eq=False)
class Literal(Node):
    value: object


@dataclass(frozen=True, slots=True, eq=False)
class Name(Node):
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Logic(Node):
    """`and` or `or` over two or more operands."""

    op: str
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Compare(Node):
    op: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True, eq=False)
class Between(Node):
    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True, eq=False)
class UnaryTest(Node):
    """`< 5` inside tests: the value compared stands on the left, unwritten."""

    op: str
    operand: Node


@dataclass(frozen=True, slots=True, eq=False)
class InTest(Node):
    value: Node
    tests: tuple[Node, ...]


@dataclass(frozen=True, slots=True, eq=False)
class UnaryTests(Node):
    """A cell of a decision table. No tests at all: `-`, anything goes."""

    tests: tuple[Node, ...]
    negated: bool


@dataclass(frozen=True, slots=True, eq=False)
class Arithmetic(Node):
    """`first op operand op operand …`, from left to right."""

    first: Node
    rest: tuple[Operand, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Operand(Node):
    op: str
    operand: Node


@dataclass(frozen=True, slots=True, eq=False)
class Negation(Node):
    operand: Node


@dataclass(frozen=True, slots=True, eq=False)
class InstanceOf(Node):
    value: Node
    type: Type


@dataclass(frozen=True, slots=True, eq=False)
class Type(Node):
    """`of` is the type of the items of a list or the bounds of a range, `members` are those of a context."""

    name: str
    of: Type | None
    members: tuple[Member, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Member(Node):
    name: str
    type: Type


@dataclass(frozen=True, slots=True, eq=False)
class Path(Node):
    value: Node
    key: str


@dataclass(frozen=True, slots=True, eq=False)
class Filter(Node):
    value: Node
    condition: Node


@dataclass(frozen=True, slots=True, eq=False)
class List(Node):
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Entry(Node):
    key: str
    value: Node


@dataclass(frozen=True, slots=True, eq=False)
class Context(Node):
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Interval(Node):
    low: Node | None
    high: Node | None
    low_closed: bool
    high_closed: bool


@dataclass(frozen=True, slots=True, eq=False)
class Call(Node):
    function: str
    arguments: tuple[Node, ...]
    names: tuple[str, ...]  # as long as `arguments` when the call is by name, else empty


@dataclass(frozen=True, slots=True, eq=False)
class Function(Node):
    """A function written as an argument of `sort` or `list replace`: nowhere else."""

    parameters: tuple[str, ...]
    body: Node


@dataclass(frozen=True, slots=True, eq=False)
class If(Node):
    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, slots=True, eq=False)
class Iteration(Node):
    """`name in source`, or `name in source..to`."""

    name: str
    source: Node
    to: Node | None


@dataclass(frozen=True, slots=True, eq=False)
class For(Node):
    iterations: tuple[Iteration, ...]
    body: Node


@dataclass(frozen=True, slots=True, eq=False)
class Quantified(Node):
    every: bool
    iterations: tuple[Iteration, ...]
    condition: Node


def children(node: Node) -> tuple[Node, ...]:  # noqa: C901, PLR0912 (a case a kind of node)
    """The nodes right below, in the order of the text."""
    match node:
        case Logic():
            return node.operands
        case Compare():
            return (node.left, node.right)
        case Between():
            return (node.value, node.low, node.high)
        case UnaryTest() | Negation() | Operand():
            return (node.operand,)
        case InTest():
            return (node.value, *node.tests)
        case UnaryTests():
            return node.tests
        case Arithmetic():
            return (node.first, *node.rest)
        case InstanceOf():
            return (node.value, node.type)
        case Type():
            return (node.of,) if node.of else node.members
        case Member():
            return (node.type,)
        case Path() | Entry():
            return (node.value,)
        case Filter():
            return (node.value, node.condition)
        case List():
            return node.items
        case Context():
            return node.entries
        case Interval():
            return tuple(bound for bound in (node.low, node.high) if bound)
        case Call():
            return node.arguments
        case Function():
            return (node.body,)
        case If():
            return (node.condition, node.then, node.otherwise)
        case Iteration():
            return (node.source, node.to) if node.to else (node.source,)
        case For():
            return (*node.iterations, node.body)
        case Quantified():
            return (*node.iterations, node.condition)
    return ()


def walk(root: Node) -> Iterator[tuple[Node, int]]:
    """Every node with its depth (the root has 1), without recursion: the tree may be too deep for that."""
    waiting = [(root, 1)]
    while waiting:
        node, depth = waiting.pop()
        yield node, depth
        waiting.extend((child, depth + 1) for child in children(node))
