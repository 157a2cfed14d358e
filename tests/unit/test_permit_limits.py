"""The limits of permits and punishments are rows of `permit_terms`, each with its article: no diagram counts by a number of its own."""

from __future__ import annotations

import re

from web.wiring import PROCESSES

PERMITS = ("advertising_*", "enforcement", "waste_*", "excavation_permit", "emergency_dig")
LIMIT = re.compile(r"<ld:(?:clock|worktime)\b[^>]*?\b(?:budget|amount)=(?:\"\d[^\"]*\"|'\d[^']*')[^>]*>")


def test_no_limit_of_a_permit_is_written_into_its_diagram() -> None:
    diagrams = [path for each in PERMITS for path in sorted(PROCESSES.glob(f"{each}/*.bpmn"))]
    assert len(diagrams) >= 10
    found = {path.stem: said for path in diagrams if (said := LIMIT.findall(path.read_text(encoding="utf-8")))}
    assert found == {}, "a row of processes/registers/permit_terms.csv, looked up when the case begins"
