"""Processes of random shape, as trees of blocks: what may be at work together follows from the tree alone, independently of the engine.

A block is a task, a sequence, a parallel or inclusive split with its join, an exclusive choice, a loop, a sub-process, a call, a
multi-instance task or sub-process (with or without a vote), or a block with a boundary timer. Drawn as BPMN by `bundle`."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tests.bpmn.drawing import boundary, chain, end, ext, flow, process, start, tag, timer, user

ALLOWED = "back back_any back_start withdraw add_before add_beside add_after remove_signer reject transfer delegate copy circulate"
WORKER = '<ld:candidates unit="market_regulation" post="reviewer"/>'
BALLOT = (
    b'{"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "x", "x-title": {"en": "x"}, "type": "object",'
    b' "properties": {"agree": {"type": "string", "title": "x", "x-title": {"en": "x"}, "oneOf": ['
    b'{"const": "yes", "title": "y", "x-title": {"en": "y"}}, {"const": "no", "title": "n", "x-title": {"en": "n"}},'
    b' {"const": "abstain", "title": "a", "x-title": {"en": "a"}}]}}}'
)
FORM = (
    b'{"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "x", "x-title": {"en": "x"}, "type": "object",'
    b' "properties": {"wish": {"type": "string", "title": "x", "x-title": {"en": "x"}}}}'
)


@dataclass
class Block:
    """A part of a process. `kind` as in the module's text; `id` names its node, or where it begins."""

    kind: str
    id: str
    parts: list[Block] = field(default_factory=list)
    timer: str = ""
    """Of a block with a boundary timer: how long it waits."""

    @property
    def first(self) -> str:
        """The node by which it is entered."""
        if self.kind in ("seq", "bounded"):
            return self.parts[0].first
        if self.kind in ("par", "inc", "xor"):
            return f"{self.id}_split"
        return f"{self.id}_in" if self.kind == "loop" else self.id

    @property
    def last(self) -> str:
        """The node by which it is left."""
        if self.kind == "seq":
            return self.parts[-1].last
        if self.kind in ("par", "inc", "xor"):
            return f"{self.id}_join"
        if self.kind == "bounded":
            return f"{self.id}_on"
        return f"{self.id}_pass" if self.kind == "loop" else self.id

    def leaves(self) -> Iterator[Block]:
        """Its tasks."""
        if self.kind in ("task", "multi"):
            yield self
        for part in self.parts:
            yield from part.leaves()


class Growing:
    """Grows trees from a seed."""

    def __init__(self, rng: random.Random, size: int) -> None:
        self.rng = rng
        self.left = size
        self.count = itertools.count(1)

    def task(self) -> Block:
        self.left -= 1
        return Block("task", f"T{next(self.count)}")

    def grow(self, depth: int, *, inside_call: bool = False) -> Block:  # noqa: PLR0911  one case after another
        """A block of some sort."""
        if depth <= 0 or self.left <= 1:
            return self.task()
        kinds = ["task", "seq", "seq", "par", "par", "inc", "xor", "sub", "multi", "bounded", "bounded", "loop", "msub"]
        if not inside_call:
            kinds += ["call", "call"]
        kind = self.rng.choice(kinds)
        name = f"{kind.upper()}{next(self.count)}"

        def more() -> Block:
            return self.grow(depth - 1, inside_call=inside_call)

        if kind == "task":
            return self.task()
        if kind == "multi":
            self.left -= 1
            return Block(kind, name)
        if kind in ("sub", "msub", "loop"):
            return Block(kind, name, [more()])
        if kind == "call":
            return Block(kind, name, [self.grow(depth - 1, inside_call=True)])
        if kind == "bounded":
            plain = self.rng.choice((True, False))
            inner = self.task() if plain else Block("sub", f"SUB{next(self.count)}", [more()])
            stops = self.rng.random() < 0.6
            return Block(kind, name, [inner, self.task()], timer="stops" if stops else "beside")
        return Block(kind, name, [more() for _ in range(self.rng.choice((2, 2, 3)))])


@dataclass(frozen=True)
class Tree:
    """A whole process: its blocks, its files, and what may be at work together."""

    key: str
    root: Block
    called: Mapping[str, Block]
    files: Mapping[str, bytes]
    paths: Mapping[str, tuple[tuple[str, str, int], ...]]
    """Each node that people work: the blocks around it, as (kind, id, which part)."""

    def together(self, one: str, other: str) -> bool:
        """Whether two different tasks may be open at the same time."""
        mine, theirs = self.paths[one], self.paths[other]
        for a, b in zip(mine, theirs, strict=False):
            if a == b:
                if a[0] == "msub":
                    return True  # different parts of it
                continue
            if a[1] != b[1]:
                raise AssertionError((one, other))
            return a[0] in ("par", "inc") or (a[0] == "bounded" and self._beside(a[1]))
        raise AssertionError((one, other))

    def _beside(self, id_: str) -> bool:
        return next(b for b in self.blocks() if b.id == id_).timer == "beside"

    def stands_beside(self, node: str) -> bool:
        """Whether a task stands on the border of another, beside what comes after it: then it may be open with anything that follows."""
        return any(kind == "bounded" and part == 1 and self._beside(id_) for kind, id_, part in self.paths[node])

    def repeats(self, node: str) -> bool:
        """Whether several of its tasks may be open at once."""
        return (
            node.startswith("MULTI")
            or any(kind == "msub" for kind, _, _ in self.paths[node])
            or self.stands_beside(node)
        )

    def blocks(self) -> Iterator[Block]:
        """Every block."""
        stack = [self.root]
        while stack:
            block = stack.pop()
            yield block
            stack.extend(block.parts)

    def joins(self) -> list[tuple[str, str]]:
        """Each parallel join with its split."""
        return [(f"{b.id}_join", f"{b.id}_split") for b in self.blocks() if b.kind == "par"]


def plant(seed: int, size: int = 9, depth: int = 4) -> Tree:
    """The process of a seed."""
    rng = random.Random(seed)
    growing = Growing(rng, size)
    root = Block("seq", "ROOT", [growing.task(), growing.grow(depth), growing.grow(depth - 1), growing.task()])
    key = f"tree_{seed}"
    called = {b.id: b.parts[0] for b in Tree(key, root, {}, {}, {}).blocks() if b.kind == "call"}
    files = {f"{key}.bpmn": _process(key, root, key)}
    for name, inner in called.items():
        own = f"{key}_{name.lower()}"
        files[f"{own}.bpmn"] = _process(own, Block("seq", f"{name}_ROOT", [inner]), key)
    files["amend.json"], files["ballot.json"] = FORM, BALLOT
    return Tree(key, root, called, files, dict(_paths(root, ())))


def _paths(
    block: Block, around: tuple[tuple[str, str, int], ...]
) -> Iterator[tuple[str, tuple[tuple[str, str, int], ...]]]:
    if block.kind in ("task", "multi"):
        yield block.id, around
    for number, part in enumerate(block.parts):
        yield from _paths(part, (*around, (block.kind, block.id, number)))


def _process(id_: str, root: Block, key: str) -> bytes:
    inside = ext(f'<ld:acts allow="{ALLOWED}"/>') + _scope(root, "S", "E", key, form=id_ == key)
    return process(inside, id=id_)


def _scope(block: Block, s: str, e: str, key: str, *, form: bool = False) -> str:
    begin = start(s, ext('<ld:form ref="amend"/>')) if form else start(s)
    return begin + _draw(block, key) + end(e) + chain(s, block.first) + chain(block.last, e)


def _draw(block: Block, key: str) -> str:  # noqa: PLR0911  one case after another
    kind, id_, parts = block.kind, block.id, block.parts
    if kind == "task":
        return user(id_, settings=WORKER)
    if kind == "multi":
        who = f'<ld:candidates person="=member_{id_.lower()}"/>'
        return user(id_, _many(id_, "true" if is_sequential(id_) else "false"), settings=who + _vote(id_))
    inside = "".join(_draw(part, key) for part in parts) if kind not in ("sub", "msub", "call") else ""
    if kind == "seq":
        return inside + "".join(chain(a.last, b.first) for a, b in itertools.pairwise(parts))
    if kind in ("par", "inc", "xor"):
        return inside + _gateways(block)
    if kind == "loop":
        rounds = f"n_{id_.lower()}"
        return (
            tag("exclusiveGateway", id=f"{id_}_in")
            + inside
            + tag(
                "scriptTask",
                tag("script", f"{{{rounds}: if {rounds} = null then 1 else {rounds} + 1}}"),
                id=f"{id_}_count",
                scriptFormat="feel",
            )
            + tag("exclusiveGateway", id=f"{id_}_out", default=f"{id_}_out-{id_}_pass")
            + tag("task", id=f"{id_}_pass")
            + chain(f"{id_}_in", parts[0].first)
            + chain(parts[0].last, f"{id_}_count", f"{id_}_out", f"{id_}_pass")
            + flow(f"{id_}_out", f"{id_}_in", f"=modulo({rounds}, 2) = 1")
        )
    if kind == "call":
        return tag("callActivity", id=id_, calledElement=f"{key}_{id_.lower()}")
    if kind in ("sub", "msub"):
        many = _many(id_, "false") if kind == "msub" else ""
        return tag("subProcess", "\n" + many + _scope(parts[0], f"{id_}_s", f"{id_}_e", key), id=id_)
    inner, aside = parts
    stops = block.timer == "stops"
    border = boundary(inner.id, f"{id_}_timer", timer("PT1H"), **({} if stops else {"cancelActivity": "false"}))
    text = (
        inside
        + border
        + tag("exclusiveGateway", id=f"{id_}_on")
        + chain(inner.last, f"{id_}_on")
        + chain(f"{id_}_timer", aside.first)
    )
    return text + (chain(aside.last, f"{id_}_on") if stops else end(f"{id_}_end") + chain(aside.last, f"{id_}_end"))


def _gateways(block: Block) -> str:
    kind = {"par": "parallelGateway", "inc": "inclusiveGateway", "xor": "exclusiveGateway"}[block.kind]
    split, join = f"{block.id}_split", f"{block.id}_join"
    default = {} if block.kind == "par" else {"default": f"{split}-{block.parts[0].first}"}
    text = tag(kind, id=split, **default) + tag(kind, id=join)
    for number, part in enumerate(block.parts):
        condition = None
        if block.kind != "par" and number:
            condition = f"=modulo(floor(dice / {2**number}), 2) = 1"
        text += flow(split, part.first, condition) + flow(part.last, join)
    return text


def is_sequential(id_: str) -> bool:
    """Whether a multi-instance task asks one after another."""
    return int(id_.removeprefix("MULTI")) % 3 == 0


def terms(id_: str) -> dict[str, str]:
    """What the vote of a multi-instance task asks for; nothing: it is no vote."""
    number = int(id_.removeprefix("MULTI"))
    if number % 4 == 0:
        return {}
    if is_sequential(id_):
        return {"rule": "order"}
    return (
        {"rule": "ratio", "share": "1/2", "more": "true", "of": "cast", "quorum": "1/2"},
        {"rule": "all", "of": "present"},
        {"rule": "any", "early": "false"},
    )[number % 4 - 1]


def _vote(id_: str) -> str:
    asked = terms(id_)
    if not asked:
        return ""
    words = "".join(f' {name}="{value}"' for name, value in asked.items())
    return f'<ld:form ref="ballot"/><ld:vote field="agree" into="vote_{id_.lower()}"{words}/>'


def _many(id_: str, sequential: str) -> str:
    items = tag("loopDataInputRef", "members") + tag("inputDataItem", id=f"{id_}_item", name=f"member_{id_.lower()}")
    return tag("multiInstanceLoopCharacteristics", items, isSequential=sequential)
