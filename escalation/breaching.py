"""What a breach sets going: the message that the diagram names on its clock (`ld:clock breach="…"`), sent once in the step that writes the
fact, and another one, ending in `_over`, when such a clock stops after all or the case passes to another unit while it is late. Whoever
waits for them, or begins by them, decides the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine import definitions, effects, waits
from engine.bpmn.settings import ClockSetting
from engine.events import Event
from escalation import holders

if TYPE_CHECKING:
    from engine.core import Core
    from engine.steps import Seen
    from engine.writes import WriteSet
    from escalation.sla import SlaClock

Row = dict[str, Any]

OVER = "_over"
"""What the message's name ends in that tells that a late clock stopped, or that it is another unit's now."""

FACTS = ("title", "class", "area", "place", "lat", "lon", "source", "grade")
"""Facts of the case that its supervision takes over."""


def setting_of(core: Core, seen: Seen, name: str, task: Mapping[str, Any] | None) -> ClockSetting | None:
    """What the diagram says of a clock: of the task it belongs to, in the version that task follows, or of the process."""
    wanted = name.partition("#")[0]
    if task is not None:
        settings = definitions.get(core, task["definition_id"]).model.nodes[task["node"]].settings.clocks
    else:
        settings = definitions.get(core, seen.instance["definition_id"]).model.clocks
    return next((each for each in settings if each.id == wanted), None)


def record(core: Core, seen: Seen, writes: WriteSet, row: Row, late: SlaClock) -> None:
    """Say in the history that a clock is late (its row is the caller's to write), and send its message."""
    task = seen.open_tasks.get(row["task_id"])
    effects.record(
        seen,
        writes,
        Event.BREACHED,
        node=task["node"] if task else None,
        task_id=row["task_id"] or None,
        data={"clock": row["name"], "due": late.breached_at.isoformat() if late.breached_at else None},
    )
    tell(core, seen, writes, late, task)


def tell(core: Core, seen: Seen, writes: WriteSet, late: SlaClock, task: Row | None) -> None:
    """Send the message of a breach that this step writes. In a replay nobody is supervised. One clock has one breach, hence one job."""
    _send(core, seen, writes, late, task, over=False)


def tell_stopped(core: Core, seen: Seen, writes: WriteSet, late: SlaClock, task: Row | None) -> None:
    """Tell whoever supervises it that a late clock has stopped. That nobody does is no incident."""
    _send(core, seen, writes, late, task, over=True)


def tell_passed(core: Core, seen: Seen, writes: WriteSet, late: SlaClock, opened: Sequence[Row]) -> None:
    """Tell whoever supervises it that a case whose clock is late has passed to another unit by these tasks."""
    mark = f"-{opened[0]['id']}" if opened else ""
    _send(core, seen, writes, late, None, over=True, mark=mark)


def _send(
    core: Core, seen: Seen, writes: WriteSet, late: SlaClock, task: Row | None, *, over: bool, mark: str = ""
) -> None:
    setting = setting_of(core, seen, late.id, task)
    if setting is None or setting.breach is None or seen.world.kind == "replay":
        return
    facts = writes.instance.get("facts") or seen.instance["facts"]
    at = seen.now if over else late.breached_at or seen.now
    own = writes.instance.get("unit_id", seen.instance.get("unit_id"))
    unit_id = _whose(core, writes.instance_id, task, at, own)
    payload = {
        "case_id": str(writes.instance_id),
        "case_number": seen.instance["number"],
        "case_process": seen.instance["key"],
        # A case without a title is called by its process: whoever is told of it is told something.
        "title": definitions.get(core, seen.instance["definition_id"]).names.text("zh") or seen.instance["key"],
        **{name: facts[name] for name in FACTS if facts.get(name) is not None},
        "clock": late.id,
        "clock_zh": setting.names.zh,
        "clock_en": setting.names.en,
        "task": task["id"] if task is not None else 0,
        "node": task["node"] if task is not None else None,
        "late_unit": core.unit_key(unit_id),
        "due": late.breached_at.isoformat() if late.breached_at is not None else None,
    }
    letter: Row = {
        "what": "message",
        "name": setting.breach + (OVER if over else ""),
        "key": str(writes.instance_id),
        "payload": payload,
        "at": seen.now.isoformat(),
        "optional": over,
    }
    job_id = f"{'over' if over else 'late'}-{late.id}-{payload['task']}{mark}"
    waits.put(writes, seen, job_id, "send", payload["node"], seen.now, letter)


def _whose(core: Core, instance_id: int, task: Row | None, at: datetime, own: int | None) -> int | None:
    """The unit that is late: whose the task is, or who had the case when its time ran out, though it may have passed it on since."""
    if task is not None and task["unit_id"] is not None:
        unit_id: int | None = task["unit_id"]
        return unit_id
    with core.db.read() as connection:
        return holders.at(connection, instance_id, at, own)
