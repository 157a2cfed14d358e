"""What the stories of hearings share: who does which step of `permit_hearing`, and what they answer."""

from __future__ import annotations

from typing import Any

from tests.factories import task_at
from web.city import City

WINDOW, APPLICANT, HOST, OTHER_HOST = "chengsiyuan", "pengshuisheng", "fengdawei", "bijianjun"
JUSTICE = "zengyulan"
"""Of another unit than all who ask for a hearing, hold it, or gain by its time."""

NOTICE: dict[str, Any] = {
    "hearing_on": "2026-06-24",
    "hearing_time": "上午九时",
    "hearing_place": "市政务服务中心 305 室",
    "hearing_host": "冯大伟",
    "hearing_days": "约十个工作日",
    "hearing_told_how": "direct",
    "hearing_told_on": "2026-06-10",
    "hearing_document": "潜城听通〔2026〕1 号",
}

ANSWERS: dict[str, tuple[str, dict[str, Any]]] = {
    "TellRight": (
        WINDOW,
        {"right_told_how": "direct", "right_told_on": "2026-06-10", "right_document": "潜城听告〔2026〕1 号"},
    ),
    "AskHearing": (APPLICANT, {"hearing_answer": "ask", "hearing_reason": "影响沿线经营"}),
    "PartiesAsk": (WINDOW, {"parties_answer": "ask", "parties_reason": "门前封闭四周"}),
    "ApproveStand": (JUSTICE, {"stand_decision": "approve"}),
    "TellHearing": (HOST, NOTICE),
    "HoldHearing": (
        OTHER_HOST,
        {"hearing_result": "absent", "hearing_text": "提出人未到场，记录在案"},
    ),
}
"""Who does a step when all goes well, and what they answer."""

DUE: dict[str, Any] = {"hearing_kind": "interests", "hearing_parties": "沿线商户"}
"""What an examiner says where a hearing is due."""


def hear(city: City, case: int, *nodes: str, by: str | None = None, **answers: Any) -> None:
    """Complete the open tasks of a hearing at these nodes, one after another, and what follows by itself."""
    for node in nodes:
        who, usual = ANSWERS[node]
        city.complete(task_at(city, case, node), {**usual, **answers}, by or who)
        city.run_due()
