"""What a worker does for the records: seal what was written, and verify it all now and then."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from engine import certified
from engine.audit import checkpoints, results, verifying
from engine.audit.findings import Report
from escalation import agreeing

if TYPE_CHECKING:
    from engine.core import Core

TICK = timedelta(seconds=10)
"""How often it is asked whether something is to be sealed."""


def verify(core: Core) -> Report:
    """Verify all records, with what clocks and certificates must agree with."""
    return verifying.verify(core, (agreeing.clocks, certified.agree))


def seal(core: Core) -> bool:
    """Seal what is due; True when more is waiting."""
    return checkpoints.run_due(core, TICK)


def verify_due(core: Core) -> None:
    """Verify when it is time or somebody asked."""
    results.run_due(core, verify)
