"""A case along time, for its picture and the table beside it: who held it, each step by unit, each clock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from engine import definitions
from escalation import ledger, lights, words
from escalation.explaining import Stretch
from escalation.holding import SIGNER, Held
from escalation.lights import Standing
from web.auth import city
from web.scales import Scale
from web.telling import names
from web.telling_cases import clock_name, name_of
from web.telling_clocks import Bar, Mark, bars, clock_label, short
from web.texts import locale, t

Row = dict[str, Any]

_HAIR = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Lane:
    """A line of the picture: a step or a clock, with how long it took in words."""

    label: str
    more: str
    took: str
    since: datetime
    until: datetime | None
    bars: tuple[Bar, ...]
    marks: tuple[Mark, ...] = ()
    standing: Standing | None = None
    task_id: int = 0
    opinion: bool = False


def told(case: Row, tasks: Sequence[Row], held: Sequence[Held], now: datetime) -> Row:
    """What the page of a timeline shows."""
    core = city().core
    clocks = lights.of_case(core, case["id"], now, locale())
    until = max(
        [
            case["ended_at"] or now,
            *(r["due_at"] for r, _ in clocks if r["due_at"] is not None and r["stopped_at"] is None),
            case["started_at"] + _HAIR,
        ]
    )
    scale = Scale(case["started_at"], _bounded(case["started_at"], case["ended_at"] or now, until))
    with core.db.read() as connection:
        entries = ledger.entries_of(connection, case["id"])
    steps = list(_steps(scale, tasks, case["ended_at"] or now))
    return {
        "scale": scale,
        "now_at": scale.at(now) if case["ended_at"] is None else None,
        "held": [_held(scale, each) for each in held],
        "steps": steps,
        "clocks": [_clock(scale, case, row, standing, entries, tasks, now) for row, standing in clocks],
    }


def _bounded(since: datetime, ends: datetime, until: datetime) -> datetime:
    """A due time far in the future would leave no room for what happened."""
    return min(until, ends + max((ends - since) * 2, _HAIR))


def _held(scale: Scale, one: Held) -> Row:
    unit = names().unit(one.unit_id, locale()) if one.unit_id else t("不限单位", "any unit")
    if not one.tasks:
        unit = t("等待", "waiting")
    length = words.length(one.length, locale())
    return {
        "bar": Bar(
            "wait" if not one.tasks else "hold",
            scale.at(one.since),
            scale.width(one.since, one.until),
            f"{unit} {length}",
        ),
        "unit": unit,
        "length": length,
        "one": one,
    }


def _steps(scale: Scale, tasks: Sequence[Row], ends: datetime) -> Iterator[Lane]:
    for row in tasks:
        node = definitions.get(city().core, row["definition_id"]).model.nodes.get(row["node"])
        until = row["closed_at"] or max(ends, row["opened_at"])
        parts = [Bar("step", scale.at(row["opened_at"]), scale.width(row["opened_at"], until))]
        marks = []
        if row["signed_at"] is not None:
            x = scale.at(row["signed_at"])
            marks.append(Mark("signed", x, f"{t('签收', 'signed for')} {short(row['signed_at'])}", "middle"))
        yield Lane(
            label=name_of(node, row["node"]),
            more=names().unit(row["unit_id"], locale()) if row["unit_id"] else "",
            took=words.length(until - row["opened_at"], locale()),
            since=row["opened_at"],
            until=row["closed_at"],
            bars=tuple(parts),
            marks=tuple(marks),
            task_id=row["id"],
            opinion=row["role"] == SIGNER,
        )


def _clock(
    scale: Scale,
    case: Row,
    row: Row,
    standing: Standing,
    entries: dict[tuple[str, int], list[Row]],
    tasks: Sequence[Row],
    now: datetime,
) -> Lane:
    its_task = next((each for each in tasks if each["id"] == row["task_id"]), None)
    definition = definitions.get(city().core, (its_task or case)["definition_id"])
    found = ledger.segments(row, entries.get((row["name"], row["task_id"]), ()))
    ends = row["stopped_at"] or now
    stretches = [
        Stretch(each, max(each.since, each.until or ends), timedelta(), None) for each in found if each.since <= ends
    ]
    marks = [
        Mark(kind, scale.at(at), f"{word} {short(at)}", "middle")
        for kind, at, word in (
            ("warn", row["warn_at"], t("预警", "warning")),
            ("due", row["due_at"], t("截止", "due")),
            ("breach", row["breached_at"], t("超时", "late")),
        )
        if at is not None and at <= scale.until
    ]
    node = definition.model.nodes.get(its_task["node"]) if its_task is not None else None
    settings = node.settings.clocks if node is not None else definition.model.clocks
    return Lane(
        label=clock_label(row["name"], settings) or clock_name(row["name"], definition),
        more=name_of(node, its_task["node"]) if its_task is not None else t("全案", "whole case"),
        took=standing.used,
        since=row["started_at"],
        until=row["stopped_at"],
        bars=tuple(bars(scale, stretches, row["due_at"])),
        marks=tuple(marks),
        standing=standing,
        task_id=row["task_id"],
    )
