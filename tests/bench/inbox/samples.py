"""The few cases that the many are copies of, each walked through the engine to its place: of many units and at every step, claimed or
not, three processes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.acts import holding
from tests.bench.story import LOOP, OLD, POSTS, PROCESS, REPORT, YOUNG, Walker
from web.city import City

UNITS = (
    "sanitation", "municipal_works", "enforcement_yuanlin", "water_supply", "street_lighting", "drainage", "town_yuanlin",
    "construction_waste", "enforcement_brigade", "telecom", "power_supply", "traffic_police", "gas_supply", "housing_construction",
    "town_zhouji", "town_haokou", "ecology", "market_regulation", "transport", "town_xiongkou", "fire_rescue", "postal",
    "town_longwan", "sports",
)  # fmt: skip
"""Responsible units, the busiest first: the n-th gets a share of 1/n (Zipf). None whose head signs out what it did (unit_rules)."""

STAGES = {"SignFor": 0.30, "Handle": 0.45, "Feedback": 0.10, "Check": 0.09, "Close": 0.06}
"""Where open cases stand that were dispatched, and how many of them: most wait for who is responsible."""

EARLY = {"Verify": 0.05, "File": 0.03, "Dispatch": 0.05}
"""The share of open cases that were not dispatched yet."""

CLAIMED = 0.08
"""The share of open tasks at a unit's steps that somebody has taken."""

SUPERVISED = 0.01
"""The share of cases, open and closed, that are supervisions."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A case, the share that its copies have among the open or the closed, and how many closed tasks it has."""

    case: int
    share: float
    open: bool
    closed_tasks: int


def make(city: City, units: Sequence[str] = UNITS) -> list[Sample]:
    """Walk them, for these responsible units."""
    office = _Office(city)
    whole = sum(1 / n for n in range(1, len(units) + 1))
    found = []
    for node, share in EARLY.items():
        steps = YOUNG[: [n for n, _ in YOUNG].index(node)]
        found.append(office.sample(units[0], steps, share, claim=False))
    dispatched = 1 - sum(EARLY.values()) - SUPERVISED
    for n, one in enumerate(units, 1):
        of_unit = dispatched / n / whole
        for node, share in STAGES.items():
            steps = YOUNG + OLD[: [name for name, _ in OLD].index(node)]
            claimed = CLAIMED if node in ("SignFor", "Handle") else 0.0
            found.append(office.sample(one, steps, of_unit * share * (1 - claimed), claim=False))
            if claimed:
                found.append(office.sample(one, steps, of_unit * share * claimed, claim=True))
        found.append(office.sample(one, YOUNG + OLD, (1 - SUPERVISED) / n / whole * 0.8, claim=False))
        found.append(office.sample(one, YOUNG + LOOP + OLD, (1 - SUPERVISED) / n / whole * 0.2, claim=False))
    found += [office.supervision(closed=False), office.supervision(closed=True)]
    return found


class _Office:
    def __init__(self, city: City) -> None:
        self.city = city
        self.people = Walker(city).people

    def sample(
        self, responsible: str, steps: tuple[tuple[str, dict[str, Any]], ...], share: float, *, claim: bool
    ) -> Sample:
        """A case dispatched to a unit and walked so far; each task claimed, then completed."""
        case = self.city.start(PROCESS, REPORT, by=self.people["supervision_centre", "acceptor"])
        for node, answers in steps:
            said = {**answers, "responsible_unit": responsible} if "responsible_unit" in answers else answers
            self._claimed(case, self.who(node, responsible))
            self.city.complete(self.city.tasks(case)[0], said, by=self.who(node, responsible))
        left = self.city.tasks(case)
        if claim:
            self._claimed(case, self.who(left[0].node, responsible))
        return Sample(case, share, bool(left), len(steps))

    def supervision(self, *, closed: bool) -> Sample:
        """A supervision of the office, waiting for the reply of a unit's head, or archived."""
        supervisor = self.people["supervision_centre", "supervisor"]
        raised = {
            "title": "占道经营反复", "responsible_unit": "enforcement_brigade", "demand": "限期整改", "reply_days": 3, "rounds_most": 2,
        }  # fmt: skip
        case = self.city.start("supervision", raised, supervisor)
        if closed:
            head = self.people["enforcement_brigade", "unit_head"]
            said = [
                ({"reply_text": "已整改"}, head),
                ({"review_decision": "accept"}, supervisor),
                ({"conclusion": "归档"}, supervisor),
            ]
            for answers, who in said:
                self.city.complete(self.city.tasks(case)[0], answers, by=who)
        return Sample(case, SUPERVISED, not closed, 3 if closed else 0)

    def who(self, node: str, responsible: str) -> str:
        """Whose turn it is."""
        unit_key, post = POSTS[node]
        return self.people[responsible if node in ("SignFor", "Handle") else unit_key, post]

    def _claimed(self, case: int, by: str) -> None:
        (task,) = self.city.tasks(case)
        holding.claim(self.city.core, str(task), by)
