"""Clocks in words: why they stand, what was added to them, what a row of their ledger or of the history says."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from engine.calendar import Unit
from engine.events import Event
from escalation import words
from escalation.sla import Amount
from web.telling import names, stamp
from web.texts import locale, t

Row = dict[str, Any]

GROUNDS: Final = {
    "shelved": ("挂账", "shelved"),
    "hearing": ("听证", "a hearing"),
    "expert_review": ("专家评审", "a review by experts"),
    "inspection": ("检验、检测、检疫", "an inspection or test"),
    "appraisal": ("鉴定", "an appraisal"),
    "bidding": ("招标、拍卖", "a tender or auction"),
    "announcement": ("公告", "a public announcement"),
    "supplement": ("补正材料", "papers to be completed"),
    "litigation": ("诉讼或复议", "a court case or review"),
    "force_majeure": ("不可抗力", "force majeure"),
}
"""Grounds on which a clock stands, as the forms of the requests name them; another is shown as it is."""

CLOCK_EVENTS: Final = frozenset(
    {Event.REMINDED, Event.CLOCK_PAUSED, Event.CLOCK_RESUMED, Event.CLOCK_EXTENDED, Event.CLOCK_MOVED}
)
"""Kinds of history rows that tell of a clock."""


def ground_word(ground: Any) -> str:
    """Why a clock stands."""
    return t(*GROUNDS[ground]) if ground in GROUNDS else str(ground or "").replace("_", " ")


def amount_word(amount: Any, unit: Any) -> str:
    """An amount as a row holds it, in words: 3 工作日."""
    try:
        return words.amount(Amount(Decimal(str(amount)), Unit(str(unit))), locale())
    except (InvalidOperation, ValueError):
        return f"{amount or ''} {unit or ''}".strip()


def about_clock(kind: Event, data: Row) -> str:
    """What stands below the line of the history: when it is due then, by what right, who said so."""
    parts = []
    if kind is Event.CLOCK_MOVED:
        parts.append(f"{_stamp(data.get('before'))} → {_stamp(data.get('after'))}")
        parts.append(t(f"日历第 {data.get('version')} 版", f"calendars, version {data.get('version')}"))
    elif kind is Event.CLOCK_PAUSED:
        if data.get("until"):
            parts.append(t(f"至 {_stamp(data['until'])} 自动恢复", f"runs again by itself on {_stamp(data['until'])}"))
    elif data.get("due"):
        parts.append(t(f"截止 {_stamp(data['due'])}", f"due {_stamp(data['due'])}"))
    parts += [str(data[name]) for name in ("basis", "document", "text") if data.get(name)]
    approved = names().person(data.get("approved_by"))
    if approved:
        parts.append(t(f"批准：{approved}", f"approved by {approved}"))
    return t("；", "; ").join(parts)


def _stamp(value: Any) -> str:
    try:
        return stamp(datetime.fromisoformat(str(value))) or "—"
    except ValueError:
        return "—"
