"""What forms refuse, in sentences for people, in Chinese and English."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

MOST_PROBLEMS = 100
"""No list of problems grows longer: a person reads the first few, an attacker wants the last million."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, and where.

    In a form file `path` is a JSON pointer (`/properties/result/oneOf/0`); in answers it is the name the page gives
    the input (`result`, `materials.0.amount`).
    """

    path: str
    zh: str
    en: str

    def text(self, locale: str) -> str:
        """The sentence in Chinese, or in English where the locale says so."""
        return self.en if locale.startswith("en") else self.zh


class FormsError(Exception):
    """Base of every error of this package; `str(error)` is the English sentence."""

    code: ClassVar[str] = "forms_error"
    zh: ClassVar[str] = "表单出错"
    en: ClassVar[str] = "The form failed."

    def __init__(self, **params: object) -> None:
        self.params = params
        super().__init__(self.text("en"))

    def text(self, locale: str) -> str:
        """The sentence in Chinese, or in English where the locale says so."""
        template = self.en if locale.startswith("en") else self.zh
        chosen = "first_en" if locale.startswith("en") else "first_zh"
        return template.format(**self.params, first=self.params.get(chosen, ""))


class _Listed(FormsError):
    """An error made of problems, never empty."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        first = self.problems[0]
        super().__init__(count=len(self.problems), place=first.path, first_zh=first.zh, first_en=first.en)


class FormProblem(_Listed):
    """A form or facts file is outside the safe dialect; `problems` names every place."""

    code = "form_refused"
    zh = "表单文件有 {count} 处不合要求，第一处在 {place}：{first}"
    en = "The form file has {count} problem(s), the first at {place}: {first}"


class InvalidAnswers(_Listed):
    """Answers do not fit the form; `problems` are in drawing order."""

    code = "invalid_answers"
    zh = "有 {count} 项需要修改：{first}"
    en = "{count} answer(s) need a change: {first}"
