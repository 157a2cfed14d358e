"""What is counted: each a number of cases with its name, what it counts in words, and how it follows from what happened to a case.

A count has three readings. *Full*: cases whose term stands (挂账、缓办) are due when their term would have been. *Base*, the recommended
one (domain A1.6): they are not due while they stand. *Adjusted*: as base, without the cases of which this clock's overrun was exempted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, not_, or_, true

from engine.bpmn.values import Names

READINGS: Final = ("full", "base", "adjusted")

FULL, BASE = READINGS[:2]

RUNG: Final = "rung"
"""Of `Count.whose`: the unit's about which a rung of a supervision was, at the time of that rung."""
TASK: Final = "task"
"""Of `Count.whose`: the unit's whose task it was (`clocked.whose`)."""

Flags = Mapping[str, ColumnElement[Any]]
"""What is known of a case in the period (`marking.flags`), by name."""
Condition = Callable[[Flags, str], ColumnElement[bool]]
"""Of what is known of a case, and the reading."""


@dataclass(frozen=True, slots=True)
class Count:
    """`family`: whose exemption leaves a case out of the adjusted number; none: nothing does. `condition`: in the
    readings full and base; adjusted is base without what is exempted. `whose`: by unit, which one a case counts for, or which ones
    (`unit_marks`); empty: the one that is responsible for it at the end of the period."""

    key: str
    names: Names
    means: Names
    condition: Condition
    family: str = ""
    whose: str = ""


STAGES: Final[Mapping[str, tuple[str, str, str]]] = {
    # clock: its name zh, in English, and the task that it is about
    "verify": ("核实", "verify", "Verify"),
    "file": ("立案", "file", "File"),
    "dispatch": ("派遣", "dispatch", "Dispatch"),
    "handle": ("处置", "handle", "Handle"),
    "check": ("核查", "check", "Check"),
    "case": ("结案", "close", ""),
}
"""The clocks of the seven stages that figures are made of."""


def _all(*flags: str) -> Condition:
    return lambda f, _: and_(*(not_(f[one[1:]]) if one.startswith("-") else f[one] for one in flags))


def _due(stage: str, *more: str) -> Condition:
    """Due in the period; of what stands (reading full), when its term would have ended."""

    def condition(f: Flags, reading: str) -> ColumnElement[bool]:
        due = or_(f[f"due_{stage}"], f[f"stands_{stage}"]) if reading == FULL else f[f"due_{stage}"]
        return and_(f["counted"], due, *(f[one] for one in more))

    return condition


def _done(stage: str, how: str) -> Condition:
    """Of what was due: `open` or `late` of it is nothing. What stands is neither done nor in time."""

    def condition(f: Flags, reading: str) -> ColumnElement[bool]:
        stands = not_(f[f"stands_{stage}"]) if reading == FULL else true()
        return and_(f["counted"], f[f"due_{stage}"], not_(f[f"{how}_{stage}"]), stands)

    return condition


def _missed(stage: str, how: str) -> Condition:
    def condition(f: Flags, reading: str) -> ColumnElement[bool]:
        missed = and_(f[f"due_{stage}"], f[f"{how}_{stage}"])
        return and_(f["counted"], or_(missed, f[f"stands_{stage}"]) if reading == FULL else missed)

    return condition


_BY_TASK: Final = Names(
    "；按单位统计时计入该任务所在单位（超时的以到期时为准），一案先后由几个单位处置的各计一件，各单位之和可大于全市数",
    "; by unit, counted for the one whose task it was (what was late: when its time ran out), once for each unit that a case "
    "passed through, so that the units may add up to more than the city",
)
_ITS_OWN: Final = Names("；按单位统计时只看该单位自己的任务", "; by unit, of its own tasks alone")


def _stage(
    stage: str,
    due: Names,
    done: Names,
    in_time: Names,
    missed: Names,
    keys: tuple[str, str, str, str],
    whose: str = "",
) -> tuple[Count, ...]:
    zh, en, _ = STAGES[stage]
    by_unit, of_these = (_BY_TASK, _ITS_OWN) if whose else (Names("", ""), Names("", ""))
    return (
        Count(
            keys[0],
            due,
            Names(
                f"{zh}时限在本期届满的案件，加上本期内提前完成的；不含作废案件，时限内退回、收回的不算{by_unit.zh}",
                f"cases whose term to {en} ended in the period, and those done in it ahead of their term; without voided "
                f"ones, and not what was handed back or taken away within its term{by_unit.en}",
            ),
            _due(stage),
            stage,
            whose,
        ),
        Count(
            keys[1],
            done,
            Names(f"其中本期末前已完成的{of_these.zh}", f"of these, done by the end of the period{of_these.en}"),
            _done(stage, "open"),
            stage,
            whose,
        ),
        Count(
            keys[2],
            in_time,
            Names(f"其中在时限内完成的{of_these.zh}", f"of these, done within the term{of_these.en}"),
            _done(stage, "late"),
            stage,
            whose,
        ),
        Count(
            keys[3],
            missed,
            Names(f"其中未在时限内完成的{of_these.zh}", f"of these, not done within the term{of_these.en}"),
            _missed(stage, "late"),
            stage,
            whose,
        ),
    )


def _n(zh: str, en: str) -> Names:
    return Names(zh, en)


COUNTS: Final[tuple[Count, ...]] = (
    Count(
        "received",
        _n("问题总数", "Problems"),
        _n(
            "本期受理的案件，不含并入其他案件的重复件",
            "cases received in the period, without duplicates joined to another",
        ),
        _all("came", "-duplicate"),
    ),
    Count(
        "duplicates",
        _n("并入的重复件", "Duplicates"),
        _n("本期受理、后并入另一案件的", "cases received in the period that were joined to another"),
        _all("came", "duplicate"),
    ),
    Count(
        "received_filed",
        _n("上报中已立案数", "Of these, filed"),
        _n(
            "问题总数中期末前已立案的，不含作废", "of the problems, filed by the end of the period; without voided ones"
        ),
        _all("came", "-duplicate", "counted", "filed_by_end"),
    ),
    Count(
        "filed",
        _n("立案数", "Filed"),
        _n("本期完成立案的案件，不含作废", "cases whose filing was completed in the period, voided ones left out"),
        _all("counted", "filed_now"),
    ),
    Count(
        "filed_in_time",
        _n("按时立案数", "Filed in time"),
        _n("其中立案环节未超时的", "of these, filing itself was not late"),
        _all("counted", "filed_now", "-filed_late"),
        "file",
    ),
    Count(
        "filed_late",
        _n("超时立案数", "Filed late"),
        _n("其中立案环节超时的", "of these, filing was late"),
        _all("counted", "filed_now", "filed_late"),
        "file",
    ),
    Count(
        "filed_timed",
        _n("计时立案数", "Filings timed"),
        _n("立案数；剔除后口径不含已获免责的", "cases filed; the adjusted reading leaves exempted ones out"),
        _all("counted", "filed_now"),
        "file",
    ),
    Count(
        "filed_gross",
        _n("立案数（含作废）", "Filed, with voided"),
        _n(
            "本期完成立案的案件，含立案后作废的",
            "cases whose filing was completed in the period, with those voided later",
        ),
        _all("live", "filed_now", "was_filed"),
    ),
    Count(
        "voided_after",
        _n("立案后作废数", "Voided after filing"),
        _n("本期完成立案、后来作废的", "of these, voided later"),
        _all("live", "filed_now", "was_filed", "voided"),
    ),
    Count(
        "voided",
        _n("作废数", "Voided"),
        _n("本期作废的案件", "cases voided in the period"),
        _all("live", "voided", "ended_now"),
    ),
    *_stage(
        "verify",
        _n("应核实数", "Due to be verified"),
        _n("核实数", "Verified"),
        _n("按时核实数", "Verified in time"),
        _n("未按时核实数", "Not verified in time"),
        ("due_verify", "verified", "verified_in_time", "verify_missed"),
    ),
    *_stage(
        "dispatch",
        _n("应派遣数", "Due to be dispatched"),
        _n("派遣数", "Dispatched"),
        _n("按时派遣数", "Dispatched in time"),
        _n("未按时派遣数", "Not dispatched in time"),
        ("due_dispatch", "dispatched", "dispatched_in_time", "dispatch_missed"),
    ),
    Count(
        "redispatched",
        _n("再次派遣数", "Dispatched again"),
        _n("派遣数中因派错等原因再次派遣的", "of those dispatched, dispatched once more because they came back"),
        lambda f, reading: and_(_done("dispatch", "open")(f, reading), f["redispatched"]),
        "dispatch",
    ),
    *_stage(
        "handle",
        _n("应处置数", "Due to be handled"),
        _n("处置数", "Handled"),
        _n("按期处置数", "Handled in time"),
        _n("未按期处置数", "Not handled in time"),
        ("due_handle", "handled", "handled_in_time", "handle_missed"),
        TASK,
    ),
    Count(
        "extended",
        _n("延期数", "Extended"),
        _n(
            "应处置数中批准过延期的；按单位统计时只看该单位自己的处置任务，或由该单位申请延长的案件时限",
            "of those due to be handled, given more time; by unit, for its own task, or for the whole case because it asked",
        ),
        _due("handle", "extended"),
        "handle",
        TASK,
    ),
    *_stage(
        "check",
        _n("应核查数", "Due to be checked"),
        _n("核查数", "Checked"),
        _n("按时核查数", "Checked in time"),
        _n("未按时核查数", "Not checked in time"),
        ("due_check", "checked", "checked_in_time", "check_missed"),
    ),
    *_stage(
        "case",
        _n("应结案数", "Due to be closed"),
        _n("结案数", "Closed"),
        _n("按时结案数", "Closed in time"),
        _n("未按时结案数", "Not closed in time"),
        ("due", "closed", "closed_in_time", "missed"),
    ),
    Count(
        "not_closed",
        _n("应结未结数", "Due but not closed"),
        _n("应结案而期末尚未结案的", "due to be closed, and still open at the end of the period"),
        _missed("case", "open"),
        "case",
    ),
    Count(
        "reworked",
        _n("返工数", "Reworked"),
        _n("应结案数中核查不通过、重新处置过的", "of those due to be closed, handled again after a check"),
        _due("case", "reworked"),
        "case",
    ),
    Count(
        "standing",
        _n("挂账数", "Standing"),
        _n("期末处于挂账、缓办或依法中止状态的案件", "cases whose term stands at the end of the period"),
        _all("counted", "standing"),
    ),
    Count(
        "public_received",
        _n("公众上报数", "Reported by the public"),
        _n("问题总数中来自公众来源的", "of the problems, from sources of the public"),
        _all("came", "-duplicate", "public"),
    ),
    Count(
        "public_verified",
        _n("公众上报核实数", "Of these, verified"),
        _n("其中期末前已核实的", "of these, verified by the end of the period"),
        _all("came", "-duplicate", "public", "verified_by_end"),
    ),
    Count(
        "collected",
        _n("采集员上报数", "Reported by collectors"),
        _n("问题总数中采集员上报的", "of the problems, reported by collectors"),
        _all("came", "-duplicate", "collector"),
    ),
    Count(
        "collected_filed",
        _n("有效上报数", "Of these, filed"),
        _n("其中期末前已立案的，不含作废", "of these, filed by the end of the period; without voided ones"),
        _all("came", "-duplicate", "collector", "counted", "filed_by_end"),
    ),
    Count(
        "answered",
        _n("公众评价数", "Rated"),
        _n("本期内上报人作出评价的案件", "cases rated by who reported them in the period"),
        _all("live", "answered"),
    ),
    Count(
        "satisfied",
        _n("满意数", "Satisfied"),
        _n("其中评价为已解决的", "of these, said to be solved"),
        _all("live", "answered", "-unsatisfied"),
    ),
    Count(
        "carded",
        _n("黄牌、红牌案件数", "Cases with a card"),
        _n(
            "本期因其出示黄牌或红牌的案件（已撤回的除外）；计入被出牌的单位，以出牌时为准，案件此后转给其他单位的也不变",
            "cases on whose account a yellow or red card was shown in the period that was not withdrawn; counted for the unit that "
            "was shown it, as it was then, though the case passed to another since",
        ),
        _all("live", "carded"),
        whose=RUNG,
    ),
    Count(
        "urged",
        _n("催办、督办案件数", "Cases urged or supervised"),
        _n(
            "本期因其催办或督办的案件；计入当时被催办、督办的单位",
            "cases that were urged or supervised in the period; counted for the unit that it was then about",
        ),
        _all("live", "urged"),
        whose=RUNG,
    ),
    Count(
        "ordered",
        _n("督办应答复数", "Supervision due"),
        _n(
            "督办答复期限在本期届满的案件；计入当时被督办的单位",
            "cases of which the term to answer a supervision order ended in the period; counted for the unit that was ordered",
        ),
        _all("live", "ordered"),
        whose=RUNG,
    ),
    Count(
        "ordered_in_time",
        _n("督办按时答复数", "Answered in time"),
        _n("其中每一轮都在期限内答复的", "of these, every round answered in time"),
        _all("live", "ordered", "-ordered_late"),
        whose=RUNG,
    ),
    Count(
        "carried_out",
        _n("督办落实数", "Supervision carried out"),
        _n("其中答复经认可或事项已办结的", "of these, the reply was accepted or the matter resolved"),
        _all("live", "ordered", "carried_out"),
        whose=RUNG,
    ),
    Count(
        "not_carried_out",
        _n("督办未落实数", "Supervision not carried out"),
        _n("其中期末尚未落实的", "of these, not carried out by the end of the period"),
        _all("live", "ordered", "-carried_out"),
        whose=RUNG,
    ),
    Count(
        "emergencies",
        _n("重大应急事件数", "Major emergencies"),
        _n(
            "本期发生、曾达到Ⅲ级及以上响应并下达任务的事件",
            "events of the period in which orders of level III, II or I were given",
        ),
        _all("emergency"),
    ),
    Count(
        "emergencies_in_time",
        _n("及时处置的重大应急事件数", "Of these, in time"),
        _n(
            "其中最先下达的任务都按时签收且期末前已结束的",
            "of these, the first orders were signed for in time, and it was over by the end of the period",
        ),
        _all("emergency", "-receipt_late", "ended_by_end"),
    ),
)
"""Their order is that of the bits of a mark; an edition keeps its own (`body.counts`), so one may be added anywhere."""

BY_KEY: Final[Mapping[str, Count]] = {one.key: one for one in COUNTS}
FAMILIES: Final = tuple(STAGES)
