"""What tests of the engine share: the people of the city, a case brought to a step by its real path, and figures printed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from engine.operating import proposing

if TYPE_CHECKING:
    from web.city import City, Task

# 监督中心, 指挥中心
COLLECTOR, OTHER_COLLECTOR = "lijianguo", "wangxiuying"
ACCEPTOR, LEADER, OTHER_LEADER = "zhouxiaoyan", "sunguoqing", "hulijuan"
DISPATCHER, OTHER_DISPATCHER = "hejianping", "guohongxia"
# 责任单位: a water supply cover is the water company's
HANDLER, STRANGER = "xiahexiang", "lvshuhua"
OPERATOR, DESIGNER = "fuxiaolin", "xuguangming"
SECOND_OPERATOR = "shenjiahao"

REPORT = {"source": "collector", "title": "井盖缺失", "area": "zhanghua", "place": "章华中路 12 号"}
FROM_THE_PUBLIC = ("hotline_12345", "wechat", "media")
COVER = "C-0101-1"  # 上水井盖缺失: 2 urgent hours

ANSWERS: dict[str, tuple[str, dict[str, Any]]] = {
    "Verify": (COLLECTOR, {"verify_result": "confirmed"}),
    "File": (LEADER, {"file_decision": "file", "standard_code": COVER}),
    "Dispatch": (DISPATCHER, {"dispatch_decision": "dispatch", "responsible_unit": "water_supply"}),
    "SignFor": (HANDLER, {"sign_decision": "accept"}),
    "Handle": (HANDLER, {"handle_result": "done", "handle_note": "已更换井盖"}),
    "Feedback": (DISPATCHER, {"feedback_decision": "forward"}),
    "Check": (OTHER_COLLECTOR, {"check_result": "pass"}),
    "Close": (LEADER, {}),
}
"""Who does a step of case dispatch when all goes well, and what they answer."""


def only_task(city: City, case: int) -> Task:
    """The one open task of a case."""
    (task,) = city.tasks(case)
    return task


def task_at(city: City, case: int, node: str) -> Task:
    """The one open task at a node."""
    (task,) = [t for t in city.tasks(case) if t.node == node]
    return task


def do(city: City, case: int, node: str, by: str | None = None, **answers: Any) -> None:
    """Complete the open task at `node` as all goes well, but for what is given."""
    who, usual = ANSWERS[node]
    city.complete(task_at(city, case, node), {**usual, **answers}, by or who)


def case_at(city: City, node: str, **report: Any) -> int:
    """A case of case dispatch brought to `node` by its real path."""
    by = ACCEPTOR if report.get("source") in FROM_THE_PUBLIC else COLLECTOR
    case = city.start("case_dispatch", {**REPORT, **report}, by)
    while (task := only_task(city, case)).node != node:
        do(city, case, task.node)
    return case


def retry(city: City, case: int, incident: int) -> None:
    """An incident is tried again: one operator asks, the other allows it."""
    asked = proposing.propose(city.core, case, "retry", {"incident": incident}, OPERATOR, "原因已排除")
    proposing.approve(city.core, case, asked["operation"], SECOND_OPERATOR)


def say(capsys: pytest.CaptureFixture[str], **figures: object) -> None:
    """Print figures beside the test's dot, captured or not."""
    text = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in figures.items())
    with capsys.disabled():
        print(f"[{text}]", end="", flush=True)  # noqa: T201  figures are told on every run
