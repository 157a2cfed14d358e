"""What one step of an instance changed: values, for whoever writes them down."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.bpmn.model import Node, Trigger


@dataclass(slots=True)
class Opened:
    """A user task that became open. `scope` is what its expressions see, `variables` the part of it that is no fact: the item of a
    multi-instance (`item`) and the data of sub-processes. `definition` is the id of the called process it belongs to, None for the
    instance's own. `person` is who it is meant for, whatever the diagram says, when somebody said so; `role` what the task is when it is
    not the diagram's own (`runtime/held.py`)."""

    id: int
    node: Node
    scope: dict[str, Any]
    item: Any
    variables: dict[str, Any] = field(default_factory=dict)
    definition: int | None = None
    person: int | None = None
    role: str | None = None


@dataclass(slots=True)
class TimerSet:
    """A timer that began to wait: the `index`-th event of the token's element, for the `occurrence`-th time. `due` is aware; `calendars` is
    the version of the calendars that it was counted by, where it is in working time."""

    id: int
    index: int
    occurrence: int
    node: Node
    due: datetime
    calendars: int | None = None


@dataclass(slots=True)
class Listening:
    """A token that began to wait for a message or a signal of this name. `key` tells which of several instances a message
    means; `inside`: it comes from other instances only."""

    id: int
    index: int
    node: Node
    trigger: Trigger
    name: str
    key: str | None
    inside: bool = False


@dataclass(frozen=True, slots=True)
class Gone:
    """A timer, message or signal that is waited for no more."""

    id: int
    index: int
    occurrence: int
    trigger: Trigger


@dataclass(slots=True)
class Sent:
    """A message or signal thrown for other instances; `id` and `number` name it inside the instance. `optional`: dropped where nobody
    waits for it."""

    id: int
    number: int
    node: Node
    trigger: Trigger
    name: str
    key: str | None
    payload: dict[str, Any]
    optional: bool = False


@dataclass(slots=True)
class Triggered:
    """A named server action that a service task asked for; run as a job after the commit. `waits`: the task waits for it."""

    id: int
    node: Node
    name: str
    parameters: dict[str, Any]
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Climbed:
    """A node was left that is a rung of a supervision, or answers or closes one (`settings.Rung`). `id` is the token's, which for a task is
    the task's; `values` are what the setting's parts came to there and then, as JSON."""

    id: int
    node: Node
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Around:
    """A scope that something lies in: the way to it ("Call/"), the sub-process whose it is (none: a process), the definition of the called
    process (none: the instance's own), and the token and node of the activity it runs in."""

    prefix: str
    owner: str | None
    definition: int | None
    host: int | None
    at: str | None


@dataclass(slots=True)
class Outcome:
    """What one step changed. `cancelled`: tasks that are open no more, though nobody did them; of these `returned` are those that a person
    sent back, withdrew or made wait. `path`: the nodes that were left, those of called processes with the call before them."""

    state: str | None
    facts: dict[str, Any]
    opened: list[Opened] = field(default_factory=list)
    cancelled: list[int] = field(default_factory=list)
    returned: set[int] = field(default_factory=set)
    timers: list[TimerSet] = field(default_factory=list)
    listening: list[Listening] = field(default_factory=list)
    gone: list[Gone] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    actions: list[Triggered] = field(default_factory=list)
    actions_gone: list[int] = field(default_factory=list)
    climbed: list[Climbed] = field(default_factory=list)
    path: list[str] = field(default_factory=list)
    ended: bool = False
    end_node: str | None = None
