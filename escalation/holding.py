"""Who held a case, and how long: its time cut into stretches, each with the unit that had it then, so that they sum to the whole.

Pure. Of several tasks that were open at once the one that was opened first holds it (主办 before 协办); opinions hold nothing. While no
task is open the case waits, for a time or a message, and nobody holds it."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

SIGNER = "signer"


@dataclass(frozen=True, slots=True)
class Held:
    """A stretch in which one unit had the case (none: nobody), with the tasks it had it by."""

    unit_id: int | None
    since: datetime
    until: datetime
    tasks: tuple[int, ...] = ()

    @property
    def length(self) -> timedelta:
        """How long it was."""
        return self.until - self.since


def stretches(started: datetime, until: datetime, tasks: Iterable[Mapping[str, Any]]) -> list[Held]:
    """From the start of a case to its end, or now. `tasks`: its rows, with id, unit_id, role, opened_at and closed_at."""
    held = sorted((t for t in tasks if t["role"] != SIGNER), key=lambda t: (t["opened_at"], t["id"]))
    cuts = {started, until}
    for each in held:
        cuts |= {at for at in (each["opened_at"], each["closed_at"]) if at is not None and started < at < until}
    found: list[Held] = []
    instants = sorted(cuts)
    for since, end in itertools.pairwise(instants):
        holder = next(
            (t for t in held if t["opened_at"] <= since and (t["closed_at"] is None or t["closed_at"] >= end)), None
        )
        unit_id = holder["unit_id"] if holder is not None else None
        task_ids = (holder["id"],) if holder is not None else ()
        last = found[-1] if found else None
        if last is not None and last.unit_id == unit_id and bool(last.tasks) == bool(task_ids):
            found[-1] = Held(unit_id, last.since, end, tuple(dict.fromkeys((*last.tasks, *task_ids))))
        else:
            found.append(Held(unit_id, since, end, task_ids))
    return found


def by_unit(held: Sequence[Held]) -> list[tuple[int | None, bool, timedelta, int]]:
    """For each unit in the order it first had the case: the unit, whether anybody had it at all, how long in all, and how many times."""
    found: dict[tuple[int | None, bool], tuple[timedelta, int]] = {}
    for each in held:
        key = (each.unit_id, bool(each.tasks))
        length, times = found.get(key, (timedelta(), 0))
        found[key] = (length + each.length, times + 1)
    return [(unit, some, length, times) for (unit, some), (length, times) in found.items()]
