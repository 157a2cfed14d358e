"""A vote as its readers see it: who said what, what is needed, and how it stands, in words and as a small picture."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from engine.bpmn.settings import Vote
from engine.queries.ballots import Ballot, Standing
from engine.votes import Base, Rule
from web.telling import names
from web.texts import locale, t

WIDTH: Final = 1000
"""Units of the picture's width: all weights together."""

SAID: Final = {
    "yes": ("同意", "for"),
    "no": ("不同意", "against"),
    "abstain": ("弃权", "abstains"),
    "absent": ("缺席", "absent"),
}

_WHY: Final = {
    "enough": ("已达到所需同意", "enough are for it"),
    "too_few": ("同意不足", "too few are for it"),
    "veto": ("有一票否决", "vetoed"),
    "no_quorum": ("到会人数不足", "too few took part"),
    "nobody": ("无人表决", "nobody voted"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One voter in words. `mark`: yes, no, abstain or open, for the colour."""

    who: str
    mark: str
    words: str
    reasons: str = ""
    more: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the picture: what it is, where it begins, how wide it is."""

    mark: str
    at: int
    width: int


@dataclass(frozen=True, slots=True)
class Told:
    """A vote, told. `need`: where the picture marks what is needed; none where that depends on who takes part."""

    name: str
    rule: str
    result: str
    mark: str
    lines: tuple[Line, ...]
    parts: tuple[Part, ...]
    counts: tuple[tuple[str, str, int], ...]
    need: int | None
    described: str


def told(standings: Iterable[Standing]) -> list[Told]:
    """Every vote of a case."""
    found = list(standings)
    names().learn([ballot.who for one in found for ballot in one.ballots])
    return [_told(one) for one in found]


def _told(one: Standing) -> Told:
    counts = tuple(
        (mark, t(*words), sum(_mark(ballot) == mark for ballot in one.ballots))
        for mark, words in (
            ("yes", SAID["yes"]),
            ("no", SAID["no"]),
            ("abstain", ("弃权、缺席", "abstain or absent")),
            ("open", ("未表决", "not yet")),
        )
    )
    if one.carried is None:
        result, mark = t("表决中", "under way"), "open"
    else:
        why = t(*_WHY.get(one.why, ("", "")))
        word = t("已通过", "carried") if one.carried else t("未通过", "not carried")
        early = "" if one.over or not one.ballots else t("，结果已定", "; nothing can change it")
        result, mark = f"{word}{t('：', ': ')}{why}{early}" if why else word, "yes" if one.carried else "no"
    described = t("，", ", ").join(f"{words} {count}" for _, words, count in counts)
    lines = tuple(_line(ballot) for ballot in one.ballots)
    return Told(
        one.names.text(locale()) or one.node,
        rule_words(one.vote),
        result,
        mark,
        lines,
        _parts(one),
        counts,
        _need(one),
        described,
    )


def rule_words(vote: Vote) -> str:
    """What the vote asks for."""
    terms = vote.terms
    base = {
        Base.VOTERS: t("全体", "all"),
        Base.PRESENT: t("参加表决者", "those who take part"),
        Base.CAST: t("表态者（弃权不计）", "those for or against"),
    }[terms.base]
    if terms.rule is Rule.ANY:
        said = t("任一同意即通过", "one in favour is enough")
    elif terms.rule is Rule.RATIO:
        share = f"{terms.share.numerator}/{terms.share.denominator}"
        said = (
            t(f"超过{base}的 {share} 同意", f"more than {share} of {base} in favour")
            if terms.more
            else t(f"{base}的 {share} 以上同意", f"at least {share} of {base} in favour")
        )
    else:
        said = t(f"{base}一致同意", f"{base} in favour" if terms.base is Base.VOTERS else f"all of {base} in favour")
        if terms.rule is Rule.ORDER:
            said += t("，依次表决", ", one after another")
    if terms.quorum:
        quorum = f"{terms.quorum.numerator}/{terms.quorum.denominator}"
        said += t(f"；至少 {quorum} 参加", f"; at least {quorum} take part")
    return said


def _mark(ballot: Ballot) -> str:
    if ballot.said in ("yes", "no"):
        return str(ballot.said)
    return "open" if ballot.said is None else "abstain"


def _line(ballot: Ballot) -> Line:
    words = t(*SAID[ballot.said]) if ballot.said in SAID else t("未表决", "not yet")
    weighs = t(f"权重 {ballot.weight}", f"weight {ballot.weight}") if ballot.weight != 1 else ""
    veto = t("有否决权", "has a veto") if ballot.veto else ""
    return Line(_who(ballot), _mark(ballot), words, ballot.reasons, " · ".join(part for part in (weighs, veto) if part))


def _who(ballot: Ballot) -> str:
    if ballot.who is not None:
        return names().person(ballot.who)
    item: Any = ballot.item
    if isinstance(item, str) and item in names().unit_keys:
        return names().unit_by_key(item, locale())
    if isinstance(item, int) and not isinstance(item, bool):
        return names().person(item) or str(item)
    return str(item) if item not in (None, "") else t("（未表决者）", "(has not spoken)")


def _parts(one: Standing) -> tuple[Part, ...]:
    """By weight; where nothing weighs anything, nothing."""
    weights = {mark: Fraction(0) for mark in ("yes", "no", "abstain", "open")}
    for ballot in one.ballots:
        weights[_mark(ballot)] += ballot.weight
    total = sum(weights.values())
    found: list[Part] = []
    at = 0
    for mark, weight in weights.items():
        width = round(WIDTH * weight / total) if total else 0
        if width:
            found.append(Part(mark, at, min(width, WIDTH - at)))
            at += width
    return tuple(found)


def _need(one: Standing) -> int | None:
    terms = one.vote.terms
    if terms.base is not Base.VOTERS or terms.rule is not Rule.RATIO:
        return None
    return round(WIDTH * terms.share)
