"""A plan tried on a picture of the organisation: each edit changes the picture and is kept, in order, to be shown or written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

from engine.organisation import plans
from engine.organisation.picture import Key, Picture
from engine.organisation.plans import Problem
from engine.organisation.work import Back, Way

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Edit:
    """One row that changes. `key` names it among its kind; `before` and `after` hold what differs, or all of it."""

    what: str
    key: tuple[Any, ...]
    before: Row | None = None
    after: Row | None = None


@dataclass
class Draft:
    """A picture `was`, another `now` with the edits made, and what a worker has to move for it. `sheet` and `row` say where the wish that
    is being carried out stands, for the sentences about what is wrong with it."""

    was: Picture
    now: Picture = field(init=False)
    edits: list[Edit] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    ways: dict[str, Way] = field(default_factory=dict)
    """Where the work of a unit goes, by the key of the old one."""
    backs: list[Back] = field(default_factory=list)
    later: list[Key] = field(default_factory=list)
    """Posts that are taken once everything has moved: until then both units see the work."""
    sheet: str | None = None
    row: int | None = None

    def __post_init__(self) -> None:
        self.now = self.was.copy()
        self._new = count(1)

    def problem(self, zh: str, en: str, column: str | None = None) -> None:
        """It cannot be carried out, and why."""
        self.problems.append(Problem(zh, en, self.sheet, self.row, column))

    def note(self, zh: str, en: str) -> None:
        """Something that a reviewer should know."""
        self.notes.append(Problem(zh, en, self.sheet, self.row))

    # ------------------------------------------------------------ does it exist

    def unit(self, key: str, column: str = "unit") -> bool:
        """Whether there is such a unit that goes on; a problem if not."""
        found = self.now.units.get(key)
        if found is None:
            self.problem(f"没有单位“{key}”。", f"There is no unit “{key}”.", column)
        elif found["ended_at"] is not None:
            self.problem(f"单位“{found['name_zh']}”已撤销。", f"The unit “{found['name_en']}” has ended.", column)
        else:
            return True
        return False

    def post(self, key: str, column: str = "post") -> bool:
        """Whether there is such a post; a problem if not."""
        if key not in self.now.posts:
            self.problem(f"没有岗位“{key}”。", f"There is no post “{key}”.", column)
        return key in self.now.posts

    def person(self, login: str, column: str = "login") -> bool:
        """Whether there is such a person who has not left; a problem if not."""
        if not self.now.active(login):
            self.problem(f"没有在职人员“{login}”。", f"There is nobody active with the log-in “{login}”.", column)
        return self.now.active(login)

    # ------------------------------------------------------------ units

    def put_unit(self, wanted: plans.Unit) -> None:
        """Make a unit, or bring it to what is wanted."""
        values: Row = {name: getattr(wanted, name) for name in ("name_zh", "name_en", "kind", "parent")}
        if wanted.parent is not None and wanted.parent not in self.now.units:
            self.problem(f"没有上级单位“{wanted.parent}”。", f"There is no unit “{wanted.parent}” above it.", "parent")
            return
        before = self.now.units.get(wanted.key)
        if before is None:
            self.now.units[wanted.key] = {"id": None, "ended_at": None, "successor": None, **values}
            self.edits.append(Edit("unit_created", (wanted.key,), None, values))
        elif before["ended_at"] is not None:
            self.problem(
                f"单位代码“{wanted.key}”已用于已撤销的单位。", f"The key “{wanted.key}” was an ended unit's.", "key"
            )
        else:
            self._change("unit_changed", (wanted.key,), self.now.units, wanted.key, values)

    def end_unit(self, key: str, successor: str | None) -> None:
        """A unit goes on no more; what is meant for it is its successor's."""
        values = {"ended_at": self.now.now, "successor": successor}
        self.now.units[key] = {**self.now.units[key], **values}
        self.edits.append(Edit("unit_ended", (key,), None, {"successor": successor}))

    # ------------------------------------------------------------ people

    def put_person(self, wanted: plans.Person) -> None:
        """Make a person, or bring name and number to what is wanted; a number that is not said stays."""
        before = self.now.people.get(wanted.login)
        values: Row = {"name": wanted.name, "staff_no": wanted.staff_no}
        if before is None:
            self.now.people[wanted.login] = {
                "id": None,
                "login": wanted.login,
                "active": True,
                "left_at": None,
                **values,
            }
            self.edits.append(Edit("person_created", (wanted.login,), None, values))
        elif before["left_at"] is not None:
            self.problem(
                f"账号“{wanted.login}”的人员已离职。", f"Who had the log-in “{wanted.login}” has left.", "login"
            )
        else:
            if wanted.staff_no is None and not wanted.unnumbered:
                del values["staff_no"]
            self._change("person_changed", (wanted.login,), self.now.people, wanted.login, values)

    def leave(self, login: str, successor: str | None = None) -> None:
        """Somebody leaves, with all their posts."""
        for key in self.now.posts_of(login):
            self.take(key, successor=successor)
        self._end_terms(login, "person_left")
        who = self.now.people[login]
        self.now.people[login] = {**who, "active": False, "left_at": self.now.now}
        self.edits.append(Edit("person_left", (login,), None, {"successor": successor}))
        self.backs.append(Back(login, None, None, successor))

    def give(self, wanted: plans.Held) -> None:
        """Give a post; without a beginning it begins now, or stays as it began."""
        if not (self.unit(wanted.unit) and self.post(wanted.post) and self.person(wanted.login)):
            return
        key = (wanted.login, wanted.unit, wanted.post)
        before = self.now.held.get(key)
        since = wanted.since or (before[0] if before is not None else self.now.now)
        if wanted.until is not None and wanted.until <= max(since or self.now.now, self.now.now):
            self.problem("任期已经结束。", "The term is over before it begins.", "until")
            return
        term = (since, wanted.until)
        if before is not None and _same(before, term):
            return
        self.now.held[key] = term
        after = {"since": since, "until": wanted.until}
        if before is None:
            self.edits.append(Edit("post_given", key, None, after))
        else:
            self.edits.append(Edit("post_changed", key, {"since": before[0], "until": before[1]}, after))

    def take(self, key: Key, successor: str | None = None) -> None:
        """Take a post; tasks that its holder had taken as such go back, or to the successor where they hold the post."""
        before = self.now.held.pop(key)
        self.edits.append(Edit("post_taken", key, {"since": before[0], "until": before[1]}, None))
        self.backs.append(Back(*key, successor))

    def _end_terms(self, login: str, why: str) -> None:
        for each, row in list(self.now.substitutes.items()):
            if login in (row["principal"], row["substitute"]):
                self.end_substitute(each, why)
        for each, row in list(self.now.duty.items()):
            if row["login"] == login:
                self.remove_duty(each)

    # ------------------------------------------------------------ areas, substitutes, duty

    def put_area(self, wanted: plans.Area) -> None:
        """Make an area, or bring it to what is wanted."""
        if wanted.unit is not None and not self.unit(wanted.unit):
            return
        if wanted.parent is not None and wanted.parent not in self.now.areas:
            self.problem(f"没有上级区域“{wanted.parent}”。", f"There is no area “{wanted.parent}” above it.", "parent")
            return
        names = ("name_zh", "name_en", "kind", "parent", "unit", "lat", "lon")
        values = {name: getattr(wanted, name) for name in names}
        if wanted.key in self.now.areas:
            self._change("area_changed", (wanted.key,), self.now.areas, wanted.key, values)
        else:
            self.now.areas[wanted.key] = values
            self.edits.append(Edit("area_created", (wanted.key,), None, values))

    def assign_area(self, key: str, unit: str | None) -> None:
        """Another unit is responsible for an area."""
        self._change("area_changed", (key,), self.now.areas, key, {"unit": unit})

    def put_substitute(self, values: Row) -> None:
        """Somebody stands in for another."""
        each = f"new {next(self._new)}"
        self.now.substitutes[each] = values
        self.edits.append(Edit("substitution_made", (each,), None, values))

    def end_substitute(self, each: Any, why: str = "") -> None:
        """They stand in no more."""
        before = self.now.substitutes.pop(each)
        self.edits.append(Edit("substitution_ended", (each,), before, {"why": why} if why else None))

    def put_duty(self, values: Row) -> None:
        """Somebody is on duty."""
        each = f"new {next(self._new)}"
        self.now.duty[each] = values
        self.edits.append(Edit("duty_put", (each,), None, values))

    def remove_duty(self, each: Any) -> None:
        """They are not, or no more."""
        self.edits.append(Edit("duty_removed", (each,), self.now.duty.pop(each), None))

    def _change(
        self, what: str, key: tuple[Any, ...], rows: dict[str, Row], name: str, values: Mapping[str, Any]
    ) -> None:
        before = rows[name]
        changed = {k: v for k, v in values.items() if before.get(k) != v}
        if changed:
            rows[name] = {**before, **changed}
            self.edits.append(Edit(what, key, {k: before.get(k) for k in changed}, changed))


def _same(one: tuple[datetime | None, ...], other: tuple[datetime | None, ...]) -> bool:
    return all(minute(a) == minute(b) for a, b in zip(one, other, strict=True))


def minute(value: datetime | None) -> str | None:
    """An instant as precisely as an Excel sheet tells it."""
    return value.astimezone(UTC).isoformat(timespec="minutes") if value is not None else None
