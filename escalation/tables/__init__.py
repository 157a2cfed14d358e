"""The tables of escalation, on the engine's metadata, so that a step writes them in its own transaction."""

from escalation.tables.assessment import (
    assessment_count_mark,
    assessment_count_unit_mark,
    assessment_document,
    assessment_edition,
    assessment_mark,
    assessment_unit_mark,
    exemption,
    exemption_decision,
    plan_filing,
)
from escalation.tables.clocks import clock, clock_entry
from escalation.tables.counting import kept_count, kept_count_cases
from escalation.tables.sending import contact, delivery
from escalation.tables.supervision import rung

__all__ = [
    "assessment_count_mark",
    "assessment_count_unit_mark",
    "assessment_document",
    "assessment_edition",
    "assessment_mark",
    "assessment_unit_mark",
    "clock",
    "clock_entry",
    "contact",
    "delivery",
    "exemption",
    "exemption_decision",
    "kept_count",
    "kept_count_cases",
    "plan_filing",
    "rung",
]
