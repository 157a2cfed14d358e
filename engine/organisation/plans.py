"""What a change of the organisation wants: one shape for each kind, as JSON in `organisation_change.plan`.

    create  {"unit": UNIT, "areas": [area key]}
    rename  {"unit": key, "name_zh", "name_en", "kind"?, "parent"?: key}         a name, a kind, another place in the tree
    merge   {"units": [key], "into": key | UNIT, "head": login | null, "facts"?: [fact key]}
    split   {"unit": key, "parts": [{"into": key | UNIT, "areas": [key], "classes": [code], "people": [login]}],
             "default": key, "facts"?: [fact key]}
    people  {"people": [PERSON], "give": [HELD], "take": [{"login", "unit", "post"}]}
    leave   {"login": login, "successor": login | null}
    import  {"units": [UNIT], "people": [PERSON], "held": [HELD], "areas": [AREA], "substitutes": [SUBSTITUTE], "duty": [DUTY]}

    UNIT        key, name_zh, name_en, kind, parent (key or null)
    PERSON      login, name, staff_no (empty: theirs stays; "-": it is taken away)
    HELD        login, unit, post, since, until
    AREA        key, name_zh, name_en, kind, parent, unit, lat, lon
    SUBSTITUTE  principal, substitute, since, until, unit, post, processes ([process key] or null), reason
    DUTY        unit, post, login, since, until, note

Units, posts, areas go by their keys, people by their logins, instants are ISO 8601 with an offset (null: from ever, for ever). Rows of
an import may carry `row`, their row of the Excel sheet, for the sentences about what is wrong. A sheet that is missing (null or absent)
is left as it is; one that is there is the whole of it: what it does not name ends.

A split's part takes the cases of its areas (with all below them) and of its classes (codes that begin so); one that names both takes
what fits both. The first part that fits wins; everything else goes to `default`, a part's unit, or the old unit itself, which then
goes on. `facts`: keys of facts that name the old unit and shall name the new one (none said: `responsible_unit`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.errors import Invalid

IMPORT, PEOPLE, CREATE, RENAME, MERGE, SPLIT, LEAVE = "import", "people", "create", "rename", "merge", "split", "leave"
KINDS = (CREATE, RENAME, MERGE, SPLIT, PEOPLE, LEAVE, IMPORT)

FACTS = ("responsible_unit",)
"""Facts that follow a unit when the plan names none."""

NO_NUMBER = "-"
"""What takes a staff number away. An empty one says nothing: separation of duties counts human beings by it."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as it shall be."""

    key: str
    name_zh: str
    name_en: str
    kind: str
    parent: str | None = None
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as they shall be known. Without a password nobody can log in yet: the security administrator gives one. Without a staff
    number theirs stays, unless `unnumbered`."""

    login: str
    name: str
    staff_no: str | None = None
    row: int | None = None
    unnumbered: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """A post held in a unit."""

    login: str
    unit: str
    post: str
    since: datetime | None = None
    until: datetime | None = None
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Area:
    """An area, and the unit responsible for what nobody owns there."""

    key: str
    name_zh: str
    name_en: str
    kind: str
    parent: str | None = None
    unit: str | None = None
    lat: float | None = None
    lon: float | None = None
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Substitute:
    """Somebody who stands in for another."""

    principal: str
    substitute: str
    since: datetime
    until: datetime
    unit: str | None = None
    post: str | None = None
    processes: tuple[str, ...] | None = None
    reason: str = ""
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Duty:
    """Somebody on duty."""

    unit: str
    post: str
    login: str
    since: datetime
    until: datetime
    note: str = ""
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Create:
    """A new unit."""

    unit: Unit
    areas: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rename:
    """Another name, kind or place in the tree; the key stays."""

    unit: str
    name_zh: str
    name_en: str
    kind: str | None = None
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Merge:
    """Units that go on as one. `head`: whose post as head goes along; none: every head stays one."""

    units: tuple[str, ...]
    into: str | Unit
    head: str | None = None
    facts: tuple[str, ...] = FACTS


@dataclass(frozen=True, slots=True)
class Part:
    """What becomes of a part of a unit."""

    into: str | Unit
    areas: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    people: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The key of its unit."""
        return self.into if isinstance(self.into, str) else self.into.key


@dataclass(frozen=True, slots=True)
class Split:
    """A unit that goes on as several."""

    unit: str
    parts: tuple[Part, ...]
    default: str
    facts: tuple[str, ...] = FACTS


@dataclass(frozen=True, slots=True)
class People:
    """New people, other names, posts given and taken."""

    people: tuple[Person, ...] = ()
    give: tuple[Held, ...] = ()
    take: tuple[Held, ...] = ()


@dataclass(frozen=True, slots=True)
class Leave:
    """Somebody leaves. The successor gets their open tasks, and the posts that nobody else holds; without one the tasks go back to
    their posts."""

    login: str
    successor: str | None = None


@dataclass(frozen=True, slots=True)
class Import:
    """Sheets of the organisation, each whole; none: that sheet is left as it is."""

    units: tuple[Unit, ...] | None = None
    people: tuple[Person, ...] | None = None
    held: tuple[Held, ...] | None = None
    areas: tuple[Area, ...] | None = None
    substitutes: tuple[Substitute, ...] | None = None
    duty: tuple[Duty, ...] | None = None


Plan = Create | Rename | Merge | Split | People | Leave | Import


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a plan cannot be carried out; `sheet`, `row`, `column` where it came from an Excel sheet."""

    zh: str
    en: str
    sheet: str | None = None
    row: int | None = None
    column: str | None = None

    def json(self) -> Row:
        """As it is kept in a preview."""
        return {name: getattr(self, name) for name in ("zh", "en", "sheet", "row", "column")}


@dataclass(slots=True)
class Preview:
    """What a plan would change. `edits`: {"what", "about", "label_zh", "label_en", "before", "after"} in the order they are made, `what`
    among: unit_created unit_changed unit_ended person_created person_changed person_left post_given post_changed post_taken
    area_created area_changed substitution_made substitution_ended duty_put duty_removed. `moves`: {"from", "to",
    "tasks", "cases"}: open tasks and running cases that go to another unit; `back`: open tasks that go back to their posts, or to the
    successor. `stranded`: {"unit", "post", "tasks"}: open tasks that nobody could do any more; a plan that leaves such is refused.
    `problems`: why it cannot be carried out; `notes`: what a reviewer should know."""

    edits: list[Row] = field(default_factory=list)
    moves: list[Row] = field(default_factory=list)
    back: int = 0
    stranded: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)

    def json(self) -> Row:
        """As it is kept with the change."""
        return {
            "edits": self.edits,
            "moves": self.moves,
            "back": self.back,
            "stranded": self.stranded,
            "problems": [p.json() for p in self.problems],
            "notes": [p.json() for p in self.notes],
        }


def refused(problems: list[Problem]) -> Invalid:
    """The error that says why a plan cannot be carried out; `params["problems"]` has all of them."""
    first = problems[0]
    more_zh = f"（共 {len(problems)} 处问题）" if len(problems) > 1 else ""
    more_en = f" ({len(problems)} problems in all)" if len(problems) > 1 else ""
    return Invalid(why_zh=first.zh + more_zh, why_en=first.en + more_en, problems=tuple(problems))


def named(plan: Mapping[str, Any]) -> Row:
    """A plan without sheets and keys that say nothing."""
    return {k: v for k, v in plan.items() if v is not None}
