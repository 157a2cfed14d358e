"""What the `ld` extension says of a node, as plain frozen values: who does it, by when, with what form, and what they may do with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum

from engine.bpmn.values import NAMELESS, Names, Value
from engine.votes import Terms


class Choice(StrEnum):
    """Which one of those who fit gets the task, instead of all of them."""

    DUTY = "duty"
    TURN = "turn"
    LOAD = "load"


@dataclass(frozen=True, slots=True)
class Candidates:
    """Who is to do a task: the holders of `post` in `unit` (None: in any unit); or the head of that unit (None: of the starter's) so
    many levels up (`head`: 0 its own head, 1 that of the unit above it); or one person, the one that started the instance
    (`starter`) or whom `person` names (a login, an id, or a list of them: the first who can), and then `post` and `unit` say who
    else, when that one cannot.

    `choose`: not offered to all of them but given to one: who is on duty, whose turn it is, who has the fewest open tasks. When
    nobody fits, the task goes to the holders of `fallback_post` (None: of `post`) in `fallback_unit`. Whatever the rule finds: nobody of
    the units `not_of` gives (a key, or a list), of one below them or just above them (`engine.not_of`)."""

    post: Value | None = None
    unit: Value | None = None
    fallback_unit: Value | None = None
    fallback_post: Value | None = None
    head: Value | None = None
    person: Value | None = None
    starter: bool = False
    choose: Choice | None = None
    not_of: Value | None = None


@dataclass(frozen=True, slots=True)
class ClockSetting:
    """A promise about time. On a task it runs from opening to completion; on the process from leaving `start` to
    leaving `stop` (None: the end of the instance).

    `budget` is an amount of `unit` (a name of the calendar's Unit). `due`, when it gives a date-time, wins over the budget.
    `since`, when it gives an instant that has passed, is when it began (a deemed acceptance counts from the receipt).
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
    names: Names = NAMELESS
    calendar: str | None = None
    breach: str | None = None
    """The message that is sent, once, when the clock is late; its correlation is the id of the case."""
    remind: bool = False
    """Whether those whose task it is are told when it turns yellow."""
    since: Value | None = None


@dataclass(frozen=True, slots=True)
class Lookup:
    """The first row of `register` whose columns equal the entries of the context `match` (FEEL), written to fact `into`; with `every` the
    list of all of them, in the register's order."""

    register: str
    match: str
    into: str
    required: bool = False
    every: bool = False


@dataclass(frozen=True, slots=True)
class Action:
    """A named server action, run as a job after the commit, with its parameters. The task waits for it, unless not `waits`;
    `result` is a FEEL context over the data and `result`, whose entries are written when it is done."""

    name: str
    parameters: Mapping[str, Value] = field(default_factory=dict)
    waits: bool = True
    result: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision of the bundle's DMN files: `ref` is its id; what it gives is written to fact `into`, or, when that is None and
    it gives a context, its entries are written."""

    ref: str
    into: str | None = None


class Same(StrEnum):
    """Whose earlier work lets a task be done by itself."""

    PREVIOUS = "previous"
    EARLIER = "earlier"


@dataclass(frozen=True, slots=True)
class Auto:
    """When a task is done by the system itself, with `answers` (a FEEL context over the data) to its form: where `when` (FEEL) is true; or
    where it would go to one person only, and the `same` one did the step just before, or an earlier one since the case was last sent
    back."""

    when: str | None = None
    same: Same | None = None
    answers: str | None = None


@dataclass(frozen=True, slots=True)
class CopyTo:
    """Who is given a copy when the task opens, or (`done`) when it is done: whom `person` names (a login, an id, or a list), and the
    holders of `post` in `unit` (a key, or a list; None: in any). `circulate`: they are asked for a receipt."""

    person: Value | None = None
    unit: Value | None = None
    post: Value | None = None
    done: bool = True
    circulate: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Vote:
    """会签: the parts of a multi-instance activity are voters. `terms`: what carries the vote. `field` holds what a part says: one of the
    words of `yes`, `no`, `abstain` (anything else: absent); `opinion`, where given, its reasons. Both are each part's own, no facts.
    `weight` and `veto` (FEEL) are asked for each voter. `into` is the fact that the result becomes. `early`: it ends as soon as it is
    decided."""

    terms: Terms
    field: str
    into: str
    opinion: str | None = None
    yes: tuple[str, ...] = ("yes",)
    no: tuple[str, ...] = ("no",)
    abstain: tuple[str, ...] = ("abstain",)
    weight: Value | None = None
    veto: str | None = None
    early: bool = True


@dataclass(frozen=True, slots=True)
class Dispatch:
    """拟派: the unit that the task's form names in `field` is proposed, learnt from closed cases. What is looked at are facts of the case
    (with a dot: an entry of one): `text`, `kind` (its class), `places` from the finest to the coarsest. `table`: where look-ups have put
    the unit that a table names; the first that is there counts. `register`: the rows under which the system may do the task alone
    (by class and area, from which trust on); None: it never does."""

    field: str
    text: tuple[str, ...] = ()
    kind: str = ""
    places: tuple[str, ...] = ()
    table: tuple[str, ...] = ()
    register: str | None = None


@dataclass(frozen=True, slots=True)
class Rung:
    """What passing a node means in a supervision. With `kind`: one more rung is climbed (a reminder, a card, a demand …): `about` which
    case, `unit` the unit it is about, the how-manieth `round`, why (`reason`), on what ground (`basis`), and until when that unit may
    answer: at `due`, or within `term` of `term_unit`. With `answers`: the newest open rung of one of these kinds is answered with `text`.
    With `closes`: that rung is closed with an `outcome`, and `text` says why. `when` (FEEL): only if it is true."""

    kind: Value | None = None
    about: Value | None = None
    unit: Value | None = None
    round: Value | None = None
    reason: Value | None = None
    basis: Value | None = None
    term: Value | None = None
    term_unit: Value | None = None
    due: Value | None = None
    answers: Value | None = None
    closes: Value | None = None
    text: Value | None = None
    outcome: Value | None = None
    when: str | None = None

    def values(self) -> dict[str, Value]:
        """What it says, by the name of the column or part."""
        parts = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "when"}
        return {name: value for name, value in parts.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Confidential:
    """Instances of the process are confidential: only those who work one see it (`engine.access.in_confidence`). `unit` gives, when it
    starts, the unit it is about (a key, or several): it and those below it are kept from it. `case` gives the id of the case it is
    about: whoever worked that is kept from it too."""

    unit: Value | None = None
    case: Value | None = None


@dataclass(frozen=True, slots=True)
class Operating:
    """Who may operate instances of the process (`engine.operating.guarding`): nobody of the units that `not_of` gives (a key, or a list),
    of one below them or just above them; `second`: acts (`cancel`, `suspend`) that a second person must allow."""

    not_of: Value | None = None
    second: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class FieldRight:
    """What a step may do with the field `name` of its form: one of `forms.RIGHTS`."""

    name: str
    access: str


@dataclass(frozen=True, slots=True)
class Settings:
    """What the `ld` extension says of a node. All None or empty where nothing is said."""

    form: str | None = None
    fields: tuple[FieldRight, ...] = ()
    """What this step may do with fields of its form, where that is another than the form itself says."""
    candidates: Candidates | None = None
    clocks: tuple[ClockSetting, ...] = ()
    four_eyes: tuple[str, ...] = ()
    denied_acts: frozenset[str] = frozenset()
    allowed_acts: frozenset[str] = frozenset()
    lookup: Lookup | None = None
    action: Action | None = None
    decision: Decision | None = None
    vote: Vote | None = None
    auto: Auto | None = None
    copies: tuple[CopyTo, ...] = ()
    dispatch: Dispatch | None = None
    rungs: tuple[Rung, ...] = ()
    joint: str | None = None
    """主办: who works the task may ask other units to assist; their keys are written to this fact, and the diagram does the rest."""
    signature: str | None = None
    """Whether a signature is asked for when the task is done: `offered` or `required`. None: it is not."""
    subject: tuple[Value, Value] | None = None
    """What the task is about, in Chinese and in English (`engine.subjects`), where several tasks of one case would look alike."""


UNSET = Settings()
"""Nothing is said."""
