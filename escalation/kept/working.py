"""What a worker does for whoever asked: count, or close a period."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import structlog

from engine.errors import LeaseLost
from escalation.assessment import closing
from escalation.assessment import counting as assessment
from escalation.kept import keeping
from escalation.kept.keeping import Held
from escalation.picture import counting as picture
from escalation.picture import figures

if TYPE_CHECKING:
    from engine.core import Core

WORK: Mapping[str, Callable[[Core, Held], Any]] = {
    assessment.SUBJECT: assessment.work,
    closing.SUBJECT: closing.work,
    figures.SUBJECT: picture.work,
}

log = structlog.get_logger("liandong.kept")


def run_due(core: Core) -> int:
    """Do one thing that was asked for. Answers how many were taken up: 1, or 0 when nothing waits."""
    held = keeping.take(core)
    if held is None:
        return 0
    try:
        WORK[held.row["subject"]](core, held)
    except LeaseLost:
        log.warning("another worker has taken it", subject=held.row["subject"], id=held.id)
    return 1
