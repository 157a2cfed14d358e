"""What a BPMN file says, once it has been read and found good: plain frozen values, no XML and no SpiffWorkflow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Names:
    """A name in both languages. `zh` is the BPMN `name`, `en` comes from `<ld:names en="…"/>`; either may be ""."""

    zh: str = ""
    en: str = ""

    def text(self, locale: str = "zh") -> str:
        """The name in `locale`, else in the other language, else ""."""
        return (self.zh or self.en) if locale.startswith("zh") else (self.en or self.zh)


@dataclass(frozen=True, slots=True)
class Value:
    """An attribute that is a literal, or a FEEL expression over the facts (written with a leading `=`, kept without)."""

    text: str
    is_feel: bool = False

    @property
    def literal(self) -> str | None:
        """The text when it is a literal, None when it must be evaluated."""
        return None if self.is_feel else self.text


class Kind(StrEnum):
    """What a node does."""

    START = "start"
    END = "end"
    TERMINATE = "terminate"
    USER = "user"
    MANUAL = "manual"
    SCRIPT = "script"
    RULE = "rule"
    SERVICE = "service"
    TASK = "task"
    EXCLUSIVE = "exclusive"
    PARALLEL = "parallel"
    INCLUSIVE = "inclusive"
    SUBPROCESS = "subprocess"
    TIMER_CATCH = "timer_catch"
    TIMER_BOUNDARY = "timer_boundary"

    @property
    def is_gateway(self) -> bool:
        """It routes tokens."""
        return self in (Kind.EXCLUSIVE, Kind.PARALLEL, Kind.INCLUSIVE)

    @property
    def is_event(self) -> bool:
        """Something that happens: a start, an end, a timer."""
        return self in (Kind.START, Kind.END, Kind.TERMINATE, Kind.TIMER_CATCH, Kind.TIMER_BOUNDARY)

    @property
    def is_task(self) -> bool:
        """One piece of work, a person's or the server's."""
        return self in (Kind.USER, Kind.MANUAL, Kind.SCRIPT, Kind.RULE, Kind.SERVICE, Kind.TASK)

    @property
    def waits(self) -> bool:
        """A token rests here until a person or the clock moves it."""
        return self in (Kind.USER, Kind.MANUAL, Kind.TIMER_CATCH, Kind.TIMER_BOUNDARY)


@dataclass(frozen=True, slots=True)
class Candidates:
    """The one unit and the one post a task is offered to. `unit` None: any unit with that post."""

    post: Value
    unit: Value | None = None
    fallback_unit: Value | None = None
    fallback_post: Value | None = None


@dataclass(frozen=True, slots=True)
class ClockSetting:
    """A promise about time. On a task it runs from opening to completion; on the process from leaving `start` to
    leaving `stop` (None: the end of the instance).

    `budget` is an amount of `unit` (a name of the calendar's Unit). `due`, when it gives a date-time, wins over the budget.
    `warn`: the share of the budget left at which the light turns yellow. `calendar`: the key of the calendar it counts by (None:
    the city's own).
    """

    id: str
    budget: Value | None = None
    unit: Value | None = None
    due: Value | None = None
    warn: float | None = None
    start: str | None = None
    stop: str | None = None
    names: Names = Names()
    calendar: str | None = None


@dataclass(frozen=True, slots=True)
class Lookup:
    """The first row of `register` whose columns equal the entries of the context `match` (FEEL), written to fact `into`."""

    register: str
    match: str
    into: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Action:
    """A named server action, run as a job after the commit, with its parameters."""

    name: str
    parameters: Mapping[str, Value] = field(default_factory=dict)


class TimerKind(StrEnum):
    """How the text of a timer is meant."""

    DURATION = "duration"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Timer:
    """When a timer fires. A literal is ISO 8601, already made regular (a date always carries its offset); a FEEL
    expression gives a duration or a date-time, as `kind` says, and is checked against the limits at run time."""

    kind: TimerKind
    value: Value


@dataclass(frozen=True, slots=True)
class MultiInstance:
    """One instance for each member of the list in fact `collection`, seen inside as `item`; or `cardinality` of them."""

    sequential: bool
    collection: str | None = None
    item: str | None = None
    cardinality: Value | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """What the `ld` extension says of a node. All None or empty where nothing is said."""

    form: str | None = None
    candidates: Candidates | None = None
    clocks: tuple[ClockSetting, ...] = ()
    four_eyes: tuple[str, ...] = ()
    denied_acts: frozenset[str] = frozenset()
    lookup: Lookup | None = None
    action: Action | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """An event, a task, a gateway or a sub-process.

    `id` is the id in the file (the diagram on a page knows it by this). `spec` is its name inside SpiffWorkflow: the same,
    unless that name is taken there. `parent` is the id of the sub-process it lies in. `outgoing` are flow ids in the order
    in which conditions are tried. `script` is a FEEL context. `host` is the activity a boundary timer is attached to.
    """

    id: str
    spec: str
    kind: Kind
    names: Names
    line: int
    parent: str | None = None
    lane: str | None = None
    documentation: str = ""
    incoming: tuple[str, ...] = ()
    outgoing: tuple[str, ...] = ()
    default: str | None = None
    settings: Settings = Settings()
    script: str | None = None
    timer: Timer | None = None
    host: str | None = None
    interrupting: bool = True
    multi_instance: MultiInstance | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow. `condition` is FEEL without the leading `=`, None when unconditional. `order` counts the flows
    of its source from 0. `given_id` is False where the file gave none (then the diagram does not know it)."""

    id: str
    source: str
    target: str
    condition: str | None
    order: int
    names: Names
    line: int
    given_id: bool = True


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane and the nodes that lie in it, those of nested lanes not counted. `parent` is the lane around it."""

    id: str
    names: Names
    nodes: tuple[str, ...]
    line: int
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class ProcessModel:
    """One process, read, checked and found supported.

    `nodes` and `flows` hold those of embedded sub-processes too, in the order of the file. `normalised` is BPMN written
    from this model alone (nothing of the file passes that was not read): SpiffWorkflow's stock parser yields the right
    spec from it, with conditions in the right order. It may hold a few gateways that the file does not (a task with several
    flows out of it); `node_of` gives None for them. Conditions, scripts and timers in it are FEEL.
    """

    id: str
    spec: str
    names: Names
    documentation: str
    start: str
    form: str | None
    nodes: Mapping[str, Node]
    flows: Mapping[str, Flow]
    lanes: tuple[Lane, ...]
    clocks: tuple[ClockSetting, ...]
    outgoing_order: Mapping[str, tuple[str, ...]]
    normalised: bytes
    by_spec: Mapping[str, str]

    def node_of(self, spec: str) -> Node | None:
        """The node behind a SpiffWorkflow task spec name, also of one instance of a multi-instance (`X [child]`);
        None for what SpiffWorkflow or the normalised file added."""
        found = self.by_spec.get(spec) or self.by_spec.get(spec.removesuffix(" [child]"))
        return self.nodes[found] if found is not None else None

    @property
    def user_tasks(self) -> tuple[Node, ...]:
        """What lands in an inbox, in the order of the file: user and manual tasks."""
        return tuple(node for node in self.nodes.values() if node.kind in (Kind.USER, Kind.MANUAL))

    def inside(self, parent: str | None) -> tuple[Node, ...]:
        """The nodes that lie directly in a sub-process (None: in the process itself)."""
        return tuple(node for node in self.nodes.values() if node.parent == parent)
