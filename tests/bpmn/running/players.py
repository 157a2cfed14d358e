"""People who send back, take back and go on in one case held in memory, stored and restored between all they do."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.bpmn.model import ProcessModel
from engine.bpmn.outcome import Outcome
from engine.bpmn.program import compile_program
from engine.bpmn.runtime.regions import Unsound
from tests.bpmn.running.machines import Called, a_run


@dataclass(frozen=True)
class Did:
    """A completion: the node, the scope it lay in, what it passed and opened."""

    node: str
    name: str
    inside: int | None
    path: tuple[str, ...]
    opened: tuple[int, ...]


class Player:
    """One case. `ids` are the open tasks by their names ("Call/A"; of several with one name the last), `out` the last outcome."""

    def __init__(
        self,
        model: ProcessModel,
        facts: Mapping[str, Any] | None = None,
        called: Mapping[str, ProcessModel] | None = None,
    ) -> None:
        self.program, self.programs = compile_program(model), Called(called or {})
        self.path: list[str] = []
        self.did: list[Did] = []
        self.due: dict[tuple[int, int, int], Any] = {}
        self.returned: list[int] = []
        self.out: Outcome
        self.run = a_run(self.program, facts or {}, self.programs)
        self.run.begin()
        self._over()

    def _over(self) -> None:
        """Store, look, restore."""
        out = self.out = self.run.outcome()
        self.path += out.path
        self.ended = out.ended
        for gone in out.gone:
            self.due.pop((gone.id, gone.index, gone.occurrence), None)
        for timer in out.timers:
            key = (timer.id, timer.index, timer.occurrence)
            assert key not in self.due, f"the timer {key} was set anew"
            self.due[key] = timer.due
        if out.state is None:
            return
        self.run = a_run(self.program, out.facts, self.programs)
        self.run.resume(out.state)
        again = self.run.outcome()
        assert not [*again.opened, *again.cancelled, *again.timers, *again.gone], "what is restored is what was stored"
        assert set(self.run._before) >= set(self.due)
        self.run = a_run(self.program, out.facts, self.programs)
        self.run.resume(out.state)

    @property
    def open(self) -> dict[int, Any]:
        """The tokens of open tasks by id."""
        return {} if self.ended else self.run._open

    @property
    def ids(self) -> dict[str, int]:
        """Their names."""
        return {t.workflow.prefix + t.task_spec.node.id: id_ for id_, t in self.open.items()}

    def names(self) -> list[str]:
        """What is open."""
        return sorted(t.workflow.prefix + t.task_spec.node.id for t in self.open.values())

    # ------------------------------------------------------------ acts

    def complete(self, id_: int, **answers: Any) -> Player:
        """Do a task."""
        token = self.open[id_]
        node, name = token.task_spec.node.id, token.workflow.prefix + token.task_spec.node.id
        inside, role = self.run.inside(id_), token.internal_data.get("e")
        self.run.complete(id_, (), answers)
        self._over()
        if role is None:
            self.did.append(Did(node, name, inside, tuple(self.out.path), tuple(o.id for o in self.out.opened)))
        return self

    def do(self, *names: str, **answers: Any) -> Player:
        """Do these one after another."""
        for name in names:
            self.complete(self.ids[name], **answers)
        return self

    def back(self, name: str | int, to: str, **how: Any) -> Player:
        """Send back."""
        id_ = self.ids[name] if isinstance(name, str) else name
        before = self.snapshot()
        try:
            self.run.back(id_, to, **how)
        except Unsound:
            assert self.snapshot() == before, "what is refused changes nothing"
            raise
        self._over()
        assert id_ in self.out.returned
        return self

    def snapshot(self) -> str | None:
        """The state as it would be stored, without what the counter of acts says."""
        return self.run.outcome().state

    def withdraw(self, did: Did | None = None) -> Player:
        """Take back."""
        did = did or self.did[-1]
        self.run.withdraw(did.node, did.path, did.opened, inside=did.inside, person=7)
        self._over()
        return self

    def fire(self, key: tuple[int, int, int]) -> Player:
        """A timer comes."""
        self.due.pop(key)
        assert self.run.fire(*key)
        self._over()
        return self

    def move(self, id_: int, to: str) -> Player:
        """An operator moves a token."""
        self.run.move(id_, to)
        self._over()
        return self

    def refused(self, name: str, to: str, **how: Any) -> str:
        """The words by which sending back is refused."""
        try:
            self.back(name, to, **how)
        except Unsound as error:
            return error.en
        raise AssertionError(f"{name} went back to {to}: {self.names()}")

    def sound(self, name: str, *nodes: str) -> set[str]:
        """To which of these it could go."""
        return {to for to in nodes if self.run.sound(self.ids[name], to)[0]}

    # ------------------------------------------------------------ at random

    def anything(self, rng: random.Random, tally: Counter[str]) -> None:
        """Somebody does something."""
        kind = rng.choices(("do", "back", "detour", "withdraw", "fire"), (40, 22, 14, 14, 6))[0]
        if kind == "withdraw" and self.did:
            self._try(lambda: self.withdraw(rng.choice(self.did[-3:])), kind, tally)
        elif kind == "fire" and self.due:
            self.fire(rng.choice(sorted(self.due)))
            tally[kind] += 1
        elif kind in ("back", "detour") and self.open:
            id_ = rng.choice(sorted(self.open))
            to = rng.choice(self._around(id_))
            self._try(lambda: self.back(id_, to, again=kind == "back", person=1, asked=2), kind, tally)
        elif self.open:
            self.complete(rng.choice(sorted(self.open)))
            tally["do"] += 1
        elif self.due:
            self.fire(min(self.due))

    def _try(self, act: Any, kind: str, tally: Counter[str]) -> None:
        try:
            act()
        except Unsound:
            tally[f"{kind}_refused"] += 1
        else:
            tally[kind] += 1

    def _around(self, id_: int) -> list[str]:
        """Every activity of the scopes around a task, the start too; those that were done come more often."""
        scope: Any = self.open[id_].workflow
        found: list[str] = []
        while True:
            names = [n for n, e in scope.spec.task_specs.items() if e.node.kind.is_activity and not n.startswith("~")]
            done = {part for each in self.path for part in (each, each.rpartition("/")[2])}
            found += names + [n for n in names if n in done] * 6
            if scope.host is None:
                return [*found, self.program.model.start or ""]
            scope = scope.host.workflow

    def finish(self, rng: random.Random) -> None:
        """Whatever was done to it, it comes to its one end."""
        for _ in range(500):
            if self.ended:
                break
            if self.open:
                self.complete(rng.choice(sorted(self.open)))
            else:
                self.fire(min(self.due))
        assert self.ended, self.names()


def together(tree: Any, player: Player) -> None:
    """No two tasks are open that the tree keeps apart."""
    mine = [t.task_spec.node.id for t in player.open.values() if t.internal_data.get("e") is None and not _in_detour(t)]
    for a, b in itertools.combinations(mine, 2):
        if a == b:
            assert tree.repeats(a), f"{a} is open twice"
        elif "S" not in (a, b) and not (tree.stands_beside(a) or tree.stands_beside(b)):
            assert tree.together(a, b), f"{a} and {b} are open together"


def _in_detour(token: Any) -> bool:
    at: Any = token
    while at is not None:
        host = at
        while host is not None:
            if "hd" in host.internal_data:
                return True
            host = host.host
        at = at.workflow.host
    return False
