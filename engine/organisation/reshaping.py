"""Units made, renamed, merged and split, on a draft."""

from __future__ import annotations

from collections.abc import Iterable

from engine.organisation.draft import Draft
from engine.organisation.plans import Create, Held, Merge, Rename, Split, Unit
from engine.organisation.work import Back, Share, Way


def create(draft: Draft, plan: Create) -> None:
    """A new unit, with the areas it is responsible for."""
    if plan.unit.key in draft.now.units:
        draft.problem(f"单位代码“{plan.unit.key}”已存在。", f"There is a unit “{plan.unit.key}” already.", "key")
        return
    draft.put_unit(plan.unit)
    _assign(draft, plan.areas, plan.unit.key)


def rename(draft: Draft, plan: Rename) -> None:
    """Another name, kind or place in the tree."""
    if not draft.unit(plan.unit):
        return
    was = draft.now.units[plan.unit]
    parent = plan.parent if plan.parent is not None else was["parent"]
    draft.put_unit(Unit(plan.unit, plan.name_zh, plan.name_en, plan.kind or was["kind"], parent))


def merge(draft: Draft, plan: Merge) -> None:
    """All units go on as one: their people, areas, substitutes, duty and the units below them with them."""
    target = plan.into if isinstance(plan.into, str) else plan.into.key
    sources = [key for key in dict.fromkeys(plan.units) if key != target]
    known = [draft.unit(key, "units") for key in sources]
    if not sources or (len(sources) == 1 and target == sources[0]):
        draft.problem("请至少选择一个要并入的单位。", "Name at least one unit that is merged into another.", "units")
        return
    if not all(known) or not _target(draft, plan.into, sources):
        return
    for key in sources:
        for login, unit, post in list(draft.now.held):
            if unit == key:
                if not _stays_no_head(draft, plan, login, post):
                    _carry(draft, (login, unit, post), target)
                draft.later.append((login, unit, post))
        _hand_over(draft, key, target)
    if plan.head is not None:
        _one_head(draft, plan.head, target)
    for key in sources:
        draft.ways[key] = Way(target, facts=plan.facts)
        draft.end_unit(key, target)


def _stays_no_head(draft: Draft, plan: Merge, login: str, post: str) -> bool:
    return plan.head is not None and bool(draft.now.posts[post]["heads"]) and login != plan.head


def _one_head(draft: Draft, head: str, target: str) -> None:
    heads = [k for k in draft.now.held if k[1] == target and draft.now.posts[k[2]]["heads"]]
    if not any(login == head for login, _, _ in heads):
        draft.problem(
            f"“{draft.now.name(head)}”不是被合并单位的负责人。",
            f"“{draft.now.name(head)}” is head of none of these units.",
            "head",
        )
    for key in heads:
        if key[0] != head:
            draft.take(key)


def split(draft: Draft, plan: Split) -> None:
    """One unit goes on as several; what no part takes, and who is named in none, goes to the default."""
    if not draft.unit(plan.unit):
        return
    stays = plan.default == plan.unit
    if not plan.parts or (not stays and plan.default not in {p.key for p in plan.parts}):
        draft.problem(
            "默认去向须是拆分后的单位之一。", "The default must be one of the units it goes on as.", "default"
        )
        return
    for part in plan.parts:
        gone = () if stays else (plan.unit,)
        if part.key == plan.unit or not _target(draft, part.into, gone):
            draft.problem(f"单位“{part.key}”不能作为去向。", f"“{part.key}” cannot be what it goes on as.", "parts")
            return
    shares = []
    for part in plan.parts:
        named = set(part.areas)
        for area in named - set(draft.now.areas):
            draft.problem(f"没有区域“{area}”。", f"There is no area “{area}”.", "areas")
        areas = frozenset(draft.now.below(named))
        if areas or part.classes:
            shares.append(Share(part.key, areas, part.classes))
        _assign(draft, (a for a in sorted(areas) if draft.was.areas.get(a, {}).get("unit") == plan.unit), part.key)
    _split_people(draft, plan, stays=stays)
    draft.ways[plan.unit] = Way(plan.default, tuple(shares), plan.facts)
    if not stays:
        _hand_over(draft, plan.unit, plan.default)
        draft.end_unit(plan.unit, plan.default)


def _split_people(draft: Draft, plan: Split, *, stays: bool) -> None:
    into = {login: part.key for part in plan.parts for login in part.people}
    of = {login for login, unit, _ in draft.now.held if unit == plan.unit}
    for login in sorted(set(into) - of):
        draft.problem(f"“{login}”不在被拆分的单位中。", f"“{login}” is not of the unit that is split.", "people")
    for login, unit, post in list(draft.now.held):
        if unit != plan.unit:
            continue
        to = into.get(login, plan.default)
        if to != plan.unit:
            _carry(draft, (login, unit, post), to)
            draft.later.append((login, unit, post))
            draft.backs.append(Back(login, unit, post))
    if stays:
        gone = set(into)
        for each, row in list(draft.now.duty.items()):
            if row["unit"] == plan.unit and row["login"] in gone:
                draft.remove_duty(each)


def _target(draft: Draft, into: str | Unit, ending: Iterable[str]) -> bool:
    """Makes the unit if it is a new one; it must lie under none that ends."""
    if isinstance(into, str):
        if not draft.unit(into, "into"):
            return False
        was = draft.now.units[into]
        wanted = Unit(into, was["name_zh"], was["name_en"], was["kind"], was["parent"])
    else:
        if into.key in draft.was.units:
            draft.problem(f"单位代码“{into.key}”已存在。", f"There is a unit “{into.key}” already.", "key")
            return False
        wanted = into
    parent, gone = wanted.parent, set(ending)
    while parent in gone:
        parent = draft.now.units[parent]["parent"]
    problems = len(draft.problems)
    draft.put_unit(Unit(wanted.key, wanted.name_zh, wanted.name_en, wanted.kind, parent))
    return len(draft.problems) == problems


def _carry(draft: Draft, key: tuple[str, str, str], to: str) -> None:
    """The same post in the new unit, at least as long."""
    login, _, post = key
    since, until = draft.now.held[key]
    there = draft.now.held.get((login, to, post))
    if there is not None:
        until = None if until is None or there[1] is None else max(until, there[1])
        since = there[0]
    elif since is not None and since < draft.now.now:
        since = draft.now.now
    if draft.now.active(login):
        draft.give(Held(login, to, post, since, until))


def _hand_over(draft: Draft, key: str, to: str) -> None:
    """Units below, areas, substitutes and duty of a unit that ends."""
    for child, row in list(draft.now.units.items()):
        if row["parent"] == key and child != to and row["ended_at"] is None:
            draft.put_unit(Unit(child, row["name_zh"], row["name_en"], row["kind"], to))
    _assign(draft, (a for a, row in draft.now.areas.items() if row["unit"] == key), to)
    for row in list(draft.now.substitutes.values()):
        if row["unit"] == key:
            draft.put_substitute({**row, "unit": to})  # the old one holds until everything has moved
    for each, row in list(draft.now.duty.items()):
        if row["unit"] == key:
            where = next((u for u in (to, *_homes(draft, key)) if (row["login"], u, row["post"]) in draft.now.held), to)
            draft.remove_duty(each)
            draft.put_duty({**row, "unit": where})


def _homes(draft: Draft, key: str) -> list[str]:
    """Units that people of a split unit have gone to."""
    return sorted({e.key[1] for e in draft.edits if e.what == "post_given" and e.key[1] != key})


def _assign(draft: Draft, areas: Iterable[str], unit: str) -> None:
    for area in list(areas):
        if area in draft.now.areas:
            draft.assign_area(area, unit)
        else:
            draft.problem(f"没有区域“{area}”。", f"There is no area “{area}”.", "areas")
