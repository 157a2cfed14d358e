"""A vote among the parts of a multi-instance activity (会签): who votes, what they said, and when it is decided.

The token of the activity as a whole keeps a row for each part, in their order: weight, veto, what it said, its item, its reasons. Parts
may be added and taken away while it goes on; what the vote comes to is asked of `engine.votes` each time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from engine.bpmn.settings import Vote
from engine.errors import StepFailed
from engine.votes import Say, Tally, Voter, closed, tally

if TYPE_CHECKING:
    from engine.bpmn.runtime.live import Token

ROLL = "v"
"""In the bookkeeping of the whole: a row for each voter."""

WEIGHT, VETO, SAID, ITEM, REASONS, PERSON = range(6)
"""`PERSON` only of those who were added."""
REMOVED = "-"
"""What a voter said who was taken away."""

_LARGEST = 10**9


def begin(token: Token, vote: Vote, members: Sequence[Any], item: str | None) -> None:
    """Those who vote from the beginning."""
    token.internal_data[ROLL] = [_row(token, vote, member, item, number) for number, member in enumerate(members)]


def _row(token: Token, vote: Vote, member: Any, item: str | None, number: int) -> list[Any]:
    run = token.run_of
    seen = {"loopCounter": number + 1, **({item: member} if item is not None else {})}
    weight: Any = 1
    if vote.weight is not None:
        weight = run.plain(token, vote.weight.text, seen) if vote.weight.is_feel else vote.weight.text
    veto = vote.veto is not None and run.holds(token, vote.veto, seen)
    return [_number(token, weight), int(veto), None, member if item is not None else None, None]


def _number(token: Token, weight: Any) -> str:
    """A weight, kept exactly. StepFailed when it is none."""
    try:
        found = Fraction(str(weight))
    except (ValueError, ZeroDivisionError):
        found = Fraction(-1)
    if isinstance(weight, bool) or not 0 <= found <= _LARGEST:
        node = token.task_spec.node.id
        raise StepFailed(
            node=node, why=f"a voter's weight is {weight!r}", why_zh=f"表决权重是 {weight!r}，应为不小于 0 的数"
        )
    return str(found)


def add(token: Token, vote: Vote, member: Any, item: str | None, person: int) -> int:
    """One voter more, without a veto; answers their number."""
    roll = token.internal_data[ROLL]
    row = _row(token, vote, member, item, len(roll))
    row[VETO] = 0
    roll.append([*row, person])
    return len(roll) - 1


def remove(token: Token, number: int) -> None:
    """A voter is taken away."""
    token.internal_data[ROLL][number][SAID] = REMOVED


def is_removed(token: Token, number: int) -> bool:
    """Whether a voter was taken away."""
    roll = token.internal_data.get(ROLL)
    return roll is not None and bool(roll[number][SAID] == REMOVED)


def cast(token: Token, vote: Vote, number: int, given: Mapping[str, Any]) -> None:
    """A part is complete: what it said. `given` are the values it saw as its own."""
    row = token.internal_data[ROLL][number]
    row[SAID] = str(_said(vote, given.get(vote.field)))
    if vote.opinion is not None:
        row[REASONS] = given.get(vote.opinion)


def _said(vote: Vote, value: Any) -> Say:
    word = str(value).lower() if isinstance(value, bool) else str(value)
    for say, words in ((Say.YES, vote.yes), (Say.NO, vote.no), (Say.ABSTAIN, vote.abstain)):
        if word in words:
            return say
    return Say.ABSENT


def added(token: Token) -> list[int]:
    """People who were added and not taken away, whether they have spoken or not."""
    roll = token.internal_data[ROLL]
    return [row[PERSON] for row in roll if row[SAID] != REMOVED and len(row) > PERSON]


def items(token: Token) -> list[Any]:
    """What each votes as who was not taken away: the members of the collection."""
    return [row[ITEM] for row in token.internal_data[ROLL] if row[SAID] != REMOVED]


def left(token: Token) -> int:
    """How many voters there are who were not taken away."""
    return len(_voters(token))


def decided(token: Token, vote: Vote) -> bool:
    """Whether nothing that is still to be said can change the result, and the vote ends then."""
    return vote.early and tally(vote.terms, _voters(token)).carried is not None


def _voters(token: Token) -> list[Voter]:
    return [
        Voter(Say(row[SAID]) if row[SAID] is not None else None, Fraction(row[WEIGHT]), bool(row[VETO]))
        for row in token.internal_data[ROLL]
        if row[SAID] != REMOVED
    ]


def result(token: Token, vote: Vote) -> dict[str, Any]:
    """What the vote came to, as the value of a fact. Who did not come to speak before it was decided is `left`."""
    voters = _voters(token)
    found = tally(vote.terms, voters)
    if found.carried is None:
        found = closed(vote.terms, voters)
    return {
        "passed": found.carried is True,
        "why": str(found.why),
        **_counts(found),
        "votes": [_told(row, vote) for row in token.internal_data[ROLL] if row[SAID] not in (None, REMOVED)],
    }


def _counts(found: Tally) -> dict[str, Any]:
    heads = ("voters", "yes", "no", "abstain", "absent", "left")
    return {name: getattr(found, name) for name in heads}


def _told(row: list[Any], vote: Vote) -> dict[str, Any]:
    told = {"item": row[ITEM], "vote": row[SAID], "weight": _plain(Fraction(row[WEIGHT]))}
    if vote.opinion is not None:
        told["opinion"] = row[REASONS]
    return told


def _plain(weight: Fraction) -> int | float:
    return int(weight) if weight.denominator == 1 else float(weight)
