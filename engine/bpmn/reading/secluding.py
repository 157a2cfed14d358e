"""What a confidential process (`ld:confidential`) must not say: whatever shows its tasks to others than who holds one post in one unit."""

from __future__ import annotations

from engine.bpmn.model import Kind, Node
from engine.bpmn.problems import Problems, clip
from engine.bpmn.reading.building import Built


def check(built: Built, problems: Problems) -> None:
    """Judge the tasks and starts of a process whose instances are confidential."""
    if built.confidential is None:
        return
    if built.confidential.unit is None:
        problems.warn(
            "confidential-open",
            "ld:confidential 没有写明 unit：无法确定应回避的单位，该单位的人若担任办理岗位就能看到。",
            "ld:confidential names no unit: nobody is kept out as belonging to whom it is about.",
            line=built.line,
            element="process",
        )
    for node in built.nodes.values():
        if node.kind.is_inbox:
            _check_candidates(node, problems)
        if node.settings.copies:
            zh, en = "保密流程不自动抄送", "nobody is sent copies of what is confidential"
            _say(node, zh, en, problems)
        if node.settings.rungs:
            zh, en = (
                "保密流程的环节不登记督办阶梯（ld:rung），否则会显示在督办台上",
                "a rung would be shown on the supervision board",
            )
            _say(node, zh, en, problems)
        if node.kind is Kind.CALL:
            zh, en = "保密流程不调用其他流程", "a confidential process calls no other"
            _say(node, zh, en, problems)


def _check_candidates(node: Node, problems: Problems) -> None:
    wanted = node.settings.candidates
    if wanted is None or wanted.post is None or wanted.unit is None:
        _say(
            node,
            "保密流程的任务须写明办理单位和岗位（ld:candidates unit、post），由其中一人领取",
            "a task of a confidential process names the unit and the post that see it (ld:candidates unit, post)",
            problems,
        )
    elif wanted.choose is not None or wanted.person is not None or wanted.starter:
        _say(
            node,
            "保密流程的任务不指定给个人（person、starter、choose），由本岗位未回避的人领取",
            "a task of a confidential process is given to no person (person, starter, choose): one who may see it claims it",
            problems,
        )


def _say(node: Node, zh: str, en: str, problems: Problems) -> None:
    name, english = (clip(node.names.text(locale) or node.id, 40) for locale in ("zh", "en"))
    problems.add("confidential", f"“{name}”：{zh}。", f"“{english}”: {en}.", line=node.line, element=node.id)
