"""The allowed moves of instances and tasks: one table each, and nothing else sets a state."""

from __future__ import annotations

from enum import StrEnum


class InstanceStatus(StrEnum):
    """What an instance is doing."""

    ACTIVE = "active"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class TaskState(StrEnum):
    """What a user task is doing. "Claimed" is an assignee, not a state."""

    OPEN = "open"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


INSTANCE_MOVES: dict[InstanceStatus, frozenset[InstanceStatus]] = {
    InstanceStatus.ACTIVE: frozenset({InstanceStatus.COMPLETED, InstanceStatus.CANCELLED}),
    InstanceStatus.COMPLETED: frozenset(),
    InstanceStatus.CANCELLED: frozenset(),
}

TASK_MOVES: dict[TaskState, frozenset[TaskState]] = {
    TaskState.OPEN: frozenset({TaskState.COMPLETED, TaskState.CANCELLED}),
    TaskState.COMPLETED: frozenset(),
    TaskState.CANCELLED: frozenset(),
}


def move_task(old: str, new: TaskState) -> str:
    """The new state, if the table allows the move. ValueError otherwise: the caller should have refused in words."""
    if new not in TASK_MOVES[TaskState(old)]:
        raise ValueError(f"a task cannot go from {old} to {new}")
    return str(new)


def move_instance(old: str, new: InstanceStatus) -> str:
    """The same for an instance."""
    if new not in INSTANCE_MOVES[InstanceStatus(old)]:
        raise ValueError(f"an instance cannot go from {old} to {new}")
    return str(new)
