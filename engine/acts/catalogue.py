"""The acts there are, and what each needs: a diagram allows or forbids them by these words (`ld:acts`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.bpmn.model import Node, ProcessModel
from engine.bpmn.runtime.held import SIGNER
from engine.errors import NotAllowed


@dataclass(frozen=True, slots=True)
class Act:
    """One act. `usual`: allowed where the diagram says nothing. `reason`: it asks for one. `clocks_zh` and `clocks_en`: what becomes of
    the clocks. `drawn`: a diagram may allow or forbid it; the others belong to operators and to every reader."""

    key: str
    zh: str
    en: str
    usual: bool = True
    reason: bool = False
    clocks_zh: str = "照常计时"
    clocks_en: str = "clocks run on"
    drawn: bool = True


_ENDS = ("本环节停止计时，案件时限照常", "the task's own clocks stop, those of the case run on")
_NEW = (
    "本环节停止计时，所到环节重新计时，案件时限照常",
    "the task's clocks stop, the task it goes to starts its own, the case's run on",
)

_WAITS = (
    "案件时限照常，流程定时顺延",
    "clocks run on, timers of the diagram wait and move on",
    "流程定时按剩余时间继续",
    "timers go on with what was left",
)

ACTS: Mapping[str, Act] = {
    act.key: act
    for act in (
        Act("claim", "领取", "claim"),
        Act("release", "退回待领", "release"),
        Act("sign", "签收", "sign for"),
        Act("save", "存草稿", "save a draft"),
        Act("complete", "办结", "complete", clocks_zh=_NEW[0], clocks_en=_NEW[1], drawn=False),
        Act("fail", "报告无法办理", "report a failure", clocks_zh=_NEW[0], clocks_en=_NEW[1], drawn=False),
        Act("transfer", "转办", "transfer"),
        Act("assign", "单位内分派", "assign inside the unit"),
        Act("delegate", "委托", "delegate"),
        Act("resolve", "交回委托", "give back what was delegated", drawn=False),
        Act("recall", "收回委托", "recall what one delegated", drawn=False),
        Act("back", "退回上一步", "send back", usual=False, reason=True, clocks_zh=_NEW[0], clocks_en=_NEW[1]),
        Act(
            "back_any",
            "退回任一步",
            "send back further",
            usual=False,
            reason=True,
            clocks_zh=_NEW[0],
            clocks_en=_NEW[1],
        ),
        Act(
            "back_start",
            "退回发起人",
            "send back to the start",
            usual=False,
            reason=True,
            clocks_zh=_NEW[0],
            clocks_en=_NEW[1],
        ),
        Act("withdraw", "撤回", "withdraw", clocks_zh=_NEW[0], clocks_en=_NEW[1]),
        Act("add_before", "前加签", "add a signer before", usual=False, clocks_zh=_NEW[0], clocks_en=_NEW[1]),
        Act("add_beside", "并加签", "add a signer beside", usual=False),
        Act("add_after", "后加签", "add a signer after", usual=False, clocks_zh=_NEW[0], clocks_en=_NEW[1]),
        Act(
            "remove_signer", "减签", "remove a signer", usual=False, reason=True, clocks_zh=_ENDS[0], clocks_en=_ENDS[1]
        ),
        Act(
            "reject", "否决", "reject", usual=False, reason=True, clocks_zh="全部停止计时", clocks_en="all clocks stop"
        ),
        Act(
            "assist",
            "请求协办",
            "ask to assist",
            drawn=False,
            clocks_zh="主办照常计时，协办另行计时",
            clocks_en="the lead's clocks run on, whoever assists has their own",
        ),
        Act("urge", "催办", "urge"),
        Act("copy", "抄送", "send a copy"),
        Act("circulate", "传阅", "circulate"),
        Act("read", "已阅", "confirm reading", drawn=False),
        Act("comment", "留言", "comment"),
        Act("attach", "附件", "attach"),
        Act("batch", "批量办理", "work in a batch"),
        Act("suspend", "暂停", "suspend", reason=True, clocks_zh=_WAITS[0], clocks_en=_WAITS[1], drawn=False),
        Act("resume", "恢复", "resume", reason=True, clocks_zh=_WAITS[2], clocks_en=_WAITS[3], drawn=False),
        Act(
            "cancel", "终止", "cancel", reason=True, clocks_zh="全部停止计时", clocks_en="all clocks stop", drawn=False
        ),
        Act("move", "移到其他环节", "move a token", reason=True, clocks_zh=_NEW[0], clocks_en=_NEW[1], drawn=False),
        Act("set", "修改数据", "set a variable", reason=True, drawn=False),
        Act("retry", "重试异常", "retry an incident", drawn=False),
    )
}
"""Every act by its word."""


SIGNERS = frozenset(
    ("sign", "save", "complete", "add_before", "add_beside", "add_after", "remove_signer", "copy", "comment", "attach")
)
"""What somebody can do with a task who was added to it to give an opinion: they alone, and only that, so far as the diagram allows it."""


def drawn() -> tuple[str, ...]:
    """The words that `ld:acts` may use."""
    return tuple(act.key for act in ACTS.values() if act.drawn)


WIDENS = frozenset(
    ("transfer", "assign", "delegate", "add_before", "add_beside", "add_after", "copy", "circulate", "urge", "batch")
)
"""What brings others to a task or a case, or tells them of it: never done with a confidential one, whatever its diagram says. A task is
given back, and somebody else who holds its post claims it."""


def allowed(act: str, node: Node, model: ProcessModel) -> bool:
    """Whether the diagram lets `act` be done on this task: what the node says, else what its process says, else what is usual."""
    if model.confidential is not None and act in WIDENS:
        return False
    for said in (node.settings, model):
        if act in said.denied_acts:
            return False
        if act in said.allowed_acts:
            return True
    return act not in ACTS or ACTS[act].usual


def allowed_on_case(act: str, model: ProcessModel) -> bool:
    """The same of an act on the case as a whole: what its process says, else what is usual."""
    if act in model.denied_acts or (model.confidential is not None and act in WIDENS):
        return False
    return act in model.allowed_acts or act not in ACTS or ACTS[act].usual


def refused(act: str) -> NotAllowed:
    """What somebody is told where the diagram does not let it be done on the case."""
    known = ACTS[act]
    return NotAllowed(
        act_zh=known.zh,
        act_en=known.en,
        why_zh="流程图不允许在此流程或您所在的环节操作",
        why_en="the diagram does not allow it on this case, or at the step that you work",
    )


def check_role(act: str, role: str | None) -> None:
    """NotAllowed when who was added to a task may not do this with it."""
    if role == SIGNER and act not in SIGNERS:
        known = ACTS[act]
        raise NotAllowed(
            act_zh=known.zh,
            act_en=known.en,
            why_zh="加签任务只能由本人发表意见",
            why_en="who was added to a task gives an opinion, and nothing else",
        )


def check(act: str, node: Node, model: ProcessModel) -> None:
    """NotAllowed when the diagram does not let it be done."""
    if not allowed(act, node, model):
        known = ACTS[act]
        raise NotAllowed(
            act_zh=known.zh,
            act_en=known.en,
            why_zh="流程图不允许在此任务上操作",
            why_en="the diagram does not allow it on this task",
        )
