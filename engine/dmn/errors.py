"""What goes wrong while a decision is made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from engine.errors import LiandongError


class DecisionFailed(LiandongError):
    """A decision that gives no result: rules that contradict each other, a value that is not allowed, a budget used up.

    `decision` is its id; `rules` are the numbers, from 1, of the rules concerned."""

    code: ClassVar[str] = "decision_failed"
    zh: ClassVar[str] = "决策“{name}”没有结果：{what_zh}。"
    en: ClassVar[str] = "The decision “{name}” gives no result: {what_en}."

    def __init__(self, decision: str, what_zh: str, what_en: str, rules: Sequence[int] = (), name: str = "") -> None:
        super().__init__(decision=decision, name=name or decision, what_zh=what_zh, what_en=what_en)
        self.decision = decision
        self.rules = tuple(rules)


class Wrong(Exception):
    """The same inside, where it is not known yet which decision it is."""

    def __init__(self, zh: str, en: str, rules: Sequence[int] = ()) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en
        self.rules = tuple(rules)
