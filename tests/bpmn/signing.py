"""A process whose tasks get signers and voters, one act after another, each on the state as it was stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from engine.bpmn.outcome import Opened, Outcome
from engine.bpmn.program import compile_program
from engine.bpmn.running import Run
from engine.bpmn.runtime.signing import How
from tests.bpmn.drawing import model, tag, user

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
OWNER, JIA, YI, BING, DING = 1, 7, 8, 9, 10


class Case:
    """One instance between acts: what is open, by person or node."""

    def __init__(self, file: bytes, **facts: Any) -> None:
        self.program = compile_program(model(file))
        self.facts: dict[str, Any] = facts
        self.state: str | None = None
        self.open: dict[int, Opened] = {}
        self.timers: set[tuple[int, int, int]] = set()
        self.path: list[str] = []
        self.last = self._acted(None)

    def run(self) -> Run:
        found = Run(self.program, self.facts, NOW, lambda _register, _match, _every: [], ZONE)
        if self.state is None:
            found.begin()
        else:
            found.resume(self.state)
        return found

    def _acted(self, run: Run | None, done: int | None = None) -> Outcome:
        outcome = (run or self.run()).outcome()
        self.state, self.facts = outcome.state, outcome.facts
        for id_ in (*outcome.cancelled, *((done,) if done is not None else ())):
            del self.open[id_]
        self.open |= {each.id: each for each in outcome.opened}
        self.timers -= {(each.id, each.index, each.occurrence) for each in outcome.gone}
        self.timers |= {(each.id, each.index, each.occurrence) for each in outcome.timers}
        self.path = outcome.path
        self.last = outcome
        if outcome.state is not None:
            assert set(self.run()._open) == set(self.open), "what was stored opens the same tasks"
            assert set(self.run()._before) == self.timers
        return outcome

    def at(self, node: str, person: int | None = None, item: Any = None) -> int:
        """The open task at a node: of this person (none: the diagram's own), for this item."""
        found = [
            e.id for e in self.open.values() if e.node.id == node and e.person == person and item in (None, e.item)
        ]
        assert len(found) == 1, (node, person, item, self.told())
        return found[0]

    def told(self) -> list[str]:
        """What is open: node, person, role."""
        return sorted(f"{e.node.id}{e.person or ''}{(e.role or '')[:1]}" for e in self.open.values())

    def do(self, task: int, by: int = OWNER, **answers: Any) -> Outcome:
        run = self.run()
        run.complete(task, (by,), answers)
        return self._acted(run, task)

    def add(self, task: int, how: str, *people: int, by: int = OWNER, in_order: bool = False, **more: Any) -> Outcome:
        run = self.run()
        run.add_signers(task, people, How(how), by, by, in_order=in_order, **more)
        return self._acted(run)

    def remove(self, task: int, person: int | None = None) -> Outcome:
        run = self.run()
        asked = run.removable(task, person)
        assert asked is not None
        run.remove_signer(asked)
        return self._acted(run)

    def fire(self) -> Outcome:
        """The one timer that waits."""
        (timer,) = self.timers
        run = self.run()
        assert run.fire(*timer)
        return self._acted(run)


def vote(
    rule: str,
    collection: str = "units",
    sequential: str = "false",
    settings: str = "",
    id_: str = "V",
    item: str = "unit",
    **said: str,
) -> str:
    """A user task that each member of a list votes at."""
    more = "".join(f' {name}="{value}"' for name, value in said.items())
    return user(
        id_,
        members(collection, sequential, item),
        f'<ld:candidates post="handler"/><ld:vote rule="{rule}" field="agree" opinion="why" into="result"{more}/>{settings}',
    )


def members(collection: str = "units", sequential: str = "false", item: str = "unit") -> str:
    """A multi-instance over a list."""
    inside = tag("loopDataInputRef", collection) + tag("inputDataItem", id=f"in_{collection}", name=item)
    return tag("multiInstanceLoopCharacteristics", inside, isSequential=sequential)


def ld_vote(**said: str) -> str:
    """The setting of a vote, for a sub-process."""
    written = "".join(f' {name}="{value}"' for name, value in said.items())
    return f"<bpmn:extensionElements><ld:vote{written}/></bpmn:extensionElements>"


def say(case: Case, words: str | Sequence[str], node: str = "V") -> None:
    """The members say y, n, a in their order, as long as they are asked."""
    for word in words:
        waiting = sorted(e.id for e in case.open.values() if e.node.id == node)
        case.do(waiting[0], agree={"y": "yes", "n": "no", "a": "abstain"}.get(word))
