"""The dialogs by which more time is asked for (延期), or that a clock stand (挂账, 依法中止): on a task, or on the case."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from engine import registers
from engine.errors import Invalid
from escalation import asking, words
from escalation.asking import Offer
from escalation.requests import EXTENSION, REFUSALS, SHELVING, SUSPENSION, applies, rules_of
from escalation.statutory import GROUNDS, fits
from web.dialogs.asking import Ask, Dialog, Given, Option, Subject, reason
from web.telling import stamp
from web.telling_facts import label_of
from web.texts import locale, t

Row = dict[str, Any]

ACTS: Final = {"extend": EXTENSION, "shelve": SHELVING, "suspend": SUSPENSION}
"""The words of these acts, and the processes that they start."""


def offered(subject: Subject) -> frozenset[str]:
    """Which of them the reader may ask now."""
    rules, process = rules_of(subject.core), subject.case["key"]
    if subject.case["status"] != "active" or not any(applies(kind, process, rules) for kind in ACTS.values()):
        return frozenset()
    task_id = subject.task.row["id"] if subject.task is not None else None
    kinds = asking.possible(subject.core, subject.actor, subject.instance_id, task_id)
    return frozenset(act for act, kind in ACTS.items() if kind in kinds)


def _about(subject: Subject, kind: str) -> list[Offer]:
    task_id = subject.task.row["id"] if subject.task is not None else None
    return asking.offers(subject.core, subject.actor, subject.instance_id, kind, task_id)


def _clocks(subject: Subject, kind: str) -> Ask:
    """Which clock it is about, what is left of it and what it would become; why not, where it cannot be asked."""
    found = _about(subject, kind)
    able = [each for each in found if each.refusal is None]
    between = t("：", ": ")
    wrong = [
        f"{t(each.zh, each.en)}{between}{t(*REFUSALS[each.refusal])}" for each in found if each.refusal is not None
    ]
    return Ask(
        "about",
        "choice",
        "时限",
        "Clock",
        needed=True,
        hint=("；".join(wrong), "; ".join(wrong)),
        options=tuple(Option(each.value, t(each.zh, each.en), _told(each, kind)) for each in able),
        on=able[0].value if able else "",
    )


def _told(one: Offer, kind: str) -> str:
    parts = []
    if one.due is not None:
        parts.append(t(f"现截止 {stamp(one.due)}", f"due {stamp(one.due)}"))
    if one.left is not None:
        parts.append(t(f"剩余 {words.amount(one.left, 'zh')}", f"{words.amount(one.left, 'en')} left"))
    if kind == EXTENSION and one.would_be is not None:
        parts.append(t(f"批准后截止 {stamp(one.would_be)}", f"due {stamp(one.would_be)} when agreed"))
    if kind == EXTENSION and one.second:
        parts.append(t("再次延期，须附签批单", "a second extension: it needs a signed form"))
    if one.unsettled:
        parts.append(words.provisional(one.unsettled, locale()))
    return t("，", ", ").join(parts)


def _asks(kind: str) -> Any:
    def asks(subject: Subject, _given: Given) -> Iterator[Ask]:
        yield _clocks(subject, kind)
        if kind == SUSPENSION:
            rows = [row for row in registers.rows(subject.core, GROUNDS) if fits(row, subject.case["key"])]
            article = t("article", "article_en")
            grounds = tuple(Option(str(row["key"]), label_of(row), str(row.get(article) or "")) for row in rows)
            yield Ask("request_ground", "choice", "法定事由", "Legal ground", needed=True, options=grounds)
        if kind != EXTENSION:
            yield Ask("request_until", "date", "最后一日", "Last day", needed=True)
        needed = kind == SUSPENSION
        yield Ask("request_document", "line", "文书（名称、文号）", "Paper (name, number)", needed=needed)
        yield reason("理由", "Reason", name="request_reason")

    return asks


def _do(kind: str) -> Any:
    def do(subject: Subject, given: Given, key: str | None) -> Any:
        about = given.text("about", 100)
        if not about:
            raise Invalid(why_zh="请选择时限", why_en="choose a clock")
        names = ("request_reason", "request_document", "request_until", "request_ground")
        said = {name: given.text(name) for name in names}
        if not said["request_reason"]:
            raise Invalid(why_zh="请填写理由", why_en="write the reason")
        answers = {name: value for name, value in said.items() if value}
        return asking.ask(subject.core, kind, subject.instance_id, about, subject.actor.id, answers=answers, key=key)

    return do


def _dialog(act: str, zh: str, en: str, intro: tuple[str, str]) -> Dialog:
    kind = ACTS[act]
    done = ("申请已提交，审批结果会通知您。", "Asked. You will be told what was decided.")
    return Dialog(act, zh, en, _do(kind), done, _asks(kind), intro=intro, then="case")


DIALOGS: Final = (
    _dialog(
        "extend",
        "申请延期",
        "Ask for more time",
        (
            "每次延长一个原时限，须在到期前由其他单位批准；未批准之前照常计时。",
            "One original limit more, if another unit agrees before the clock is over; until then it runs on.",
        ),
    ),
    _dialog(
        "shelve",
        "申请挂账",
        "Ask to shelve it",
        (
            "工程性、季节性等暂不具备处置条件的，每案可挂账一次，最长一年，到期自动恢复。",
            "For what cannot be done now (engineering, season): once a case, at most a year; it ends by itself.",
        ),
    ),
    _dialog(
        "suspend",
        "申请中止计时",
        "Ask to suspend the clock",
        (
            "仅限法定事由，须附文书；到期或事由消失即恢复计时。",
            "Only on a legal ground and with its paper; the clock goes on when that day or the ground is over.",
        ),
    ),
)
