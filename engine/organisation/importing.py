"""Sheets of the whole organisation against what is: what they add, change and end, on a draft."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Any

from engine.organisation.draft import Draft, minute
from engine.organisation.plans import Duty, Import, Substitute

Row = dict[str, Any]


def apply(draft: Draft, plan: Import) -> None:
    """First what is new and changed, from the top of the tree down; then what the sheets do not name any more ends."""
    _units(draft, plan)
    _areas(draft, plan)
    for person in _each(draft, "people", plan.people or ()):
        draft.put_person(person)
    if plan.held is not None:
        for held in _each(draft, "held", plan.held):
            draft.give(held)
        named = {(h.login, h.unit, h.post) for h in plan.held}
        for key in [k for k in draft.now.held if k not in named]:
            draft.take(key)
    if plan.people is not None:
        logins = {p.login for p in plan.people}
        for login, row in list(draft.now.people.items()):
            # who holds no post and has no number is no employee: accounts of the program itself
            if row["active"] and login not in logins and (row["staff_no"] or draft.was.posts_of(login)):
                draft.leave(login)
    if plan.substitutes is not None:
        _substitutes(draft, plan.substitutes)
    if plan.duty is not None:
        _duty(draft, plan.duty)
    if plan.units is not None:
        _end_units(draft, {u.key for u in plan.units})
    draft.sheet = draft.row = None


def _each(draft: Draft, sheet: str, rows: Sequence[Any]) -> Iterable[Any]:
    """The rows of a sheet, each under its own place; one that stands twice is told."""
    seen: set[Hashable] = set()
    for row in rows:
        draft.sheet, draft.row = sheet, row.row
        key = _name(row)
        if key in seen:
            draft.problem("与前面某一行重复。", "This stands in an earlier row already.")
        else:
            seen.add(key)
            yield row
    draft.sheet = draft.row = None


def _name(row: Any) -> Hashable:
    if isinstance(row, Substitute | Duty):
        return repr({**{n: getattr(row, n) for n in row.__slots__}, "row": None})
    if hasattr(row, "post"):
        return (row.login, row.unit, row.post)
    return str(getattr(row, "login", None) or row.key)


def _units(draft: Draft, plan: Import) -> None:
    """In whatever order they stand: one is made when the unit above it is there."""
    waiting = list(_each(draft, "units", plan.units or ()))
    coming = {u.key for u in waiting}
    while waiting:
        ready = [u for u in waiting if u.parent not in coming or u.parent in draft.now.units]
        for wanted in ready or waiting:
            draft.sheet, draft.row = "units", wanted.row
            draft.put_unit(wanted)
        waiting = [u for u in waiting if ready and u not in ready]
    draft.sheet = draft.row = None


def _areas(draft: Draft, plan: Import) -> None:
    waiting = list(_each(draft, "areas", plan.areas or ()))
    coming = {a.key for a in waiting}
    while waiting:
        ready = [a for a in waiting if a.parent not in coming or a.parent in draft.now.areas]
        for wanted in ready or waiting:
            draft.sheet, draft.row = "areas", wanted.row
            draft.put_area(wanted)
        waiting = [a for a in waiting if ready and a not in ready]
    draft.sheet = draft.row = None


def _end_units(draft: Draft, named: set[str]) -> None:
    for key, row in list(draft.now.units.items()):
        if row["ended_at"] is not None or key in named:
            continue
        members = [k for k in draft.now.held if k[1] == key and draft.now.active(k[0])]
        below = [k for k, u in draft.now.units.items() if u["parent"] == key and u["ended_at"] is None and k in named]
        if members or below:
            draft.sheet = "units"
            draft.problem(
                f"单位“{row['name_zh']}”不在表中，但仍有人员任职或下级单位；请改用合并。",
                f"The unit “{row['name_en']}” is not in the sheet, but people or units still belong to it; merge it instead.",
                "key",
            )
            continue
        for area in [a for a, found in draft.now.areas.items() if found["unit"] == key]:
            draft.assign_area(area, None)
        draft.end_unit(key, None)


def _substitutes(draft: Draft, rows: tuple[Substitute, ...]) -> None:
    there = {_lent(row): each for each, row in draft.now.substitutes.items()}
    for wanted in _each(draft, "substitutes", rows):
        values: Row = {
            name: getattr(wanted, name)
            for name in ("principal", "substitute", "since", "until", "unit", "post", "processes", "reason")
        }
        values["processes"] = list(wanted.processes) if wanted.processes else None
        if there.pop(_lent(values), None) is not None:
            continue
        known = [draft.person(wanted.principal, "principal"), draft.person(wanted.substitute, "substitute")]
        known += [wanted.unit is None or draft.unit(wanted.unit), wanted.post is None or draft.post(wanted.post)]
        if all(known) and wanted.until > draft.now.now:
            draft.put_substitute(values)
    for each in there.values():
        if each in draft.now.substitutes:
            draft.end_substitute(each)


def _lent(row: Row) -> Hashable:
    names = ("principal", "substitute", "unit", "post")
    return (*(row[n] for n in names), minute(row["since"]), minute(row["until"]), tuple(row["processes"] or ()))


def _duty(draft: Draft, rows: tuple[Duty, ...]) -> None:
    there = {_on(row): each for each, row in draft.now.duty.items()}
    for wanted in _each(draft, "duty", rows):
        values = {name: getattr(wanted, name) for name in ("unit", "post", "login", "since", "until", "note")}
        if there.pop(_on(values), None) is not None or wanted.until <= draft.now.now:
            continue
        if not (draft.unit(wanted.unit) and draft.post(wanted.post) and draft.person(wanted.login)):
            continue
        if (wanted.login, wanted.unit, wanted.post) not in draft.now.held:
            draft.problem(
                "值班人员在该单位不任此岗位。", "Who is on duty does not hold this post in this unit.", "login"
            )
            continue
        draft.put_duty(values)
    for each in there.values():
        if each in draft.now.duty:
            draft.remove_duty(each)


def _on(row: Row) -> Hashable:
    return (row["unit"], row["post"], row["login"], minute(row["since"]), minute(row["until"]))
