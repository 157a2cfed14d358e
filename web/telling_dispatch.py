"""Why a unit is proposed, in words."""

from __future__ import annotations

from dataclasses import dataclass

from engine.dispatching.model import Guess, Precedent
from engine.dispatching.proposing import Proposal
from web.telling import names
from web.texts import locale, t


@dataclass(frozen=True, slots=True)
class Voice:
    """What one of the voices says: its name, the unit it is for (shown), and why."""

    name: str
    unit: str
    why: str
    agrees: bool


def voices(found: Proposal) -> list[Voice]:
    """Table, precedent and what was learnt, those that say something."""
    told = []
    if found.guess is not None and found.speaks:
        told.append(
            Voice(t("学习", "Learnt"), _unit(found.guess.unit), learnt(found.guess), _same(found, found.guess.unit))
        )
    if found.precedent is not None:
        told.append(
            Voice(
                t("先例", "Precedent"),
                _unit(found.precedent.unit),
                precedent(found.precedent),
                _same(found, found.precedent.unit),
            )
        )
    if found.table is not None:
        told.append(
            Voice(
                t("分工表", "Table of duties"),
                _unit(found.table),
                "",
                _same(found, found.table),
            )
        )
    return told


def learnt(guess: Guess) -> str:
    """把握 99.7%（同类 26/26 正确），文中“路灯”."""
    share = percent(guess.trust)
    said = t(f"把握 {share}", f"{share} sure")
    if guess.tried:
        said += t(
            f"（同类拟派 {guess.tried:.0f} 次，{guess.right:.0f} 次正确）",
            f" (for this kind right {guess.right:.0f} of {guess.tried:.0f} times)",
        )
    if guess.words:
        said += t("，文中", ", by the words ") + t("", ", ").join(f"“{word}”" for word in guess.words)
    return said


def precedent(found: Precedent) -> str:
    """园林街道同类 15 件中办过 14 件."""
    where = names().area(found.place, locale()) if found.place else t("全市", "the whole city")
    return t(
        f"{where}同类 {found.total} 件中办结 {found.count} 件",
        f"{found.count} of {found.total} cases of this kind, {where}",
    )


def percent(share: float | None) -> str:
    """99.4%, rounded down: nothing is shown better than it is."""
    return "—" if share is None else f"{int(share * 1000) / 10:.1f}%"


def part(some: int, of: int) -> str:
    """A share in per cent; a dash of nothing."""
    return percent(some / of if of else None)


def _unit(key: str) -> str:
    return names().unit_by_key(key, locale())


def _same(found: Proposal, unit: str) -> bool:
    return found.unit == unit
