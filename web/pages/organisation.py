"""The organisation to look at: the tree of units with their heads, a unit, people, a person, areas. For who works for the city."""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby
from typing import Any

from flask import Blueprint, g, render_template, request

from engine.queries import organisation as reading
from engine.queries import rosters
from engine.queries.organisation import STAFF, Area, Held, Unit
from web import telling_organisation as telling
from web.auth import city
from web.policies import policy
from web.telling import now
from web.texts import locale

page = Blueprint("organisation", __name__)

KEEPERS = frozenset({"administer", "secure", "audit"})
"""Who sees log-in names, numbers of staff, changes, and who left."""

KIND_ORDER = ("office", "centre", "department", "town", "enforcement", "community", "company")
AHEAD = timedelta(days=7)
LARGEST_ID = 2**31 - 1
MANY = 12
"""More units below one than that are shown by their kinds."""


@page.get("/organisation")
@policy(STAFF)
def tree() -> str:
    """The tree, or what a search finds in it."""
    units = reading.units(city().core)
    text = request.args.get("q", "").strip()[:60]
    found = [u for u in units.values() if _fits(u, text)] if text else None
    roots = _sorted([u for u in units.values() if u.parent_id not in units])
    return render_template(
        "organisation.html",
        text=text,
        found=found,
        roots=[u for u in roots if u.below],
        alone=[u for u in roots if not u.below],
        parents={u.id: _above(units, u) for u in found or ()},
        groups=_groups,
        count=len(units),
        **_shared(),
    )


@page.get("/organisation/units/<key>")
@policy(STAFF)
def unit(key: str) -> str:
    """A unit: who works there, what is below it, who is on duty, who is away, which areas are its own."""
    core = city().core
    units = reading.units(core, ended=True)
    one = next((each for each in units.values() if each.key == key), None) or reading.unit_by_key(core, key)
    held = reading.held(core, unit_ids=[one.id], later=True, staff=not _keeps())
    instant = core.db.now()
    return render_template(
        "organisation_unit.html",
        unit=one,
        above=_above(units, one),
        below=_sorted([each for each in one.below if each.ended_at is None]),
        successor=units.get(one.successor_id or 0),
        people=_by_person(held),
        duties=rosters.duties(core, instant, instant + AHEAD, unit_ids=[one.id]),
        substitutions=rosters.substitutions(core, unit_ids=[one.id]),
        areas=[a for a in reading.areas(core).values() if a.unit_id == one.id],
        may_organise=one.ended_at is None and one.id in rosters.organised(core, g.actor),
        **_shared(),
    )


@page.get("/organisation/people")
@policy(STAFF)
def people() -> str:
    """People by the sound of their names."""
    text = request.args.get("q", "").strip()[:60]
    at = max(1, min(request.args.get("page", 1, type=int), 10_000))
    left = _keeps() and request.args.get("left") == "1"
    found, total = reading.people(city().core, text, at, also_left=left, staff=not _keeps())
    return render_template(
        "organisation_people.html",
        text=text,
        people=found,
        total=total,
        at=at,
        left=left,
        more=total > at * reading.PAGE,
        **_shared(),
    )


@page.get("/organisation/people/<int:person_id>")
@policy(STAFF)
def person(person_id: int) -> str:
    """A person: posts, who stands in for whom, duty."""
    core = city().core
    one = reading.person_by_id(core, min(person_id, LARGEST_ID), staff=not _keeps())
    instant = core.db.now()
    kinds = reading.posts(core)
    return render_template(
        "organisation_person.html",
        person=one,
        shown=[h for h in one.posts if _keeps() or STAFF in kinds[h.post].powers],
        duties=rosters.duties(core, instant, instant + AHEAD, person_ids=[one.id]),
        substitutions=rosters.substitutions(core, person_ids=[one.id]),
        may_organise=any(h.unit_id in rosters.organised(core, g.actor) for h in one.posts),
        **_shared(),
    )


@page.get("/organisation/areas")
@policy(STAFF)
def areas() -> str:
    """Grid, community, town, and the unit responsible for each."""
    found = reading.areas(city().core)
    text = request.args.get("q", "").strip()[:60]
    roots = [a for a in found.values() if a.parent not in found]
    return render_template(
        "organisation_areas.html",
        text=text,
        found=[a for a in found.values() if _is_called(a, text)] if text else None,
        above=lambda area: _within(found, area),
        roots=roots,
        count=len(found),
        **_shared(),
    )


# ---------------------------------------------------------------- inside


def _keeps() -> bool:
    return not KEEPERS.isdisjoint(g.actor.powers)


def _shared() -> dict[str, Any]:
    return {
        "telling": telling,
        "keeps": _keeps(),
        "may_change": "administer" in g.actor.powers,
        "today": now(),
    }


def _sorted(units: list[Unit]) -> list[Unit]:
    order = {kind: i for i, kind in enumerate(KIND_ORDER)}
    return sorted(units, key=lambda u: (order.get(u.kind, 99), u.id))


def _groups(unit: Unit) -> list[tuple[str, list[Unit]]]:
    """Units below: many are told apart by their kind, few stand in one list."""
    below = _sorted(unit.below)
    if len(below) <= MANY:
        return [("", below)]
    return [(telling.unit_kind(kind), list(rows)) for kind, rows in groupby(below, key=lambda u: u.kind)]


def _by_person(held: list[Held]) -> list[list[Held]]:
    """Each person once, with all posts in the unit."""
    found: dict[int, list[Held]] = {}
    for one in held:
        found.setdefault(one.person_id, []).append(one)
    return list(found.values())


def _above(units: dict[int, Unit], one: Unit) -> list[Unit]:
    """The units above, the topmost first."""
    found: list[Unit] = []
    parent = units.get(one.parent_id or 0)
    while parent is not None and parent not in found:
        found.insert(0, parent)
        parent = units.get(parent.parent_id or 0)
    return found


def _fits(one: Unit, text: str) -> bool:
    wanted = text.lower()
    names = (one.names.text("zh"), one.names.text("en"), one.key, *(h.name for h in one.heads))
    return any(wanted in name.lower() for name in names)


def _is_called(area: Area, text: str) -> bool:
    return any(text.lower() in name.lower() for name in (area.names.text("zh"), area.names.text("en"), area.key))


def _within(found: dict[str, Area], area: Area) -> str:
    names: list[str] = []
    parent = found.get(area.parent or "")
    while parent is not None and len(names) < 5:
        names.insert(0, parent.names.text(locale()))
        parent = found.get(parent.parent or "")
    return " / ".join(names)
