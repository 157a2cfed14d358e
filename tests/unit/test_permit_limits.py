"""The limits of permits and punishments are rows of `permit_terms`, each with its article, its unit of time and the unit of the city that
does it: no diagram counts by a number or a unit of its own, and none of those whose rows name a unit names one itself."""

from __future__ import annotations

import csv
import re

from web.wiring import PROCESSES

PERMITS = (
    "advertising_*",
    "enforcement",
    "waste_*",
    "excavation_permit",
    "emergency_dig",
    "permit_hearing",
    "clock_suspension",
)
GIVEN_AWAY = ("advertising_*", "enforcement", "waste_*", "permit_hearing")
"""Where a city may give the whole work to another bureau: a row says who does it. Roads name both authorities as the law does."""

LIMIT = re.compile(r"<ld:(?:clock|worktime)\b[^>]*?\b(?:budget|amount)=(?:\"\d[^\"]*\"|'\d[^']*')[^>]*>")
TIME_UNIT = re.compile(
    r"<ld:(?:clock|worktime)\b[^>]*?\bunit=\"(?!=)[^\"]*\"|\"(?:work|natural)_day\"|&quot;(?:work|natural)_day&quot;"
)
CANDIDATES = re.compile(r"<ld:candidates\b[^>]*?(?:\bunit|\bfallbackUnit)=\"(?!=)(?!city_government\")[^\"]*\"[^>]*>")


def _found(pattern: re.Pattern[str], processes: tuple[str, ...]) -> dict[str, list[str]]:
    diagrams = [path for each in processes for path in sorted(PROCESSES.glob(f"{each}/*.bpmn"))]
    assert len(diagrams) >= len(processes)
    return {path.stem: said for path in diagrams if (said := pattern.findall(path.read_text(encoding="utf-8")))}


def test_no_limit_of_a_permit_is_written_into_its_diagram() -> None:
    assert _found(LIMIT, PERMITS) == {}, "a row of processes/registers/permit_terms.csv, looked up when the case begins"


def test_no_unit_of_time_is_written_into_a_diagram_either() -> None:
    assert _found(TIME_UNIT, PERMITS) == {}, "the row's column `unit`"


def test_who_does_it_is_said_by_the_row() -> None:
    """A city that gives advertising to another bureau edits a row (`approver`), not a diagram. Only the fallback for what nobody else may
    approve is named: the city government."""
    assert _found(CANDIDATES, GIVEN_AWAY) == {}


def test_every_row_that_a_diagram_asks_for_a_unit_names_one() -> None:
    with (PROCESSES / "registers" / "permit_terms.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    asked = re.compile(r"<ld:candidates\b[^>]*\"=(?:hearing_)?terms\.(\w+)\.approver\"")
    for processes, permits in (
        ("advertising_change", ("advertising_change",)),
        ("enforcement", ("enforcement",)),
        ("waste_*", ("waste",)),
        ("permit_hearing", ("hearing",)),
        ("advertising_[pie]*", ("advertising", "advertising_led", "advertising_large", "advertising_temporary")),
    ):
        terms = {
            term for path in PROCESSES.glob(f"{processes}/*.bpmn") for term in asked.findall(path.read_text("utf-8"))
        }
        assert terms, processes
        mine = [row for row in rows if row["permit"] in permits and row["term"] in terms]
        assert {row["term"] for row in mine} == terms
        assert [row["key"] for row in mine if not row["approver"]] == []
