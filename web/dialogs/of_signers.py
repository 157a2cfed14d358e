"""The dialogs that ask others to sign: adding people before, beside or after a task, and taking them away."""

from __future__ import annotations

from typing import Any, Final

from engine.acts import catalogue, signers
from engine.errors import Invalid
from web.auth import city
from web.dialogs import people
from web.dialogs.asking import Ask, Dialog, Given, Option, Subject, chosen, reason
from web.telling import names
from web.texts import t

HOWS: Final = ("before", "beside", "after")

_HOW_WORDS: Final = {
    "before": (
        ("先由他们签（前加签）", "They speak first (before)"),
        ("本任务暂停等待，全部签完后回到您这里", "this task waits for all of them, then comes back to you"),
    ),
    "beside": (
        ("同时签（并加签）", "At the same time (beside)"),
        ("您可继续办理；他们都签完，流程才往下走", "you go on; the case moves when they have spoken too"),
    ),
    "after": (
        ("我办完后签（后加签）", "After me (after)"),
        ("您提交后由他们签，签完流程才往下走", "they are asked when you have submitted, before the case moves on"),
    ),
}


def possible(subject: Subject) -> list[str]:
    """Which ways of adding people the diagram allows here."""
    found = subject.task
    if found is None:
        return []
    return [how for how in HOWS if catalogue.allowed(f"add_{how}", found.node, found.definition.model)]


def _asks(subject: Subject, given: Given) -> tuple[Ask, ...]:
    options = tuple(Option(how, t(*_HOW_WORDS[how][0]), t(*_HOW_WORDS[how][1])) for how in possible(subject))
    return (
        people.several(subject, given, "people", "请谁签", "Who"),
        Ask("how", "choice", "何时签", "When", needed=True, options=options, on=options[0].value if options else ""),
        Ask("in_order", "tick", "按名单顺序逐个签", "One after another, in the order of the list"),
        reason("请签事项", "What you ask of them", needed=False),
    )


def _add(subject: Subject, given: Given, key: str | None) -> Any:
    how = given.form.get("how", "")
    named = chosen(subject, given, "people")
    return city().add_signers(
        subject.ref,
        named,
        subject.actor.id,
        how=how,
        in_order=given.ticked("in_order"),
        reason=given.text("reason"),
        idempotency_key=key,
    )


def may_remove(subject: Subject) -> bool:
    """Whether the reader may take somebody away who was added to a task or a vote of this case."""
    return bool(signers.removable(subject.core, subject.actor, subject.instance_id))


def _removable(subject: Subject, _given: Given) -> tuple[Ask, ...]:
    found = signers.removable(subject.core, subject.actor, subject.instance_id)
    names().learn([one.person for one in found])
    options = tuple(Option(f"{one.ref}.{one.person}", names().person(one.person)) for one in found)
    return (
        Ask("whom", "choice", "减去谁", "Whom", needed=True, options=options),
        reason(),
    )


def _remove(subject: Subject, given: Given, key: str | None) -> Any:
    ref, _, who = given.text("whom", 60).rpartition(".")
    if ref.partition(".")[0] != str(subject.instance_id) or not who.isdecimal() or len(who) > 10:
        raise Invalid(why_zh="请选择减去谁", why_en="choose whom to take away")
    why = given.needed_text("reason", "原因", "why")
    return city().remove_signer(ref, subject.actor.id, reason=why, person=int(who), idempotency_key=key)


REMOVE: Final = Dialog(
    "remove_signer",
    "减签",
    "Remove a signer",
    _remove,
    ("已减签。", "No longer asked."),
    _removable,
    intro=("已发表的意见不会取消。", "Opinions that were given stay."),
)

DIALOGS: Final = (
    Dialog(
        "add",
        "加签",
        "Add signers",
        _add,
        ("已请{to}签署意见。", "{to} were asked to sign."),
        _asks,
    ),
    REMOVE,
)
