"""What a vote comes to, told from the words of its terms alone: an independent count."""

from __future__ import annotations

import itertools

SPOKEN = ("yes", "no", "abstain")


def carried(asked: dict[str, str], said: list[str | None]) -> bool:
    """What a vote of equal weights comes to, told from the words of its terms alone. Who has not spoken would have changed nothing."""
    silent = [n for n, word in enumerate(said) if word not in (*SPOKEN, "absent")]
    outcomes = set()
    for fill in itertools.product((*SPOKEN, "absent"), repeat=len(silent)):
        full = list(said)
        for place, word in zip(silent, fill, strict=True):
            full[place] = word
        outcomes.add(_carried(asked, full))
    assert len(outcomes) == 1, f"not decided yet: {said}"
    return outcomes.pop()


def _carried(asked: dict[str, str], said: list[str | None]) -> bool:
    yes, no, present = said.count("yes"), said.count("no"), sum(word in SPOKEN for word in said)
    if asked["rule"] == "ratio":
        return 2 * present >= len(said) and yes > 0 and 2 * yes > yes + no
    if asked["rule"] == "any":
        return yes > 0
    return yes > 0 and yes == (present if asked.get("of") == "present" else len(said))
