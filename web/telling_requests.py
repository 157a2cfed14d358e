"""Requests about the clocks of a case in words: what was asked, how it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from engine.states import InstanceStatus
from escalation import requests
from web.texts import t

if TYPE_CHECKING:
    from engine.core import Core

NAMES: Final = {
    requests.EXTENSION: ("延期申请", "Extension"),
    requests.SHELVING: ("挂账申请", "Shelving"),
    requests.SUSPENSION: ("中止计时申请", "Suspension"),
}
"""What each of the processes is called beside a case."""

_ENDS: Final = {
    "EndExtended": ("已延期", "extended", "good"),
    "EndResumed": ("已恢复计时", "runs again", "good"),
    "EndRefused": ("未批准", "refused", "bad"),
    "EndLapsed": ("到期未决定，失效", "lapsed", "bad"),
    "EndNotPossible": ("不合条件，未执行", "not carried out", "bad"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One request: its name, the clock, its state in words, and whether it waits for somebody."""

    id: int
    name: str
    clock: str
    state: str
    tone: str
    at: datetime
    reason: str
    answer: str


def of_case(core: Core, case_id: int) -> list[Told]:
    """Those about a case, the newest first."""
    waiting = {row["id"] for row in requests.pending(core, case_id)}
    return [_told(row, waiting) for row in requests.of_case(core, case_id)]


def _told(row: dict[str, Any], waiting: set[int]) -> Told:
    zh, _, en = str(row["title"] or row["clock"] or "").partition(" / ")
    state = _state(row, waiting)
    name = t(*NAMES[row["key"]])
    return Told(
        row["id"],
        name,
        t(zh, en or zh),
        t(*state[:2]),
        state[2],
        row["started_at"],
        row["reason"] or "",
        row["answer"] or "",
    )


def _state(row: dict[str, Any], waiting: set[int]) -> tuple[str, str, str]:
    if row["id"] in waiting:
        return "待批", "waits for a decision", "wait"
    if row["status"] in (InstanceStatus.ACTIVE, InstanceStatus.SUSPENDED):
        return "已批准，时限暂停中", "agreed: the clock stands", "good"
    return _ENDS.get(str(row["outcome"]), ("已结束", "over", "bad"))
