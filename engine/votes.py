"""会签: what a vote comes to. Pure arithmetic, exact: no floats, no process, no person.

Every voter has a weight (usually 1), may have a veto, and has said yes, no or abstain; or is absent (their part ended without a word);
or has not spoken yet. A vote is decided as soon as nothing that those who have not spoken could say, or leave unsaid, changes what it
comes to. What it comes to, once all have spoken, is the first of these that applies:

1. nobody votes: not carried;
2. somebody with a veto said no: not carried;
3. fewer voters than the quorum asks for are present (said yes, no or abstain; heads, not weights): not carried;
4. the weight of yes is zero, or less than the rule asks for of the weight of the base: not carried; else carried.

The base is all voters, those present, or those who said yes or no. The rule asks for all of it, any weight of yes at all, or a share: at
least that share, or more than it. `order` asks for what `all` asks for; those asked speak one after another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction


class Say(StrEnum):
    """What a voter said."""

    YES = "yes"
    NO = "no"
    ABSTAIN = "abstain"
    ABSENT = "absent"


class Rule(StrEnum):
    """How much of the base has to say yes."""

    ALL = "all"
    ANY = "any"
    RATIO = "ratio"
    ORDER = "order"


class Base(StrEnum):
    """Of whom: all voters, those present, those who said yes or no."""

    VOTERS = "voters"
    PRESENT = "present"
    CAST = "cast"


class Why(StrEnum):
    """Why it came out as it did."""

    ENOUGH = "enough"
    TOO_FEW = "too_few"
    VETO = "veto"
    NO_QUORUM = "no_quorum"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a vote asks for. `share` is of the weight of the base (for `ratio`), `more`: it must be exceeded; `quorum` a share of heads."""

    rule: Rule
    share: Fraction = Fraction(1, 2)
    more: bool = False
    base: Base = Base.VOTERS
    quorum: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class Voter:
    """One voter. `said` None: not yet."""

    said: Say | None = None
    weight: Fraction = Fraction(1)
    veto: bool = False


@dataclass(frozen=True, slots=True)
class Tally:
    """How a vote stands. `carried` None: undecided; then `why` is None too. Heads: how many said what, `left`: have not spoken;
    `for_` and `of`: the weight of yes, and of the base as it is now."""

    carried: bool | None
    why: Why | None
    voters: int
    yes: int
    no: int
    abstain: int
    absent: int
    left: int
    for_: Fraction
    of: Fraction


def tally(terms: Terms, voters: Sequence[Voter]) -> Tally:
    """How the vote stands, and whether it is decided."""
    best = _against(terms, voters, Say.YES)
    carried: bool | None = None
    why: Why | None = None
    if best is not None:
        carried, why = False, best
    elif _against(terms, voters, Say.NO) is None and _against(terms, voters, Say.ABSENT) is None:
        carried, why = True, Why.ENOUGH
    heads = {say: sum(each.said is say for each in voters) for say in Say}
    return Tally(
        carried,
        why,
        len(voters),
        heads[Say.YES],
        heads[Say.NO],
        heads[Say.ABSTAIN],
        heads[Say.ABSENT],
        sum(each.said is None for each in voters),
        _weight(voters, (Say.YES,)),
        _weight(voters, _BASES[terms.base]),
    )


def closed(terms: Terms, voters: Sequence[Voter]) -> Tally:
    """What it comes to when it is closed now: who has not spoken is absent."""
    return tally(terms, [replace(each, said=each.said or Say.ABSENT) for each in voters])


_BASES: dict[Base, tuple[Say | None, ...]] = {
    Base.VOTERS: (*Say, None),
    Base.PRESENT: (Say.YES, Say.NO, Say.ABSTAIN),
    Base.CAST: (Say.YES, Say.NO),
}


def _against(terms: Terms, voters: Sequence[Voter], rest: Say) -> Why | None:
    """Why it is not carried when all who have not spoken say `rest`; None: it is carried.

    Yes from the rest is the best there can be: it never makes a veto, adds to those present, and adds to yes whatever it adds to the
    base. A vote is lost by a veto or by too little yes: the worst for these is no from the rest; or for want of a quorum:
    the worst for that is that they are absent. So these three cases decide (`tests/unit/test_votes.py` asks all of them)."""
    if not voters:
        return Why.NOBODY
    present, yes, of, counted = 0, Fraction(0), Fraction(0), _BASES[terms.base]
    for each in voters:
        said = each.said or rest
        if said is Say.NO and each.veto:
            return Why.VETO
        present += said is not Say.ABSENT
        if said is Say.YES:
            yes += each.weight
        if said in counted:
            of += each.weight
    if present < terms.quorum * len(voters):
        return Why.NO_QUORUM
    return None if yes > 0 and _enough(terms, yes, of) else Why.TOO_FEW


def _enough(terms: Terms, yes: Fraction, of: Fraction) -> bool:
    if terms.rule is Rule.ANY:
        return True
    if terms.rule is Rule.RATIO:
        return yes > terms.share * of if terms.more else yes >= terms.share * of
    return yes == of


def _weight(voters: Iterable[Voter], of: Sequence[Say | None]) -> Fraction:
    return sum((each.weight for each in voters if each.said in of), Fraction(0))
