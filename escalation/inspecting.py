"""The terms of a government inspection (督查), each a setting with its article: the action `inspection_terms`, asked when it is requested.

    <ld:action name="inspection_terms" result="={take_days: result.take_days, …}"/>

What the regulation itself fixes (政府督查工作条例 art. 17: thirty days to object, thirty to review) no setting takes from the unit: the
time to object is never shorter, that to review never longer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine import settings

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

LEGAL_DAYS = 30
"""Calendar days to object, and to review (art. 17)."""

DEFAULTS: Row = {
    "inspection_take_days": 5,
    "inspection_plan_days": 3,
    "inspection_report_days": 10,
    "inspection_check_days": 10,
    "inspection_conclude_days": 10,
    "inspection_approve_days": 5,
    "inspection_receipt_days": 5,
    "inspection_objection_days": LEGAL_DAYS,
    "inspection_review_days": LEGAL_DAYS,
    "inspection_rectify_days": 15,
    "inspection_recheck_days": 5,
}
"""Working days, but for objection and review. Proposals, but for these two: the regulation gives no other number."""


def terms(core: Core, _instance_id: int, _parameters: Row) -> Row:
    """The terms by their names without `inspection_`. It only reads, so that trying again changes nothing."""
    with core.db.read() as connection:
        found = {key.removeprefix("inspection_"): int(n) for key, n in settings.read(connection, DEFAULTS).items()}
    found["objection_days"] = max(LEGAL_DAYS, found["objection_days"])
    found["review_days"] = min(LEGAL_DAYS, found["review_days"])
    return found
