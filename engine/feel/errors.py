"""What can be wrong with an expression. Wrong *values* are not errors: they are null, with a note of the reason."""

from __future__ import annotations

from typing import ClassVar

from engine.errors import LiandongError


class FeelError(LiandongError):
    """An expression that cannot be used. Every error of this package is one."""

    code: ClassVar[str] = "feel"
    zh: ClassVar[str] = "{what_zh}"
    en: ClassVar[str] = "{what_en}"

    def __init__(self, what_zh: str, what_en: str, **params: object) -> None:
        super().__init__(what_zh=what_zh, what_en=what_en, **params)


class FeelSyntaxError(FeelError):
    """The text is no FEEL, or FEEL this product refuses; `line` and `column` count from 1."""

    code: ClassVar[str] = "feel_syntax"
    zh: ClassVar[str] = "第 {line} 行第 {column} 列：{what_zh}"
    en: ClassVar[str] = "Line {line}, column {column}: {what_en}"

    def __init__(self, line: int, column: int, what_zh: str, what_en: str) -> None:
        super().__init__(what_zh, what_en, line=line, column=column)
        self.line = line
        self.column = column


class FeelLimit(FeelError):
    """The expression, or a value it makes, is larger than allowed, or it takes too many steps."""

    code: ClassVar[str] = "feel_limit"
