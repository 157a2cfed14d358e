"""The city the requests come from: its units, areas, departments' queues and the people who stand in for its staff.

They form a realm of their own (`boston`): no post of theirs gives any right in the live world."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from engine import registers
from engine.core import Core
from engine.errors import Invalid
from web.replay.rows import Request
from web.setting_up import load_areas, load_people, load_units, read_table
from web.wiring import PROCESSES

FOLDER = PROCESSES / "replay" / "boston"
REALM = "boston"
CLERK = "boston_clerk"
STAFF = {
    ("boston_supervision_centre", "acceptor"): CLERK,
    ("boston_supervision_centre", "collector"): "boston_collector",
    ("boston_supervision_centre", "shift_leader"): "boston_shift_leader",
    ("boston_command_centre", "dispatcher"): "boston_dispatcher",
}
"""Who stands in for whom: the file does not name the city's staff, so each act is by a named stand-in for the post."""


_SOURCE = "column type of the replayed file; the due time of each request is the file's own target_dt"


@dataclass(frozen=True, slots=True)
class Realm:
    """The mapping from a request's words to ours."""

    units: dict[tuple[str, str], str]
    departments: dict[str, str]
    sources: dict[str, str]
    areas: dict[str, str]
    codes: dict[str, str]

    def unit(self, request: Request) -> str:
        """The unit a request was handled by: by department and queue, else by department."""
        exact = self.units.get((request.department, request.queue))
        return exact or self.departments.get(request.department, "boston_unassigned")

    def report(self, request: Request) -> dict[str, Any]:
        """The start form's answers."""
        answers: dict[str, Any] = {
            "source": self.sources.get(request.source, "transfer"),
            "title": (request.title if len(request.title) > 1 else request.type)[:100] or "request",
            "area": self.areas.get(request.neighbourhood, self.areas["*"]),
            "place": request.place[:200] or request.neighbourhood or "Boston",
        }
        if request.lat is not None and request.lon is not None:
            answers.update(lat=request.lat, lon=request.lon)
        return answers


def handler_of(unit_key: str) -> str:
    """The stand-in for a unit's staff."""
    return f"{unit_key}_handler"


Limits = Mapping[str, tuple[int, str]]
"""Amount and unit by type; `*` for any other."""


def limits_of_tests() -> Limits:
    """The limits in working time that a test mapping gives to the types of the file: promised by nobody, made to prove clocks."""
    return {row["type"]: (int(row["amount"]), row["unit"]) for row in read_table("test_limits", FOLDER)}


def prepare(core: Core, requests: Iterable[Request], limits: Limits | None = None) -> Realm:
    """Load the realm into the database (again without harm) and answer the mapping. With `limits` each type has its own, else none."""
    units = read_table("units", FOLDER)
    load_units(core, units, realm=REALM)
    areas = read_table("areas", FOLDER)
    load_areas(core, areas, realm=REALM)
    registers.load(core, f"{REALM}/areas", "key", areas)
    types = sorted({r.type for r in requests})
    codes = {name: f"B-{i:03d}" for i, name in enumerate(types, 1)}
    registers.load(
        core,
        f"{REALM}/standards",
        "code",
        [
            {
                "code": code,
                "class": code,
                "small_name": name,
                "small_name_en": name,
                "opening_condition": name,
                "closing_condition": None,
                "limit_amount": _limit(limits, name)[0],
                "limit_unit": _limit(limits, name)[1],
                "label": name,
                "label_en": name,
                "source": _SOURCE
                if limits is None
                else "column type of the replayed file; processes/replay/boston/test_limits.csv",
            }
            for name, code in codes.items()
        ],
    )
    staff = [{"login": login, "name": login, "unit": unit, "post": post} for (unit, post), login in STAFF.items()]
    staff += [
        {"login": handler_of(row["key"]), "name": row["name_en"], "unit": row["key"], "post": "handler"}
        for row in units
    ]
    load_people(core, staff)
    departments = read_table("departments", FOLDER)
    if not departments:
        raise Invalid(why_zh="部门对照表为空", why_en="the table of departments is empty")
    return Realm(
        units={(r["department"], r["queue"]): r["unit"] for r in departments},
        departments=_commonest(departments),
        sources={r["value"]: r["source"] for r in read_table("sources", FOLDER)},
        areas={r["neighborhood"]: r["key"] for r in areas},
        codes=codes,
    )


def _limit(limits: Limits | None, name: str) -> tuple[int, str] | tuple[None, None]:
    return (limits.get(name) or limits["*"]) if limits is not None else (None, None)


def _commonest(departments: list[dict[str, Any]]) -> dict[str, str]:
    best: dict[str, tuple[int, str]] = {}
    for row in departments:
        count = int(row["rows_2011_07_08"] or 0)
        if count > best.get(row["department"], (-1, ""))[0]:
            best[row["department"]] = (count, row["unit"])
    return {k: unit for k, (_, unit) in best.items()}
