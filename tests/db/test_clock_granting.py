"""What the actions of requests about clocks do whatever happens: done once under a crash at every database call, and by nobody of the
asking or the responsible unit, whoever asks and whoever approves."""

from __future__ import annotations

import contextlib
import random
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from engine.audit import checkpoints
from engine.errors import Invalid, LiandongError, NotFound
from engine.organisation import snapshot
from engine.tables import membership, person
from escalation import asking, granting, records, requests
from escalation.ledger import Ground
from escalation.tables import clock_entry
from tests import clocking, laws
from tests.db import organising
from tests.faults.wrecking import ConnectionLost, wrecked
from tests.stories.test_clock_requests import DISPATCHER, HANDLER, HEAD, ask, at, drains, due, kinds, say
from web.city import City


def approved(city: City, kind: str = "extension", **answers: str) -> tuple[int, int]:
    """A case and a request that was agreed to, with its action not yet carried out."""
    case = drains(city)
    request = ask(city, case, kind, **answers)
    say(city, request, "Department", HEAD)
    task = next(one for one in city.tasks(request) if one.node == "Decide")
    city.complete(task, {"decision": "approve"}, DISPATCHER)
    return case, request


def test_a_crash_at_every_call_extends_once(city: City) -> None:
    case, request = approved(city)
    with wrecked(city.core.db) as wreck:
        granting.extend(city.core, request, {})
    calls = wreck.point
    assert due(city, case) == at(6, 16)
    case, request = approved(city)
    for point in range(calls):
        with wrecked(city.core.db, point), contextlib.suppress(ConnectionLost):
            granting.extend(city.core, request, {})
        assert due(city, case) in (at(6, 12), at(6, 16)), point
    again = granting.extend(city.core, request, {})
    assert again["due"].startswith("2026-06-16T09:00")
    entries = [row for row in laws.rows(city, clock_entry, case) if row["kind"] == "extended"]
    assert sorted(row["name"] for row in entries) == ["case", "handle"]
    city.run_due()
    assert kinds(city, case) == ["clock_asked", "clock_extended", "clock_extended"]
    assert due(city, case) == at(6, 16)
    laws.check(city, case)


def test_what_was_approved_is_found_good(city: City) -> None:
    _, request = approved(city)
    granting.extend(city.core, request, {})
    checkpoints.make(city.core)
    assert records.verify(city.core).findings == []


@pytest.mark.parametrize("forged", ["bare", "no such request", "by who asked", "for their unit"])
def test_a_forged_extension_is_found(city: City, forged: str) -> None:
    """Written by the ledger itself, in a step, with its history: only nobody of another unit agreed to what was asked."""
    case, request = approved(city)
    asked = requests.asked_of(city.core, case, request)
    assert asked is not None
    head = city.actor(DISPATCHER).id
    centre = city.core.unit_id("command_centre")
    true = Ground("工程量大", None, "", "", asked.by, asked.unit, head, centre, request)
    why = {
        "bare": Ground("工程量大"),
        "no such request": replace(true, request=case),
        "by who asked": replace(true, approved_by=asked.by),
        "for their unit": replace(true, approved_unit=asked.unit),
    }[forged]
    clocking.change(city, case, "extend", Decimal(1), why, name=asked.clock)
    checkpoints.make(city.core)
    found = records.verify(city.core).findings
    assert [each.kind for each in found] == ["row_differs"]
    assert "no approval" in found[0].en


class TestWhoever:
    """No database makes a difference."""

    @pytest.fixture
    def database_kind(self) -> str:
        return "sqlite"

    def test_nobody_of_the_unit_gets_a_clock_changed(self, city: City) -> None:
        """Random askers and approvers, who hold posts anywhere: what was carried out was agreed to by another unit's people, and
        neither of the parent of it."""
        dice = random.Random(20261123)
        core = city.core
        with core.db.read() as connection:
            logins = dict(connection.execute(person.select().with_only_columns(person.c.login, person.c.id)).all())
            held = connection.execute(membership.select().with_only_columns(membership.c.person_id)).scalars().all()
        everybody = sorted(login for login, who in logins.items() if who in set(held))
        centre = core.unit_id("command_centre")
        dispatch = set(snapshot.of(core).holders(centre, "dispatcher", None))
        others = [one for one in everybody if one not in (HANDLER, HEAD, "fengdawei") and logins[one] not in dispatch]
        for login in dice.sample(others, 12):
            organising.put(city, login, "command_centre", "dispatcher")
        for login in (HANDLER, "fengdawei"):
            organising.put(city, login, "command_centre", "dispatcher")
        granted = tried = 0
        for _ in range(5):
            case = drains(city)
            asker = dice.choice([HANDLER, HEAD, *dice.sample(everybody, 2)])
            try:
                request = ask(city, case, "extension", by=asker)
            except (Invalid, NotFound):
                continue
            for _ in range(6):
                for task in city.tasks(request):
                    who = dice.choice([HANDLER, HEAD, "fengdawei", "tangshuzhen", DISPATCHER, dice.choice(everybody)])
                    field = {"Department": "department_decision"}.get(task.node, "decision")
                    tried += 1
                    try:
                        city.complete(task, {field: "approve"}, who)
                    except LiandongError:
                        continue
                    city.run_due()
            granted += str(city.instance(request)["outcome"]) == "EndExtended"
        wrong = [row for row in laws.rows(city, clock_entry) if not granting.lawful(core, row)]
        assert not wrong
        assert tried > 10
        drawn = drains(city)
        request = ask(city, drawn, "extension")
        say(city, request, "Department", HEAD)
        say(city, request, "Decide", "guohongxia")
        assert laws.rows(city, clock_entry, drawn), "others can"

    def test_what_is_lawful(self, city: City) -> None:
        core, known = city.core, snapshot.of(city.core)
        drainage, bureau = (core.unit_id(key) for key in ("drainage", "city_management_bureau"))
        centre, asker = core.unit_id("command_centre"), city.actor(HANDLER).id
        case = drains(city)
        row: dict[str, Any] = {"instance_id": case, "kind": "extended", "request_id": 1, "asked_by": asker}
        row |= {"asked_unit": drainage, "approved_by": city.actor(DISPATCHER).id, "approved_unit": centre}
        assert granting.lawful(core, row)
        for wrong in (
            {"approved_unit": drainage},
            {"approved_unit": bureau},
            {"approved_by": asker},
            {"approved_by": city.actor(HEAD).id},
            {"approved_by": None},
            {"request_id": None},
        ):
            assert not granting.lawful(core, {**row, **wrong}), wrong
        assert granting.lawful(core, {**row, "kind": "calendar", "approved_by": None, "request_id": None})
        assert known.parents[drainage or 0] == bureau
        assert asking.possible(core, city.actor(DISPATCHER), case) == []
