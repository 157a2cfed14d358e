"""What a BPMN file says, once it has been read and found good: plain frozen values, no XML and no SpiffWorkflow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from engine.bpmn.settings import UNSET, ClockSetting, Confidential, Lookup, Operating, Settings
from engine.bpmn.values import Names, Value


class Kind(StrEnum):
    """What a node is."""

    START = "start"
    END = "end"
    CATCH = "catch"
    THROW = "throw"
    BOUNDARY = "boundary"
    USER = "user"
    MANUAL = "manual"
    SCRIPT = "script"
    RULE = "rule"
    SERVICE = "service"
    SEND = "send"
    RECEIVE = "receive"
    TASK = "task"
    CALL = "call"
    EXCLUSIVE = "exclusive"
    PARALLEL = "parallel"
    INCLUSIVE = "inclusive"
    COMPLEX = "complex"
    EVENT_BASED = "event_based"
    SUBPROCESS = "subprocess"
    EVENT_SUBPROCESS = "event_subprocess"
    TRANSACTION = "transaction"

    @property
    def is_gateway(self) -> bool:
        """It routes tokens."""
        return self in _GATEWAYS

    @property
    def is_event(self) -> bool:
        """Something that happens."""
        return self in _EVENTS

    @property
    def is_scope(self) -> bool:
        """It holds nodes of its own: an embedded sub-process of any sort."""
        return self in _SCOPES

    @property
    def is_activity(self) -> bool:
        """Work that may be repeated, interrupted and compensated: a task, a call or a sub-process."""
        return self in _TASKS or self in _SCOPES or self is Kind.CALL

    @property
    def is_inbox(self) -> bool:
        """A person's piece of work."""
        return self in (Kind.USER, Kind.MANUAL)


_GATEWAYS = frozenset((Kind.EXCLUSIVE, Kind.PARALLEL, Kind.INCLUSIVE, Kind.COMPLEX, Kind.EVENT_BASED))
_EVENTS = frozenset((Kind.START, Kind.END, Kind.CATCH, Kind.THROW, Kind.BOUNDARY))
_TASKS = frozenset((Kind.USER, Kind.MANUAL, Kind.SCRIPT, Kind.RULE, Kind.SERVICE, Kind.SEND, Kind.RECEIVE, Kind.TASK))
_SCOPES = frozenset((Kind.SUBPROCESS, Kind.EVENT_SUBPROCESS, Kind.TRANSACTION))


@dataclass(frozen=True, slots=True)
class Call:
    """The process a call activity calls, by its key, and what goes in and comes out: `input` is a FEEL context over the caller's
    data whose entries become variables of the call; `output` one over the data of the call, written by the caller."""

    process: Value
    input: str | None = None
    output: str | None = None


class TimerKind(StrEnum):
    """How the text of a timer is meant."""

    DURATION = "duration"
    DATE = "date"
    CYCLE = "cycle"
    WORKTIME = "worktime"


@dataclass(frozen=True, slots=True)
class WorkTime:
    """A budget of a calendar that is counted from when a timer began to wait: an amount of `unit` (a name of the calendar's Unit).
    `calendar`: the key of the calendar it counts by (None: the city's own). `times`: how often it comes, each time counted from the one
    before (None: without end)."""

    amount: Value
    unit: Value
    calendar: Value | None = None
    times: int | None = 1


class Misfire(StrEnum):
    """What becomes of the times of a repeating timer that passed while nothing could fire it."""

    COALESCE = "coalesce"
    EACH = "each"


@dataclass(frozen=True, slots=True)
class Timer:
    """When a timer fires. A literal is ISO 8601, already made regular (a date always carries its offset; a cycle is `R3/PT1H`,
    `R/PT1H` or `R3/<date-time>/PT1H`); a FEEL expression gives a duration, a date-time or the text of a cycle, as `kind` says,
    and is checked against the limits at run time. In working time (`work`) the value is its amount."""

    kind: TimerKind
    value: Value
    work: WorkTime | None = None
    misfire: Misfire = Misfire.COALESCE

    @property
    def repeats(self) -> bool:
        """Whether it says that it comes more than once."""
        return self.kind is TimerKind.CYCLE or (self.work is not None and self.work.times != 1)


class Trigger(StrEnum):
    """What an event is about."""

    TIMER = "timer"
    MESSAGE = "message"
    SIGNAL = "signal"
    ERROR = "error"
    ESCALATION = "escalation"
    CONDITIONAL = "conditional"
    LINK = "link"
    COMPENSATION = "compensation"
    CANCEL = "cancel"
    TERMINATE = "terminate"


@dataclass(frozen=True, slots=True)
class Event:
    """One event definition of an event, a send or a receive task.

    `name`: the name of the message or signal that joins who throws and who catches, the code of the error or escalation (None where
    it is caught: any), the name of a link. `correlation` (FEEL): which of several instances a message is meant for; both sides
    must give the same text (None: the message's name is enough). `payload`: a FEEL context sent with a message, signal, error or
    escalation; `result`: a FEEL context over the data and `payload`, whose entries are written when it is caught. `activity`: what is to be
    compensated (None: all of the scope); `waits`: the throw goes on only when that is done. `once`: while an instance that this start event
    began runs, a message with the same correlation begins no other; `over` (FEEL over its facts; None: never): from when this is true it
    counts as running no more. `inside`: it comes from other instances only, never from a person or
    another system. `optional`: a message sent that nobody waits for is dropped, and is no incident of its sender."""

    trigger: Trigger
    name: Value | None = None
    timer: Timer | None = None
    condition: str | None = None
    correlation: str | None = None
    payload: str | None = None
    result: str | None = None
    activity: str | None = None
    waits: bool = True
    once: bool = False
    over: str | None = None
    inside: bool = False
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Loop:
    """A standard loop: repeated while `condition` (FEEL) is true (None: always), tested before or after each round, at most
    `maximum` times."""

    condition: str | None
    test_before: bool = False
    maximum: int | None = None


class Behavior(StrEnum):
    """When a multi-instance activity throws an event of its own as its parts complete (BPMN 2.0.2, table 10.30)."""

    ALL = "All"
    NONE = "None"
    ONE = "One"
    COMPLEX = "Complex"


@dataclass(frozen=True, slots=True)
class MultiInstance:
    """One instance for each member of the list in fact `collection`, seen inside as `item`; or `cardinality` of them.

    `completion` (FEEL) is asked after each part; when true the others are cancelled. The value that `output_item` has in each part is
    put into the list `output`, in the order of the members. `thrown`: the events of `behavior`, each with its condition
    (None: always)."""

    sequential: bool
    collection: str | None = None
    item: str | None = None
    cardinality: Value | None = None
    completion: str | None = None
    output: str | None = None
    output_item: str | None = None
    behavior: Behavior = Behavior.ALL
    thrown: tuple[tuple[str | None, Event], ...] = ()


@dataclass(frozen=True, slots=True)
class Copy:
    """Data moved by a data association: `value` (FEEL) is written to `target`."""

    value: str
    target: str


@dataclass(frozen=True, slots=True)
class Node:
    """An event, a task, a gateway, a call or a sub-process.

    `id` is the id in the file (the diagram on a page knows it by this) and its name at run time. `parent` is the id of the
    sub-process it lies in. `outgoing` are flow ids in the order in which conditions are tried. `script` is a FEEL context.

    `events` are the event definitions of an event, and the message of a send or receive task. `all_events`: every one must come
    (`parallelMultiple`, or a parallel event-based gateway). `instantiates`: a receive task or event-based gateway that starts the
    process. `host` is the activity a boundary event is attached to, `handler` the activity that compensates it. An activity
    `for_compensation` has no flows. `start_quantity` tokens begin an activity, `completion_quantity` leave over each flow.
    `activation` (FEEL) is the activation condition of a complex gateway. `inputs` fill variables that only this activity sees,
    `lookups` do so from registers (data stores); `outputs` are written when it completes; `variables` are the data objects of a
    sub-process, known only inside it.
    """

    id: str
    kind: Kind
    names: Names
    line: int
    parent: str | None = None
    lane: str | None = None
    documentation: str = ""
    incoming: tuple[str, ...] = ()
    outgoing: tuple[str, ...] = ()
    default: str | None = None
    settings: Settings = UNSET
    script: str | None = None
    events: tuple[Event, ...] = ()
    all_events: bool = False
    instantiates: bool = False
    host: str | None = None
    handler: str | None = None
    interrupting: bool = True
    for_compensation: bool = False
    start_quantity: int = 1
    completion_quantity: int = 1
    loop: Loop | None = None
    multi_instance: MultiInstance | None = None
    call: Call | None = None
    activation: str | None = None
    inputs: tuple[Copy, ...] = ()
    lookups: tuple[Lookup, ...] = ()
    outputs: tuple[Copy, ...] = ()
    variables: tuple[str, ...] = ()

    def has(self, trigger: Trigger) -> bool:
        """Whether one of its event definitions is of this sort."""
        return any(event.trigger is trigger for event in self.events)

    @property
    def terminates(self) -> bool:
        """An end event that ends everything around it."""
        return self.kind is Kind.END and self.has(Trigger.TERMINATE)

    @property
    def is_none(self) -> bool:
        """An event without an event definition."""
        return not self.events


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

    `nodes` and `flows` hold those of sub-processes too, in the order of the file; a link is a flow from where it is thrown to
    where it is caught. `start` is the none start event by which a person starts it, None when it has none; `form` is its form.
    Conditions, scripts and timers in it are FEEL. `variables` are the data objects of the process. `participant` is the id of its
    pool. `file` is the name of the file it came from. `allowed_acts` and `denied_acts` hold for its tasks that say nothing themselves.
    `confidential`: only those who work an instance see it. `operating`: who may end or suspend one."""

    id: str
    names: Names
    documentation: str
    start: str | None
    form: str | None
    nodes: Mapping[str, Node]
    flows: Mapping[str, Flow]
    lanes: tuple[Lane, ...]
    clocks: tuple[ClockSetting, ...]
    variables: tuple[str, ...] = ()
    participant: str | None = None
    file: str = ""
    allowed_acts: frozenset[str] = frozenset()
    denied_acts: frozenset[str] = frozenset()
    confidential: Confidential | None = None
    operating: Operating | None = None

    @property
    def user_tasks(self) -> tuple[Node, ...]:
        """What lands in an inbox, in the order of the file: user and manual tasks."""
        return tuple(node for node in self.nodes.values() if node.kind.is_inbox)

    @property
    def starters(self) -> tuple[Node, ...]:
        """What may start an instance, in the order of the file: start events of the process itself, receive tasks and event-based
        gateways that instantiate."""
        return tuple(
            node
            for node in self.nodes.values()
            if node.parent is None and (node.kind is Kind.START or node.instantiates)
        )

    def inside(self, parent: str | None) -> tuple[Node, ...]:
        """The nodes that lie directly in a sub-process (None: in the process itself)."""
        return tuple(node for node in self.nodes.values() if node.parent == parent)
