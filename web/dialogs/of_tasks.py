"""The dialogs of acts on one task: whose it is. Those that change the way of the case stand in `of_paths`, those that ask others in
`of_signers`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from engine.catching import around
from engine.errors import Invalid
from web.auth import city
from web.dialogs import of_clocks, of_joint, of_paths, of_signers, people
from web.dialogs.asking import Ask, Dialog, Given, Option, Subject, chosen, reason
from web.texts import locale


def _transfer(subject: Subject, given: Given, key: str | None) -> Any:
    to = given.needed_people("to")[0]
    return city().transfer(subject.ref, to, subject.actor.id, reason=given.text("reason", 500), idempotency_key=key)


def _delegate(subject: Subject, given: Given, key: str | None) -> Any:
    to = chosen(subject, given, "to")[0]
    return city().delegate(subject.ref, to, subject.actor.id, reason=given.text("reason"), idempotency_key=key)


def _fail(subject: Subject, given: Given, key: str | None) -> Any:
    code = given.text("code", 100)
    if not code:
        raise Invalid(why_zh="请选择原因", why_en="choose why")
    return city().fail(subject.ref, code, subject.actor.id, idempotency_key=key)


def failures(subject: Subject) -> tuple[Option, ...]:
    """The errors that the diagram catches around this task."""
    if subject.task is None:
        return ()
    caught = around(subject.core, subject.task.row, subject.task.case["definition_id"])
    return tuple(Option(one.code, one.names.text(locale()) or one.code) for one in caught)


_DIALOGS = (
    Dialog(
        "claim",
        "领取",
        "Claim",
        lambda subject, _given, key: city().claim(subject.ref, subject.actor.id, idempotency_key=key),
        ("", ""),
    ),
    Dialog(
        "sign",
        "签收",
        "Sign for",
        lambda subject, _given, key: city().sign(subject.ref, subject.actor.id, idempotency_key=key),
        ("已签收。", "Signed for."),
    ),
    Dialog(
        "release",
        "退回待领",
        "Give back",
        lambda subject, _given, key: city().release(subject.ref, subject.actor.id, idempotency_key=key),
        ("任务已退回，本单位同事可以领取。", "The task was given back; your colleagues can claim it."),
        then="inbox",
    ),
    Dialog(
        "transfer",
        "转办",
        "Hand over",
        _transfer,
        ("任务已转给{to}。", "The task was handed to {to}."),
        lambda subject, _given: (
            people.of_same_post(subject, "to", "接办人", "To"),
            reason("说明", "Reason", needed=False),
        ),
        intro=(
            "转给本单位同岗位的同事，此后由其负责。",
            "To a colleague of the same post, who answers for it from then on.",
        ),
        then="inbox",
    ),
    Dialog(
        "delegate",
        "委托",
        "Delegate",
        _delegate,
        ("已委托{to}拟办，办好后交还给您。", "{to} prepares it now; it comes back to you."),
        lambda subject, given: (
            people.one(subject, given, "to", "受托人", "To"),
            reason("交代事项", "What to do", needed=False),
        ),
        intro=(
            "请他人代为拟办：责任仍在您，拟办结果交还给您后由您提交。",
            "Somebody prepares it; you stay responsible and submit it yourself.",
        ),
        then="inbox",
    ),
    Dialog(
        "recall",
        "收回委托",
        "Take back",
        lambda subject, _given, key: city().recall(subject.ref, subject.actor.id, idempotency_key=key),
        ("委托已收回，任务由您办理。", "The task is yours again."),
    ),
    Dialog(
        "fail",
        "无法办理",
        "Cannot be done",
        _fail,
        ("“{name}”已报告为无法办理。", "“{name}” was reported as not to be done."),
        lambda subject, _given: (Ask("code", "choice", "原因", "Why", needed=True, options=failures(subject)),),
        then="inbox",
        bad=True,
    ),
    *of_signers.DIALOGS,
    of_paths.BACK,
    of_paths.REJECT,
    of_joint.ASSIST,
)

DIALOGS: Final[Mapping[str, Dialog]] = {one.act: one for one in (*_DIALOGS, *of_clocks.DIALOGS)}
"""By the act's word."""
