"""会签 against a definition of its own: written from the sentences in `engine/votes.py`, trying out every way it could go on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from functools import cache
from itertools import combinations_with_replacement, product

import pytest

from engine.votes import Base, Rule, Say, Tally, Terms, Voter, Why, closed, tally

TERMS = (
    Terms(Rule.ALL),
    Terms(Rule.ORDER, base=Base.CAST),
    Terms(Rule.ANY, quorum=Fraction(1, 2)),
    Terms(Rule.RATIO, Fraction(2, 3)),
    Terms(Rule.RATIO, Fraction(1, 2), more=True, base=Base.CAST, quorum=Fraction(2, 3)),
    Terms(Rule.RATIO, Fraction(1, 2), base=Base.PRESENT, quorum=Fraction(3, 5)),
)
"""Each rule, base, with and without a quorum: at least and more than a share."""

EQUAL = ((1, False),) * 7
VETOES = ((1, True), (1, False), (1, False), (1, True), (1, False), (1, False), (1, False))
WEIGHTS = ((3, False), (1, True), (0, False), (2, False), (0, True), (1, False), (5, False))
"""Weight and veto of up to seven voters."""

Word = str  # y, n, a (abstain), x (absent), . (not yet)
SAID = {"y": Say.YES, "n": Say.NO, "a": Say.ABSTAIN, "x": Say.ABSENT, ".": None}


def carried(terms: Terms, roster: Sequence[tuple[int, bool]], said: Word) -> bool:
    """The independent definition, of a vote in which everybody has spoken: integers, no fractions, no early end."""
    people = list(zip(roster, said, strict=True))
    if not people or any(word == "n" and veto for (_, veto), word in people):
        return False
    if len([1 for word in said if word in "yna"]) * terms.quorum.denominator < terms.quorum.numerator * len(people):
        return False
    counted = {Base.VOTERS: "ynax", Base.PRESENT: "yna", Base.CAST: "yn"}[terms.base]
    agreed = sum(weight for (weight, _), word in people if word == "y")
    whole = sum(weight for (weight, _), word in people if word in counted)
    if agreed == 0:
        return False
    if terms.rule is Rule.ANY:
        return True
    if terms.rule is Rule.RATIO:
        left, right = agreed * terms.share.denominator, whole * terms.share.numerator
        return left > right if terms.more else left >= right
    return agreed == whole


def voters(roster: Sequence[tuple[int, bool]], said: Word) -> list[Voter]:
    return [Voter(SAID[word], Fraction(weight), veto) for (weight, veto), word in zip(roster, said, strict=True)]


def ways(said: Word) -> Iterator[Word]:
    """One more word spoken: every way in which a vote can go on by one."""
    at = said.index(".")
    for word in "ynax":
        yield said[:at] + word + said[at + 1 :]


def check(terms: Terms, roster: Sequence[tuple[int, bool]], table: Iterable[Sequence[str]]) -> int:
    """Decided exactly when every way to go on comes to the same, and then to that. Answers how many rows were looked at."""

    @cache
    def ends(said: Word) -> frozenset[bool]:
        if "." not in said:
            return frozenset((carried(terms, roster, said),))
        return frozenset[bool]().union(*(ends(way) for way in ways(said)))

    count = 0
    for said in map("".join, table):
        wanted = ends(said)
        found = tally(terms, voters(roster, said)).carried
        assert found is (next(iter(wanted)) if len(wanted) == 1 else None), (terms, roster, said)
        count += 1
    return count


@pytest.mark.parametrize("terms", TERMS, ids=str)
def test_the_whole_truth_table(terms: Terms) -> None:
    """Every vote of up to seven equal voters, of whom some said yes, no, abstained, are absent, or have not spoken (who they are makes no
    difference); and every vote of up to four who differ in weight and veto."""
    rows = [combinations_with_replacement("ynax.", many) for many in range(8)]
    assert sum(check(terms, EQUAL[:many], table) for many, table in enumerate(rows)) == 792
    for roster in (VETOES, WEIGHTS):
        for many in range(5):
            check(terms, roster[:many], product("ynax.", repeat=many))


@pytest.mark.faults
@pytest.mark.parametrize("roster", [EQUAL, VETOES, WEIGHTS], ids=["equal", "vetoes", "weights"])
@pytest.mark.parametrize("terms", TERMS, ids=str)
def test_the_whole_truth_table_of_voters_who_differ(terms: Terms, roster: Sequence[tuple[int, bool]]) -> None:
    """Every vote of up to seven voters, each of whom said yes, no, abstained, or has not spoken; up to five may be absent too."""
    for many in range(8):
        check(terms, roster[:many], product("ynax." if many < 6 else "yna.", repeat=many))


def test_what_is_told_of_a_vote() -> None:
    terms = Terms(Rule.RATIO, Fraction(2, 3))
    assert tally(terms, voters(WEIGHTS[:5], "yna..")) == Tally(
        False, Why.VETO, 5, 1, 1, 1, 0, 2, Fraction(3), Fraction(6)
    )
    assert tally(terms, voters(EQUAL, "yyyyynn")).why is Why.ENOUGH
    assert tally(terms, []).why is Why.NOBODY
    assert closed(Terms(Rule.ANY), voters(EQUAL[:3], "y..")).absent == 2
    assert closed(Terms(Rule.ALL), voters(EQUAL[:3], "yy.")).why is Why.TOO_FEW
    assert closed(Terms(Rule.ANY, quorum=Fraction(2, 3)), voters(EQUAL[:3], "y..")).why is Why.NO_QUORUM
