"""Bugs that were nearly made where the organisation changes, and the course of a merger that must see them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from engine.core import Core
from engine.errors import Invalid, NotAllowed, NotFound
from engine.organisation import changes, judging, moving, rights, substitutes, writing
from engine.organisation.mover import Mover
from engine.organisation.picture import Picture
from engine.people import Actor
from engine.queries import counting
from engine.tables import LIVE, instance, organisation_change, person
from engine.tables.columns import database_now
from tests import laws
from tests.db.organised import ADMINISTRATOR, MERGE, SECURITY, UNIT_WORK, cases, changed, proposed, rows, unit_id
from tests.planted.bug import Bug
from web.city import City

WATER_MAN, DRAIN_WOMAN = "xiahexiang", "cailihua"


def a_merger(city: City) -> None:
    """Six cases of two units merged while their people work, with one that opens behind the mover's back: none lost, none shut out."""
    city.deploy(UNIT_WORK)
    some = cases(city, 3, "water_supply") + cases(city, 3, "drainage")
    before = datetime(2026, 1, 1, tzinfo=UTC)
    change = proposed(city, "merge", MERGE)
    for _ in range(2):
        moving.run_due(city.core, 2)
        _free(city)
    city.complete(city.tasks(some[2])[0], {}, WATER_MAN)
    city.run_due()
    assert changes.get(city.core, change).state == "applied"
    new = unit_id(city, "water")
    for case in some:
        (open_,) = city.tasks(case)
        row = city.instance(case)
        assert (open_.unit, row["unit_id"], row["facts"]["responsible_unit"]) == ("water", new, "water")
    for who in (WATER_MAN, DRAIN_WOMAN):
        assert {p.unit_key for p in city.actor(who).posts} == {"water"}
    (late,) = cases(city, 1, "drainage")
    assert city.tasks(late)[0].unit == "water"
    old = counting.by_unit(city.core, city.actor("hejianping"), {"all": instance.c.id > 0}, LIVE, before)
    assert old[unit_id(city, "water_supply")]["all"] == 3
    laws.check(city)


def separate_powers(city: City) -> None:
    """Nobody approves what they proposed, by whatever account, nor holds two posts that exclude each other by two accounts or lent."""
    number = rows(city, person, login=ADMINISTRATOR)[0]["staff_no"]
    other = rows(city, person, login=DRAIN_WOMAN)[0]["staff_no"]
    with city.core.db.write() as connection:
        connection.execute(update(person).where(person.c.login == SECURITY).values(staff_no=number))
        connection.execute(update(person).where(person.c.login == "cengqingfeng").values(staff_no=other))
    plan = {"unit": "drainage", "name_zh": "排水中心", "name_en": "Drains"}
    _refused(NotAllowed, lambda: city.approve(city.propose("rename", plan, ADMINISTRATOR, "改名"), SECURITY))
    give = {"give": [{"login": "cengqingfeng", "unit": "supervision_centre", "post": "collector"}]}
    _refused(Invalid, lambda: city.propose("people", give, ADMINISTRATOR, "兼任"))
    week = city.core.db.now() + timedelta(days=7)
    _refused(Invalid, lambda: substitutes.make(city.core, "lijianguo", WATER_MAN, None, week, ADMINISTRATOR))


def a_departure(city: City) -> None:
    """Who leaves is out at once, and what they had is open to others."""
    city.deploy(UNIT_WORK)
    (case,) = cases(city, 1, "sanitation")
    city.claim(city.tasks(case)[0], "dingyumei")
    changed(city, "leave", {"login": "dingyumei"})
    _refused(NotFound, lambda: city.actor("dingyumei"))
    city.complete(city.tasks(case)[0], {}, "guhongxia")


def _refused(error: type[Exception], act: Any) -> None:
    try:
        act()
    except error:
        return
    raise AssertionError("it was not refused")


def _free(city: City) -> None:
    with city.core.db.write() as connection:
        connection.execute(update(organisation_change).values(lease_until=None))


# ---------------------------------------------------------------- bugs


def ends_before_all_has_moved(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(moving, "waiting", lambda *_: [])


def old_posts_stay(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(writing, "end", lambda *_: None)


def case_stays_behind(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Mover, "_own", lambda *_: set())


def old_keys_lead_nowhere(patch: pytest.MonkeyPatch) -> None:
    def own_only(self: Core, key: str | None, _realm: str = "") -> int | None:
        self._read_units()
        return self._units.get(key or "")

    patch.setattr(Core, "unit_id", own_only)


def figures_follow_the_unit(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(counting, "unit_at", lambda _at: instance.c.unit_id)


def proposer_approves_by_another_account(patch: pytest.MonkeyPatch) -> None:
    real = rights.check_reviews

    def check(actor: Actor, proposed_by: int | None, concerned: set[int]) -> None:
        real(actor, proposed_by if proposed_by == actor.id else None, concerned)

    patch.setattr(rights, "check_reviews", check)


def accounts_are_taken_for_people(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Picture, "human", lambda _self, login: login)


def lent_posts_do_not_count(patch: pytest.MonkeyPatch) -> None:
    real = judging.conflicts

    def own_only(picture: Picture) -> Any:
        plain = picture.copy()
        plain.substitutes = {}
        return real(plain)

    patch.setattr(judging, "conflicts", own_only)


def tasks_of_who_left_stay_theirs(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Mover, "assignee", lambda *_: None)


def who_left_may_still_come_in(patch: pytest.MonkeyPatch) -> None:
    real = writing._WRITERS["person_left"]

    def left(hand: Any, edit: Any) -> None:
        real(hand, edit)
        who: Mapping[str, Any] = {"active": True, "left_at": database_now()}
        hand.connection.execute(update(person).where(person.c.id == hand.people[edit.key[0]]).values(**who))

    patch.setitem(writing._WRITERS, "person_left", left)


ORGANISATION_BUGS = (
    Bug(ends_before_all_has_moved, a_merger),
    Bug(old_posts_stay, a_merger),
    Bug(case_stays_behind, a_merger),
    Bug(old_keys_lead_nowhere, a_merger),
    Bug(figures_follow_the_unit, a_merger),
    Bug(proposer_approves_by_another_account, separate_powers),
    Bug(accounts_are_taken_for_people, separate_powers),
    Bug(lent_posts_do_not_count, separate_powers),
    Bug(tasks_of_who_left_stay_theirs, a_departure),
    Bug(who_left_may_still_come_in, a_departure),
)
