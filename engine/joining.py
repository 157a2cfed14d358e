"""Starting what runs already: of a process that runs once for a correlation a second start begins nothing. What was said with it is kept
with the instance that runs, and all are told: who began that one, who works on it, and who came second.

An instance of which the diagram says that it is over (`ld:message over`: a response that has been stood down, while its review goes on)
runs no more in this sense, as if it had ended: the next start begins another."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine import definitions, effects, feel, files, notices
from engine.acts import receivers
from engine.errors import NotFound
from engine.events import Event
from engine.steps import Reply, Seen, run
from engine.tables import LIVE, history, instance, receipt
from engine.worlds import own_id
from engine.writes import WriteSet

if TYPE_CHECKING:
    from engine.bpmn.model import Event as BpmnEvent
    from engine.core import Core
    from engine.definitions import Definition

Row = dict[str, Any]

KIND = "joined"
"""The kind of notice (processes/registers/notice_templates.csv)."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a start of a process that runs once belongs. `begun`: None: nothing runs there yet; True: this very start began it (`origin`);
    False: another did, and it still runs."""

    process: str
    correlation: str
    origin: str
    world_id: int
    instance_id: int
    begun: bool | None

    def again(self, core: Core) -> Place:
        """As it is now."""
        found = find(core, self.process, self.correlation, self.origin, self.world_id)
        return Place(self.process, self.correlation, self.origin, self.world_id, *found)


def place(
    core: Core, definition: Definition, answers: Mapping[str, Any], once: str | None, who: str, world_id: int
) -> Place | None:
    """The place of a start by a form, for the correlation `once` (none given: the diagram's); `who` names person and request. None: each
    start of this process begins an instance of its own."""
    wanted = correlation(definition, answers) if once is None else once
    if wanted is None:
        return None
    origin = "start-" + hashlib.sha256(who.encode()).hexdigest()[:32]
    found = find(core, definition.key, wanted, origin, world_id)
    return Place(definition.key, wanted, origin, world_id, *found)


def find(core: Core, process: str, correlation: str, origin: str, world_id: int = LIVE) -> tuple[int, bool | None]:
    """The id under which a process may begin for a correlation, and whether it did (as `Place.begun`). They are numbered, so that two who
    begin at once meet the same primary key. Passed over are those that ended or are over."""
    for instance_id in _ids(process, correlation, world_id):
        query = (
            select(instance.c.definition_id, instance.c.ended_at, instance.c.facts, history.c.data)
            .join(history, (history.c.instance_id == instance.c.id) & (history.c.seq == 0))
            .where(instance.c.id == instance_id)
        )
        with core.db.read() as connection:
            row = connection.execute(query).first()
        if row is None:
            return instance_id, None
        if (row.data or {}).get("origin") == origin:
            return instance_id, True
        if row.ended_at is None and not is_over(core, row.definition_id, row.facts):
            return instance_id, False
    raise AssertionError  # there is always a next one


def joined_before(core: Core, process: str, correlation: str, key: str, world_id: int = LIVE) -> int | None:
    """The instance with which this very start was kept, under its receipt `key`, though it runs no more: what comes again because its
    answer was lost begins nothing. None: it was not."""
    for instance_id in _ids(process, correlation, world_id):
        if _kept(core, instance_id, key):
            return instance_id
        with core.db.read() as connection:
            if connection.execute(select(instance.c.id).where(instance.c.id == instance_id)).first() is None:
                return None
    raise AssertionError


def _ids(process: str, correlation: str, world_id: int) -> Iterator[int]:
    """The ids that the instances of a correlation have, one after the other."""
    for number in count():
        text = f"once\0{process}\0{correlation}\0{number}"
        yield own_id(world_id, id_from(text if world_id == LIVE else f"{text}\0{world_id}"))


def running(core: Core, process: str, correlation: str, world_id: int = LIVE) -> int | None:
    """The instance of this process that runs for the correlation; none does."""
    instance_id, begun = find(core, process, correlation, "", world_id)
    return instance_id if begun is False else None


def is_over(core: Core, definition_id: int, facts: Mapping[str, Any] | None) -> bool:
    """Whether an instance with these facts counts as running no more, by its own version of the diagram (`ld:message over`). What is
    null, or cannot be worked out, is not over: rather one too few than two of the same."""
    return any(_is_true(event.over, facts or {}) for event in _once(definitions.get(core, definition_id)) if event.over)


def id_from(text: str) -> int:
    """An instance id that follows from a text: whoever starts it again meets its primary key."""
    digest = hashlib.sha256(text.encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 2 | (1 << 62)


def correlation(definition: Definition, answers: Mapping[str, Any]) -> str | None:
    """For what a start by a form counts: the correlation that the diagram gives beside `once` at a message that begins the process, an
    expression over the answers. None: the diagram gives none, or `false` for these answers, and each start begins one of its own."""
    for event in _once(definition):
        if event.correlation is not None:
            found = feel.compile(event.correlation).evaluate(dict(answers))
            return None if found is False else "" if found is None else str(found)
    return None


def runs_once(definition: Definition) -> bool:
    """Whether a message begins the process that says `once`."""
    return any(True for _ in _once(definition))


def _is_true(expression: str, facts: Mapping[str, Any]) -> bool:
    try:
        return feel.compile(expression).evaluate(facts) is True
    except feel.FeelError:
        return False


def _once(definition: Definition) -> Sequence[BpmnEvent]:
    return [event for node in definition.model.starters for event in node.events if event.once]


def join(
    core: Core,
    instance_id: int,
    answers: Mapping[str, Any],
    by: int | None,
    accepted: Sequence[files.Accepted] = (),
    key: str | None = None,
    request: Mapping[str, Any] | None = None,
    event: tuple[str, Mapping[str, Any]] | None = None,
) -> Reply:
    """Keep what was said at a second start with the instance that runs. `by` None: a message from outside, kept once under the
    name of the `event` with what is told of it. Told are who started it and who have its open tasks, or hold the posts that these are
    offered to: one that a sensor began has no starter. Answers {"instance", "number", "joined": True}. NotFound when it ended, or is
    over, meanwhile."""
    if accepted:
        files.keep(core, accepted)

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        reply: Reply = {"instance": instance_id, "number": seen.instance["number"], "joined": True}
        if event is not None and _kept(core, instance_id, event[0]):
            return reply
        ended = seen.instance["state"] is None or seen.instance["ended_at"] is not None
        if ended or is_over(core, seen.instance["definition_id"], seen.instance["facts"]):
            raise NotFound(what="running case")
        seq = effects.record(
            seen, writes, Event.JOINED, actor=seen.actor, data={"answers": dict(answers), **(event[1] if event else {})}
        )
        if accepted:
            files.add(core, seen, writes, accepted)
        at_work = [who for row in seen.open_tasks.values() for who in receivers.holders(core, seen, row)]
        concerned = [who for who in (seen.instance["starter_id"], *at_work) if who is not None]
        notices.tell(seen, writes, seq, KIND, list(dict.fromkeys(concerned))[: receivers.most(core)])
        if event is not None:
            writes.insert(receipt, key=event[0], request="", reply=reply, at=seen.now)
        return reply

    return run(core, instance_id, plan, by, key, request, while_suspended=True)


def _kept(core: Core, instance_id: int, event: str) -> bool:
    query = select(receipt.c.key).where(receipt.c.instance_id == instance_id, receipt.c.key == event)
    with core.db.read() as connection:
        return connection.execute(query).first() is not None
