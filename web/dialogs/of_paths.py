"""The dialogs that change the way of a case: sending a task back, rejecting, taking back what one sent on."""

from __future__ import annotations

from typing import Any, Final

from engine.acts import catalogue
from engine.acts.past import Target
from engine.errors import Invalid
from engine.queries import earlier
from engine.queries.tasks import user_task
from web.auth import city
from web.dialogs.asking import Ask, Dialog, Given, Option, Subject, reason
from web.telling import names, when
from web.telling_cases import name_of
from web.texts import locale, t

AGAIN, STRAIGHT = "again", "straight"


def may_go_back(subject: Subject) -> bool:
    """Whether the diagram lets this task be sent back at all; to where is looked up when the dialog opens."""
    found = subject.task
    return found is not None and any(
        catalogue.allowed(act, found.node, found.definition.model) for act in ("back", "back_any", "back_start")
    )


def _targets(subject: Subject) -> list[Target]:
    found = earlier.targets(subject.core, subject.actor, subject.ref)
    names().learn([one.who for one in found])
    return found


def _ways(found: list[Target]) -> tuple[Option, ...]:
    """What happens when the step is done: all between runs again, or it comes straight back."""
    again = Option(
        AGAIN,
        t("重走中间环节", "All steps run again"),
        t("补办后按流程逐步办理到这里", "everything between there and here is done anew"),
    )
    straight = Option(
        STRAIGHT,
        t("办后直达本环节", "Straight back to me"),
        t("补办后直接回到您这里，中间环节不重走", "it comes back to you; the steps between stay done"),
    )
    wanted = ((again, any(one.again for one in found)), (straight, any(one.straight for one in found)))
    return tuple(way for way, possible in wanted if possible)


def _back_asks(subject: Subject, _given: Given) -> tuple[Ask, ...]:
    found = _targets(subject)
    to = tuple(Option(one.node, _label(one), _by(one)) for one in found)
    ways = _ways(found)
    first = next((one.node for one in found if one.previous), found[0].node if found else "")
    return (
        Ask("to", "choice", "退回到", "To", needed=True, options=to, on=first),
        Ask("way", "choice", "退回后", "And then", needed=True, options=ways, on=ways[0].value if ways else ""),
        reason("退回原因", "Why", hint=("对方会看到。", "Whoever gets it reads this.")),
    )


def _label(one: Target) -> str:
    name = one.names.text(locale()) or one.node
    if one.start:
        return t(f"{name}（发起）", f"{name} (the start)")
    return t(f"{name}（上一步）", f"{name} (the step before)") if one.previous else name


def _by(one: Target) -> str:
    limits = ""
    if not one.again:
        limits = t("只能办后直达", "only straight back")
    elif not one.straight:
        limits = t("只能重走", "only with all run again")
    return " · ".join(part for part in (names().person(one.who), when(one.at).striptags(), limits) if part)


def _back(subject: Subject, given: Given, key: str | None) -> Any:
    to = given.text("to", 200)
    why = given.needed_text("reason", "退回原因", "why")
    if not to:
        raise Invalid(why_zh="请选择退回到哪一步", why_en="choose the step it goes back to")
    again = given.form.get("way", AGAIN) != STRAIGHT
    return city().back(subject.ref, subject.actor.id, to=to, again=again, reason=why, idempotency_key=key)


def _reject(subject: Subject, given: Given, key: str | None) -> Any:
    why = given.needed_text("reason", "否决原因", "why")
    return city().reject(subject.ref, subject.actor.id, reason=why, idempotency_key=key)


def _withdraw_asks(subject: Subject, _given: Given) -> tuple[Ask, ...]:
    refs = earlier.withdrawable(subject.core, subject.actor, subject.instance_id)
    options = tuple(Option(ref, _task_name(subject, ref)) for ref in refs)
    return (
        Ask("ref", "choice", "撤回哪一步", "Which step", needed=True, options=options, on=refs[0] if refs else ""),
        reason("说明", "Why", needed=False),
    )


def _task_name(subject: Subject, ref: str) -> str:
    found = user_task(subject.core, subject.actor, ref)
    return name_of(found.node, found.node.id)


def _withdraw(subject: Subject, given: Given, key: str | None) -> Any:
    ref = given.text("ref", 40)
    if ref.partition(".")[0] != str(subject.instance_id):
        raise Invalid(
            why_zh="没有可以撤回的环节：后续已有人领取或办理", why_en="nothing can be taken back: somebody has gone on"
        )
    return city().withdraw(ref, subject.actor.id, given.text("reason"), idempotency_key=key)


BACK: Final = Dialog(
    "back",
    "退回",
    "Send back",
    _back,
    ("已退回。", "It was sent back."),
    _back_asks,
    then="inbox",
    bad=True,
)

REJECT: Final = Dialog(
    "reject",
    "否决",
    "Reject",
    _reject,
    ("已否决，案件结束。", "Rejected; the case has ended."),
    lambda _subject, _given: (reason("否决原因", "Why"),),
    intro=(
        "整个案件就此结束，记为“已否决”，不能恢复。",
        "The whole case ends here as “rejected”, for good.",
    ),
    then="inbox",
    bad=True,
)

WITHDRAW: Final = Dialog(
    "withdraw",
    "撤回",
    "Take back",
    _withdraw,
    ("已撤回，任务回到您的待办。", "Taken back: the task is in your inbox again."),
    _withdraw_asks,
    intro=(
        "下一步还没有人领取、签收或办理时，可以撤回重办。",
        "While nobody has claimed, signed for or done what follows, you can do it again.",
    ),
    then="case",
)
