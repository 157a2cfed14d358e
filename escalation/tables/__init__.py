"""The tables of escalation, on the engine's metadata, so that a step writes them in its own transaction."""

from escalation.tables.clocks import clock, clock_entry
from escalation.tables.sending import contact, delivery
from escalation.tables.supervision import rung

__all__ = ["clock", "clock_entry", "contact", "delivery", "rung"]
