"""The dialogs of acts on a whole case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from engine.queries import choosing
from web.auth import city
from web.dialogs import of_clocks, of_joint, of_paths, of_signers, people
from web.dialogs.asking import Ask, Dialog, Given, Subject, chosen, reason


def _comment(subject: Subject, given: Given, key: str | None) -> Any:
    named = chosen(subject, given, "people") if given.people("people") else []
    text = given.needed_text("text", "留言", "what you want to say")
    named += choosing.mentioned(subject.core, subject.actor, subject.instance_id, text)
    people_ = list(dict.fromkeys(named))
    return city().comment(subject.instance_id, text, subject.actor.id, idempotency_key=key, people=people_)


def _urge(subject: Subject, given: Given, key: str | None) -> Any:
    return city().urge(subject.instance_id, subject.actor.id, given.text("text"), idempotency_key=key)


def _copy(subject: Subject, given: Given, key: str | None) -> Any:
    named = chosen(subject, given, "people")
    return city().copy(subject.instance_id, named, subject.actor.id, note=given.text("note"), idempotency_key=key)


def _circulate(subject: Subject, given: Given, key: str | None) -> Any:
    named = chosen(subject, given, "people")
    note = given.text("note")
    return city().copy(subject.instance_id, named, subject.actor.id, "circulate", note, idempotency_key=key)


def _read(subject: Subject, given: Given, key: str | None) -> Any:
    return city().read(subject.instance_id, subject.actor.id, given.text("opinion"), idempotency_key=key)


_DIALOGS = (
    of_paths.WITHDRAW,
    *of_joint.OF_CASES,
    of_signers.REMOVE,
    Dialog(
        "comment",
        "留言",
        "Comment",
        _comment,
        ("留言已保存。", "Your comment was added."),
        lambda subject, given: (
            Ask("text", "text", "留言", "Comment", needed=True),
            people.several(
                subject,
                given,
                "people",
                "提醒谁看（@）",
                "Call the attention of (@)",
                needed=False,
                hint=("只能提醒有权查看本案的人。", "Only people who may see this case."),
            ),
        ),
        then="case",
    ),
    Dialog(
        "urge",
        "催办",
        "Urge",
        _urge,
        ("已催办。", "Those who have it were urged."),
        lambda _subject, _given: (reason("催办的话", "What to say", needed=False, name="text"),),
        intro=(
            "通知现在办理本案的人员，并记入办理经过。",
            "Whoever has the case now is told; it stands in its history.",
        ),
        then="case",
    ),
    Dialog(
        "copy",
        "抄送",
        "Send a copy",
        _copy,
        ("已抄送{to}。", "A copy was sent to {to}."),
        lambda subject, given: (
            people.several(subject, given, "people", "抄送给", "To"),
            reason("附言", "Note", needed=False, name="note"),
        ),
        intro=("对方可以查看本案，不需要办理。", "They may read the case; nothing is asked of them."),
        then="case",
    ),
    Dialog(
        "circulate",
        "传阅",
        "Circulate",
        _circulate,
        ("已传阅给{to}。", "Circulated to {to}."),
        lambda subject, given: (
            people.several(subject, given, "people", "传阅给", "To"),
            reason("附言", "Note", needed=False, name="note"),
        ),
        intro=("请对方阅知并确认“已阅”，可以附意见。", "They are asked to read the case and to say that they did."),
        then="case",
    ),
    Dialog(
        "read",
        "已阅",
        "I have read it",
        _read,
        ("已确认阅知。", "Confirmed."),
        lambda _subject, _given: (reason("阅读意见", "A word on it", needed=False, name="opinion"),),
        then="case",
    ),
)

DIALOGS: Final[Mapping[str, Dialog]] = {one.act: one for one in (*_DIALOGS, *of_clocks.DIALOGS)}
"""By the act's word."""
