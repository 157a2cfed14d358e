"""The allowed moves of instances and tasks: one table each, and nothing else sets a state."""

from __future__ import annotations

from enum import StrEnum


class InstanceStatus(StrEnum):
    """What an instance is doing."""

    ACTIVE = "active"
    COMPLETED = "completed"
    CANCELLED = "cancelled"  # ended from outside, by an operator
    REJECTED = "rejected"  # ended by one who had to agree and did not
    SUSPENDED = "suspended"  # nothing moves until it is resumed


class TaskState(StrEnum):
    """What a user task is doing. "Claimed" is an assignee, not a state."""

    OPEN = "open"
    COMPLETED = "completed"
    CANCELLED = "cancelled"  # the process took it away
    RETURNED = (
        "returned"  # a person did: sent back, withdrawn, or waiting for signers; what comes of it is another task
    )
    REJECTED = "rejected"  # who did it rejected the case
    SUSPENDED = "suspended"  # its instance is suspended


INSTANCE_MOVES: dict[InstanceStatus, frozenset[InstanceStatus]] = {
    InstanceStatus.ACTIVE: frozenset(
        {InstanceStatus.COMPLETED, InstanceStatus.CANCELLED, InstanceStatus.REJECTED, InstanceStatus.SUSPENDED}
    ),
    InstanceStatus.COMPLETED: frozenset(),
    InstanceStatus.CANCELLED: frozenset(),
    InstanceStatus.REJECTED: frozenset(),
    InstanceStatus.SUSPENDED: frozenset({InstanceStatus.ACTIVE, InstanceStatus.CANCELLED}),
}

TASK_MOVES: dict[TaskState, frozenset[TaskState]] = {
    TaskState.OPEN: frozenset(
        {
            TaskState.COMPLETED,
            TaskState.CANCELLED,
            TaskState.RETURNED,
            TaskState.REJECTED,
            TaskState.SUSPENDED,
        }
    ),
    TaskState.COMPLETED: frozenset(),
    TaskState.CANCELLED: frozenset(),
    TaskState.RETURNED: frozenset(),
    TaskState.REJECTED: frozenset(),
    TaskState.SUSPENDED: frozenset({TaskState.OPEN, TaskState.CANCELLED}),
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
