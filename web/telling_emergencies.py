"""Emergencies in words: levels, how long, how an order stands, what was decided."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from flask import url_for

from engine import registers
from escalation.emergencies import plans
from escalation.emergencies.board import Order, State, moment, whole
from escalation.emergencies.plans import ROMAN
from web.auth import city
from web.telling import names, now
from web.telling_facts import label_of
from web.texts import locale, t

Row = dict[str, Any]

_GRADES: Final = {
    1: ("特别重大", "gravest"),
    2: ("重大", "grave"),
    3: ("较大", "serious"),
    4: ("一般", "general"),
}
_STATES: Final = {
    State.UNSIGNED: ("未签收", "not signed"),
    State.LATE_UNSIGNED: ("签收超时", "receipt late"),
    State.SIGNED: ("已签收", "signed"),
    State.LATE: ("办理超时", "late"),
    State.REFUSED: ("另行指定中", "being reassigned"),
    State.DONE: ("已完成", "done"),
    State.DONE_LATE: ("超时完成", "done late"),
    State.DROPPED: ("已收回", "withdrawn"),
}
_MARKS: Final = {
    State.UNSIGNED: "○",
    State.LATE_UNSIGNED: "!",
    State.SIGNED: "▶",
    State.LATE: "!",
    State.REFUSED: "?",
    State.DONE: "✓",
    State.DONE_LATE: "✓",
    State.DROPPED: "–",
}
_WISHES: Final = {
    "keep": ("维持", "keep the level"),
    "up": ("建议升级", "wants it raised"),
    "down": ("建议降级", "wants it lowered"),
    "end": ("建议终止", "wants it ended"),
}
_DECIDED: Final = {
    ("order_decision", "start"): ("签署启动令", "Signed the start order"),
    ("order_decision", "other_level"): ("转其他级别", "Sent it to another level"),
    ("order_decision", "refuse"): ("不启动", "Did not start it"),
    ("assess_decision", "regrade"): ("建议调整级别", "Proposed another level"),
    ("assess_decision", "extend"): ("建议延长", "Proposed to extend it"),
    ("assess_decision", "end"): ("建议终止", "Proposed to end it"),
    ("change_decision", "approve"): ("签署调整令", "Signed the change"),
    ("change_decision", "refuse"): ("不同意调整", "Refused the change"),
    ("end_decision", "end"): ("签署终止令", "Signed the stand-down"),
    ("end_decision", "go_on"): ("决定继续响应", "Decided to go on"),
}
_REASONS: Final = ("order_note", "assess_reason", "change_note", "end_reason", "matter", "measures")


def level(value: Any, *, short: bool = False) -> str:
    """A level in words: Ⅱ级（重大）; none known: not graded yet."""
    number = whole(value)
    if number not in ROMAN:
        return t("未定级", "not graded")
    zh, en = _GRADES[number]
    return (
        t(f"{ROMAN[number]}级", f"Level {ROMAN[number]}")
        if short
        else t(f"{ROMAN[number]}级（{zh}）", f"Level {ROMAN[number]} ({en})")
    )


def level_of(case: Row) -> int | None:
    """The level that a case has, or is proposed to have."""
    facts = case["facts"] or {}
    return whole(facts.get("level")) or whole(facts.get("proposed_level"))


def since(case: Row) -> timedelta:
    """How long an activation runs, or ran: from the start order, before it is signed from its beginning."""
    facts = case["facts"] or {}
    began = moment(facts.get("ordered_at")) or case["started_at"]
    until: datetime = moment(facts.get("ended_at")) or case["ended_at"] or now()
    return max(timedelta(), until - began)


def is_over(case: Row) -> bool:
    """Whether it was stood down: what is left is its review."""
    return moment((case["facts"] or {}).get("ended_at")) is not None


instant = moment
"""An instant that a fact holds as text."""


def row_name(register: str, key: Any) -> str:
    """What people know a row of a register by; its key where the row is no more."""
    row = registers.lookup(city().core, register, {"key": str(key)})
    return label_of(row, register) if row is not None else str(key)


def amount(taken: Row) -> str:
    """How much of a stock was taken, and what was left then."""
    row = registers.lookup(city().core, "stocks", {"key": str(taken.get("stock"))}) or {}
    measure = str((row.get("measure_en") if locale() == "en" else None) or row.get("measure") or "")
    number, left = (f"{taken.get(name) or 0:g} {measure}".strip() for name in ("amount", "left"))
    return t(f"{number}，剩 {left}", f"{number}, {left} left")


def span(length: timedelta) -> str:
    """How long, to the minute."""
    minutes = int(length.total_seconds() // 60)
    days, rest = divmod(minutes, 1440)
    hours, minutes = divmod(rest, 60)
    parts = []
    if days:
        parts.append(t(f"{days} 天", f"{days} d"))
    if hours or days:
        parts.append(t(f"{hours} 小时", f"{hours} h"))
    parts.append(t(f"{minutes} 分", f"{minutes} min"))
    return " ".join(parts)


def state(value: State) -> str:
    """How an order stands."""
    return t(*_STATES[value])


def mark(value: State) -> str:
    """The same as one sign, so that colour is never alone."""
    return _MARKS[value]


def minutes(order: Order) -> str:
    """The minutes that belong to it: left, late, or taken."""
    if order.minutes is None:
        return ""
    number = order.minutes
    if order.state in (State.DONE, State.DONE_LATE):
        return t(f"用时 {_short(number)}", f"in {_short(number)}")
    if number < 0:
        return t(f"超 {_short(-number)}", f"{_short(-number)} late")
    return t(f"剩 {_short(number)}", f"{_short(number)} left")


def what(order: Order) -> str:
    """What was ordered."""
    return order.en if locale() == "en" else order.zh


def unit(key: str) -> str:
    """A unit by its key."""
    return names().unit_by_key(key, locale())


def signer(unit_key: str, post_key: str) -> str:
    """Who signs: post and unit."""
    return f"{names().unit_by_key(unit_key, locale())} · {names().post(post_key, locale())}"


def wish(answers: Row) -> str:
    """What a situation report wants of the level."""
    words = _WISHES.get(str(answers.get("wish_level")))
    return t(*words) if words else ""


def act(node: str) -> str:
    """What a task of command is for, where its name alone would not say it on the board."""
    return t("升降级、延长或终止", "Change level, extend or end") if node == "Assess" else ""


def decision(row: Row) -> str:
    """What somebody in command decided."""
    answers = (row["data"] or {}).get("answers") or {}
    for name, value in answers.items():
        words = _DECIDED.get((name, value)) if isinstance(value, str) else None
        if words:
            wanted = next(
                (answers[n] for n in ("ordered_level", "change_level", "wanted_level") if answers.get(n)), None
            )
            return t(*words) + (t("：", ": ") + level(wanted, short=True) if wanted else "")
    return t("决定", "Decided")


def reason(row: Row) -> str:
    """Why."""
    answers = (row["data"] or {}).get("answers") or {}
    return next((str(answers[name]) for name in _REASONS if answers.get(name)), "")


def room_of(case: Row) -> str | None:
    """Where the board of a case is, if it is an activation of a plan."""
    return url_for("emergency.room", instance_id=case["id"]) if case["key"] in plans.rows(city().core) else None


def _short(number: int) -> str:
    hours, rest = divmod(number, 60)
    if number < 120:
        return t(f"{number} 分", f"{number} min")
    return t(f"{hours} 时 {rest} 分", f"{hours} h {rest} min") if rest else t(f"{hours} 小时", f"{hours} h")
